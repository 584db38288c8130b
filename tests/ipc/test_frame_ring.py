"""The frame ring: where its bytes lie, and that a torn frame is never taken for a whole one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.errors import SegmentError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.shm import PAGE
from gonogo.ipc.frame_ring import (
    EMBED_MAX,
    HEAD,
    MAP_MAX,
    R_REQUEST,
    R_STATUS,
    TAIL,
    FrameRing,
    ResultStatus,
    Slot,
    State,
    slot_bytes,
)
from gonogo.tests.fakes import scratch_station
from gonogo.tests.programs import launch, told

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from numpy.typing import NDArray

MONO, COLOUR = FrameShape(30, 50, 1), FrameShape(61, 67, 3)
SHAPES = pytest.mark.parametrize("geometry", [MONO, COLOUR], ids=["mono", "colour"])
ENOUGH = 500  # whole frames, and refused ones, that a reader beside a writer must see


def spans(slot: Slot) -> Iterator[tuple[int, int]]:
    """First and last address of everything a slot consists of."""
    arrays: list[NDArray[np.generic]] = [np.asarray(slot.words), slot.pixels]
    for result in slot.results:
        arrays += [np.asarray(result.words), result.map, result.embedding]
    for array in arrays:
        yield array.ctypes.data, array.ctypes.data + array.nbytes - 1


@SHAPES
def test_ring_pixels_are_page_aligned_contiguous_and_of_the_shape(
    station: str, geometry: FrameShape
) -> None:
    """Cameras and engines bind the memory as it is."""
    ring = FrameRing.create(station, 0, geometry, 4)
    assert len(ring.slots) == 4
    for slot in ring.slots:
        assert slot.pixels.ctypes.data % PAGE == 0
        assert slot.pixels.flags.c_contiguous
        assert slot.pixels.shape == geometry.shape
        assert slot.pixels.nbytes == geometry.nbytes
        assert [(r.map.size, r.embedding.size) for r in slot.results] == [(MAP_MAX, EMBED_MAX)] * 2


def test_shape_of_a_grey_frame_has_two_dimensions() -> None:
    """Grey is (height, width), colour (height, width, 3)."""
    assert MONO.shape == (30, 50)
    assert COLOUR.shape == (61, 67, 3)


@SHAPES
def test_ring_parts_do_not_overlap(station: str, geometry: FrameShape) -> None:
    """Headers, results and pixels of all slots lie apart, inside the segment."""
    ring = FrameRing.create(station, 0, geometry, 3)
    whole = np.frombuffer(ring.segment.map, np.uint8)
    first, last = whole.ctypes.data, whole.ctypes.data + ring.segment.size - 1
    places = sorted(span for slot in ring.slots for span in spans(slot))
    edges = [first - 1, *(edge for place in places for edge in place), last + 1]
    assert all(edges[k] < edges[k + 1] for k in range(0, len(edges), 2))
    assert ring.segment.size == 3 * slot_bytes(geometry)


def test_result_score_stands_in_word_7(station: str) -> None:
    """The float64 view and the word are the same eight bytes."""
    result = FrameRing.create(station, 0, MONO, 1).slots[0].results[1]
    result.score[0] = -1.5
    assert np.asarray(result.words)[7:8].view(np.float64)[0] == -1.5


@SHAPES
def test_ring_is_seen_without_a_copy_by_who_attaches(station: str, geometry: FrameShape) -> None:
    """A camera writes through `slot.pixels`, and the ring's very memory has changed."""
    ring = FrameRing.create(station, 0, geometry, 4)
    attached = FrameRing.attach(station, 0, geometry)
    pixels = ring.slots[2].pixels
    pixels[...] = np.arange(geometry.nbytes, dtype=np.uint8).reshape(geometry.shape)
    assert np.shares_memory(pixels, np.frombuffer(ring.segment.map, np.uint8))
    assert np.array_equal(attached.slots[2].pixels, pixels)
    assert not attached.slots[1].pixels.any()
    assert not attached.slots[3].pixels.any()


