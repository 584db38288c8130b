"""How the board fares, in shared memory: what its process says once a second, and the line reads.

The process that watches the board (gonogo.drivers.board.process) says whether it is warm, which the
PLC is warned of, or too hot for its engine, and what is hottest. It alone writes it.

words     0 said ns (0: never)   1 heat   2 hottest, m degC   3 slowed down now (0/1)   4 power mW
          5 since when it is as hot as that, monotonic ns     UNKNOWN: not known
          8-15 the name of the hottest zone, UTF-8, ended by zeros
"""

from __future__ import annotations

import time
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

from gonogo.base.shm import Segment, segment_path
from gonogo.base.words_in_memory import stamp, word
from gonogo.ipc.chip_health import UNKNOWN, from_milli, to_milli

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

STALE_NS = 5_000_000_000  # nothing said for so long: the board is unknown
# what was said last, or what was last known of a zone, counts for so long and no longer
HOLD_NS = 60_000_000_000
_WORDS, _NAME_AT, _NAME_BYTES = 16, 8, 64
_SAID_NS, _HEAT, _HOTTEST_MC, _SLOWED, _POWER_MW, _SINCE_NS = range(6)


class Heat(IntEnum):
    """How hot the board is, by the limits of the station file."""

    UNKNOWN = 0  # nothing of it can be read
    COOL = 1
    WARM = 2  # or slowed down: the PLC is warned, parts are judged as ever
    HOT = 3  # too hot for its engine: the rules judge


def _heat(value: int) -> Heat:
    """Whatever stands there: a number that is none of them is not known."""
    return Heat(value) if value in _HEATS else Heat.UNKNOWN


_HEATS = frozenset(Heat)


class BoardView:
    """The board, as anybody may read it."""

    read_only: ClassVar = True

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.fence = segment.fence
        self.words = segment.words(0, _WORDS, read_only=self.read_only)

    @classmethod
    def attach(cls, station: str) -> Self:
        """Map what the station made."""
        return cls(Segment.attach(board_health_path(station)))

    said_ns = stamp(_SAID_NS, "When it was last said, monotonic ns; 0: never.")
    heat = word(_HEAT, "How hot it was then.", _heat)
    hottest_c = word(_HOTTEST_MC, "The temperature of the hottest zone; None: unknown.", from_milli)
    slowed = word(_SLOWED, "Whether something slowed the chip down then.", bool)
    power_w = word(_POWER_MW, "What flows through the first supply; None: unknown.", from_milli)
    since_ns = word(_SINCE_NS, "Since when it is as hot as that, monotonic ns.")

    @property
    def zone(self) -> str:
        """The name of the hottest zone; '' while none is known."""
        raw = bytes(self.words[_NAME_AT : _NAME_AT + _NAME_BYTES // 8].tobytes())
        return raw.rstrip(b"\0").decode("utf-8", errors="replace")

    def close(self) -> None:
        """Drop this process's view."""
        self.words.release()
        self.segment.close()


class BoardWriter(BoardView):
    """The same for the process that watches the board."""

    read_only = False

    def say(self, heat: Heat, hottest: tuple[str, float] | None, *, slowed: bool) -> None:
        """What was found; `hottest`: a zone and its degrees Celsius."""
        words, now_ns = self.words, time.monotonic_ns()
        name, hottest_c = hottest or ("", None)
        raw = name.encode()[:_NAME_BYTES].ljust(_NAME_BYTES, b"\0")
        words[_NAME_AT : _NAME_AT + _NAME_BYTES // 8] = memoryview(raw).cast("q")
        words[_HOTTEST_MC] = to_milli(hottest_c)
        words[_SLOWED] = slowed
        if words[_HEAT] != heat or not words[_SAID_NS]:
            words[_SINCE_NS] = now_ns
        words[_HEAT] = heat
        self.fence()
        words[_SAID_NS] = now_ns  # last: nobody takes what stood before as fresh

    def say_power(self, power_w: float | None) -> None:
        """What flows through the first supply, where that is measured."""
        self.words[_POWER_MW] = to_milli(power_w)


def make_board_health(station: str) -> None:
    """Make it: nothing was said yet."""
    segment = Segment.create(board_health_path(station), 8 * _WORDS)
    made = BoardWriter(segment)
    made.words[_HOTTEST_MC] = made.words[_POWER_MW] = UNKNOWN
    made.close()


def board_health_path(station: str) -> Path:
    """Where it lies."""
    return segment_path(station, "board")
