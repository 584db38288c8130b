"""How the line asks an engine process: a request queue in shared memory, two eventfds.

One writer (the line), one reader (the engine host). Answers do not come back
this way: they stand in the result area of the frame's own slot.

    words     0 written  1 taken  2 state  3 pid  4 epoch (host starts)  5 heart ns
              6 backends in use, one bit each in the order of BACKEND_NAMES
              7 whether the first answer after a rest is slower than the next (0/1)
              8 to 10  backends that end a process (gonogo.ipc.engine_choices)
              16 + 4v  view v: which engine its golden scores are of, and they (float64)
              64 + 4k    request k mod 16: request id, view, slot, deadline ns
              128 + 8v   view v: how its backend was chosen (gonogo.ipc.engine_choices)
              224 + 8v   view v: where its engine's map lies (gonogo.ipc.map_place)
"""

from __future__ import annotations

import os
import time
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from gonogo.base.catalogue import plugged_names
from gonogo.base.shm import Segment, segment_path
from gonogo.base.words import BACKEND_GROUP, BACKEND_NAMES
from gonogo.base.words_in_memory import owned, stamp, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from typing_extensions import Self

QUEUE = 16
VIEWS = 12  # whose golden scores have room before the requests
CHOICES_AT, CHOICE_WORDS = 64 + 4 * QUEUE, 8
MAPS_AT, MAP_WORDS = CHOICES_AT + CHOICE_WORDS * VIEWS, 8
_WORDS = MAPS_AT + MAP_WORDS * VIEWS
_WRITTEN, _TAKEN, _STATE, _PID, _EPOCH, _HEART_NS, _BACKENDS, _GAINS = range(8)


def backend_names() -> tuple[str, ...]:
    """In the order of their bits; the same in every process of a box."""
    more = (name for name in plugged_names(BACKEND_GROUP) if name not in BACKEND_NAMES)
    return (*BACKEND_NAMES, *more)


def _names_of_bits(bits: int) -> tuple[str, ...]:
    return tuple(name for k, name in enumerate(backend_names()) if bits >> k & 1)


class HostState(IntEnum):
    """Word 2: what the engine host says of itself."""

    DOWN = 0
    LOADING = 1
    READY = 2
    FAILED = 3
    EMPTY = 4  # alive, and its place shall hold nothing, or cannot hold what was ordered


class Request(NamedTuple):
    """One frame to judge before `deadline_ns` (absolute monotonic)."""

    request_id: int
    view: int
    slot: int
    deadline_ns: int


class MailboxView:
    """What anybody may read of a queue; nothing of it can be written."""

    read_only: ClassVar = True

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.fence = segment.fence
        self.words = segment.words(0, _WORDS, read_only=self.read_only)
        self.reals = segment.reals(0, _WORDS, read_only=self.read_only)

    @classmethod
    def attach(cls, station: str, place: int) -> Self:
        """Map the queue that the supervisor made."""
        return cls(Segment.attach(mailbox_path(station, place)))

    written = word(_WRITTEN, "How many requests were ever queued.")
    taken = word(_TAKEN, "How many of them the host has begun; all but the last are done with.")
    state = stamp(_STATE, "What the host says of itself.", HostState)
    pid = word(_PID, "Process id of the host that started last; 0 before the first.")
    epoch = stamp(
        _EPOCH,
        "How often a host has started; requests of an earlier epoch are never answered.",
    )
    gains = word(_GAINS, "Whether the host answers faster when it is kept warm.", bool)
    backends = word(
        _BACKENDS, "The backends that serve, in the order of the table.", _names_of_bits
    )

    @property
    def ready(self) -> bool:
        """Whether the host has loaded, warmed up and serves."""
        return self.state is HostState.READY

    def close(self) -> None:
        """Drop this process's view of the queue."""
        self.words.release()
        self.reals.release()
        self.segment.close()


class LineMailbox(MailboxView):
    """The line's end: it asks."""

    read_only = False

    def put(self, request: Request) -> bool:
        """Queue a request; False when the host has not taken the last QUEUE of them."""
        words = self.words
        written = words[_WRITTEN]
        # the other end only ever counts up: what is free now stays free until we fill it
        if written - words[_TAKEN] >= QUEUE:
            return False
        self.fence()
        at = 64 + 4 * (written % QUEUE)
        words[at], words[at + 1], words[at + 2], words[at + 3] = request
        self.fence()
        words[_WRITTEN] = written + 1  # last: the host reads no request that is not whole
        return True


class HostMailbox(MailboxView):
    """The host's end: it takes, and says how it fares. There is one host a place at a time."""

    read_only = False
    gains = owned(MailboxView.gains, _GAINS)

    def start(self) -> None:
        """A host begins to load: whatever was queued for an earlier one is dropped."""
        words = self.words
        # first: from here on the line asks nothing of us
        words[_STATE] = HostState.LOADING
        words[_PID] = os.getpid()
        # no answer will come: the line sees it by the epoch, which is another one now
        words[_TAKEN] = words[_WRITTEN]
        self.fence()
        words[_EPOCH] += 1

    def say(self, state: HostState) -> None:
        """Publish the host's state, and with it all that was published before."""
        self.fence()
        self.words[_STATE] = state

    def name_backends(self, names: Iterable[str]) -> None:
        """Publish which backends serve."""
        # a set: views that share a backend set its bit once
        self.words[_BACKENDS] = sum({1 << backend_names().index(name) for name in names})

    def golden(self, view: int, identity: int, scores: Sequence[float]) -> tuple[float, ...]:
        """Golden scores of the first host with that identity; these, if it is the first."""
        at = 16 + 4 * view
        span = range(at + 1, at + 1 + len(scores))
        if self.words[at] != identity:
            # no identity while its scores are written: a host may be killed between two of them
            self.words[at] = 0
            for k, score in zip(span, scores, strict=True):
                self.reals[k] = score
            self.words[at] = identity
        # read back, so that the first host compares with what the next ones will
        return tuple(self.reals[k] for k in span)

    def beat(self) -> None:
        """The host is alive and idle, or has just finished a request."""
        self.words[_HEART_NS] = time.monotonic_ns()

    def take(self) -> Iterator[Request]:
        """Requests not yet taken, oldest first."""
        words = self.words
        while words[_TAKEN] < words[_WRITTEN]:
            self.fence()
            at = 64 + 4 * (words[_TAKEN] % QUEUE)
            request = Request(words[at], words[at + 1], words[at + 2], words[at + 3])
            self.fence()
            words[_TAKEN] += 1  # only now may the line write there again
            yield request


class Mailbox(LineMailbox, HostMailbox):
    """Both ends, for whoever plays both parts: the maker of the station, and benches."""

    @classmethod
    def create(cls, station: str, place: int) -> Self:
        """Make the queue of an engine place (0 is A, 1 is B)."""
        return cls(Segment.create(mailbox_path(station, place), 8 * _WORDS))


def mailbox_path(station: str, place: int) -> Path:
    """Where the request queue of an engine place lies."""
    return segment_path(station, f"engine{place}")
