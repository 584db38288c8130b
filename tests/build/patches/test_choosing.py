"""A bank is made by the tensor that names made defects, and none where no tensor does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.build.patches.beside import patches_beside, taught_kind
from gonogo.build.patches.choosing import (
    TRIALS,
    Hits,
    MadePatches,
    cells_of,
    changed_mask,
    make_patches,
    try_banks,
)
from gonogo.build.patches.learn import NAME_MAX, PARTS_MAX, PATCHES, Kind, Pictures, bank_of, draw
from gonogo.build.teaching.bank import POSITION
from gonogo.engines.bundles.patch_bank import encode
from gonogo.engines.patches.looker import Looker
from gonogo.testing.tiny_models import brightest, filters
from gonogo.tests.build.parts import quiet
from gonogo.tests.engines.patches.made import GOOD, TENSOR, good, pictures

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three convolutions."""
    return filters(tmp_path_factory.mktemp("model") / "nut.onnx")


@pytest.fixture(scope="module")
def made(model: Path) -> MadePatches:
    """Patches of a few good parts, by whatever tensor is the best."""
    return make_patches(model, pictures(), quiet)


def test_make_patches_names_made_defects_and_says_how_often(made: MadePatches) -> None:
    """More often than chance by far, or it would show nothing that means anything."""
    assert made.bank is not None
    assert f"of {TRIALS} made defects it names" in made.said
    assert f"patches of {GOOD} good parts" in made.said


def test_make_patches_keeps_of_each_which_part_and_a_piece_of_it(made: MadePatches) -> None:
    """A JPEG each, places in the grid, and no more patches than were wanted."""
    assert made.bank is not None
    bank, head = made.bank, made.bank.head
    assert head.pictures == tuple(f"good {k}.png" for k in range(GOOD))
    assert head.patches == len(bank.crops) <= PATCHES
    assert set(bank.of.tolist()) == set(range(GOOD))
    assert all(crop.startswith(b"\xff\xd8") for crop in bank.crops)
    assert len(encode(bank)) < bank.max_bytes


def test_make_patches_makes_the_same_bytes_again(model: Path, made: MadePatches) -> None:
    """Nothing in it is left to chance."""
    again = make_patches(model, pictures(), quiet)
    assert made.bank is not None
    assert again.bank is not None
    assert encode(again.bank) == encode(made.bank)


def test_make_patches_makes_none_of_a_model_without_features(tmp_path: Path) -> None:
    """And says so."""
    found = make_patches(brightest(tmp_path / "flat.onnx"), pictures(), quiet)
    assert found.bank is None
    assert "no tensor of the graph has the shape of features" in found.said


def test_make_patches_makes_none_where_features_see_no_defect(tmp_path: Path, model: Path) -> None:
    """All weights 0: every place looks like every other."""
    import onnx  # noqa: PLC0415 - of this test alone
    from onnx import numpy_helper  # noqa: PLC0415

    blind = onnx.load(str(model))
    for held in blind.graph.initializer:
        zeros = np.zeros_like(numpy_helper.to_array(held))
        held.CopyFrom(numpy_helper.from_array(zeros, held.name))
    path = tmp_path / "blind.onnx"
    path.write_bytes(blind.SerializeToString())
    found = make_patches(path, pictures(), quiet)
    assert found.bank is None
    assert "no patches of good parts" in found.said


def test_make_patches_never_stops_a_build(tmp_path: Path) -> None:
    """What cannot be looked into is said, and judges all the same."""
    model = filters(tmp_path / "nut.onnx")
    found = make_patches(model, pictures(), quiet, [Kind(TENSOR._replace(name="gone"))])
    assert (found.bank, "no tensor 'gone'" in found.said) == (None, True)


def test_try_banks_counts_hits_and_chance(model: Path) -> None:
    """Of a bank of few patches as of one of many, on the same defects."""
    looker, kind = Looker(model, [TENSOR.name]), Kind(TENSOR)
    (rows,) = draw(looker, [kind], pictures().frames)
    bank = bank_of(model, kind, rows, pictures(), looker)
    (found,) = try_banks(looker, [bank], pictures().frames)
    assert found.tried == TRIALS
    assert 0 < found.chance < 0.5
    assert found.times > 2


def test_hits_are_so_many_times_chance() -> None:
    """And nothing of nothing."""
    assert Hits(8, 10, 0.1).times == pytest.approx(8.0)
    assert Hits(0, 0, 0.0).times == 0.0


def test_cells_of_are_those_with_any_of_the_mask() -> None:
    """A pixel is enough."""
    mask = np.zeros((16, 32), np.bool_)
    mask[0, 0] = mask[15, 31] = True
    found = cells_of(mask, (4, 8))
    assert found.sum() == 2
    assert found[0, 0]
    assert found[3, 7]


def test_changed_mask_is_where_a_defect_was_made() -> None:
    """In any channel, and not where only the noise differs."""
    before = np.full((4, 4, 3), 100, np.uint8)
    after = before.copy()
    after[1, 2, 0] = 150
    after[3, 3] = 103
    assert np.argwhere(changed_mask(before, after)).tolist() == [[1, 2]]
    assert np.argwhere(changed_mask(before[..., 0], after[..., 0])).tolist() == [[1, 2]]


def test_pictures_are_spread_over_a_large_folder_and_named_in_a_line() -> None:
    """A folder may begin with one batch, and a name may hold anything."""
    some = Pictures([good(0)] * 250, [f"{k}" for k in range(250)]).some()
    assert len(some.frames) <= PARTS_MAX
    assert (some.names[0], some.names[-1]) == ("0", "249")


def test_bank_names_pictures_in_a_line(model: Path) -> None:
    """Whatever their files are called."""
    looker, kind = Looker(model, [TENSOR.name]), Kind(TENSOR)
    odd = Pictures([good(0), good(1)], ["a\x1b[2J.png", "b" * 200])
    (rows,) = draw(looker, [kind], odd.frames)
    assert bank_of(model, kind, rows, odd, looker).head.pictures == ("a?[2J.png", "b" * NAME_MAX)


def test_taught_kind_is_what_the_engine_judges_by() -> None:
    """Its channels as they are, and a place counts what it counts there."""
    kind = taught_kind(32)
    assert (kind.plain, kind.position, kind.tensor.grid) == (True, POSITION, (32, 32))


def test_patches_beside_a_model_without_any_are_none(tmp_path: Path) -> None:
    """Its bundle goes without."""
    assert patches_beside(filters(tmp_path / "nut.onnx")) is None
