"""The two engine places of a station, A and B: who judges, what each holds, who may change it.

Every word has one writer. The loader (gonogo.engines.loading.process) orders: what a place shall
hold, that one be raised to real time, that the line judge by the other one. A host
(gonogo.engines.serving.host) says what its place holds. The line says which place judges.

words     0 active place  1 switches  2 the last switch took ns  3 at ns            (line)
          4 order: n << 8 | kind << 4 | place                                  (loader)
          5 order answered  6 answer                                           (line)
          7 shadowing (0/1)  8 parts watched after a switch                      (loader)
          9 parts shadowed  10 parts without a window  11 parts left to watch  (line)
          12 switches back by itself  13 why (Reason)                             (line)
after the words the places, one after another (gonogo.ipc.engine_slot)
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.shm import Segment, segment_path
from gonogo.base.words import Reason
from gonogo.ipc.engine_slot import PLACE_BYTES, EngineSlot
from gonogo.ipc.frame_ring import PLACES

if TYPE_CHECKING:
    from pathlib import Path

_WORDS = 64

(
    _ACTIVE, _SWITCHES, _SWITCH_NS, _SWITCHED_AT_NS, _ORDER, _ANSWERED, _ANSWER, _SHADOWING,
    _GUARD_PARTS, _SHADOWED, _NO_WINDOW, _GUARD_LEFT, _ROLL_BACKS, _ROLL_BACK_REASON,
) = range(14)  # fmt: skip


class OrderKind(IntEnum):
    """What the line is asked for."""

    NONE = 0
    SWITCH = 1  # judge by that place, once it has scored a live frame in time
    BACK = 2  # judge by that place from the next part on


class Answer(IntEnum):
    """What the line said to an order."""

    NONE = 0
    DONE = 1
    NOT_READY = 2  # the engine of that place did not score a live frame in time
    SAME = 3  # that place judges already


class Order(NamedTuple):
    """An order to the line; `number` 0 is none."""

    number: int
    kind: OrderKind
    place: int


class EngineSlots:
    """The places, and what loader and line say to each other."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self._words = segment.words(0, _WORDS)
        spans = [8 * _WORDS + number * PLACE_BYTES for number in range(PLACES)]
        self.places = tuple(EngineSlot(segment, at) for at in spans)

    @classmethod
    def create(cls, station: str) -> EngineSlots:
        """Make the places of a station, both empty, A to judge."""
        return cls(Segment.create(slots_path(station), 8 * _WORDS + PLACES * PLACE_BYTES))

    @classmethod
    def attach(cls, station: str) -> EngineSlots:
        """Map the places that the station made."""
        return cls(Segment.attach(slots_path(station)))

    # -- the loader's side -------------------------------------------------------------

    def command(self, kind: OrderKind, place: int) -> int:
        """Ask the line; the number by which its answer is known."""
        number = (self._words[_ORDER] >> 8) + 1
        self._words[_ORDER] = number << 8 | kind << 4 | place
        return number

    @property
    def answer(self) -> Answer:
        """What the line said to the last order; NONE until it has."""
        words = self._words
        return Answer(words[_ANSWER]) if words[_ANSWERED] == words[_ORDER] else Answer.NONE

    def watch(self, parts: int) -> None:
        """So many parts are watched after the next switch; if they disappoint, it goes back."""
        self._words[_GUARD_PARTS] = parts

    @property
    def shadowing(self) -> bool:
        """Whether the place that does not judge is asked about every part, where a window is."""
        return bool(self._words[_SHADOWING])

    @shadowing.setter
    def shadowing(self, shadowing: bool) -> None:
        self._words[_SHADOWING] = shadowing

    # -- the line's side ---------------------------------------------------------------

    @property
    def active(self) -> int:
        """The place that judges."""
        return self._words[_ACTIVE]

    @property
    def pending(self) -> Order | None:
        """The order that the line has not answered yet."""
        order = self._words[_ORDER]
        if order == self._words[_ANSWERED]:
            return None
        return Order(order >> 8, OrderKind(order >> 4 & 15), order & 15)

    def reply(self, answer: Answer) -> None:
        """The last order is answered."""
        self._words[_ANSWER] = answer
        self._words[_ANSWERED] = self._words[_ORDER]

    def switch(self, place: int, took_ns: int, now_ns: int) -> None:
        """That place judges from the next part on; it took so long to make it so."""
        words = self._words
        words[_SWITCH_NS], words[_SWITCHED_AT_NS] = took_ns, now_ns
        words[_ACTIVE] = place
        words[_SWITCHES] += 1

    def roll_back(self, reason: Reason) -> None:
        """The line went back by itself."""
        self._words[_ROLL_BACK_REASON] = reason
        self._words[_ROLL_BACKS] += 1

    @property
    def probation_parts(self) -> int:
        """How many parts to watch after a switch."""
        return self._words[_GUARD_PARTS]

    @property
    def probation_left(self) -> int:
        """How many parts are still watched."""
        return self._words[_GUARD_LEFT]

    @probation_left.setter
    def probation_left(self, parts: int) -> None:
        self._words[_GUARD_LEFT] = parts

    def count_shadow(self, *, window: bool) -> None:
        """A part was judged in shadow, or there was no window for that."""
        self._words[_SHADOWED if window else _NO_WINDOW] += 1

    # -- the readers' side -------------------------------------------------------------

    @property
    def switches(self) -> int:
        """How often the place that judges has changed."""
        return self._words[_SWITCHES]

    @property
    def switch_ns(self) -> int:
        """How long the last change took between two parts."""
        return self._words[_SWITCH_NS]

    @property
    def roll_backs(self) -> tuple[int, Reason]:
        """How often the line went back by itself, and why the last time."""
        return self._words[_ROLL_BACKS], Reason(self._words[_ROLL_BACK_REASON])

    @property
    def shadowed(self) -> int:
        """Parts judged in shadow so far."""
        return self._words[_SHADOWED]

    @property
    def no_window(self) -> int:
        """Parts after which there was no time for a shadow."""
        return self._words[_NO_WINDOW]

    def close(self) -> None:
        """Drop this process's views of the places."""
        self._words.release()
        for place in self.places:
            place.release()
        self.segment.close()


def slots_path(station: str) -> Path:
    """Where the places of a station lie."""
    return segment_path(station, "slots")
