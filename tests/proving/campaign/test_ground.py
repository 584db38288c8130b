"""The stations that are broken: what each differs in from the demonstration."""

from __future__ import annotations

import random
import socket
from typing import TYPE_CHECKING

import pytest

from gonogo.drivers.scene.section import Defect, SyntheticSection
from gonogo.proving.campaign.bundles import HUNGRY, JUDGES, NAME, OTHER, Damage
from gonogo.proving.campaign.ground import campaign_station, free_port
from gonogo.proving.campaign.grounds import GROUNDS
from gonogo.proving.campaign.rows import BUDGET, PITCH
from gonogo.proving.rehearse import known

if TYPE_CHECKING:
    from pathlib import Path

SEED = 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all stations: an engine is taught once in it."""
    return tmp_path_factory.mktemp("ground")


def test_free_port_can_be_served() -> None:
    """By whoever asked for it."""
    with socket.create_server(("127.0.0.1", free_port())):
        pass


def test_campaign_station_shows_only_defects_that_rules_catch(folder: Path) -> None:
    """Half of the parts, by the seed; at the pitch that is asked for, within the rows' budget."""
    for pitch_ms in (PITCH, 25.0):
        station = campaign_station(folder, SEED, lambda *_: None, pitch_ms)
        assert station.station.pitch_ms == pytest.approx(pitch_ms)
        assert station.station.budget_ms == BUDGET
    camera = station.view[0].camera
    assert isinstance(camera, SyntheticSection)
    assert (camera.seed, camera.defect_pct) == (SEED, 50)
    assert set(camera.defects) == {Defect.MISSING_HOLE, Defect.WRONG_COLOUR, Defect.WRONG_SIZE}
    assert station.view[0].rule
    assert station.records.path.parent == folder


def test_photo_eye_station_names_its_parts_itself(folder: Path) -> None:
    """At the same pitch."""
    station = GROUNDS["photo-eye"](folder, SEED, lambda *_: None)
    assert not station.trigger.named_by_plc


def test_bundle_station_has_three_engines_and_two_that_nobody_may_take(folder: Path) -> None:
    """The first judges; damage is never the sound one, and changes from time to time."""
    station = GROUNDS["bundles"](folder, SEED, lambda *_: None)
    assert station.engines is not None
    versions = {path.name for path in (station.engines.folder / NAME).iterdir() if path.is_dir()}
    assert {JUDGES, OTHER, HUNGRY} <= versions
    good = (station.engines.folder / NAME / OTHER / "bundle.gng").read_bytes()
    damage = Damage(folder, random.Random(SEED))  # noqa: S311 - not a secret
    spoilt = {damage.of(good) for _ in range(20)}
    assert good not in spoilt
    assert len(spoilt) > 3
    assert damage.of_a_stranger() in {
        (folder / f"{who}.gng").read_bytes() for who in ("stranger", "unsigned")
    }


def test_station_of_two_cameras_shows_one_part_twice(folder: Path) -> None:
    """Each in a process of its own, and judged by the same rules."""
    station = GROUNDS["two cameras"](folder, SEED, lambda *_: None)
    top, side = station.view
    assert top.camera == side.camera
    assert not side.camera.shareable
    assert (top.rule, side.engine) == (side.rule, None)


def test_network_station_is_judged_by_its_first_view(folder: Path) -> None:
    """The judge knows that one's parts; any frame of the other passes, and it must have one."""
    station = GROUNDS["network camera"](folder, SEED, lambda *_: None)
    assert [view.camera.driver for view in station.view] == ["synthetic", "aravis"]
    assert len(known(station)) == 1
    assert station.view[1].rule[0].low == 0.0
