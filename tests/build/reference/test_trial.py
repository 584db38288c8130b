"""The way that a tool took is found among all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.build.exports.adopt import FOLDED, adopt
from gonogo.build.exports.options import IMAGENET_MEAN, IMAGENET_STD, Options
from gonogo.build.reference.pictures import scored
from gonogo.build.reference.table import read_table
from gonogo.build.reference.trial import Bare, Tried, try_all
from gonogo.build.reference.ways import bare
from gonogo.tests.build.parts import quiet
from gonogo.tests.build.reference.exported import cropped, pictures, plain_export, scores, table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray


def _imagenet(picture: NDArray[np.uint8]) -> NDArray[Any]:
    red_first = cropped(picture)[..., ::-1] / 255
    return np.asarray((red_first - IMAGENET_MEAN) / IMAGENET_STD)


def _blue_first(picture: NDArray[np.uint8]) -> NDArray[Any]:
    return cropped(picture) / 255


def _from_minus_one(picture: NDArray[np.uint8]) -> NDArray[Any]:
    return cropped(picture)[..., ::-1] / 127.5 - 1


def _larger(picture: NDArray[np.uint8]) -> NDArray[Any]:
    return cropped(picture, 37)[2:34, 2:34, ::-1] / 255


def _tries(prepare: Callable[[NDArray[np.uint8]], NDArray[Any]], folder: Path) -> list[Tried]:
    export, shown = plain_export(folder / "m.onnx"), pictures(folder)
    path = table(folder / "s.csv", shown.paths, scores(export, shown.paths, prepare))
    model = Bare(adopt(export, bare(Options())._replace(pixels="0..255")).ways[FOLDED])
    return try_all(model, scored(read_table(path), shown.paths), quiet, takes_bytes=False)


@pytest.mark.parametrize(
    ("prepare", "options"),
    [
        (_imagenet, "--fit centre-crop --input imagenet"),
        (_blue_first, "--fit centre-crop --input 0..1 --colour bgr"),
        (_from_minus_one, "--fit centre-crop --mean 0.5 --std 0.5"),
        (_larger, "--fit centre-crop --resize 37x37 --input 0..1"),
    ],
)
def test_try_all_finds_the_way_of_the_tool(
    tmp_path: Path, prepare: Callable[[NDArray[np.uint8]], NDArray[Any]], options: str
) -> None:
    """It is the first, and it agrees; range and order are right in it."""
    agreeing = [each for each in _tries(prepare, tmp_path) if each.likeness.agrees]
    # to a rounding, or as quickly as a line wants it: both before all others
    assert {each.way.options.replace(" --filter exact", "") for each in agreeing[:2]} == {options}


def test_try_all_tries_what_is_the_same_once(tmp_path: Path) -> None:
    """Of square pictures every fit is a squeeze: the plainest of them is told."""
    export, shown = plain_export(tmp_path / "m.onnx"), pictures(tmp_path)
    model = Bare(adopt(export, bare(Options())._replace(pixels="0..255")).ways[FOLDED])
    found = scored(
        read_table(table(tmp_path / "s.csv", shown.paths, np.linspace(0, 1, 24).tolist())),
        shown.paths,
    )
    square = found._replace(frames=[frame[:, 30:90] for frame in found.frames])
    told: list[tuple[str, int, int]] = []
    tries = try_all(model, square, lambda *step: told.append(step), takes_bytes=True)
    assert {tried.way.geometry.fit.kind for tried in tries} == {"squeeze"}
    assert told[-1][1] == told[-1][2] > told[0][1] == 0
