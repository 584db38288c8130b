"""One pipeline of GStreamer: what of it is ours."""

from __future__ import annotations

import ctypes
import threading
import time

import numpy as np
import pytest

from gonogo.base.errors import CameraError
from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.cameras.gstreamer.binding import binding
from gonogo.drivers.cameras.gstreamer.pipeline import Pipeline
from gonogo.testing.cameras import soon_ns
from gonogo.tests.drivers.cameras.gstreamer.live import needs_gstreamer, source

pytestmark = needs_gstreamer

SHAPE = FrameShape(120, 160, 1)


def test_pipeline_keeps_the_newest_frame_alone() -> None:
    """Of those that came meanwhile one lies ready, and it is not the first."""
    made = Pipeline(binding(), "top", source(), SHAPE)
    try:
        made.play(soon_ns())
        first = made.take(soon_ns())
        assert first is not None
        assert first.stamp_ns is not None
        made.give_back(first)
        threading.Event().wait(0.2)
        second = made.take(0)
        assert second is not None
        assert second.stamp_ns is not None
        made.give_back(second)
        third = made.take(0)
        if third is not None:  # may have come this very moment
            made.give_back(third)
            assert third.stamp_ns is not None
            assert third.stamp_ns > second.stamp_ns
        assert second.stamp_ns - first.stamp_ns > 100_000_000
    finally:
        made.close()


def test_pipeline_reads_rows_as_their_buffer_says() -> None:
    """A picture that lies within a larger one: it begins somewhere, and its rows are far apart."""
    made = Pipeline(binding(), "top", source(), SHAPE)
    try:
        made.play(soon_ns())
        frame = made.take(soon_ns())
        assert frame is not None
        whole, part = np.zeros((120, 160), np.uint8), np.zeros((118, 90), np.uint8)
        assert made.copy(frame, whole) == ""
        made._shape = FrameShape(118, 90, 1)
        assert made.copy(frame._replace(at_bytes=2 * 160 + 70), part) == ""
        np.testing.assert_array_equal(part, whole[2:, 70:])
        said = made.copy(frame._replace(at_bytes=2 * 160 + 71), part)
        assert said == "expected 118 rows of 90 bytes, got 19200 bytes with rows of 160"
        made.give_back(frame)
    finally:
        made.close()


def test_pipeline_whose_messages_are_taken_keeps_none() -> None:
    """Its elements may have something to say for as long as the line stands still."""
    telling = f"{source(rate='10/1')} ! progressreport update-freq=1 silent=true"
    made = Pipeline(binding(), "top", telling, SHAPE)
    pending = ctypes.CDLL("libgstreamer-1.0.so.0").gst_bus_have_pending
    bus = ctypes.c_void_p(made._bus)
    try:
        made.play(soon_ns())
        made.refuse_failed()
        end_ns = soon_ns()
        while not pending(bus):
            assert time.monotonic_ns() < end_ns
            time.sleep(0.01)
        made.refuse_failed()  # the next is said in a second
        assert not pending(bus)
    finally:
        made.close()


def test_pipeline_says_how_many_frames_a_second_come() -> None:
    """As its caps have it."""
    made = Pipeline(binding(), "top", source(rate="25/2"), SHAPE)
    try:
        made.play(soon_ns())
        frame = made.take(soon_ns())
        assert frame is not None
        made.give_back(frame)
        assert made.rate_hz == 12.5
    finally:
        made.close()


def test_pipeline_that_does_not_link_is_not_made() -> None:
    """What cannot become grey."""
    with pytest.raises(CameraError, match=r"top: pipeline: .*link"):
        Pipeline(binding(), "top", "audiotestsrc", SHAPE)


def test_pipeline_that_does_not_get_ready_is_refused() -> None:
    """Nothing comes through, and nothing fails: not for ever."""
    held = "videotestsrc ! video/x-raw,width=160,height=120 ! valve drop=true"
    made = Pipeline(binding(), "top", held, SHAPE)
    try:
        with pytest.raises(CameraError, match="it did not get ready in time"):
            made.play(soon_ns(200))
    finally:
        made.close()
