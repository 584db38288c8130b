"""Reading a station file: everything that is wrong with it at once, each with its line.

`load` turns TOML into frozen pydantic models. What it reports has the form

    station.toml:12: view[0].camera.width_px: expected 1 to 8192 px, got 0

one finding a line, in the order of the file: where, what was expected with its
range and unit, what stands there, and the nearest key or word where one was
probably misspelt. pydantic finds the errors; the words come from the declared
types (gonogo.config.schema), the lines from gonogo.config.toml_positions.
"""

from __future__ import annotations

import re
import stat
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from functools import reduce
from importlib import import_module
from operator import getitem
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from gonogo.base.errors import StationFileError
from gonogo.config.schema import (
    UNKNOWN,
    Shape,
    is_list,
    keys_of,
    one_of,
    shape_of,
    span,
    step,
    unit_of,
    words,
)
from gonogo.config.toml_positions import Scan, dotted, quoted, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pydantic_core import ErrorDetails

    from gonogo.config.key_positions import KeyPath

M = TypeVar("M", bound=BaseModel)

MAX_BYTES = 1 << 20
_BOM = b"\xef\xbb\xbf"
_LONGEST_SHOWN = 60  # characters of a value in a message
_ABSENT = object()
_OUT_OF_RANGE = {
    "greater_than",
    "greater_than_equal",
    "less_than",
    "less_than_equal",
    "multiple_of",
}
# What the usual slips look like to tomllib, and what to write instead.
_HINTS = {
    "Invalid value": "a value: text stands in quotes, a truth is true or false",
    "Expected newline or end of document after a statement": (
        "the end of the line: one value a key, a point for decimals, no leading zeros"
    ),
    "Unescaped '\\' in a string": "no single \\ in \"...\": write '...' or \\\\",
    "Invalid statement": "a key, a [table] or a # comment",
}

_module = "tomllib" if sys.version_info >= (3, 11) else "tomli"
_parse_toml: Callable[[str], dict[str, Any]] = import_module(_module).loads


class Finding(NamedTuple):
    """One thing that is wrong: where, and in words what."""

    path: KeyPath
    text: str


def load(path: Path, model: type[M], folder: Path | None = None) -> M:
    """Read `path` as TOML into `model`; StationFileError lists all findings, one a line.

    Reading is strict: no text or truth value is taken for a number. Relative paths in
    the file are resolved against its folder, or `folder` (gonogo.base.section).
    """
    return parse(path, read(path), model, folder)


def parse(path: Path, raw: bytes, model: type[M], folder: Path | None = None) -> M:
    """As `load`, of bytes that were read from `path` already."""
    text = _decoded(path, raw)
    places = scan(text)
    data = _parse(path, text, places)
    model.model_rebuild()
    context = {"base": folder or path.absolute().parent, "strict": True}
    shape = shape_of(model)
    try:
        return model.model_validate(_typed(data, shape), strict=True, context=context)
    except ValidationError as error:
        errors = [each for each in error.errors() if not _follows(each, shape, data)]
        findings = [_finding(each, shape, data) for each in errors]
    # Raised outside the handler: a traceback should not end in pydantic's own wording.
    raise StationFileError(_listed(path, places, findings))


def _listed(path: Path, places: Scan, findings: Sequence[Finding]) -> str:
    """All findings in the order of the file; several of one union say the same and are one."""
    lines = [(places.nearest(each.path).line, each) for each in dict.fromkeys(findings)]
    lines.sort(key=lambda each: each[0])
    return "\n".join(f"{path}:{line}: {dotted(each.path)}: {each.text}" for line, each in lines)


def read(path: Path) -> bytes:
    """The bytes of the file; StationFileError says why there are none."""
    try:
        # A pipe or device would block or never end.
        if not stat.S_ISREG(path.stat().st_mode):
            what = "a folder" if path.is_dir() else "something that is not a file"
            raise StationFileError(f"{path}: expected a station file, got {what}")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise StationFileError(f"{path}: expected a station file, got no such file") from None
    except PermissionError:
        raise StationFileError(
            f"{path}: expected a file that this user may read, got permission denied"
        ) from None
    except OSError as error:
        raise StationFileError(f"{path}: expected a station file, got {error.strerror}") from error
    if len(raw) > MAX_BYTES:
        raise StationFileError(f"{path}: expected at most 1 MiB, got more; is it a station file?")
    return raw


