"""What a camera says of its frames, and packed frames on a wire: by a camera of registers alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gonogo.base.errors import CameraError, FrameInvalid
from gonogo.drivers.cameras.aravis import features
from gonogo.drivers.cameras.aravis.chunks import ChunkValues
from gonogo.drivers.cameras.aravis.stream import with_chunks
from gonogo.drivers.cameras.formats import SOURCES
from gonogo.drivers.cameras.machine import Frame
from gonogo.drivers.cameras.settings import carry_out
from gonogo.proving.peers.network_camera import fake_camera
from gonogo.testing.cameras import soon_ns
from gonogo.tests.drivers.cameras.aravis.fake import (
    HEIGHT_PX,
    WIDTH_PX,
    needs_fake,
    opened,
    slot,
)
from gonogo.tests.drivers.cameras.aravis.registers import register_camera
from gonogo.tests.drivers.cameras.test_pixels import PACKED_GREY, bits_of

pytestmark = needs_fake  # the library comes with it

BITS = {source.name: source.bits for source in SOURCES["mono8"]}


def noise(bits: int = 8) -> np.ndarray:
    """A picture with every bit in it."""
    return np.random.default_rng(3).integers(0, 1 << bits, (HEIGHT_PX, WIDTH_PX))


@pytest.mark.parametrize("name", PACKED_GREY)
def test_packed_frame_comes_over_the_wire_as_its_upper_eight_bits(name: str) -> None:
    """Ordered, received by the library, and unpacked into the slot of the line."""
    values = noise(BITS[name])
    with register_camera() as sends, opened(source_format=name) as camera:
        sends.image = bits_of(name, values).tobytes()
        for part_id in (1, 2):
            pixels = slot()
            camera.grab(part_id, pixels, soon_ns())
            np.testing.assert_array_equal(pixels, values >> BITS[name] - 8)


@pytest.mark.parametrize("name", ["Mono8", "Mono12p"])
def test_exposure_that_was_used_is_held_against_what_was_ordered(name: str) -> None:
    """Within what a camera may round; else the frame is of no part."""
    values = noise(BITS[name])
    raw = values.astype(np.uint8) if name == "Mono8" else bits_of(name, values)
    with register_camera() as sends:
        sends.image = raw.tobytes()
        with opened(source_format=name, chunks=True) as camera:
            for used_us in (None, 5001.9, 4951.0):
                sends.used_us = used_us
                pixels = slot()
                camera.grab(1, pixels, soon_ns())
                np.testing.assert_array_equal(pixels, values >> BITS[name] - 8)
            for used_us in (5100.0, 10.0):
                sends.used_us = used_us
                with pytest.raises(
                    FrameInvalid, match=rf"exposed for {used_us:g} us, expected 5000"
                ):
                    camera.grab(2, slot(), soon_ns())


def test_what_a_user_set_has_changed_is_set_back() -> None:
    """A mirrored picture, a trigger that waits, colours that drift: nobody has ordered them."""
    with register_camera() as sends:
        sends.load_user_set()
        assert len(sends.odd) == 7
        with opened():
            assert sends.odd == {}


class Locked:
    """A device whose enumerations can be read alone."""

    def text(self, feature: str) -> str:
        """As it came."""
        return {"ExposureMode": "Timed"}.get(feature, "Continuous")

    def ask(self, name: str, *args: object) -> None:
        """What would write."""
        raise CameraError(f"{name} {args}: not writable")


def test_feature_that_is_as_wanted_need_not_be_one_that_can_be_written() -> None:
    """A camera that can do nothing else is opened; one that does otherwise is not."""
    device: Any = Locked()
    carry_out("x", [features._by_hand(device, "ExposureMode", "Timed")])
    with pytest.raises(CameraError, match="not writable"):
        carry_out("x", [features._by_hand(device, "GainAuto", "Off")])


def test_frames_are_counted_by_the_camera_itself() -> None:
    """Its own number is longer than the 16 bits of a packet's, and goes on beyond."""
    with register_camera() as sends, opened(chunks=True) as camera:
        sends.image = noise().astype(np.uint8).tobytes()
        first = camera.grab(1, slot(), soon_ns()).counter
        sends.frame_id += 0x2_0000
        second = camera.grab(2, slot(), soon_ns()).counter
        assert first > 0xFFFFFFFF
        assert second - first == 0x2_0001


def test_chunks_of_before_are_switched_off_where_nobody_asked() -> None:
    """A maker's program has left them on: a frame would be larger than its slot."""
    with register_camera() as sends:
        sends.image = noise().astype(np.uint8).tobytes()
        with opened(chunks=True):
            pass
        with opened() as camera:
            pixels = slot()
            camera.grab(1, pixels, soon_ns())
            assert pixels.tobytes() == sends.image
            assert camera._raw is None


def test_camera_without_chunks_is_refused_where_they_are_wanted() -> None:
    """The library's fake camera has none."""
    with (
        fake_camera(),
        pytest.raises(CameraError, match="chunks = true: it has none"),
        opened(chunks=True),
    ):
        pass


def test_frame_without_its_chunk_is_not_whole() -> None:
    """And where the camera does not count, the packets' number stays."""
    frame = Frame("", (1, 2, 3, 4), 7, 8, 9)
    assert with_chunks(frame, ChunkValues(50.0, None)) == frame._replace(exposure_us=50.0)
    assert with_chunks(frame, ChunkValues(50.0, 12)).frame_id == 12
    assert with_chunks(frame, ChunkValues(0.0, None, "without")).fault == "without"
