"""One pipeline: it runs from its opening to its end, and its newest frame lies ready.

The last element is a sink of ours with room for one frame, of which a newer one takes the place: an
old picture never waits there.
"""

from __future__ import annotations

import re
import time
from ctypes import byref, c_ubyte
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import CameraError
from gonogo.drivers.cameras.gstreamer.binding import BufferHead, GstError, MapInfo

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.drivers.cameras.gstreamer.binding import Binding

_SINK = "gonogo"
_FORMATS = {3: "BGR", 1: "GRAY8"}
# GstState, GstStateChangeReturn
_NULL, _PAUSED, _PLAYING = 1, 3, 4
_FAILED, _WAITING, _LIVE = 0, 2, 3
_ERROR = 1 << 1  # GstMessageType
_TIME = 3  # GstFormat
_READ = 1  # GstMapFlags
_NO_TIME = (1 << 64) - 1
_DAMAGED, _GAP = 1 << 8, 1 << 11  # GstBufferFlags: corrupted, filled in
_ROUND = 4  # bytes that rows are rounded up to, where a buffer does not say otherwise
_ELEMENT = re.compile(r"/(\w+:\w+):?$", re.MULTILINE)


class Frame(NamedTuple):
    """A sample that the sink has given out; it has to be given back."""

    sample: int
    fault: str
    """Why it is not what was ordered; "": it is."""
    stamp_ns: int | None
    """In CLOCK_MONOTONIC; None: it has none."""
    seen_ns: int
    at_bytes: int
    """Where its first row begins in the buffer."""
    row_bytes: int
    """As rows lie in memory: they may be padded."""


