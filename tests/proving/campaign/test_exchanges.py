"""What is done to engines, and what of it ends a campaign; the loader is scripted."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import BundleTooLarge, ProcessFailed
from gonogo.proving.campaign.bundles import NAME, OTHER, UNREACHED
from gonogo.proving.campaign.exchanges import Exchanges
from gonogo.tests.proving.campaign.loaders import ScriptedLoader, loading

if TYPE_CHECKING:
    from pathlib import Path

GOOD = bytes(range(100))


class First(random.Random):
    """Draws no pauses, and says first what a test wants."""

    def __init__(self, chance: float) -> None:
        super().__init__(1)
        self._chance = chance

    def random(self) -> float:
        """Whether a bundle is exchanged while it is read: below a quarter."""
        return self._chance

    def getrandbits(self, k: int) -> int:
        """As ever: choices are drawn from these, and not from `random`."""
        return super().getrandbits(k)

    def uniform(self, a: float, b: float) -> float:  # noqa: ARG002 - the library's own signature
        """At once."""
        return a


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The sound bundle where the registry has it, and the two that no station may take."""
    path = tmp_path / "engines" / NAME / OTHER / "bundle.gng"
    path.parent.mkdir(parents=True)
    path.write_bytes(GOOD)
    for who in ("stranger", "unsigned"):
        (tmp_path / f"{who}.gng").write_bytes(who.encode())
    return path


def exchanges(station: str, installed: Path, chance: float = 1.0) -> Exchanges:
    """What a campaign has of them."""
    folder = installed.parents[2]
    return Exchanges(station, folder, First(chance), struck.append)


struck: list[str] = []


@pytest.mark.parametrize("chance", [1.0, 0.0])
def test_wrong_bundle_is_refused_and_the_sound_one_put_back(
    station: str, installed: Path, chance: float
) -> None:
    """Damaged before it is read, and exchanged meanwhile."""
    with loading(station, ScriptedLoader(500)) as scripted:
        exchanges(station, installed, chance).wrong()
    assert installed.read_bytes() == GOOD
    assert [order["do"] for order in scripted.orders] == ["load"]


def test_wrong_bundle_that_is_taken_ends_the_campaign(station: str, installed: Path) -> None:
    """A damaged one by its success."""
    with loading(station, ScriptedLoader(0)), pytest.raises(ProcessFailed, match="refusal"):
        exchanges(station, installed).wrong()


def test_bundle_exchanged_while_it_is_read_is_known_by_its_limits(
    station: str, installed: Path
) -> None:
    """Loaded is no fault, if it was the sound one; the stranger's ends the campaign."""
    with loading(station, ScriptedLoader(0)) as scripted:
        exchanges(station, installed, 0.0).wrong()
    assert [order["do"] for order in scripted.orders] == ["load", "unload"]
    taken = ScriptedLoader(0, reject_above=UNREACHED)
    with loading(station, taken), pytest.raises(ProcessFailed, match="was taken"):
        exchanges(station, installed, 0.0).wrong()
    assert installed.read_bytes() == GOOD


def test_hungry_engine_is_refused_for_its_memory(station: str, installed: Path) -> None:
    """And for no other reason."""
    with loading(station, ScriptedLoader(BundleTooLarge.code)):
        exchanges(station, installed).hungry()
    with loading(station, ScriptedLoader(500)), pytest.raises(ProcessFailed):
        exchanges(station, installed).hungry()


def test_engine_is_struck_while_it_loads(station: str, installed: Path) -> None:
    """By that fault, and then all comes to rest."""
    struck.clear()
    with loading(station, ScriptedLoader(500)):
        exchanges(station, installed).struck("loader-kill")
    assert struck == ["loader-kill"]


def test_swap_goes_there_and_back(station: str, installed: Path) -> None:
    """Three orders, each once the one before has ended; one that fails ends the campaign."""
    with loading(station, ScriptedLoader(0, 0, 0)) as scripted:
        exchanges(station, installed).swap()
    orders = [order["do"] for order in scripted.orders if order["do"] != "unload"]
    assert orders == ["load", "activate", "rollback"]
    with loading(station, ScriptedLoader(0, 500)), pytest.raises(ProcessFailed, match="activate"):
        exchanges(station, installed).swap()
