"""Every way from a picture to the model's input, and what to type for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
import pytest

from gonogo.base.frame_shape import FrameShape
from gonogo.build.exports.adopt import FOLDED, adopt
from gonogo.build.exports.options import Options
from gonogo.build.goodparts import Shrink
from gonogo.build.proof import REFERENCE, score
from gonogo.build.reference.check import Reference
from gonogo.build.reference.trial import Bare, Way
from gonogo.build.reference.ways import RANGES, Pixels, bare, geometries, pixel_ways
from gonogo.commands.build import _wanted
from gonogo.commands.build_options import with_options
from gonogo.engines.backends.choose import noise
from gonogo.engines.backends.fit import FILTERS, KINDS
from gonogo.engines.backends.model import open_model
from gonogo.tests.build.reference.exported import SIDE, plain_export

if TYPE_CHECKING:
    from gonogo.build.engine import Wanted

FRAME = noise(FrameShape(50, 90, 3))


def _given(words: str) -> Wanted:
    """What `gonogo build` makes of these options."""
    given: dict[str, Any] = {}

    @click.command()
    @with_options
    def spy(**values: Any) -> None:  # noqa: ANN401 - one for each option
        given.update(values)

    needed = ["--good", "good", "--out", "bolt.gng", *words.split()]
    spy.main(needed, standalone_mode=False)
    return _wanted(Path("m.onnx"), given)


@pytest.mark.parametrize("pixels", pixel_ways(3, takes_bytes=False), ids=str)
def test_way_is_what_its_options_build(tmp_path: Path, pixels: Pixels) -> None:
    """Typed as it is told, each geometry scores through the engine's own path as it was tried."""
    export = plain_export(tmp_path / "m.onnx")
    untouched = Bare(adopt(export, bare(Options())._replace(pixels="0..255")).ways[FOLDED])
    ours = tmp_path / "ours.onnx"
    ways = [way for each in geometries((SIDE, SIDE)) for way in (each, each.exactly)]
    # each with a few geometries: all of them with all pixels would say the same more slowly
    for geometry in ways[RANGES.index(pixels.range) :: 2 * len(RANGES) + 1]:
        tried = untouched.score(pixels.planes(geometry.smalls([FRAME])[0], 3))
        options = _given(Way(geometry, pixels).options).options
        ours.write_bytes(adopt(export, options).ways[FOLDED])
        contract = open_model(ours)
        _, _, height_px, width_px = contract.image.shape
        small = Shrink((height_px, width_px), contract.fit)(FRAME)
        (built,) = score(ours, REFERENCE, [small])
        assert built == pytest.approx(tried, rel=1e-3, abs=1e-6), options


def test_ways_hold_every_fit_with_every_filter() -> None:
    """And no way twice; those with an exact resize come later."""
    ways = list(geometries((224, 224)))
    assert len(set(ways)) == len(ways)
    assert {(way.fit.kind, way.fit.filter) for way in ways} == {
        (kind, how) for kind in KINDS for how in FILTERS if how != "exact"
    }
    assert ways[0].exactly.options == "--fit squeeze --filter exact"
    assert (256, 256) in {way.taken_px for way in ways}
    assert ways[0].options == "--fit squeeze"


def test_ways_of_pixels_are_as_many_as_mean_something() -> None:
    """Grey models have no order of colours, those of bytes one range."""
    assert len(pixel_ways(3, takes_bytes=False)) == 8
    assert len(pixel_ways(3, takes_bytes=True)) == 2
    assert len(pixel_ways(1, takes_bytes=False)) == 3


def test_pixels_of_a_grey_model_are_luma() -> None:
    """As the engine makes it of a colour frame."""
    frame = np.zeros((4, 4, 3), np.uint8)
    frame[..., 1] = 200
    assert np.unique(Pixels("0..255").planes(frame, 1)) == pytest.approx([117])


def test_reference_reaches_the_build() -> None:
    """Both options, as they were typed; neither where none is."""
    wanted = _given("--reference a.csv --reference-images pictures")
    assert wanted.reference == Reference(Path("a.csv"), Path("pictures"))
    assert not _given("").reference
