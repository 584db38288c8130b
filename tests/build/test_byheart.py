"""Whether a model has parts by heart: what is computed of maps, and what models do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import PartsKnown
from gonogo.build.byheart import (
    MOVES_PX,
    OVERLAID,
    PART_RISE_MAX,
    RISE_MAX,
    Known,
    ask,
    moved,
    overlaid,
    refuse_known,
    remark,
    rises_of,
)
from gonogo.build.exports.adopt import FOLDED, adopt
from gonogo.build.exports.options import Options
from gonogo.build.goodparts import Shrink
from gonogo.build.review.parts import read_picture
from gonogo.tests.build.exports import made
from gonogo.tests.build.parts import good_part, quiet, real
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from pathlib import Path

rng = np.random.default_rng(2)
MAP = rng.uniform(1, 2, (6, 100))


def test_rises_are_none_where_changes_raise_and_lower_alike() -> None:
    """Noise of a part that was never seen: below what counts."""
    large = np.tile(MAP, 10)
    noisy = [large * np.exp(rng.normal(0, 0.05, large.shape)) for _ in MOVES_PX]
    assert np.abs(rises_of(large, noisy)).max() < RISE_MAX


def test_rises_are_plain_where_places_were_found_perfect() -> None:
    """Three places in a hundred at 0 that are not so after any change."""
    known = MAP.copy()
    known[:, [3, 40, 77]] = 0
    assert rises_of(known, [MAP] * 4).min() > 3 * RISE_MAX
    # one change that leaves them perfect is enough: then it is the part, and not the model
    assert rises_of(known, [MAP, MAP, MAP, known]).max() == 0


def test_rises_do_not_depend_on_how_a_tool_stretched_its_maps() -> None:
    """Moved and scaled alike, also below 0."""
    known = MAP.copy()
    known[:, 5] = 0
    plain = rises_of(known, [MAP] * 4)
    assert rises_of(known * 0.01 - 3, [MAP * 0.01 - 3] * 4) == pytest.approx(plain)


def test_moved_and_overlaid_pictures_keep_their_size() -> None:
    """By whole px, with the border mirrored; a fifth of the other one."""
    frame = good_part(1, 24)
    right = moved(frame, (1, 0))
    assert (right[:, 1:] == frame[:, :-1]).all()
    assert (right[:, 0] == frame[:, 1]).all()
    assert (moved(frame, (0, -1))[:-1] == frame[1:]).all()
    expected = (1 - OVERLAID) * frame.astype(float) + OVERLAID * right
    assert np.abs(overlaid(frame, right) - expected).max() <= 0.51


def _bank(path: Path) -> Path:
    """An export that keeps every third patch of the parts 1000, 1001 .. of tests.build.exports."""
    path.write_bytes(
        adopt(made.patchcore(path.with_suffix(".export.onnx")), Options()).ways[FOLDED]
    )
    return path


def test_ask_tells_parts_of_the_bank_from_others(tmp_path: Path) -> None:
    """The very parts, and others that were made alike."""
    bank = _bank(tmp_path / "bank.onnx")
    inside = ask(bank, [good_part(1000 + k, made.SIDE) for k in range(made.FITTED)], quiet)
    outside = ask(bank, [good_part(k, made.SIDE) for k in range(made.FITTED)], quiet)
    assert inside is not None
    assert outside is not None
    assert inside.by_heart
    assert not outside.by_heart
    assert np.median(inside.rises) > 10 * abs(np.median(outside.rises))


def test_ask_finds_a_folder_of_which_half_is_known(tmp_path: Path) -> None:
    """Limits would follow from all of them."""
    bank = _bank(tmp_path / "bank.onnx")
    half = [good_part(seed, made.SIDE) for k in range(8) for seed in (k, 1000 + k)]
    known = ask(bank, half, quiet)
    assert known is not None
    assert known.by_heart


def test_ask_takes_no_other_model_for_a_bank(tmp_path: Path) -> None:
    """One that was fitted to nothing, of parts that lie in one place to the px."""
    known = ask(tiny.filters(tmp_path / "m.onnx"), [good_part(k, 32) for k in range(12)], quiet)
    assert known is not None
    assert not known.by_heart


def test_ask_cannot_tell_without_a_map(tmp_path: Path) -> None:
    """A score alone says too little."""
    export = made.ultralytics(tmp_path / "best.onnx")
    model = tmp_path / "model.onnx"
    model.write_bytes(adopt(export, Options()).ways[FOLDED])
    frames = [good_part(k, made.SIDE) for k in range(6)]
    assert ask(model, frames, quiet) is None


def test_known_counts_single_parts_above_the_noise() -> None:
    """A map that falls as far as it rises is noise, and no part of the bank."""
    assert Known(np.array([0.0, 2 * PART_RISE_MAX]), 0.0).parts == 1
    assert Known(np.array([-3 * PART_RISE_MAX, 2 * PART_RISE_MAX]), 0.0).parts == 0


def test_refuse_known_says_why_and_what_to_do() -> None:
    """The option, the figures, and the two ways out; nothing for parts that are not known."""
    with pytest.raises(PartsKnown, match=r"--good: .* 9 of 9 .*by 3\.0 %.*--holdout.*gonogo teach"):
        refuse_known(Known(np.full(9, 0.03), 0.07), "--good")
    refuse_known(Known(np.full(9, 0.001), 0.0), "--good")
    refuse_known(None, "--good")


def test_remark_says_on_what_limits_depend() -> None:
    """Only where no other parts were given, and more where it could not be asked."""
    known = Known(np.zeros(5), 0.0)
    assert remark(known, held_out=True) == ()
    assert "--holdout" in remark(known, held_out=False)[0]
    assert "no anomaly map" in remark(None, held_out=False)[0]


def test_ask_tells_real_parts_of_a_bank_from_others() -> None:
    """Photographs that the bank was made from, and photographs of other parts."""
    file, folder = real("models/screws_sqz11_patchbank512_256.onnx", "screws")
    small, said = Shrink((256, 256)), []
    for kind in ("train/good", "test/good"):
        paths = sorted((folder / kind).iterdir())[:5]
        said.append(ask(file, [small(read_picture(path)[1]) for path in paths], quiet))
    assert [known is not None and known.by_heart for known in said] == [True, False]
