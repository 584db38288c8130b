"""Parts of a station as a list to be labelled, and as a sheet of pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.errors import ReviewError
from gonogo.build.review.partlist import Listed, read_parts, sheet, write_parts
from gonogo.records.dispositions.words import PartKey

if TYPE_CHECKING:
    from pathlib import Path

ENGINE = 0xABC


def parts(folder: Path) -> list[Listed]:
    """One with a picture, one whose picture is no picture, one without."""
    cv2.imwrite(str(folder / "a.png"), np.full((40, 40, 3), 90, np.uint8))
    (folder / "b.png").write_bytes(b"no picture")
    return [
        Listed(PartKey("r1", 12), 4711, 3.25, "REJECT", "ENGINE", folder / "a.png"),
        Listed(PartKey("r1", 7), 4711, 3.0, "ACCEPT", "OK", folder / "b.png"),
        Listed(PartKey("r2", 7), 5, 2.5, "ACCEPT", "OK", None, "no picture kept"),
    ]


def test_parts_come_back_by_run_and_serial(tmp_path: Path) -> None:
    """A PLC number may be there twice; rows may stand in another order."""
    path, there = tmp_path / "r.csv", parts(tmp_path)
    write_parts(path, ENGINE, there)
    head, *rows = path.read_text().splitlines()
    assert rows[2] == ",5,2.5,ACCEPT,no picture kept,r2 7"
    labels = zip(("unsure", "good", "BAD"), reversed(rows), strict=True)
    path.write_text("\n".join([head, *(f"{a}{b}" for a, b in labels)]))
    told = read_parts(path, ENGINE, there)
    assert [word for _, word in told] == ["bad", "good", "unsure"]
    assert [part for part, _ in told] == there


def test_parts_that_are_not_asked_about_are_refused(tmp_path: Path) -> None:
    """Of another list; and a word that is for pictures alone."""
    path, there = tmp_path / "r.csv", parts(tmp_path)
    write_parts(path, ENGINE, there)
    path.write_text(path.read_text().replace("\n,", "\ngood,"))
    with pytest.raises(ReviewError, match=r"1 rows are of parts .*\(run and serial r2 7\)"):
        read_parts(path, ENGINE, there[:2])
    path.write_text(path.read_text().replace("good,5", "odd,5"))
    with pytest.raises(ReviewError, match="r2 7: label 'odd', expected 'good'"):
        read_parts(path, ENGINE, there)


def test_sheet_shows_every_part(tmp_path: Path) -> None:
    """One picture after the other; a part without one leaves a grey place."""
    there = parts(tmp_path)
    shown = cv2.imdecode(np.frombuffer(sheet("title", there), np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    alone = cv2.imdecode(np.frombuffer(sheet("title", there[:1]), np.uint8), cv2.IMREAD_COLOR)
    assert alone is not None
    assert shown.shape[1] > 2 * alone.shape[1]
    assert (shown == 90).all(axis=2).sum() > 200 * 200
    assert (shown == 210).all(axis=2).sum() > 2 * 200 * 200