class Pipeline:
    """Playing; owned by one thread. What its elements say is an error of ours."""

    def __init__(self, gst: Binding, name: str, description: str, shape: FrameShape) -> None:
        self._gst, self.name, self._shape = gst, name, shape
        self._format = _FORMATS[shape.channels]
        self.rate_hz = 0.0  # as the last frame said
        try:
            self._pipe = gst.parse(_whole(description, self._format))
        except GstError as error:
            raise CameraError(
                f"{name}: pipeline: {error}; `gst-inspect-1.0` lists the elements there are "
                "(Debian: gstreamer1.0-plugins-base, -good, -bad)"
            ) from error
        self._sink: int = gst.call("bin_get_by_name", self._pipe, _SINK.encode())
        self._bus: int = gst.call("element_get_bus", self._pipe)

    def play(self, until_ns: int) -> None:
        """From now on; CameraError where it is not live: then its pictures wait for us."""
        self._set(_PAUSED)
        left_ns = max(until_ns - time.monotonic_ns(), 0)
        ready = self._gst.call("element_get_state", self._pipe, None, None, left_ns)
        self.refuse_failed()
        if ready == _WAITING:
            raise CameraError(f"{self.name}: pipeline: it did not get ready in time")
        if ready != _LIVE:
            raise CameraError(
                f"{self.name}: pipeline: expected a live source, got one whose pictures come when "
                "they are fetched: they show no part (videotestsrc, filesrc with is-live=true)"
            )
        self._set(_PLAYING)

    def _set(self, state: int) -> None:
        if self._gst.call("element_set_state", self._pipe, state) == _FAILED:
            self.refuse_failed()
            raise CameraError(f"{self.name}: pipeline: it does not start, without a reason")

    def take(self, until_ns: int) -> Frame | None:
        """The next frame, or the one that lies ready; None: there was none by then."""
        left_ns = max(until_ns - time.monotonic_ns(), 0)
        sample = self._gst.call("app_sink_try_pull_sample", self._sink, left_ns)
        if sample:
            return self._frame(sample)
        self.refuse_failed()
        return None

    def refuse_failed(self) -> None:
        """CameraError in an element's own words, or where the stream has ended."""
        # what else lies on the bus is let go of
        message = self._gst.call("bus_pop_filtered", self._bus, _ERROR)
        if message:
            said, debug = self._gst.error_of(message)
            self._gst.call("mini_object_unref", message)
            raise CameraError(f"{self.name}: pipeline: {_words(said, debug)}")
        if self._gst.call("app_sink_is_eos", self._sink):
            raise CameraError(f"{self.name}: pipeline: its stream has ended")

    def _frame(self, sample: int) -> Frame:
        call = self._gst.call
        seen_ns = time.monotonic_ns()
        buffer = call("sample_get_buffer", sample)
        at_bytes, row_bytes = self._rows(buffer)
        fault = self._fault(sample, buffer)
        return Frame(sample, fault, self._stamp_ns(sample, buffer), seen_ns, at_bytes, row_bytes)

    def _fault(self, sample: int, buffer: int) -> str:
        flags = self._gst.call("buffer_get_flags", buffer)
        if flags & (_DAMAGED | _GAP):
            return f"its element says that it is damaged or missing (flags {flags:#x})"
        caps = self._gst.call("sample_get_caps", sample)
        structure = self._gst.call("caps_get_structure", caps, 0)
        self.rate_hz = self._gst.rate_hz(structure)
        shown = (
            self._gst.integer(structure, "width"),
            self._gst.integer(structure, "height"),
            self._gst.text(structure, "format"),
        )
        wanted = (self._shape.width_px, self._shape.height_px, self._format)
        if shown != wanted:
            return f"expected a frame of {_said(*wanted)}, got {_said(*shown)}"
        fields = self._gst.text(structure, "interlace-mode")
        if fields not in {"", "progressive"}:
            return f"expected a whole frame, got one in fields ({fields})"
        return ""

    def _rows(self, buffer: int) -> tuple[int, int]:
        """Where the first row begins, and how far they are apart."""
        meta = self._gst.call("buffer_get_video_meta", buffer)
        if meta:
            return meta.contents.offset[0], meta.contents.stride[0]
        line_bytes = self._shape.width_px * self._shape.channels
        return 0, -(-line_bytes // _ROUND) * _ROUND

    def _stamp_ns(self, sample: int, buffer: int) -> int | None:
        """Its stamp by the pipeline's clock, brought into CLOCK_MONOTONIC."""
        call = self._gst.call
        pts = BufferHead.from_address(buffer).pts
        clock = call("element_get_clock", self._pipe)
        if pts == _NO_TIME or not clock:
            return None
        running = call("segment_to_running_time", call("sample_get_segment", sample), _TIME, pts)
        # ours first: what lies between the two makes the frame older, never younger
        now_ns = time.monotonic_ns()
        clock_ns = call("clock_get_time", clock)
        call("object_unref", clock)
        if running == _NO_TIME:
            return None
        stamp_ns: int = now_ns - clock_ns + call("element_get_base_time", self._pipe) + running
        return stamp_ns

    def copy(self, frame: Frame, pixels: NDArray[np.uint8]) -> str:
        """Its rows into a slot, once; why that cannot be, or ""."""
        lines, line_bytes = self._shape.height_px, self._shape.width_px * self._shape.channels
        buffer, info = self._gst.call("sample_get_buffer", frame.sample), MapInfo()
        if not self._gst.call("buffer_map", buffer, byref(info), _READ):
            return "it lies where this processor cannot read it"
        try:
            end = frame.at_bytes + (lines - 1) * frame.row_bytes + line_bytes
            if frame.row_bytes < line_bytes or info.size < end:
                return (
                    f"expected {lines} rows of {line_bytes} bytes, got {info.size} bytes with "
                    f"rows of {frame.row_bytes}"
                )
            raw = (c_ubyte * info.size).from_address(info.data)
            rows: NDArray[np.uint8] = np.ndarray(
                (lines, line_bytes), np.uint8, raw, frame.at_bytes, (frame.row_bytes, 1)
            )
            np.copyto(pixels.reshape(lines, line_bytes), rows)
        finally:
            self._gst.call("buffer_unmap", buffer, byref(info))
        return ""

    def give_back(self, frame: Frame) -> None:
        """Its memory is the pipeline's again."""
        self._gst.call("mini_object_unref", frame.sample)

    def close(self) -> None:
        """Stop it, which may wait for a device; once."""
        self._gst.call("element_set_state", self._pipe, _NULL)
        for thing in (self._sink, self._bus, self._pipe):
            self._gst.call("object_unref", thing)


def _whole(description: str, pixel_format: str) -> str:
    """With our end: no picture waits, none is held back until its time by the clock."""
    # an element that has a name: two filters in a row, written short, the library does not read
    return (
        f"{description} ! capsfilter caps=video/x-raw,format={pixel_format} ! appsink name={_SINK} "
        "max-buffers=1 drop=true sync=false emit-signals=false enable-last-sample=false "
        "wait-on-eos=false"
    )


def _words(said: str, debug: str) -> str:
    """What an element says, with its name, and what it says to those who know it."""
    found = _ELEMENT.search(debug)
    more = debug.rpartition("\n")[2] if "\n" in debug else ""
    return f"{found[1] + ': ' if found else ''}{said}{' ' if more else ''}{more}"


def _said(width: int, height: int, pixel_format: str) -> str:
    return f"{width}x{height} px {pixel_format}"