@SHAPES
def test_ring_is_seen_by_another_process(station: str, geometry: FrameShape) -> None:
    """Header and pixels as written here, byte by byte, in a process that attached."""
    slot = FrameRing.create(station, 0, geometry, 4).slots[3]
    slot.begin(11, 12, 13)
    slot.pixels[...] = np.arange(geometry.nbytes, dtype=np.uint8).reshape(geometry.shape)
    slot.commit(State.READY, 14, 15, 16)
    with launch("read_frame", station=station, shape=geometry, slot=3) as reader:
        seen = told(reader)
    assert seen["words"] == [1, 1, 11, 12, 0, 13, 14, State.READY, 16, 15]
    assert seen["pixels"] == slot.pixels.ravel().tolist()


def test_ring_that_nobody_made_is_refused(station: str) -> None:
    """Attaching needs a supervisor that made it."""
    with pytest.raises(SegmentError, match="frames0"):
        FrameRing.attach(station, 0, MONO)


def test_ring_closed_gives_its_memory_back(station: str) -> None:
    """After close no slot is left, and the mapping is gone."""
    ring = FrameRing.create(station, 0, MONO, 2)
    ring.close()
    assert ring.slots == ()
    assert ring.segment.map.closed


@given(st.lists(st.sampled_from(["begin", State.READY, State.FAULT]), max_size=12))
def test_slot_is_whole_unless_a_frame_is_being_written(steps: list[str | State]) -> None:
    """Any order of begin and commit: the stamp counts begins, and is -1 until the commit."""
    with scratch_station() as station:
        ring = FrameRing.create(station, 0, MONO, 1)
        slot, begun, writing = ring.slots[0], 0, False
        for step in steps:
            if isinstance(step, State):
                slot.commit(step, 5)
                writing = False
            else:
                slot.begin(1, 2, 3)
                begun, writing = begun + 1, True
            assert slot.generation == (-1 if writing else begun)
            assert slot.words[HEAD] == begun


@given(st.lists(st.sampled_from([0, 3, 4]), max_size=12))
def test_result_is_whole_for_its_own_finished_request_only(steps: list[int]) -> None:
    """3 and 4 begin a result of that request, 0 commits: only the last one begun can be whole."""
    with scratch_station() as station:
        result = FrameRing.create(station, 0, MONO, 1).slots[0].results[0]
        request, writing = 0, False
        for step in steps:
            if step:
                result.begin(step, 1, 2)
                request, writing = step, True
            else:
                result.commit(ResultStatus.OK, 1, 2)
                writing = False
            assert [result.whole(k) for k in (3, 4)] == [
                not writing and request == k for k in (3, 4)
            ]


def test_result_begun_forgets_the_last_score_and_status(station: str) -> None:
    """A backend that writes nothing leaves no score of an earlier part behind."""
    result = FrameRing.create(station, 0, MONO, 1).slots[0].results[0]
    result.begin(3, 1, 2)
    result.score[0] = 0.5
    result.commit(ResultStatus.OK, 1, 2)
    result.begin(4, 1, 2)
    assert math.isnan(result.score[0])
    assert (result.words[R_STATUS], result.words[R_REQUEST]) == (ResultStatus.NONE, 4)


def test_results_of_both_places_are_independent(station: str) -> None:
    """Engine A's answer is not engine B's."""
    first, second = FrameRing.create(station, 0, MONO, 1).slots[0].results
    first.begin(3, 1, 2)
    first.commit(ResultStatus.OK, 1, 2)
    assert first.whole(3)
    assert not second.whole(3)


def test_slot_is_never_torn_for_a_reader_in_another_process(station: str) -> None:
    """A writer hammers, a reader checks stamps: mixtures are refused, none is taken for whole."""
    geometry = FrameShape(64, 64, 1)
    ring = FrameRing.create(station, 0, geometry, 1)
    with launch("watch_frames", station=station, shape=geometry, enough=ENOUGH) as reader:
        hammer(ring.slots[0], reader)
        found = told(reader)
    assert found["torn"] == 0
    assert found["whole"] >= ENOUGH
    assert found["refused"] >= ENOUGH
    assert ring.slots[0].words[TAIL] == ring.slots[0].words[HEAD]


def hammer(slot: Slot, reader: subprocess.Popen[bytes]) -> None:
    """Write frame after frame until the reader has seen enough; each is one grey, its serial."""
    serial = 0
    while reader.poll() is None:
        for _ in range(20):
            serial += 1
            slot.begin(serial % 65536, serial, 0)
            slot.pixels.fill(serial % 251)
            slot.commit(State.READY, serial)
        for _ in range(50):  # long enough that a reader meets a frame at rest, too
            assert slot.generation == serial
