"""A picture and an engine in, the worst patch beside the nearest good one out."""

from __future__ import annotations

import shutil
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.base.errors import ModelError, PatchBankUnusable, WhyUnknown
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.write import Contents, facts_of, write_bundle
from gonogo.engines.card import read_card
from gonogo.engines.installed.registry import Registry
from gonogo.engines.patches.asking import Asked
from gonogo.engines.patches.looker import Looker
from gonogo.engines.patches.sources import Known, Source, bank_path, find, names
from gonogo.engines.section import EnginesSection
from gonogo.testing.tiny_models import brightest, filters, say
from gonogo.tests.engines.patches.made import GRID, SIDE, bad, bank_of, engine, good

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 1, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An engine with patches beside it."""
    return engine(tmp_path_factory.mktemp("engine") / "nut.onnx")


def asked(model: Path) -> Asked:
    """It, opened."""
    return Asked(find(read_card(model).engine_id, Known(None, (model,))))


@pytest.mark.parametrize("cell", [(1, 1), (6, 2)])
@pytest.mark.parametrize("times", [1, 5])
def test_asked_names_the_place_of_a_defect_on_the_frame(
    model: Path, cell: tuple[int, int], times: int
) -> None:
    """In px of a frame of any size, with the good picture that has the nearest patch."""
    side_px = SIDE * times
    found = asked(model).why(bad(50, cell, side_px))
    size = side_px / GRID[0]
    assert (found.place.top, found.place.left) == (cell[0] * size, cell[1] * size)
    assert (found.place.bottom - found.place.top) == size
    assert found.good_of.startswith("good ")
    assert found.distance > asked(model).why(good(60, side_px)).distance


def test_asked_shows_both_patches_as_the_engine_sees_them(model: Path) -> None:
    """Of one size, and the cell that was compared lies in each."""
    found = asked(model).why(bad(50, (3, 3)))
    assert isinstance(found.worst.pixels, np.ndarray)
    assert found.worst.pixels.shape == (found.worst.side_px,) * 2 + (3,)
    assert isinstance(found.good.pixels, bytes)
    for patch in (found.worst, found.good):
        top, left, bottom, right = patch.cell_px
        assert 0 <= top < bottom <= patch.side_px
        assert 0 <= left < right <= patch.side_px


def test_looker_shows_what_is_cut_out_of_a_frame(tmp_path: Path) -> None:
    """A model that sees a part of its input alone: patches are pieces of that."""
    model = brightest(tmp_path / "cut.onnx", image=(1, 3, 16, 16))
    say(model, {"gonogo.fit": "squeeze", "gonogo.cut": "4,2,8,6"})
    looker = Looker(model, [])
    assert looker.size_px == (8, 6)
    frame = np.arange(16, dtype=np.uint8)[:, None, None].repeat(16, 1).repeat(3, 2)
    assert looker.prepared(frame)[:, 0, 0].tolist() == list(range(4, 12))


def test_looker_needs_the_tensor(tmp_path: Path) -> None:
    """A bank of another graph is said to be one."""
    with pytest.raises(PatchBankUnusable, match="no tensor 'gone'"):
        Looker(filters(tmp_path / "nut.onnx"), ["gone"])
    with pytest.raises(ModelError):
        Looker(tmp_path / "none.onnx", [])


def test_find_says_why_there_is_nothing_to_show(model: Path, tmp_path: Path) -> None:
    """No such engine; an engine without patches; patches of another model; damaged ones."""
    engine_id = read_card(model).engine_id
    with pytest.raises(WhyUnknown, match="not on this box any more"):
        find(1, Known(None, (model,)))
    mine = tmp_path / "nut.onnx"
    for suffix in (".onnx", ".json"):
        shutil.copy(model.with_suffix(suffix), mine.with_suffix(suffix))
    with pytest.raises(WhyUnknown, match="no patches of good parts lie beside"):
        find(engine_id, Known(None, (mine,)))
    data = bytearray(bank_path(model).read_bytes())
    at = data.index(b'"model":') + 12
    data[at : at + 4] = b"0000"
    bank_path(mine).write_bytes(data)
    with pytest.raises(WhyUnknown, match="patches of another model"):
        find(engine_id, Known(None, (mine,)))
    bank_path(mine).write_bytes(b"nothing")
    with pytest.raises(PatchBankUnusable):
        find(engine_id, Known(None, (mine,)))


def bundle(model: Path, version: str, **more: Any) -> Path:  # noqa: ANN401 - of Contents
    """An unsigned bundle of it, beside it."""
    card = read_card(model)
    contents = Contents(
        model=model,
        card=card,
        version=version,
        backends={"onnxruntime": facts_of(card, [1.0], 0.1)},
        self_test=[good(0)],
        memory_mb=100,
        **more,
    )
    out = model.with_name(f"nut-{version}.gng")
    write_bundle(out, contents, created=NOW)
    return out


def test_find_looks_into_installed_bundles(model: Path, tmp_path: Path) -> None:
    """One without patches says so, and one that the station does not trust has judged nothing."""
    section = EnginesSection(folder=tmp_path / "engines", allow_unsigned=True)
    engine_id = read_card(model).engine_id
    Registry(section.folder).install(bundle(model, "1.1.0"), INSPECTION)
    with pytest.raises(WhyUnknown, match=r"nut 1\.1\.0 has no patches"):
        find(engine_id, Known(section, names([None])))
    Registry(section.folder).install(bundle(model, "1.0.0", patches=bank_of(model)), INSPECTION)
    found = find(engine_id, Known(section, ()))  # the same engine: any that has them will do
    assert found.model == model.read_bytes()
    assert Asked(found).why(bad(50, (1, 1))).good_of.startswith("good ")
    with pytest.raises(WhyUnknown, match="not on this box"):
        find(engine_id, Known(section.model_copy(update={"allow_unsigned": False}), ()))


def test_patches_are_the_same_of_the_same_parts(model: Path) -> None:
    """Bit for bit: a bundle can be built again."""
    source = find(read_card(model).engine_id, Known(None, (model,)))
    assert isinstance(source, Source)
    again = bank_of(model)
    assert again.crops == source.bank.crops
    assert np.array_equal(again.values, source.bank.values)
