"""How the line asks a camera process for a frame: one small segment a view, and two bells.

The pixels go where the device writes them, into a slot of the frame ring; through here goes only
which slot, for which part, until when, and what came of it. One request at a time: a new one
supersedes the one before, which may still be at work in the device. That one's slot stays
`busy` until the process says otherwise, and is claimed by nobody meanwhile.

words     0 request  1 slot  2 part id  3 deadline ns  4 prepared: n << 8 | slot           (line)
          8 answered request  9 outcome  10 counter  11 exposure ns  12 frame ns           (process)
          13 state  14 epoch (starts of the process)  15 pid
          16, 17 busy: one bit a slot that the device may still write into, 32 in each     (process)
          18 to 23 exposure_us and gain_db: as it was opened, the least and the most that it
          takes, in thousandths. Written before READY                                      (process)
texts     after the words: why there is no frame, or why the camera is not open            (process)

`answered` is written last of a reply, `request` last of a question.
"""

from __future__ import annotations

import os
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.shm import Segment, segment_path
from gonogo.base.words_in_memory import stamp, word

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from typing_extensions import Self

_WORDS = 32
MESSAGE_BYTES = 1024
_BITS = 32  # of a signed 64-bit word that no bit makes negative
_LOW = (1 << _BITS) - 1
_TEXT_AT = 8 * _WORDS
_PORT_BYTES = _TEXT_AT + MESSAGE_BYTES
_REQUEST, _SLOT, _PART_ID, _DEADLINE_NS, _PREPARED = range(5)
(
    _ANSWERED, _OUTCOME, _COUNTER, _EXPOSURE_NS, _FRAME_NS, _STATE, _EPOCH, _PID, _BUSY,
) = range(8, 17)  # fmt: skip
_LIGHT = 18
_THOUSAND = 1000
_MOST = 1 << 62  # a camera may name the largest number that there is
LIGHT = ("exposure_us", "gain_db")  # keys of [view.camera]


class CameraState(IntEnum):
    """Word 13: what the process says of its device."""

    DOWN = 0
    OPENING = 1  # and so it stays while the device is not to be had
    READY = 2


class Outcome(IntEnum):
    """Word 9: what became of a request; the errors of gonogo.drivers.cameras.camera."""

    NONE = 0
    FRAME = 1
    TIMEOUT = 2
    INVALID = 3
    FAILED = 4


class FrameRequest(NamedTuple):
    """A frame of this part into that slot, before `deadline_ns` (absolute monotonic)."""

    number: int
    slot: int
    part_id: int
    deadline_ns: int


class Prepared(NamedTuple):
    """A slot that the line has named ahead, for the so-many-th time."""

    number: int
    slot: int


class FrameReply(NamedTuple):
    """What came of it; times are monotonic ns, all 0 where there is no frame."""

    outcome: Outcome
    counter: int = 0
    exposure_ns: int = 0
    frame_ns: int = 0


class Light(NamedTuple):
    """Of one of LIGHT, in its unit: what it is, and what the camera takes; 0 to 0: not known."""

    value: float
    least: float = 0.0
    most: float = 0.0

    @property
    def bounded(self) -> bool:
        """Whether the camera says what it takes."""
        return self.least < self.most


