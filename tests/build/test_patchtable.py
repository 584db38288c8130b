"""How often a named patch is the defect, on a set of made pictures with masks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from gonogo.base.frame_shape import FrameShape
from gonogo.build.patches.choosing import Hits
from gonogo.build.patchtable import Row, bad_cells, masked_parts, table, try_masked
from gonogo.commands import patch_table
from gonogo.engines.backends.fit import Fit
from gonogo.engines.backends.placing import Sight
from gonogo.engines.patches.looker import Looker
from gonogo.tests.engines.patches.made import GRID, SIDE, TENSOR, bad, bank_of, good, plates

if TYPE_CHECKING:
    from pathlib import Path

CELLS = [(1, 1), (6, 2), (3, 5), (5, 6), (2, 3), (0, 6), (6, 0), (4, 4)]
TIMES = 3  # the pictures are so many times as large as what the engine sees
WANTED_TIMES = 4.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A set as MVTec AD lays it out: spots, each with its mask, and a bad part without one."""
    test, truth = tmp_path / "test" / "spot", tmp_path / "ground_truth" / "spot"
    for each in (test, truth, tmp_path / "test" / "good"):
        each.mkdir(parents=True)
    side_px, size = SIDE * TIMES, SIDE * TIMES // GRID[0]
    for k, (row, column) in enumerate(CELLS):
        mask = np.zeros((side_px, side_px), np.uint8)
        lower, right = (row + 2) * size - 2, (column + 2) * size - 2
        mask[row * size + 2 : lower, column * size + 2 : right] = 200
        mask[0] += 9  # as a JPEG leaves it
        cv2.imwrite(str(test / f"{k}.png"), bad(100 + k, (row, column), side_px, cells=2))
        cv2.imwrite(str(truth / f"{k}_mask.png"), mask)
    cv2.imwrite(str(test / "unmasked.png"), bad(1, (1, 1), side_px))
    cv2.imwrite(str(tmp_path / "test" / "good" / "a.png"), good(1, side_px))
    return tmp_path


def test_named_patch_is_the_defect_more_often_than_chance(folder: Path, tmp_path: Path) -> None:
    """At least four times as often, by the engine's map and by its features alone."""
    model = plates(tmp_path / "nut.onnx")
    bank = bank_of(model)
    by_map, alone, ms = try_masked(Looker(model, [TENSOR.name]), bank, masked_parts(folder))
    assert (by_map.tried, alone.tried) == (len(CELLS), len(CELLS))
    assert by_map.chance == pytest.approx(4 / 64)
    assert alone.times >= WANTED_TIMES
    assert by_map.times >= WANTED_TIMES
    assert ms > 0


def test_bad_cells_lie_where_the_mask_lies_on_the_frame() -> None:
    """Also where the frame is letterboxed, and the mask has another size."""
    sight = Sight(FrameShape(50, 100, 3), (32, 32), Fit("letterbox"), (8.0, 8.0))
    mask = np.zeros((50, 100), np.bool_)
    mask[0, 0] = mask[49, 99] = True
    found = bad_cells(mask, sight)
    assert np.argwhere(found).tolist() == [[2, 0], [5, 7]]
    large = np.kron(mask, np.ones((2, 2), np.bool_))
    assert np.array_equal(bad_cells(large, sight), found)


def test_table_says_how_often_or_why_not() -> None:
    """A row for each engine, also for one that has no patches."""
    lines = table([
        Row("nuts", "pretrained", "white", 512, 900.0, Hits(8, 10, 0.1), Hits(5, 10, 0.1), 20.0),
        Row("nuts", "flat", "no patches of good parts: nothing"),
    ])  # fmt: skip
    assert lines[2] == (
        "| nuts | pretrained | white | 512 | 900 | 10 | 80 % | 10.0 % | 8.0 | 50 % | 20 |"
    )
    assert lines[3].startswith("| nuts | flat | no patches of good parts: nothing | - |")
    assert {line.count("|") for line in lines} == {12}


def test_patch_table_says_what_it_writes() -> None:
    """Its page has a part that is made, and the rest is written by people."""
    said = CliRunner().invoke(patch_table.patch_table, ["--help"])
    assert said.exit_code == 0
    assert "its marked part is made" in " ".join(said.output.split())
