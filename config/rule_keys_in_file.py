"""Numbers of rules written into the text of a station file; comments, order and all else stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, InlineTable, Table

from gonogo.base.errors import LimitsNotApplied
from gonogo.config.key_changes import key_changes
from gonogo.config.limits_in_file import as_lines_end
from gonogo.config.toml_positions import scan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gonogo.config.key_positions import KeyPath

    # by the name of a rule of one view, and its keys; None: the key goes
    RuleKeys = Mapping[str, Mapping[str, float | None]]


class _Line(NamedTuple):
    """A line that is to come below the one on which a key stands."""

    below: KeyPath
    text: str


def with_rule_keys(raw: bytes, view: str, rules: RuleKeys) -> bytes:
    """The same file with other numbers of these rules; LimitsNotApplied where it cannot be.

    `raw` is of a station file that was read without a finding. The rules are those of the view
    itself, not of a recipe.
    """
    text = raw.decode()
    try:
        document = tomlkit.parse(text)
        at, section = _view(document, view)
        lines = [
            line
            for number, rule in enumerate(section["rule"])
            if rule["name"] in rules
            for line in _changed(rule, ("view", at, "rule", number), rules[rule["name"]])
        ]
        fresh = as_lines_end(text, _with_lines(tomlkit.dumps(document), lines)).encode()
        _check(raw, fresh, at, section, rules)
    except (TOMLKitError, LookupError, TypeError, ValueError) as error:
        raise LimitsNotApplied(
            f"the rules of view '{view}' cannot be written into the text of the station file "
            f"({error}); type them in"
        ) from error
    return fresh


def _view(document: Mapping[str, Any], name: str) -> tuple[int, Any]:
    views = {section["name"]: (at, section) for at, section in enumerate(document["view"])}
    return views[name]


def _changed(rule: Any, path: KeyPath, keys: Mapping[str, float | None]) -> list[_Line]:  # noqa: ANN401 - a table of any form
    """Change what is there; what is not there, as lines to come."""
    lines: list[_Line] = []
    for key, value in keys.items():
        if value is None:
            rule.pop(key, None)
        elif key in rule or isinstance(rule, InlineTable):
            rule[key] = value
        else:
            # where the library puts it may be below the remark of the next rule
            below = (*path, _above(rule, keys))
            lines.append(_Line(below, f"{key} = {tomlkit.item(value).as_string()}"))
    return lines


def _above(rule: Any, keys: Mapping[str, float | None]) -> str:  # noqa: ANN401 - as above
    """The key below which another one stands best: beside its like, or last."""
    beside = [key for key in rule if key in keys and keys[key] is not None]
    plain = [key for key in rule if _on_one_line(rule[key])]
    return str((beside or plain)[-1])


def _on_one_line(value: Any) -> bool:  # noqa: ANN401 - a TOML value
    block = isinstance(value, (Table, AoT))
    return not block and "\n" not in tomlkit.item(value).as_string()


def _with_lines(text: str, lines: list[_Line]) -> str:
    positions, rows = scan(text).positions, text.split("\n")
    by_row: dict[int, list[str]] = {}
    for line in lines:
        by_row.setdefault(positions[line.below].line, []).append(line.text)
    # from below, so that the rows above keep their numbers
    for row in sorted(by_row, reverse=True):
        above = rows[row - 1]
        indent = above[: len(above) - len(above.lstrip())]
        rows[row:row] = [indent + each for each in by_row[row]]
    return "\n".join(rows)


def _check(
    before: bytes,
    after: bytes,
    view: int,
    section: Any,  # noqa: ANN401 - a table
    rules: RuleKeys,
) -> None:
    """Nothing but these keys differs, whatever was made of the text; ValueError."""
    meant = {
        f"view[{view}].rule[{number}].{key}": value
        for number, rule in enumerate(section["rule"])
        for key, value in rules.get(rule["name"], {}).items()
    }
    changed = key_changes(before, after)
    others = [key for key, (_, new) in changed.items() if key not in meant or meant[key] != new]
    if others:
        raise ValueError(f"{', '.join(others)} would change as well")
