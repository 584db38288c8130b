"""Frames of a camera that nobody triggers: which was exposed for the part that is asked for.

Of a frame two things may be known: its stamp, where that can be believed, and that it was not whole
yet when nothing lay ready. What its light did before its stamp the station file says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from gonogo.base.log.logger import get_logger
from gonogo.base.words import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Callable

log = get_logger(__name__)

_Frame = TypeVar("_Frame")


class Light(NamedTuple):
    """What lies before a frame's end, at most."""

    exposure_ns: int
    readout_ns: int

    @property
    def both_ns(self) -> int:
        """From the first light on a frame to its last pixel."""
        return self.exposure_ns + self.readout_ns


class Wait:
    """For the frame of one part, which was asked for at `asked_ns` and is due at `deadline_ns`."""

    def __init__(self, light: Light, asked_ns: int, deadline_ns: int) -> None:
        self.asked_ns, self._deadline_ns = asked_ns, deadline_ns
        self._light = light
        self._marks_ns = (asked_ns + light.exposure_ns, asked_ns + light.both_ns)
        # nothing lay ready then: what comes was whole no earlier
        self._empty_ns = asked_ns

    def next(self, take: Callable[[int], _Frame | None]) -> _Frame | None:
        """The next frame, whatever part it is of; None at the deadline.

        `take` waits for one until the given time, and says None when there was none by then.
        """
        for mark_ns in self._marks_ns:
            if mark_ns < self._deadline_ns:
                frame = take(mark_ns)
                if frame is not None:
                    return frame
                self._empty_ns = mark_ns
        return take(self._deadline_ns)

    def began_ns(self, stamp_ns: int | None) -> int:
        """When the light of a frame that has come began to fall, at the earliest.

        Before `asked_ns`: it may show the part before. `stamp_ns` None: it has none that can be
        believed. Any other is taken for that of the frame's end, whatever its driver says of it.
        """
        if stamp_ns is None:
            return self._empty_ns - self._light.both_ns
        # the kernel's UVC driver calls all of its stamps those of the exposure's begin, and makes
        # them when the first packet is here
        began_ns = stamp_ns - self._light.both_ns
        if self._empty_ns < self._marks_ns[0]:
            # whole sooner than an exposure takes: begun before, whatever its stamp says
            return min(began_ns, self._empty_ns - self._light.exposure_ns)
        return began_ns


class Stamps:
    """Whether the stamps of a device are of CLOCK_MONOTONIC; one in the future, and none is."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._ahead = False
        self._told = False

    def believed(self, stamp_ns: int | None, seen_ns: int) -> int | None:
        """The stamp of a frame that was here at `seen_ns`; None: not to be believed."""
        if stamp_ns is not None and stamp_ns > seen_ns:
            # it would be so with each frame, and in the past with one that came late
            self._ahead = True
            self._tell(f"one lies {(stamp_ns - seen_ns) / NS_PER_MS:.1f} ms in the future")
        if stamp_ns is None:
            self._tell("one is not said to be of CLOCK_MONOTONIC")
        return None if self._ahead else stamp_ns

    def _tell(self, why: str) -> None:
        if not self._told:
            self._told = True
            log.warning(
                "camera_stamps_unbelieved",
                text="%(view)s: the stamps of its frames are not believed: %(why)s",
                view=self._name,
                why=why,
            )
