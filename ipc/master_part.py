"""Parts that are known to be good or bad (master parts) in shared memory: who asks, and the gate.

Somebody asks that the next part that comes be taken for the known good or the known bad one; the
line says what came of it, and whether parts may pass. Every word has one writer.

words     0 request: n << 8 | part   1 the request that is taken back               (supervisor)
          2 the request that the file beside the records knows of                     (records)
          3 state: n << 8 | phase   4 why   5 armed ns   6 until ns
          7 serial of the part   8 its reason as judged                                  (line)
          8 + 8p of part p (1 good, 2 bad): gate, closed ns, passed ns (0: not since the start),
          checksum of what judged then, due ns (0: never)                                (line)
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from gonogo.base.shm import Segment, segment_path
from gonogo.base.words import MasterPart, Reason
from gonogo.base.words_in_memory import owned, word

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from typing_extensions import Self

_WORDS, _HEAD_WORDS = 32, 16
_REQUEST, _TAKEN_BACK, _KEPT, _STATE, _WHY, _ARMED_NS, _UNTIL_NS, _SERIAL, _REASON = range(9)
_PLACE_WORDS = 8  # five are used
_GATE, _CLOSED_NS, _PASSED_NS, _CHECKSUM, _DUE_NS = range(5)
KNOWN = (MasterPart.GOOD, MasterPart.BAD)


class Gate(IntEnum):
    """Why no part may pass until that master part gets a right answer."""

    OPEN = 0
    WRONG = 1  # it got the wrong answer
    OVERDUE = 2  # it was not shown in time, where the station file says stop
    UNKNOWN = 3  # the station died while its answer was not kept yet, or the file is damaged


class Phase(IntEnum):
    """How far a request is; from RIGHT on it has ended."""

    NEW = 0  # the line has not looked at it yet
    KEEPING = 1  # the file does not know of it yet
    ARMED = 2  # the next part that comes is the one
    IN_HAND = 3
    RIGHT = 4
    WRONG = 5
    VOID = 6
    REFUSED = 7
    LAPSED = 8
    TAKEN_BACK = 9


class Why(IntEnum):
    """Why a request ended as it did; `said` has the words."""

    NONE = 0
    # refused: nothing would come of it now
    NOT_ENABLED = 1
    RECIPE = 2
    SWAP = 3
    ENGINE = 4
    CAMERA = 5
    TIME = 6
    TRIGGER = 7
    NO_RULE = 8
    NOT_KEPT = 9
    NOT_QUIET = 10
    # void: the part came, or the line went, and nobody judged it
    NOT_JUDGED = 11
    BLIND = 12
    LINE_ENDED = 13
    # wrong
    BAD_ACCEPTED = 14
    GOOD_REJECTED = 15
    NOT_FOUND = 16


_SAID = {
    Why.NONE: "",
    Why.NOT_ENABLED: "the PLC does not enable the station, or the link to it is down or at fault",
    Why.RECIPE: "the recipe is being changed",
    Why.SWAP: "the engine is being exchanged",
    Why.ENGINE: "the station judges without its engine",
    Why.CAMERA: "a camera is lost",
    Why.TIME: "the line does not keep its deadlines",
    Why.TRIGGER: "the station's own photo-eye is gone",
    Why.NO_RULE: "the recipe in force has no rule of the name in [master_part] bad_reason",
    Why.NOT_KEPT: "the records process has not kept it on the disk in time (full, or held up?)",
    Why.NOT_QUIET: "parts keep coming: hold the feed, and let the belt run empty first",
    Why.NOT_JUDGED: "the station did not judge the part",
    Why.BLIND: "the rule in [master_part] bad_reason could not measure",
    Why.LINE_ENDED: "the line process ended",
    Why.BAD_ACCEPTED: "the known bad part was accepted; the PLC was told to reject it",
    Why.GOOD_REJECTED: "the known good part was not accepted",
    Why.NOT_FOUND: "the known bad part was rejected, but not by [master_part] bad_reason",
}


def said(why: Why, reason: Reason) -> str:
    """In words; `reason` is that of the verdict as judged."""
    return f"{_SAID[why]} ({reason.name})" if why is Why.NOT_JUDGED else _SAID[why]


class Request(NamedTuple):
    """One request; numbers go up by one for as long as the memory of the station lives."""

    number: int
    part: MasterPart
    phase: Phase
    why: Why = Why.NONE

    @property
    def ended(self) -> bool:
        """Whether there is an answer."""
        return self.phase >= Phase.RIGHT


class PlaceView:
    """One of the two master parts, as anybody may read it."""

    read_only: ClassVar = True

    def __init__(self, segment: Segment, part: MasterPart) -> None:
        at = 8 * _PLACE_WORDS * (1 + part)
        self.words = segment.words(at, _PLACE_WORDS, read_only=self.read_only)

    gate = word(_GATE, "Whether parts may pass, as far as this one is concerned.", Gate)
    closed_ns = word(_CLOSED_NS, "Since when its gate is closed, monotonic ns.")
    passed_ns = word(_PASSED_NS, "When it got its last right answer; 0: not since the start.")
    checksum = word(_CHECKSUM, "D8 of the PLC map at that moment: what judged.")
    due_ns = word(_DUE_NS, "From when on it is due again, monotonic ns; 0: never.")


class LinePlace(PlaceView):
    """The same for the line, which alone writes it."""

    read_only = False
    due_ns = owned(PlaceView.due_ns, _DUE_NS)

    def close_gate(self, gate: Gate, now_ns: int) -> None:
        """No part may pass."""
        self.words[_CLOSED_NS] = now_ns
        self.words[_GATE] = gate

    def passed(self, now_ns: int, checksum: int) -> None:
        """It got a right answer: as far as it is concerned, parts may pass."""
        words = self.words
        words[_PASSED_NS], words[_CHECKSUM] = now_ns, checksum
        words[_GATE] = Gate.OPEN


class MasterPartView:
    """What anybody may read of it."""

    read_only: ClassVar = True
    place: ClassVar[type[PlaceView]] = PlaceView
    places: Mapping[MasterPart, PlaceView]

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.fence = segment.fence
        self.words = segment.words(0, _HEAD_WORDS, read_only=self.read_only)
        self.places = {part: self.place(segment, part) for part in KNOWN}

    @classmethod
    def attach(cls, station: str) -> Self:
        """Map what the station made."""
        return cls(Segment.attach(master_part_path(station)))

    kept = word(_KEPT, "The last request that the file beside the records knows of.")
    taken_back = word(_TAKEN_BACK, "The last request that somebody has taken back.")
    armed_ns = word(_ARMED_NS, "The next part that came after this is the one.")
    until_ns = word(_UNTIL_NS, "When that lapses, or nothing was kept in time.")
    serial = word(_SERIAL, "Of the part that was taken for it.")
    reason = word(_REASON, "Why that was not simply accepted, as judged.", Reason)

    @property
    def request(self) -> Request:
        """The last one; of number 0 there was none yet."""
        # what the line says first: a request that is newer than that has no phase yet
        state = self.words[_STATE]
        self.fence()
        why = Why(self.words[_WHY])
        self.fence()
        asked = self.words[_REQUEST]
        self.fence()
        number, part = asked >> 8, MasterPart(asked & 255)
        if number and state >> 8 == number:
            return Request(number, part, Phase(state & 255), why)
        return Request(number, part, Phase.NEW)

    @property
    def under_way(self) -> bool:
        """Whether a request waits for its answer."""
        request = self.request
        return bool(request.number) and not request.ended

    @property
    def closed(self) -> bool:
        """Whether no part may pass."""
        return any(place.gate is not Gate.OPEN for place in self.places.values())

    def close(self) -> None:
        """Drop this process's views."""
        self.words.release()
        for place in self.places.values():
            place.words.release()
        self.segment.close()


