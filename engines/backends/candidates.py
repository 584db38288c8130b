"""What may judge: a backend, and on how many threads it computes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from gonogo.engines.backends.catalogue import AUTO, THREADS_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence

Threads = int | Literal["auto"]  # as the station file says it
EACH_UP_TO = 8  # from there on in larger steps: one thread more is hardly seen among so many
_STEPS = (12, 16, 24, 32, 48)  # all above it


class Wanted(NamedTuple):
    """What the station file asks for, and how many cores there are to compute on."""

    backend: str
    threads: Threads
    cores: int = 1

    def threads_for(self, *, uses_threads: bool) -> Sequence[int]:
        """The numbers of threads with which a backend is a candidate."""
        if not uses_threads:
            return (0,)
        if self.threads == AUTO:
            return numbers_up_to(self.cores)
        return (self.threads,)


def numbers_up_to(cores: int) -> tuple[int, ...]:
    """Numbers of threads that are worth a measurement: from one to all cores."""
    most = min(cores, THREADS_MAX)
    each = range(1, min(most, EACH_UP_TO) + 1)
    # a set: all cores may be one of the steps
    return tuple(sorted({*each, *(step for step in _STEPS if step < most), max(most, 1)}))
