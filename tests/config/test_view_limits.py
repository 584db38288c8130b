"""The limits that a view starts with: the station file's, or else those of its engine's card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ModelError
from gonogo.config.view_limits import engines_of, limits_of
from gonogo.engines.card import read_card
from gonogo.engines.section import EngineSection
from gonogo.tests.engines.serving.places import bolt, install, section
from gonogo.tests.stations import bundled_station, small_station, tiny_engine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """An engine whose card proposes limits."""
    return tiny_engine(tmp_path / "top.onnx")


def test_limits_are_the_card_s_and_say_which_engine_and_card(model: Path) -> None:
    """The line names both in its records and at the PLC."""
    card = read_card(model)
    found = limits_of(EngineSection(model=model))
    assert found is not None
    assert (found.recheck_above, found.reject_above) == (card.recheck_above, card.reject_above)
    assert (found.engine_id, found.card) == (card.engine_id, card.digest)


def test_limits_of_the_station_file_go_before_those_of_the_card(model: Path) -> None:
    """With a reject limit alone nothing is rechecked: the card's recheck belongs to its own."""
    card = read_card(model)
    both = limits_of(EngineSection(model=model, recheck_above=3.0, reject_above=5.0))
    alone = limits_of(EngineSection(model=model, reject_above=5.0))
    lower = limits_of(EngineSection(model=model, recheck_above=card.reject_above - 1))
    assert both is not None
    assert alone is not None
    assert lower is not None
    assert (both.recheck_above, both.reject_above) == (3.0, 5.0)
    assert (alone.recheck_above, alone.reject_above) == (5.0, 5.0)
    assert (lower.recheck_above, lower.reject_above) == (card.reject_above - 1, card.reject_above)


def test_limits_in_the_wrong_order_are_refused_by_the_engine_s_name(model: Path) -> None:
    """Of the file and the card together: neither is wrong alone."""
    above = read_card(model).reject_above + 1
    with pytest.raises(ModelError, match=r"top\.onnx: recheck_above .* is above reject_above"):
        limits_of(EngineSection(model=model, recheck_above=above))


def test_view_without_an_engine_has_no_limits() -> None:
    """Rules alone judge it."""
    assert limits_of(None) is None


def test_engines_are_those_that_views_name(tmp_path: Path) -> None:
    """None for a station without [engines]; each once, by its name."""
    assert engines_of(small_station(tmp_path)) == {}
    engines = section(tmp_path)
    install(engines, bolt(tmp_path))
    found = engines_of(bundled_station(tmp_path, engines))
    assert list(found) == ["bolt"]
    assert found["bolt"].path.is_file()
