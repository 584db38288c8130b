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
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from gonogo.base.shm import Segment, segment_path
from gonogo.base.words import Reason
from gonogo.base.words_in_memory import owned, stamp, word
from gonogo.ipc.engine_slot import PLACE_BYTES, EngineSlot, HostSlot, LoaderSlot, SlotView
from gonogo.ipc.frame_ring import PLACES

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

_WORDS = 64  # fourteen are used; the places begin behind all of them

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

    @property
    def word(self) -> int:
        """As it stands in words 4 and 5."""
        return self.number << 8 | self.kind << 4 | self.place


class SlotsView:
    """What anybody may read of the places; nothing of it can be written."""

    read_only: ClassVar = True
    slot: ClassVar[type[SlotView]] = SlotView  # the view of a place that goes with this one
    places: tuple[SlotView, ...]

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.fence = segment.fence
        self.words = segment.words(0, _WORDS, read_only=self.read_only)
        spans = [8 * _WORDS + number * PLACE_BYTES for number in range(PLACES)]
        self.places = tuple(self.slot(segment, at) for at in spans)

    @classmethod
    def attach(cls, station: str) -> Self:
        """Map the places that the station made."""
        return cls(Segment.attach(slots_path(station)))

    active = word(_ACTIVE, "The place that judges.")
    switches = stamp(_SWITCHES, "How often the place that judges has changed.")
    switch_ns = word(_SWITCH_NS, "How long the last change took between two parts.")
    shadowing = word(
        _SHADOWING,
        "Whether the place that does not judge is asked about every part, where a window is.",
        bool,
    )
    shadowed = word(_SHADOWED, "Parts judged in shadow so far.")
    no_window = word(_NO_WINDOW, "Parts after which there was no time for a shadow.")
    probation_parts = word(_GUARD_PARTS, "How many parts to watch after a switch.")
    probation_left = stamp(_GUARD_LEFT, "How many parts are still watched.")

    @property
    def roll_backs(self) -> tuple[int, Reason]:
        """How often the line went back by itself, and why the last time."""
        count = self.words[_ROLL_BACKS]
        self.fence()
        return count, Reason(self.words[_ROLL_BACK_REASON])

    @property
    def pending(self) -> Order | None:
        """The order that the line has not answered yet."""
        # read once: the loader may write the next one between two readings
        order = self.words[_ORDER]
        answered = order == self.words[_ANSWERED]
        self.fence()  # what was done for it, or is wanted with it, is there
        if answered:
            return None
        return Order(order >> 8, OrderKind(order >> 4 & 15), order & 15)

    @property
    def answer(self) -> Answer:
        """What the line said to the last order; NONE until it has."""
        words = self.words
        if words[_ANSWERED] != words[_ORDER]:
            return Answer.NONE
        self.fence()
        return Answer(words[_ANSWER])

    def close(self) -> None:
        """Drop this process's views of the places."""
        self.words.release()
        for place in self.places:
            place.release()
        self.segment.close()


class LoaderSlots(SlotsView):
    """The loader's view: it orders, and does not say which place judges."""

    read_only = False
    slot = LoaderSlot
    places: tuple[LoaderSlot, ...]
    shadowing = owned(SlotsView.shadowing, _SHADOWING)

    def command(self, kind: OrderKind, place: int) -> int:
        """Ask the line; the number by which its answer is known."""
        # goes on where a loader that was killed has stopped, so that no number comes twice
        number = (self.words[_ORDER] >> 8) + 1
        self.fence()  # what the line reads with the order is there before it
        self.words[_ORDER] = Order(number, kind, place).word  # one store: never half an order
        return number

    def watch(self, parts: int) -> None:
        """So many parts are watched after the next switch; if they disappoint, it goes back."""
        self.words[_GUARD_PARTS] = parts


class LineSlots(SlotsView):
    """The line's view: it says which place judges, and orders nothing of either."""

    read_only = False
    probation_left = owned(SlotsView.probation_left, _GUARD_LEFT)

    def reply(self, answer: Answer, to: Order) -> None:
        """That order is answered; the loader may have written another one since, which is not."""
        self.words[_ANSWER] = answer
        self.fence()
        self.words[_ANSWERED] = to.word  # last: the answer is there when it counts

    def switch(self, place: int, took_ns: int, now_ns: int) -> None:
        """That place judges from the next part on; it took so long to make it so."""
        words = self.words
        words[_SWITCH_NS], words[_SWITCHED_AT_NS] = took_ns, now_ns
        words[_ACTIVE] = place
        # last: who sees the count, or what the line says after it, has the place and the time
        self.fence()
        words[_SWITCHES] += 1

    def roll_back(self, reason: Reason) -> None:
        """The line went back by itself."""
        self.words[_ROLL_BACK_REASON] = reason
        # last: the loader goes by the count, and then asks why
        self.fence()
        self.words[_ROLL_BACKS] += 1

    def count_shadow(self, *, window: bool) -> None:
        """A part was judged in shadow, or there was no window for that."""
        self.words[_SHADOWED if window else _NO_WINDOW] += 1


class HostSlots(SlotsView):
    """A host's view: which place judges, and its own place to speak for."""

    slot = HostSlot
    places: tuple[HostSlot, ...]


class EngineSlots(LoaderSlots, LineSlots, HostSlots):
    """For whoever plays several parts: the maker of the station, and benches."""

    slot = EngineSlot
    places: tuple[EngineSlot, ...]

    @classmethod
    def create(cls, station: str) -> Self:
        """Make the places of a station, both empty, A to judge."""
        return cls(Segment.create(slots_path(station), 8 * _WORDS + PLACES * PLACE_BYTES))


def slots_path(station: str) -> Path:
    """Where the places of a station lie."""
    return segment_path(station, "slots")