def _decoded(path: Path, raw: bytes) -> str:
    if raw.startswith(_BOM):
        raise StationFileError(
            f"{path}:1: expected UTF-8 without a byte order mark, got one; save without BOM"
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise StationFileError(
            f"{path}:{line}: expected UTF-8 text, got the byte 0x{raw[error.start]:02x};"
            " save the file as UTF-8"
        ) from None


def _parse(path: Path, text: str, places: Scan) -> dict[str, Any]:
    if places.flaw:
        flaw = places.flaw
        raise StationFileError(
            f"{path}:{flaw.position.line}: {dotted(flaw.path)}:"
            f" expected {flaw.expected}, got {flaw.got}"
        )
    try:
        return _parse_toml(text)
    except ValueError as error:
        raise StationFileError(f"{path}:{_syntax_error(str(error), text)}") from None


def _syntax_error(said: str, text: str) -> str:
    """What tomllib said, with its line first and, for the usual slips, what to write instead."""
    what, _, where = said.rpartition(" (at ")
    at = re.match(r"line (\d+), column (\d+)", where)
    line, column = (at[1], f" at column {at[2]}") if at else (text.rstrip().count("\n") + 1, "")
    expected = _HINTS.get(what, "TOML")
    return f"{line}: expected {expected}, got a syntax error{column}: {what}"


def _typed(value: Any, shape: Shape) -> Any:  # noqa: ANN401 - a TOML value
    """`value` with what TOML lacks, so that pydantic can be strict: tuples, paths, enums."""
    if isinstance(value, dict):
        table = _chosen(shape, value)
        return {key: _typed(each, step(table, key) or UNKNOWN) for key, each in value.items()}
    if isinstance(value, list):
        items = [_typed(each, step(shape, index) or UNKNOWN) for index, each in enumerate(value)]
        return items if is_list(shape) else tuple(items)
    return _from_text(value, shape.annotation) if isinstance(value, str) else value


def _chosen(shape: Shape, table: dict[str, Any]) -> Shape:
    """The member of a union that the table's own deciding key names."""
    tag = table.get(shape.key)
    return (shape.member(tag) or UNKNOWN) if shape.key and isinstance(tag, str) else shape


def _from_text(value: str, declared: Any) -> Any:  # noqa: ANN401 - an annotation, and its value
    """`value` as the declared class where text stands for it (Path, Enum, addresses)."""
    if not isinstance(declared, type) or declared in {str, int, float, bool}:
        return value
    try:
        return TypeAdapter(declared).validate_python(value)
    except ValidationError:
        return value  # the strict pass reports it, at its place


def _follows(error: ErrorDetails, root: Shape, data: dict[str, Any]) -> bool:
    """Whether an array is too short only because pydantic leaves out its faulty elements."""
    if error["type"] != "too_short":
        return False
    path, _, _ = _follow(error["loc"], root)
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
        near = get_close_matches(shape.key, list(_at(data, path)), n=1)
        if near:
            return _unknown_key((*path, near[0]), [shape.key])
    text = f"expected {one_of(shape.choices)}, got {_shown(value)}"
    return Finding((*path, shape.key), text + _meant(value, shape.choices))


def _broken_rule(path: KeyPath, shape: Shape, message: str) -> Finding:
    """A section's own validator: `key: ...` at that key, anything else at the table."""
    message = " ".join(message.split())
    key, colon, rest = message.partition(": ")
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
        text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def _meant(value: Any, known: Sequence[str]) -> str:  # noqa: ANN401 - a TOML value
    near = get_close_matches(value, known, n=1) if isinstance(value, str) else []
    return f", did you mean '{near[0]}'" if near else ""
