"""One engine place in shared memory: what it shall hold, and what its host says of it.

words     0 load number  1 serve (0/1)  2 raised (0/1)                         (loader)
          8 load acted on  9 phase  10 error number  11 real time (0/1)        (host)
          12 resident kB  13 load ms  14 unsigned (0/1)                        (host)
          32 + 4v  view v: judged (0/1), recheck_above f, reject_above f, engine id  (host)
texts     after the words: the order (JSON, from the loader), the host's message
"""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from gonogo.base.errors import SegmentError
from gonogo.base.section import Section
from gonogo.base.words_in_memory import owned, stamp, word

if TYPE_CHECKING:
    from gonogo.base.shm import Segment

_WORDS, _VIEW_AT = 256, 32  # room for 56 views of four words
ORDER_BYTES, MESSAGE_BYTES = 4096, 1024
PLACE_BYTES = 8 * _WORDS + ORDER_BYTES + MESSAGE_BYTES
_LOAD, _SERVE, _RAISED = range(3)
_SEEN, _PHASE, _ERROR, _REALTIME, _RSS_KB, _LOAD_MS, _UNSIGNED = range(8, 15)


class Phase(IntEnum):
    """How far a host is with what its place shall hold."""

    EMPTY = 0
    VERIFYING = 1
    LOADING = 2
    TESTING = 3
    READY = 4
    REFUSED = 5


class SlotOrder(Section):
    """What a place shall hold: the file of each bundle that the station file names."""

    bundles: dict[str, Path]


class PlaceLimits(NamedTuple):
    """Score limits of one view's engine, in its own unit, and the id that records name it by."""

    recheck_above: float
    reject_above: float
    engine_id: int


class SlotView:
    """What anybody may read of a place; nothing of it can be written."""

    read_only: ClassVar = True

    def __init__(self, segment: Segment, offset: int) -> None:
        self.fence = segment.fence
        self.words = segment.words(offset, _WORDS, read_only=self.read_only)
        self.reals = segment.reals(offset, _WORDS, read_only=self.read_only)
        text = offset + 8 * _WORDS
        self._order = _Text(segment, text, ORDER_BYTES)
        self._message = _Text(segment, text + ORDER_BYTES, MESSAGE_BYTES)

    load = stamp(_LOAD, "The number of the last order.")
    raised = word(_RAISED, "Whether its host shall run in real time even while it waits.", bool)
    realtime = word(_REALTIME, "Whether its host has been raised (where that is permitted).", bool)
    error = word(_ERROR, "The number of the error that it was refused with; 0 for none.")
    resident_kb = word(_RSS_KB, "Resident memory of the host once it had loaded.")
    load_ms = word(_LOAD_MS, "How long verifying, loading and testing took.")
    unsigned = word(_UNSIGNED, "Whether nobody has signed a bundle of what it holds.", bool)

    @property
    def ordered(self) -> SlotOrder | None:
        """What the place shall hold, None for nothing."""
        if not self.words[_SERVE]:
            return None
        # the text was whole before the load was counted up (`LoaderSlot.order`)
        return SlotOrder.model_validate_json(self._order.read())

    @property
    def acted(self) -> bool:
        """Whether a host has begun with the last order."""
        return self.words[_SEEN] == self.words[_LOAD]

    @property
    def phase(self) -> Phase:
        """How far its host is with the last order; EMPTY until it has begun with it."""
        words = self.words
        if words[_SEEN] != words[_LOAD]:
            return Phase.EMPTY
        self.fence()  # before the phase: that of the last order is gone by then
        phase = Phase(words[_PHASE])
        self.fence()  # after it: who finds a place ready finds its limits
        return phase

    @property
    def message(self) -> str:
        """Why it was refused, in words."""
        return self._message.read()

    def limits(self, view: int) -> PlaceLimits | None:
        """Limits of a view's engine, None where the place has none."""
        at = _VIEW_AT + 4 * view
        if not self.words[at]:
            return None
        self.fence()
        found = PlaceLimits(self.reals[at + 1], self.reals[at + 2], self.words[at + 3])
        self.fence()
        # once more: a host that begins anew may have been clearing them
        return found if self.words[at] else None

    def release(self) -> None:
        """Drop this process's views of the words."""
        self.words.release()
        self.reals.release()


class LoaderSlot(SlotView):
    """The loader's view of a place: it orders what the place shall hold, and says nothing of it."""

    read_only = False
    raised = owned(SlotView.raised, _RAISED)

    def order(self, order: SlotOrder | None) -> int:
        """What the place shall hold from now on, None for nothing; the number of this load."""
        if order is not None:
            self._order.write(order.model_dump_json())
        self.words[_SERVE] = order is not None
        self.fence()
        self.words[_LOAD] += 1  # last: a host that sees the number finds the text whole
        return self.words[_LOAD]


class HostSlot(SlotView):
    """A host's view of its own place: it says what the place holds, and orders nothing."""

    read_only = False
    realtime = owned(SlotView.realtime, _REALTIME)

    def begin(self, load: int) -> None:
        """A host begins with this order; what the last one said is gone."""
        words = self.words
        words[_PHASE] = Phase.EMPTY
        words[_ERROR] = words[_RSS_KB] = words[_LOAD_MS] = words[_UNSIGNED] = 0
        # limits and ids of all views: no part meets a new engine and the limits of the last
        for at in range(_VIEW_AT, _WORDS, 4):
            words[at] = 0
        # nobody takes limits that are half cleared, or the phase of the last order for this one's
        self.fence()
        words[_VIEW_AT:] = memoryview(bytes(8 * (_WORDS - _VIEW_AT))).cast("q")
        self._message.write("")
        words[_SEEN] = load  # last: until here the place counts as one that no host is at

    def say(self, phase: Phase) -> None:
        """How far the host is."""
        self.fence()
        self.words[_PHASE] = phase

    def refuse(self, message: str, number: int) -> None:
        """Why the place cannot hold what was ordered; `number` is that of the error."""
        self._message.write(message)
        self.words[_ERROR] = number
        self.fence()
        self.words[_PHASE] = Phase.REFUSED  # last: who sees it finds the reason

    def show_limits(self, view: int, limits: PlaceLimits) -> None:
        """Whose scores of a view these are, and what they mean."""
        at = _VIEW_AT + 4 * view
        self.reals[at + 1], self.reals[at + 2] = limits.recheck_above, limits.reject_above
        self.words[at + 3] = limits.engine_id
        # last: until then readers find no limits for this view
        self.fence()
        self.words[at] = 1

    def show_cost(self, resident_kb: int, load_ms: int, *, unsigned: bool) -> None:
        """What loading took, and whether nobody has signed a bundle of it."""
        words = self.words
        words[_RSS_KB], words[_LOAD_MS], words[_UNSIGNED] = resident_kb, load_ms, unsigned


class EngineSlot(LoaderSlot, HostSlot):
    """A place for whoever plays both parts: the maker of the station, and benches."""


class _Text:
    """A bounded UTF-8 text; written before, and read after, a word that says that it is there."""

    def __init__(self, segment: Segment, offset: int, size: int) -> None:
        self._segment, self._at, self._size = segment, offset, size

    def write(self, text: str) -> None:
        data = text.encode()
        if len(data) > self._size:
            raise SegmentError(f"a text of {len(data)} bytes, expected at most {self._size}")
        # to the end with zeros: nothing is left of a longer one
        self._segment.put(self._at, data.ljust(self._size, b"\0"))

    def read(self) -> str:
        data = self._segment.get(self._at, self._size)
        # replaced: a letter may be cut in two where it is just being written
        return data.rstrip(b"\0").decode(errors="replace")
