"""How the line asks an engine process: a request queue in shared memory, two eventfds.

One writer (the line), one reader (the engine host). Answers do not come back
this way: they stand in the result area of the frame's own slot.

    words     0 written  1 taken  2 state  3 pid  4 epoch (host starts)  5 heart ns
              6 backends in use, one bit each in the order of BACKEND_NAMES
              7 whether the first answer after a rest is slower than the next (0/1)
              16 + 4v  view v: which engine its golden scores are of, and they (float64)
              64 + 4k    request k mod 16: request id, view, slot, deadline ns
"""

from __future__ import annotations

import os
import time
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.catalogue import plugged_names
from gonogo.base.shm import Segment, segment_path
from gonogo.base.words import BACKEND_GROUP, BACKEND_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

QUEUE = 16
_WORDS = 64 + 4 * QUEUE
_WRITTEN, _TAKEN, _STATE, _PID, _EPOCH, _HEART_NS, _BACKENDS, _GAINS = range(8)


def _backend_names() -> tuple[str, ...]:
    """In the order of their bits; the same in every process of a box."""
    more = (name for name in plugged_names(BACKEND_GROUP) if name not in BACKEND_NAMES)
    return (*BACKEND_NAMES, *more)


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


class Mailbox:
    """Both ends of the request queue of one engine place."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self._words = segment.words(0, _WORDS)
        self._reals = segment.reals(0, _WORDS)

    @classmethod
    def create(cls, station: str, place: int) -> Mailbox:
        """Make the queue of an engine place (0 is A, 1 is B)."""
        return cls(Segment.create(mailbox_path(station, place), 8 * _WORDS))

    @classmethod
    def attach(cls, station: str, place: int) -> Mailbox:
        """Map the queue that the supervisor made."""
        return cls(Segment.attach(mailbox_path(station, place)))

    # -- the line's side ---------------------------------------------------------------

    def put(self, request: Request) -> bool:
        """Queue a request; False when the host has not taken the last QUEUE of them."""
        words = self._words
        written = words[_WRITTEN]
        if written - words[_TAKEN] >= QUEUE:
            return False
        at = 64 + 4 * (written % QUEUE)
        words[at], words[at + 1], words[at + 2], words[at + 3] = request
        words[_WRITTEN] = written + 1
        return True

    @property
    def written(self) -> int:
        """How many requests were ever queued."""
        return self._words[_WRITTEN]

    @property
    def taken(self) -> int:
        """How many of them the host has begun; all but the last of these are done with."""
        return self._words[_TAKEN]

    @property
    def ready(self) -> bool:
        """Whether the host has loaded, warmed up and serves."""
        return self._words[_STATE] == HostState.READY

    @property
    def state(self) -> HostState:
        """What the host says of itself."""
        return HostState(self._words[_STATE])

    @property
    def epoch(self) -> int:
        """How often a host has started; requests of an earlier epoch are never answered."""
        return self._words[_EPOCH]

    # -- the host's side ---------------------------------------------------------------

    def start(self) -> None:
        """A host begins to load: whatever was queued for an earlier one is dropped."""
        words = self._words
        words[_STATE] = HostState.LOADING
        words[_PID] = os.getpid()
        words[_TAKEN] = words[_WRITTEN]
        words[_EPOCH] += 1

    def say(self, state: HostState) -> None:
        """Publish the host's state."""
        self._words[_STATE] = state

    def name_backends(self, names: Iterable[str]) -> None:
        """Publish which backends serve."""
        self._words[_BACKENDS] = sum({1 << _backend_names().index(name) for name in names})

    @property
    def gains(self) -> bool:
        """Whether the host answers faster when it is kept warm."""
        return bool(self._words[_GAINS])

    @gains.setter
    def gains(self, gains: bool) -> None:
        self._words[_GAINS] = gains

    @property
    def backends(self) -> tuple[str, ...]:
        """The backends that serve, in the order of the table."""
        bits = self._words[_BACKENDS]
        return tuple(name for k, name in enumerate(_backend_names()) if bits >> k & 1)

    def golden(self, view: int, identity: int, scores: Sequence[float]) -> tuple[float, ...]:
        """Golden scores of the first host with that identity; these, if it is the first."""
        at = 16 + 4 * view
        span = range(at + 1, at + 1 + len(scores))
        if self._words[at] != identity:
            for k, score in zip(span, scores, strict=True):
                self._reals[k] = score
            self._words[at] = identity
        return tuple(self._reals[k] for k in span)

    @property
    def pid(self) -> int:
        """Process id of the host that started last; 0 before the first."""
        return self._words[_PID]

    def beat(self) -> None:
        """The host is alive and idle, or has just finished a request."""
        self._words[_HEART_NS] = time.monotonic_ns()

    def take(self) -> Iterator[Request]:
        """Requests not yet taken, oldest first."""
        words = self._words
        while words[_TAKEN] < words[_WRITTEN]:
            at = 64 + 4 * (words[_TAKEN] % QUEUE)
            request = Request(words[at], words[at + 1], words[at + 2], words[at + 3])
            words[_TAKEN] += 1
            yield request

    def close(self) -> None:
        """Drop this process's view of the queue."""
        self._words.release()
        self._reals.release()
        self.segment.close()


def mailbox_path(station: str, place: int) -> Path:
    """Where the request queue of an engine place lies."""
    return segment_path(station, f"engine{place}")