class PortView:
    """What either end reads of the port of a view: how the device is, and what it holds."""

    def __init__(self, segment: Segment, *, read_only: bool = False) -> None:
        self.segment = segment
        self.fence = segment.fence
        self.words = segment.words(0, _WORDS, read_only=read_only)

    state = stamp(_STATE, "What the process says of its device.", CameraState)
    epoch = stamp(_EPOCH, "How many processes have started; what one is asked it alone answers.")
    pid = word(_PID, "The process that started last; 0 before the first.")

    @classmethod
    def attach(cls, station: str, view: int) -> Self:
        """Map the port that the station made."""
        return cls(Segment.attach(port_path(station, view)))

    @classmethod
    def look(cls, station: str, view: int) -> Self:
        """The same for whoever only looks; OSError where the view has no such port."""
        segment = Segment.attach(port_path(station, view), read_only=True)
        return cls(segment, read_only=True)

    def busy(self, slot: int) -> bool:
        """Whether the device may still write into that slot."""
        return bool(self.words[_BUSY + slot // _BITS] >> slot % _BITS & 1)

    def light(self, key: str) -> Light | None:
        """One of LIGHT, as the camera was opened with it; None: it was told none.

        To be read while the state is READY: a process that opens it again writes them anew.
        """
        at = _LIGHT + 3 * LIGHT.index(key)
        found = Light(*(self.words[at + n] / _THOUSAND for n in range(3)))
        return found if any(found) else None

    @property
    def message(self) -> str:
        """Why there was no frame the last time, or why the camera is not open."""
        text = self.segment.get(_TEXT_AT, MESSAGE_BYTES).rstrip(b"\0")
        return text.decode(errors="replace")

    def close(self) -> None:
        """Drop this process's view of it."""
        self.words.release()
        self.segment.close()


class CameraPort(PortView):
    """The line's end: it asks, and says nothing of the device."""

    @classmethod
    def create(cls, station: str, view: int) -> CameraPort:
        """Make the port of a view."""
        return cls(Segment.create(port_path(station, view), _PORT_BYTES))

    def ask(self, slot: int, part_id: int, deadline_ns: int) -> int:
        """Ask for a frame; the number by which the reply is known."""
        words = self.words
        words[_SLOT], words[_PART_ID], words[_DEADLINE_NS] = slot, part_id, deadline_ns
        self.fence()
        words[_REQUEST] += 1  # last: the process looks here first
        return words[_REQUEST]

    def prepare(self, slot: int) -> None:
        """Between two parts: the next frame will go there."""
        number = (self.words[_PREPARED] >> 8) + 1
        self.words[_PREPARED] = number << 8 | slot

    def reply(self, number: int) -> FrameReply | None:
        """What came of that request; None until it has been answered."""
        words = self.words
        if words[_ANSWERED] != number:
            return None
        self.fence()
        outcome = Outcome(words[_OUTCOME])
        return FrameReply(outcome, words[_COUNTER], words[_EXPOSURE_NS], words[_FRAME_NS])


class CameraDesk(PortView):
    """The process's end: it answers, and asks for nothing."""

    def start(self) -> None:
        """A process has begun: nothing is held, and what was asked before is not for us."""
        words = self.words
        words[_STATE] = CameraState.OPENING
        words[_BUSY] = words[_BUSY + 1] = 0
        words[_PID] = os.getpid()
        words[_OUTCOME] = Outcome.NONE  # first: whoever finds its request answered finds by nobody
        self.fence()
        words[_ANSWERED] = words[_REQUEST]
        words[_EPOCH] += 1  # last: whoever sees it sees all of the above

    def say(self, state: CameraState, message: str = "") -> None:
        """How the device is, and why."""
        self._write(message)
        self.fence()
        self.words[_STATE] = state

    def offer(self, lights: Mapping[str, Light]) -> None:
        """What the camera was opened with, and what it says that each of LIGHT may be."""
        for number, key in enumerate(LIGHT):
            for n, value in enumerate(lights.get(key, Light(0.0))):
                held = round(max(min(value * _THOUSAND, _MOST), -_MOST))
                self.words[_LIGHT + 3 * number + n] = held

    def hold(self, *slots: int) -> None:
        """The device may write into these until this is said again."""
        bits = sum({1 << slot for slot in slots})
        self.words[_BUSY], self.words[_BUSY + 1] = bits & _LOW, bits >> _BITS

    @property
    def request(self) -> FrameRequest | None:
        """What is asked and not answered yet, the newest only."""
        words = self.words
        number = words[_REQUEST]
        if number == words[_ANSWERED]:
            return None
        self.fence()
        return FrameRequest(number, words[_SLOT], words[_PART_ID], words[_DEADLINE_NS])

    @property
    def prepared(self) -> Prepared:
        """The slot of the next frame; number 0: none was ever named."""
        named = self.words[_PREPARED]
        self.fence()  # before the device has it: the line has said that its frame is gone
        return Prepared(named >> 8, named & 255)

    def answer(self, number: int, reply: FrameReply, message: str = "") -> None:
        """That request is done with."""
        words = self.words
        self._write(message)
        words[_OUTCOME] = reply.outcome
        words[_COUNTER], words[_EXPOSURE_NS] = reply.counter, reply.exposure_ns
        words[_FRAME_NS] = reply.frame_ns
        self.fence()
        words[_ANSWERED] = number  # last: what stands above is whole from here on

    def _write(self, message: str) -> None:
        data = message.encode()[:MESSAGE_BYTES]
        self.segment.put(_TEXT_AT, data.ljust(MESSAGE_BYTES, b"\0"))


def port_path(station: str, view: int) -> Path:
    """Where the port of a view lies."""
    return segment_path(station, f"camera{view}")


def bells_of(view: int) -> tuple[str, str]:
    """The names of its two bells: for the process, and for the line."""
    return f"see{view}", f"seen{view}"
