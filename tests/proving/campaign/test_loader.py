"""Orders to a loader, and their ends, as the campaign asks for them."""

from __future__ import annotations

import pytest

from gonogo.base.errors import ProcessFailed
from gonogo.proving.campaign.bundles import NAME, OTHER
from gonogo.proving.campaign.loader import Loader
from gonogo.tests.proving.campaign.loaders import ScriptedLoader, loading


def test_loader_waits_for_the_end_of_its_own_order(station: str) -> None:
    """That of the one before stands there until then."""
    with loading(station, ScriptedLoader(500, 0)) as scripted:
        loader = Loader(station)
        first = loader.outcome(loader.begin(OTHER))
        second = loader.outcome(loader.begin(OTHER))
    assert (first["number"], second["number"]) == (500, 0)
    assert scripted.orders[0] == {
        "do": "load", "name": NAME, "version": OTHER, "shadow": 0, "keep": False,
    }  # fmt: skip


def test_loader_unloads_what_waits_for_a_person(station: str) -> None:
    """Nobody here wants it to judge."""
    with loading(station, ScriptedLoader(0)) as scripted:
        loader = Loader(station)
        loader.outcome(loader.begin(OTHER))
        loader.wait_idle()
    assert [order["do"] for order in scripted.orders] == ["load", "unload"]


@pytest.mark.parametrize(("said", "wanted"), [(500, None), (512, 512)])
def test_refusal_is_what_was_expected(station: str, said: int, wanted: int | None) -> None:
    """Any, or one by its number."""
    with loading(station, ScriptedLoader(said)):
        Loader(station).expect_refusal(OTHER, wanted)


@pytest.mark.parametrize(("said", "wanted"), [(0, None), (500, 512)])
def test_refusal_that_does_not_come_ends_the_campaign(
    station: str, said: int, wanted: int | None
) -> None:
    """Taken, or refused for another reason: both with what was said instead."""
    with loading(station, ScriptedLoader(said)), pytest.raises(ProcessFailed, match=f"GN{said}"):
        Loader(station).expect_refusal(OTHER, wanted)
