"""What is wrong with a station file, in our words: made of the errors that pydantic finds.

Where it stands as a key path, what was expected with its range and unit, what was got, and the
nearest key or word where one was probably misspelt.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import reduce
from operator import getitem
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.config.schema import UNKNOWN, Shape, keys_of, one_of, span, step, unit_of, words
from gonogo.config.toml_positions import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from gonogo.config.key_positions import KeyPath

_LONGEST_SHOWN = 60  # characters of a value in a message
_ABSENT = object()
_OUT_OF_RANGE = {
    "greater_than",
    "greater_than_equal",
    "less_than",
    "less_than_equal",
    "multiple_of",
}


class Finding(NamedTuple):
    """One thing that is wrong: where, and in words what."""

    path: KeyPath
    text: str


def findings_of(error: ValidationError, root: Shape, data: dict[str, Any]) -> list[Finding]:
    """All that is wrong with `data`, which `root` declares."""
    errors = [each for each in error.errors() if not _follows(each, root, data)]
    return [_finding(each, root, data) for each in errors]


def _follows(error: ErrorDetails, root: Shape, data: dict[str, Any]) -> bool:
    """Whether an array is too short only because pydantic leaves out its faulty elements."""
    if error["type"] != "too_short":
        return False
    path, _, _ = _follow(error["loc"], root)
    # by the file, not by what pydantic has left of it
    fewest: int = error["ctx"]["min_length"]
    return len(_at(data, path)) >= fewest


def _finding(error: ErrorDetails, root: Shape, data: dict[str, Any]) -> Finding:
    """One pydantic error in our words; the kinds that need no others come first."""
    path, shape, table = _follow(error["loc"], root)
    kind = error["type"]
    if kind == "extra_forbidden" and table.model:
        return _unknown_key(path, keys_of(table.model))
    if kind in {"union_tag_invalid", "union_tag_not_found"} and shape.key:
        return _unknown_member(path, shape, data)
    if kind in {"value_error", "assertion_error"}:
        return _broken_rule(path, shape, str(error["ctx"]["error"]))
    unit = unit_of(path)
    # of a number that is one: what is missing is its range, not its kind
    limits = span(shape, unit) if kind in _OUT_OF_RANGE else ""
    value = _at(data, path)
    text = f"expected {limits or words(shape, unit)}, got {_shown(value)}"
    return Finding(path, text + _meant(value, () if shape.key else shape.choices))


def _unknown_key(path: KeyPath, keys: Sequence[str]) -> Finding:
    known = f"{'one of ' if len(keys) > 1 else ''}{', '.join(keys)}"
    meant = _meant(path[-1], keys)
    return Finding(path, f"expected {known}, got the unknown key '{path[-1]}'{meant}")


def _unknown_member(path: KeyPath, shape: Shape, data: dict[str, Any]) -> Finding:
    """A driver or kind that nobody knows, or none, perhaps because its key is misspelt."""
    value = _at(data, (*path, shape.key))
    if value is _ABSENT:
        # "drivr" leaves the table without a driver: the slip is the finding
        near = get_close_matches(shape.key, list(_at(data, path)), n=1)
        if near:
            return _unknown_key((*path, near[0]), [shape.key])
    text = f"expected {one_of(shape.choices)}, got {_shown(value)}"
    return Finding((*path, shape.key), text + _meant(value, shape.choices))


def _broken_rule(path: KeyPath, shape: Shape, message: str) -> Finding:
    """A section's own validator: `key: ...` at that key, anything else at the table."""
    # findings are one line each
    message = " ".join(message.split())
    key, colon, rest = message.partition(": ")
    # a validator names the key that it means, and so its line can be named, too
    if colon and shape.model and key in keys_of(shape.model):
        return Finding((*path, key), rest)
    return Finding(path, message or f"expected {words(shape, unit_of(path))}, got another")


def _follow(loc: Sequence[str | int], root: Shape) -> tuple[KeyPath, Shape, Shape]:
    """A location of pydantic as a key path, the shape there, and that of the table around it.

    Below a union pydantic names the member that it tried; that is no key of the file.
    """
    path: KeyPath = ()
    shape = table = root
    for key in loc:
        # the name of the member that pydantic tried, which is no key of the file
        if (shape.members or shape.catalogue) and isinstance(key, str):
            named = {each.model.__name__: each for each in shape.members if each.model}
            shape = (shape.member(key) if shape.key else None) or named.get(key, shape)
            continue
        path = (*path, key)
        table, shape = shape, step(shape, key) or UNKNOWN
    return path, shape, table


def _at(data: Any, path: KeyPath) -> Any:  # noqa: ANN401 - a TOML value
    """What stands at `path` in the parsed file, or _ABSENT."""
    try:
        # a path may lead through what is no table at all: then nothing stands there
        return reduce(getitem, path, data)
    except (LookupError, TypeError):
        return _ABSENT


def _shown(value: Any) -> str:  # noqa: ANN401 - a TOML value
    """A value as it could stand in the file, cut to a length that fits a line."""
    if value is _ABSENT:
        return "nothing"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return f"an array of {len(value)} element{'s' * (len(value) != 1)}"
    if isinstance(value, str):
        text = quoted(value)
    else:
        # as TOML writes it
        text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def _meant(value: Any, known: Sequence[str]) -> str:  # noqa: ANN401 - a TOML value
    near = get_close_matches(value, known, n=1) if isinstance(value, str) else []
    return f", did you mean '{near[0]}'" if near else ""
