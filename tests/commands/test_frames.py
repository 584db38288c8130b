"""Where a frame is from: the ring of a running station, or the camera."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.base.errors import CameraError, ControlError, FrameTimeout, StationFileError
from gonogo.commands.frames import CameraSource, RingSource, _copied, open_source, view_index
from gonogo.ipc.frame_ring import STATE, FrameRing, State
from gonogo.ipc.station_lock import StationLock
from gonogo.tests.stations import DIAMETER, small_station, synthetic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.config.station import Station


@pytest.fixture
def small(tmp_path: Path) -> Station:
    """A station of two views."""
    views = [{"name": name, "camera": synthetic(), "rule": (DIAMETER,)} for name in ("top", "side")]
    return small_station(tmp_path, *views)


@pytest.fixture
def ring(small: Station) -> Iterator[FrameRing]:
    """The ring of its second view, as a supervisor makes it; the station is held."""
    name, geometry = small.station.name, small.view[1].camera.geometry
    lock = StationLock(name)
    made = FrameRing.create(name, 1, geometry, small.station.frame_slots)
    yield made
    made.close()
    made.segment.unlink()
    lock.close()


def put(ring: FrameRing, slot: int, level: int, state: State = State.READY, **words: int) -> None:
    """A frame of one grey level, as the line commits it."""
    its = {"part_id": slot, "serial": 1, "frame_ns": level, "counter": 1} | words
    ring.slots[slot].begin(its["part_id"], its["serial"], 0)
    ring.slots[slot].pixels[:] = level
    ring.slots[slot].commit(state, its["frame_ns"], its["counter"])


def silent(_: str) -> None:
    """Nobody listens."""


def test_source_of_a_running_station_is_its_ring(small: Station, ring: FrameRing) -> None:
    """The newest whole frame, a copy of its own; then only newer ones."""
    put(ring, 2, 50, part_id=17)
    put(ring, 1, 40)
    with contextlib.closing(open_source(small, "side", silent)) as source:
        assert isinstance(source, RingSource)
        frame = source.take(0.0)
        assert (frame.pixels == 50).all()
        assert frame.said.startswith("part 17 of the running station, ")
        with pytest.raises(FrameTimeout, match=r"'side': the station runs, .*within 0 s"):
            source.take(0.0)
        put(ring, 3, 60, serial=0)
        frame = source.take(0.0)
        assert frame.said.startswith("no part of the running station, ")
        put(ring, 3, 70)
        assert (frame.pixels == 60).all()


def test_source_cannot_write_into_the_ring(small: Station, ring: FrameRing) -> None:
    """Not by a mistake of ours either: the memory is mapped so."""
    put(ring, 0, 50)
    source = RingSource(small, 1, silent)
    with pytest.raises(ValueError, match="read-only"):
        source._ring.slots[0].pixels[:] = 1
    with pytest.raises(TypeError, match="read-only"):
        source._ring.slots[0].words[0] = 1
    source.close()


def test_source_passes_over_what_is_no_whole_frame(small: Station, ring: FrameRing) -> None:
    """One that is being written, and one that never came; a frame that was refused is one."""
    put(ring, 0, 10)
    put(ring, 1, 20, State.FAULT)
    put(ring, 2, 30, State.FAULT, counter=0)
    put(ring, 3, 40)
    ring.slots[3].begin(9, 1, 0)
    source = RingSource(small, 1, silent)
    frame = source.take(0.0)
    assert (frame.pixels == 20).all()
    assert frame.said.endswith("refused by the line")
    source.close()


def test_copy_of_a_frame_that_is_not_committed_yet_is_none(ring: FrameRing) -> None:
    """The state is written before the stamp that makes it count."""
    put(ring, 0, 10)
    ring.slots[0].begin(9, 1, 0)
    ring.slots[0].words[STATE] = State.READY
    assert _copied(ring.slots[0]) is None
    put(ring, 0, 20)
    assert _copied(ring.slots[0]) is not None


def test_copy_of_a_frame_that_is_written_over_meanwhile_is_none(ring: FrameRing) -> None:
    """Half of it may be of the next part."""
    put(ring, 0, 10)
    slot = ring.slots[0]

    class Overtaken:
        """Pixels of a slot that the line claims while they are copied."""

        def copy(self) -> NDArray[np.uint8]:
            """The line is quicker."""
            slot.begin(9, 1, 0)
            return np.zeros(1, np.uint8)

    slot.pixels = Overtaken()  # type: ignore[assignment]  # no array can be overtaken at will
    assert _copied(slot) is None


def test_source_says_that_it_waits(small: Station, ring: FrameRing) -> None:
    """A belt that stands still is no error for a while."""
    assert ring.slots
    said: list[str] = []
    source = RingSource(small, 1, said.append)
    with pytest.raises(FrameTimeout):
        source.take(0.1)
    assert said == ["view 'side': waits 0.1 s for the next part"]
    source.close()


def test_source_ends_with_its_station(small: Station, ring: FrameRing) -> None:
    """Memory that has lost its name gets no frame any more: to wait would be in vain."""
    source = RingSource(small, 1, silent)
    ring.segment.unlink()
    with pytest.raises(ControlError, match="'side': the station was stopped, or started anew"):
        source.take(60.0)
    source.close()


def test_source_refuses_a_ring_of_another_station_file(small: Station, ring: FrameRing) -> None:
    """Frames of another size would be read askew."""
    assert ring.slots
    other = small.model_copy(
        update={"station": small.station.model_copy(update={"frame_slots": 5})}
    )
    with pytest.raises(ControlError, match=r"runs with another station file: .*'side' take \d+ b"):
        open_source(other, "side", silent)


def test_source_without_a_running_station_is_the_camera(small: Station) -> None:
    """Each frame is a new one, and the caller's own."""
    with contextlib.closing(open_source(small, "top", silent)) as source:
        assert isinstance(source, CameraSource)
        first, second = source.take(1.0), source.take(1.0)
    assert first.said == "taken now"
    assert (first.pixels != second.pixels).any()
    assert first.pixels.shape == small.view[0].camera.geometry.shape


