"""Parts of a station that a person is to judge, as a list and as a contact sheet.

label,part_id,score,verdict,picture,identity,engine 1f2e3d4c5b6a7988
bad,4711,3.412,REJECT,/var/lib/gonogo/pictures/2026/11/30/14/9f86.png,r1 812
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import GonogoError, ReviewError
from gonogo.base.images import read_at_own_size
from gonogo.build.review.listing import BAD, GOOD, LABEL, Form, read_rows, write_rows
from gonogo.build.review.sheet import CELL_PX, Shown, contact_sheet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.records.dispositions.words import PartKey

UNSURE = "unsure"
LABELS = {GOOD: "a good part", BAD: "a bad part", UNSURE: "it cannot be told"}
PARTS = Form(("part_id", "score", "verdict", "picture", "identity"), ("identity",), LABELS)
_GREY = 210


class Listed(NamedTuple):
    """A part as it is shown: its score in the model's unit; `picture` None where none is kept.

    `missing` says why there is none.
    """

    key: PartKey
    part_id: int
    score: float
    verdict: str
    reason: str
    picture: Path | None
    missing: str = ""


def write_parts(path: Path, engine_id: int, parts: Sequence[Listed]) -> None:
    """The parts in their order, with an empty label each; whole or not at all."""
    write_rows(path, engine_id, PARTS, (_row(part) for part in parts))


def read_parts(path: Path, engine_id: int, parts: Sequence[Listed]) -> list[tuple[Listed, str]]:
    """Parts with their labels, in the order of `parts`; ReviewError where rows do not fit them."""
    told = {row["identity"]: row[LABEL] for row in read_rows(path, engine_id, PARTS)}
    known = {_identity(part) for part in parts}
    strange = [name for name in told if name not in known]
    if strange:
        raise ReviewError(
            f"{path}: {len(strange)} rows are of parts that are not asked about (run and serial "
            f"{strange[0]}): expected the list as it was written, and the same --first, --top, "
            "--view and --recipe"
        )
    return [(part, told[_identity(part)]) for part in parts if _identity(part) in told]


def sheet(title: str, parts: Sequence[Listed]) -> bytes:
    """A PNG with the pictures in their order; a part without one has its place all the same."""
    shown = [
        Shown(
            _picture(part),
            f"{k}: part {part.part_id} {part.verdict} {part.missing}".rstrip(),
            f"score {part.score:.4g}",
        )
        for k, part in enumerate(parts, start=1)
    ]
    return contact_sheet(title, shown)


def _row(part: Listed) -> tuple[str, ...]:
    picture = part.missing if part.picture is None else str(part.picture)
    score = f"{part.score:.6g}"
    return str(part.part_id), score, part.verdict, picture, _identity(part)


def _identity(part: Listed) -> str:
    # a blank between them: no spreadsheet takes it for a number or a day
    return f"{part.key.run} {part.key.serial}"


def _picture(part: Listed) -> NDArray[np.uint8]:
    if part.picture is not None:
        try:
            return read_at_own_size(part.picture)
        except (GonogoError, OSError):  # the list and the terminal name the file all the same
            pass
    return np.full((CELL_PX, CELL_PX, 3), _GREY, np.uint8)
