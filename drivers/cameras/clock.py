"""A camera's two counters brought into ours: its frames, and its clock."""

from __future__ import annotations

from array import array

NS_PER_S = 1_000_000_000
WINDOW_NS = 10 * NS_PER_S
WINDOW_FRAMES = 64
_SHORT_IDS = 0xFFFF  # GigE Vision 1.x: 16 bits, and 0 is no frame's number


class FrameCount:
    """Frame ids as a number that never wraps: 1.x counts 1 .. 65535 and begins again at 1.

    The fake camera, and some real ones, begin again at 0 instead.
    """

    def __init__(self) -> None:
        self._base = 0
        self._last = -1

    def take(self, frame_id: int) -> int:
        """The id of the next frame, unwrapped; ValueError when it has gone back."""
        last = self._last
        if frame_id <= last:
            # forward across the end of 16 bits, by less than half a round; else it is no wrap
            ahead = frame_id + _SHORT_IDS - last
            if last > _SHORT_IDS or ahead > _SHORT_IDS // 2:
                raise ValueError(f"frame {frame_id} came after frame {last}")
            self._base += _SHORT_IDS + (frame_id == 0)
        self._last = frame_id
        return self._base + frame_id + 1  # a counter of ours begins at 1


class ClockMap:
    """What CLOCK_MONOTONIC showed when the camera's clock showed so much.

    A frame is seen here some time after its stamp, never before. So the least difference of the
    recent frames is the offset of the clocks and the least delay (exposure, where the stamp is of
    its begin, read-out, wire): a time by this map lies that delay late, and never early. Only
    recent ones, for the clocks drift: 100 ppm over the window are 1 ms.
    """

    def __init__(self) -> None:
        # arrays that are there from the start: a grab leaves no memory behind
        self._seen_ns = array("q", [-WINDOW_NS]) * WINDOW_FRAMES  # long ago
        self._offset_ns = array("q", [0]) * WINDOW_FRAMES
        self._next = 0

    def learn(self, camera_ns: int, seen_ns: int) -> int:
        """A frame of that stamp was seen then; the stamp in our time, at most `seen_ns`."""
        at, self._next = self._next, (self._next + 1) % WINDOW_FRAMES
        self._seen_ns[at], self._offset_ns[at] = seen_ns, seen_ns - camera_ns
        recent = zip(self._seen_ns, self._offset_ns, strict=True)
        since_ns = seen_ns - WINDOW_NS
        return camera_ns + min(offset for seen, offset in recent if seen > since_ns)


class CameraClock:
    """The stamps of one camera; ValueError when its clock has gone back: it has restarted.

    One that does not say how fast its clock ticks stamps nothing of use: then a frame is as old
    as its first packet here.
    """

    def __init__(self, *, ticks: bool = True) -> None:
        self._map = ClockMap()
        self._ticks = ticks
        self._last_ns = 0
        self._by_map = False  # whether the last frame was dated by more than its arrival
        self._own_ns, self._since = -WINDOW_NS, 0  # the last that was in time for its own part

    def date(self, camera_ns: int, seen_ns: int) -> int:
        """When the frame was exposed, in our time."""
        self._by_map = self._ticks and camera_ns != 0
        if not self._by_map:
            return seen_ns
        if camera_ns < self._last_ns:
            raise ValueError(f"its clock went back by {(self._last_ns - camera_ns) // 1000} us")
        self._last_ns = camera_ns
        self._since += 1
        return self._map.learn(camera_ns, seen_ns)

    def own(self, seen_ns: int) -> None:
        """The frame that was dated last came as soon after its trigger as its link allows.

        So none in the map is dated later than that: its least difference is no greater.
        """
        if self._by_map:
            self._own_ns, self._since = seen_ns, 0

    def sure(self, seen_ns: int) -> bool:
        """Whether such a one is in the map: else a frame may be dated as late as it came."""
        return seen_ns - self._own_ns < WINDOW_NS and self._since < WINDOW_FRAMES