def test_source_of_a_camera_that_needs_a_part_waits_and_says_so(tmp_path: Path) -> None:
    """Nobody writes a picture here: the camera's own error comes after the time that was given."""
    folder = tmp_path / "in"
    folder.mkdir()
    camera: dict[str, Any] = {
        "driver": "folder", "folder": folder, "width_px": 64, "height_px": 48, "pause_ms": 100,
    }  # fmt: skip
    station = small_station(tmp_path, {"name": "top", "camera": camera, "rule": (DIAMETER,)})
    said: list[str] = []
    source = open_source(station, "top", said.append)
    with contextlib.closing(source), pytest.raises(FrameTimeout, match="no new picture"):
        source.take(0.1)
    assert said == ["view 'top': its camera needs a part: waits 0.1 s for one"]


def test_source_of_a_camera_that_is_not_there_is_its_own_error(tmp_path: Path) -> None:
    """The driver knows best what is wrong."""
    camera = {"driver": "replay", "folder": tmp_path / "no", "width_px": 64, "height_px": 48}
    station = small_station(tmp_path, {"name": "top", "camera": camera, "rule": (DIAMETER,)})
    with pytest.raises(CameraError, match="no such folder"):
        open_source(station, "top", silent)


def test_view_index_names_the_views_there_are(small: Station) -> None:
    """A wrong name is answered with the right ones."""
    assert view_index(small, "side") == 1
    with pytest.raises(StationFileError, match="view: expected one of top, side, got 'left'"):
        view_index(small, "left")


def test_ring_of_a_dead_station_is_not_looked_at(small: Station) -> None:
    """Its memory may be there for adoption: nobody holds the lock, so the camera is asked."""
    name, geometry = small.station.name, small.view[0].camera.geometry
    left = FrameRing.create(name, 0, geometry, small.station.frame_slots)
    with contextlib.closing(open_source(small, "top", silent)) as source:
        assert isinstance(source, CameraSource)
    left.close()
    left.segment.unlink()
