"""What befalls a network camera: who it is aimed at."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gonogo.proving.campaign.network_camera import camera_of, receivers_of
from gonogo.proving.peers.network_camera import fake_camera
from gonogo.tests.drivers.cameras.aravis.fake import keys, needs_fake, opened
from gonogo.tests.stations import DIAMETER, small_station

if TYPE_CHECKING:
    from pathlib import Path


def test_camera_is_started_for_a_station_that_has_one_alone(tmp_path: Path) -> None:
    """Any other needs no program of others."""
    with camera_of(small_station(tmp_path)) as camera:
        assert camera is None


@needs_fake
def test_camera_of_a_network_station_listens_until_its_end(tmp_path: Path) -> None:
    """It can be opened meanwhile."""
    view = {"name": "side", "camera": keys(), "rule": (DIAMETER,)}
    with camera_of(small_station(tmp_path, view)) as camera:
        assert camera is not None
        assert camera.pid
        with opened():
            pass
    assert camera.pid == 0


@needs_fake
def test_receivers_are_the_threads_of_open_cameras() -> None:
    """One each; none before and none after."""
    before = receivers_of(os.getpid())
    with fake_camera(), opened():
        assert len(receivers_of(os.getpid())) == len(before) + 1
    assert receivers_of(os.getpid()) == before
