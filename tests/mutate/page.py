"""The result as a page (docs/mutation.md), without a date: seeds and counts say what was run.

A run of some modules alone takes the place of theirs: the page is read back, and written anew.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from gonogo.tests.mutate.judged import WANTED_OF_ONE_PCT, WANTED_PCT, Figures, total

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gonogo.tests.mutate.judged import Judged

_HEAD = """# Tests that notice

Made by `make mutate`: one small change at a time (a comparison, a number, a condition, a call left
out, ...) in a copy of the modules that a verdict depends on, and for each change the module's own
unit tests, until one fails. A change that no test notices is a hole in the tests, or makes no
difference; the latter are listed with the reason in `tests/mutate/equivalent.toml`. Tests that take
several times as long as they do without a change (an endless loop) have noticed it, too.

    make mutate                                   40 mutants a module, seed 1
    make mutate COUNT=all                         every mutant
    make mutate SEED=7 COUNT=100 MODULE=plc/link/link.py

Which tests belong to a module is in `tests/mutate/table.py`, one line each.
"""
_RESULT = """## Last result

Of each module its last run: all of its mutants, or a sample that was drawn by that seed. A row
stands until its module is run again, also where something has changed since. Wanted, without the
equivalent ones: {wanted}.
"""
_COLUMNS = ("module", "mutants", "tried", "noticed", "by time", "equivalent", "not noticed",
            "share", "seed")  # fmt: skip


class Row(NamedTuple):
    """What the last run of a module came to; `survivors` as they stand in the page."""

    seed: int
    part: Figures
    survivors: tuple[str, ...]


def row(seed: int, part: Figures, survivors: Sequence[Judged]) -> Row:
    """Of a run of one module."""
    return Row(seed, part, tuple(map(_survivor, survivors)))


def page(rows: Mapping[str, Row]) -> str:
    """The page in Markdown, in the order of the rows."""
    wanted = f"{WANTED_PCT:g} % in all and {WANTED_OF_ONE_PCT:g} % in each module"
    survivors = [text for each in rows.values() for text in each.survivors]
    lines = [
        _HEAD,
        _RESULT.format(wanted=wanted),
        "\n".join(_table(rows)),
        "## Not noticed\n",
        "\n".join(survivors) or "None.",
    ]
    return "\n\n".join(line.strip("\n") for line in lines) + "\n"


def rows_of(text: str) -> dict[str, Row]:
    """What a page says, module by module."""
    blocks = re.findall(r"^- \S+ \(.*\)\n  - .*\n  - .*$", text, re.MULTILINE)
    rows: dict[str, Row] = {}
    for line in re.findall(r"^\| \S+\.py \|.*$", text, re.MULTILINE):
        module, *counts, _, seed = (cell.strip() for cell in line.strip("|").split("|"))
        there, tried, noticed, by_time, equivalent, _ = map(int, counts)
        survivors = tuple(each for each in blocks if each.startswith(f"- {module}:"))
        part = Figures(there, tried, noticed, by_time, equivalent)
        rows[module] = Row(int(seed), part, survivors)
    return rows


def _table(rows: Mapping[str, Row]) -> Iterator[str]:
    yield f"| {' | '.join(_COLUMNS)} |"
    yield "|---" * len(_COLUMNS) + "|"
    for name, each in rows.items():
        yield f"{_cells(name, each.part)} {each.seed} |"
    yield f"{_cells('**all**', total(each.part for each in rows.values()))} |"


def _cells(name: str, part: Figures) -> str:
    return (
        f"| {name} | {part.there} | {part.tried} | {part.noticed} | {part.by_time} "
        f"| {part.equivalent} | {part.survived} | {part.share_pct:.1f} % |"
    )


def _survivor(each: Judged) -> str:
    mutant = each.mutant
    return (
        f"- {mutant.module}:{mutant.line} ({mutant.edit.where})\n"
        f"  - `{mutant.before}`\n  - `{mutant.after}`"
    )