class AskingView(MasterPartView):
    """For the supervisor, which hands requests over."""

    read_only = False

    def ask(self, part: MasterPart) -> int:
        """The next part that comes is that one; the number of the request."""
        number = (self.words[_REQUEST] >> 8) + 1
        self.words[_REQUEST] = number << 8 | part
        return number

    def take_back(self) -> None:
        """What was asked for last shall not be waited for any more."""
        self.words[_TAKEN_BACK] = self.words[_REQUEST] >> 8


class KeepingView(MasterPartView):
    """For records, which keeps on the disk what must outlive the station."""

    read_only = False
    kept = owned(MasterPartView.kept, _KEPT)


class LineMasterPart(MasterPartView):
    """For the line, which says what came of a request, and whether parts may pass."""

    read_only = False
    place = LinePlace
    places: Mapping[MasterPart, LinePlace]
    armed_ns = owned(MasterPartView.armed_ns, _ARMED_NS)
    until_ns = owned(MasterPartView.until_ns, _UNTIL_NS)

    def say(self, number: int, phase: Phase, why: Why = Why.NONE) -> None:
        """How far that request is."""
        self.words[_WHY] = why
        self.fence()
        self.words[_STATE] = number << 8 | phase  # last, and one store: never half an answer

    def judged(self, serial: int, reason: Reason) -> None:
        """Of which part the answer that follows is."""
        self.words[_SERIAL], self.words[_REASON] = serial, reason


class MasterPartMemory(AskingView, KeepingView, LineMasterPart):
    """For whoever makes it, and plays several parts."""

    @classmethod
    def create(cls, station: str, gates: Mapping[MasterPart, Gate] | None = None) -> Self:
        """Make it, with the gates as they were when the station was last heard of."""
        made = cls(Segment.create(master_part_path(station), 8 * _WORDS))
        for part, gate in (gates or {}).items():
            made.places[part].words[_GATE] = gate
        return made


def master_part_path(station: str) -> Path:
    """Where it lies."""
    return segment_path(station, "master")
