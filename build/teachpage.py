"""The figures of taught engines as a page and as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.build.canvas import INK, Canvas
from gonogo.build.promise import at_most, parts_for
from gonogo.build.teachtable import SPLITS, TOP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.build.teachtable import Caught, Row

# measured before there was a bank of patches, on these very sets and on others of their kind
# (AUROC on these / on the others; rejected parts of the others, in %; no part was rechecked)
BEFORE = {
    "screws": (".894 / .660", 5),
    "toy_aliens": (".925 / .943", 40),
    "cookies": (".907 / 1.0", 0),
    "magnetic_tile": (".738 / .719", 23),
}
_HEAD = ["parts", "engine", "taught from", "good / bad", "AUROC"]
_LIMITS = ["rejected", "or rechecked", "overkill", "good rechecked"]
_WIDTH_PX, _LEFT_PX, _BAR_PX, _ROW_PX, _TOP_PX = 1000, 330, 520, 30, 92
_REJECTED, _RECHECKED = (60, 60, 190), (150, 190, 245)  # blue-green-red


def page(rows: Sequence[Row], picture: str) -> str:
    """The page in Markdown; `picture`: where the picture lies, as the page names it."""
    limited = [row for row in rows if row.day_zero is not None]
    lines = [
        *("# Engines taught from good parts alone", "", _INTRO, ""),
        *("## What they separate", "", *_table(_HEAD, [_facts(row) for row in rows]), ""),
        *("## What the limits catch, in %", ""),
        *_table(_HEAD[:2] + _both(), [_caught(row) for row in limited]),
        *("", _READ, "", f"![rejected and rechecked bad parts]({picture})", ""),
        *("## Before", "", _BEFORE, ""),
        *_table(
            ["parts", "AUROC here / on others", "rejected of others, %"],
            [[k, a, f"{r}"] for k, (a, r) in BEFORE.items()],
        ),
        *("", "## What is seen, and what hardly", "", _SEEN, ""),
        *("## What good parts can promise", "", _promises()),
    ]
    return "\n".join(lines) + "\n"


def picture(rows: Sequence[Row]) -> bytes:
    """A bar for each engine with limits, on day 0 and after a review, as a PNG."""
    limited = [row for row in rows if row.day_zero is not None]
    canvas = Canvas(_WIDTH_PX, _TOP_PX + 2 * _ROW_PX * len(limited) + 20)
    canvas.write((20, 34), "Bad parts rejected (dark) and rechecked (light)", 0.6)
    for share in range(0, 101, 25):
        column = _LEFT_PX + _BAR_PX * share / 100
        canvas.write((column, _TOP_PX - 12), f"{share} %", align=0.5)
        canvas.down(column, _TOP_PX, _TOP_PX + 2 * _ROW_PX * len(limited), dashed=True)
    for k, row in enumerate(limited):
        for line, (when, found) in enumerate((("day 0", row.day_zero), ("after", row.reviewed))):
            if found is not None:
                _bar(
                    canvas,
                    _TOP_PX + _ROW_PX * (2 * k + line),
                    f"{row.data} {row.engine}",
                    (when, found),
                )
    return canvas.png()


def _bar(canvas: Canvas, top_px: float, name: str, what: tuple[str, Caught]) -> None:
    when, found = what
    low, high = top_px + 5, top_px + _ROW_PX - 5
    canvas.write((20, high - 3), f"{name}, {when}" if when == "day 0" else f"    {when} a review")
    ends = [_LEFT_PX + _BAR_PX * share for share in (0, found.rejected, found.found)]
    canvas.fill((ends[0], low, max(ends[2], ends[0] + 1), high), _RECHECKED)
    canvas.fill((ends[0], low, max(ends[1], ends[0] + 1), high), _REJECTED)
    canvas.across(ends[0], ends[0] + 1, low, INK)
    canvas.write((_LEFT_PX + _BAR_PX + 12, high - 3), f"overkill {100 * found.overkill:.1f} %")


_INTRO = (
    "Made by `gonogo teach-table DATA --out docs/teaching.md`: each set's `train/good` teaches, "
    "`test` judges. `pretrained` and `filters` are the two recipes of `gonogo teach`; engines "
    "without limits here were trained elsewhere on the same good parts, and what their maker's "
    "limits follow from is not in the file."
)
_READ = (
    "Day 0: limits from the out-of-fold scores of the good parts alone. After a review: the "
    f"{TOP} oddest of the first parts (the parts that taught, half of the good test parts and a "
    "few bad ones) labelled by their folders, no part marked as odd; judged on the rest, the mean "
    f"of {SPLITS} splits. Rows named `sample` were taught from a bootstrap sample of the good "
    "parts: what differs between them is luck."
)
_BEFORE = (
    "The engine that `gonogo teach` made before, without a bank: figures that were measured then, "
    "on these sets and on other parts of the same kinds; not run again here. It rechecked nothing "
    "and rejected no good part."
)
_SEEN = (
    "Seen are missing or broken pieces, foreign shapes, colour, larger pitting. Hardly seen are "
    "fine cracks and low contrast on texture. **Light never seen before scores like a defect**: "
    "photograph good parts at every hour and under every lamp that the line will know. Parts that "
    "lie turned score higher than parts that lie as they were taught."
)


def _promises() -> str:
    told = ", ".join(f"{100 / (n + 1):.1f} % ({n} parts)" for n in (14, 30, 140))
    return (
        f"A new good part scores above all of n good ones with probability 1/(n + 1): {told}. By "
        f"14 parts one can be 95 % sure of at most {100 * at_most(14):.0f} % alone, and it takes "
        f"{parts_for(0.02)} parts to be as sure of 2 %. So few parts set where a recheck begins; "
        "what lies between recheck and reject is to be looked at, and the first hundred parts of "
        "the line [say more](engines.md#after-the-first-hundred-parts)."
    )


def _both() -> list[str]:
    return [f"{when}: {name}" for when in ("day 0", "after") for name in _LIMITS]


def _facts(row: Row) -> list[str]:
    taught = f"{row.parts} parts" if row.parts else "-"
    return [row.data, row.engine, taught, f"{row.good} / {row.bad}", f"{row.auroc:.3f}"]


def _caught(row: Row) -> list[str]:
    cells = [row.data, row.engine]
    for found in (row.day_zero, row.reviewed):
        cells += ["-"] * len(_LIMITS) if found is None else [f"{100 * x:.1f}" for x in found]
    return cells


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
