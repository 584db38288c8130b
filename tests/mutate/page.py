"""The result as a page (docs/mutation.md), without a date: its seed and counts say what was run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.tests.mutate.judged import WANTED_OF_ONE_PCT, WANTED_PCT, total

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gonogo.tests.mutate.judged import Figures, Judged

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


def page(
    seed: int, parts: Mapping[str, Figures], survivors: Sequence[Judged], *, whole: bool
) -> str:
    """The page in Markdown."""
    drawn = "all mutants of each module" if whole else "a sample of each module"
    wanted = f"{WANTED_PCT:g} % in all and {WANTED_OF_ONE_PCT:g} % in each module"
    lines = [
        _HEAD,
        f"## Last result\n\nSeed {seed}, {drawn}. Wanted, without the equivalent ones: {wanted}.",
        "\n".join(_table(parts)),
        "## Not noticed\n",
        "\n".join(_survivors(survivors)) or "None.",
    ]
    return "\n\n".join(line.strip("\n") for line in lines) + "\n"


def _table(parts: Mapping[str, Figures]) -> Iterator[str]:
    yield "| module | mutants | tried | noticed | by time | equivalent | not noticed | share |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, part in (*parts.items(), ("**all**", total(parts.values()))):
        yield (
            f"| {name} | {part.there} | {part.tried} | {part.noticed} | {part.by_time} "
            f"| {part.equivalent} | {part.survived} | {part.share_pct:.1f} % |"
        )


def _survivors(survivors: Sequence[Judged]) -> Iterator[str]:
    for each in survivors:
        mutant = each.mutant
        yield (
            f"- {mutant.module}:{mutant.line} ({mutant.edit.where})\n"
            f"  - `{mutant.before}`\n  - `{mutant.after}`"
        )
