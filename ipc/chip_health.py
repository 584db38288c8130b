"""What an engine process says of the chip it runs on, in shared memory: temperature, throttling.

Only the process that has a chip open can ask it (a Hailo-8 answers one process alone). So the
engine process of each place says here what its chip says, every second or so, and the process
that watches the board (gonogo.drivers.board.process) reads it as one more zone:

    chip = ChipWriter.attach(station, place)            # once, place 0 is A and 1 is B
    chip.say(temperature_c=61.5, throttled=False)       # each second; left out: not known

A chip that says nothing for STALE_NS is unknown, neither cool nor hot. Every word has one writer.

words of a place, eight each     0 said ns (0: never)   1 temperature m degC   2 throttled (0/1)
                                 3 power mW             UNKNOWN stands where the chip does not say
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from gonogo.base.shm import Segment, segment_path
from gonogo.base.words_in_memory import stamp
from gonogo.ipc.frame_ring import PLACES

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

STALE_NS = 5_000_000_000  # five that were due have not come
UNKNOWN = -(1 << 62)  # no chip has this temperature, and no board this power
_WORDS = 8  # of a place; four are used
_SAID_NS, _TEMPERATURE_MC, _THROTTLED, _POWER_MW = range(4)
_MILLI = 1000.0


class ChipReading(NamedTuple):
    """What a chip said of itself last; None where it does not say.

    `throttled`: it runs slower than it could, to stay cool or within its power.
    """

    said_ns: int
    temperature_c: float | None
    throttled: bool | None
    power_w: float | None


class ChipView:
    """The chip of one engine place, as anybody may read it."""

    read_only: ClassVar = True

    def __init__(self, segment: Segment, place: int) -> None:
        self.segment = segment
        self.fence = segment.fence
        self.words = segment.words(8 * _WORDS * place, _WORDS, read_only=self.read_only)

    @classmethod
    def attach(cls, station: str, place: int) -> Self:
        """Map what the station made; SegmentError without it."""
        return cls(Segment.attach(chip_health_path(station)), place)

    said_ns = stamp(_SAID_NS, "When it was last said, monotonic ns; 0: never.")

    def reading(self, now_ns: int) -> ChipReading | None:
        """What it said last; None where it never said anything, or not for STALE_NS."""
        words, said_ns = self.words, self.said_ns
        if not said_ns or now_ns - said_ns > STALE_NS:
            return None
        # of two readings that follow each other, should it speak meanwhile: each word is true
        throttled = words[_THROTTLED]
        return ChipReading(
            said_ns,
            from_milli(words[_TEMPERATURE_MC]),
            None if throttled == UNKNOWN else bool(throttled),
            from_milli(words[_POWER_MW]),
        )

    def close(self) -> None:
        """Drop this process's view."""
        self.words.release()
        self.segment.close()


class ChipWriter(ChipView):
    """The same for the engine process of that place, which alone writes it."""

    read_only = False

    def say(
        self,
        *,
        temperature_c: float | None = None,
        throttled: bool | None = None,
        power_w: float | None = None,
    ) -> None:
        """What the chip says of itself now; three words of shared memory, it never waits.

        A value that is not finite is not known.
        """
        words = self.words
        words[_TEMPERATURE_MC] = to_milli(temperature_c)
        words[_THROTTLED] = UNKNOWN if throttled is None else throttled
        words[_POWER_MW] = to_milli(power_w)
        self.fence()
        words[_SAID_NS] = time.monotonic_ns()  # last: nobody takes the words before as fresh


def make_chip_health(station: str) -> None:
    """Make it, for both places: nothing is known of any chip."""
    Segment.create(chip_health_path(station), 8 * _WORDS * PLACES).close()


def chip_health_path(station: str) -> Path:
    """Where it lies."""
    return segment_path(station, "chips")


def to_milli(value: float | None) -> int:
    """As a word: thousandths, or UNKNOWN."""
    try:
        return UNKNOWN if value is None else round(_MILLI * value)
    except (ValueError, OverflowError):  # nan, inf: a sensor that is broken
        return UNKNOWN


def from_milli(value: int) -> float | None:
    """What `to_milli` has made of it."""
    return None if value == UNKNOWN else value / _MILLI
