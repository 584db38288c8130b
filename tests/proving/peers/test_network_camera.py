"""The fake camera as a peer: one at a time, and other clients have to wait for its control."""

from __future__ import annotations

import time

import pytest

from gonogo.drivers.cameras.aravis.features import region_of
from gonogo.proving.peers.network_camera import HEIGHT, WIDTH, fake_camera, overwrite
from gonogo.testing.cameras import soon_ns
from gonogo.tests.drivers.cameras.aravis.fake import needs_fake, opened, slot

pytestmark = needs_fake


def test_camera_lets_nobody_write_whose_control_it_is_not() -> None:
    """No answer; once the first client has left it, another one writes."""
    with fake_camera():
        with opened() as camera:
            with pytest.raises(TimeoutError):
                overwrite({WIDTH: 64}, patience_s=0.2)
            camera.grab(1, slot(), soon_ns())
        overwrite({WIDTH: 64, HEIGHT: 32}, patience_s=60.0)
        with opened() as camera:  # it is set anew, whatever others wrote
            assert region_of(camera._device)[2:] == (128, 96)


def test_camera_that_is_killed_is_off_until_it_is_started() -> None:
    """Under the same name."""
    with fake_camera() as camera:
        first = camera.pid
        camera.kill()
        assert camera.pid == 0
        with pytest.raises(ConnectionRefusedError):
            overwrite({}, patience_s=0.0)
        camera.start()
        assert camera.pid not in {0, first}
        end_s = time.monotonic() + 60
        overwrite({}, patience_s=end_s - time.monotonic())
