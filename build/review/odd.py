"""The oddest good parts: a person looks at them and keeps or drops each.

One odd photograph among thirty sets how wide the limits are. Nobody but a person can tell
whether it is a good part that looks unusual or one that is not good.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.build.fewparts import spread_of
from gonogo.build.limits import scale_of
from gonogo.build.review.sheet import Shown, contact_sheet
from gonogo.engines.card import replace_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

ODD_MIN, ODD_MAX = 3, 5
ODD_SIGMAS = 2.33  # 1 in 100: beyond, a part is shown even if three are


class Odd(NamedTuple):
    """A good part among the highest scores; `sigmas`: how far above the middle of all."""

    at: int
    name: str
    score: float
    sigmas: float

    def __str__(self) -> str:
        return f"{self.name} (score {self.score:.4g}, {self.sigmas:.1f} sigma above the middle)"


def oddest(scores: NDArray[np.float64], names: Sequence[str]) -> list[Odd]:
    """The ODD_MIN to ODD_MAX parts with the highest scores (parts,), highest first."""
    scale = scale_of(scores)
    spread = spread_of(scores, scale)
    sigmas = (scale.forward(scores) - spread.median) / (spread.sigma or 1.0)
    order = np.argsort(-scores, kind="stable")
    far = int((sigmas > ODD_SIGMAS).sum())
    shown = order[: min(max(far, ODD_MIN), ODD_MAX)]
    return [Odd(int(k), names[k], float(scores[k]), float(sigmas[k])) for k in shown]


def sheet_path(engine: Path) -> Path:
    """Where the contact sheet of an engine's oddest good parts lies: beside it."""
    return engine.with_name(f"{engine.stem}.odd.png")


def write_odd(out: Path, odd: Sequence[Odd], frames: Sequence[NDArray[np.uint8]]) -> Path:
    """Write the contact sheet; `frames`: of all parts, uint8 (height, width, 3)."""
    shown = [
        Shown(frames[one.at], one.name, f"score {one.score:.4g}, {one.sigmas:.1f} sigma")
        for one in odd
    ]
    title = f"{out.stem}: the oddest good parts - good, or to be dropped?"
    path = sheet_path(out)
    replace_file(path, contact_sheet(title, shown))
    return path


def remark(odd: Sequence[Odd], *, kept: bool) -> str:
    """For the card: which they are, and whether somebody has said that they are good."""
    named = ", ".join(str(one) for one in odd)
    whose = "kept after a look" if kept else "nobody has said yet whether they are good"
    return f"the oddest of the good parts, {whose}: {named}"


def question(odd: Sequence[Odd], sheet: Path, *, kept: bool) -> list[str]:
    """For the terminal; empty where they are known to be good."""
    if kept:
        return []
    return ["the oddest of the good parts:", *(f"  {one}" for one in odd), ask(sheet)]


def ask(sheet: Path) -> str:
    """What to do about them."""
    return (
        f"look at the oddest of the good parts in {sheet}: --drop FILE (again for each) leaves one "
        "out that is not good, --keep-all says that all are"
    )
