"""Candidates against each other, in pairs and in turns: the faster one goes on.

Two are loaded at a time, so that many candidates take no more memory than two. Whoever cannot
be opened, is not itself or fails as it runs is left out with its reason, and so is its backend
with any other number of threads.
"""

from __future__ import annotations

import contextlib
import statistics
import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

import cv2

from gonogo.base.errors import GonogoError
from gonogo.base.words import NS_PER_MS
from gonogo.engines.backends.backend import run_until_of
from gonogo.engines.backends.catalogue import open_backend
from gonogo.engines.backends.choose import WARM_UPS, noise, result_arrays
from gonogo.ipc.engine_choices import Candidate  # noqa: TC001 - a table is read back by its types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from gonogo.base.frame_shape import FrameShape
    from gonogo.engines.backends.backend import Backend
    from gonogo.engines.backends.choose import ModelFiles

TURNS, BLOCK = 5, 4  # the first run of each block is not counted: the other one had the caches
SHORT_NS = 10**9  # a pair that takes longer has MIN_TURNS at least
MIN_TURNS = 2
RUN_LIMIT_NS = 10 * 10**9  # a first inference may take a hundred times as long as the next one
# more threads must be so much faster: what they gain here they take from others
WORTH_IT = 1.03


class Watch(Protocol):
    """Who remembers what is being called, should the process die of it."""

    def calling(self, backend: str) -> AbstractContextManager[None]:
        """As long as a backend is called."""
        ...


class Tools(NamedTuple):
    """What a contest needs of the box; tests bring their own.

    `spread`: on how many threads frames are brought to the model's size, as they will be.
    """

    open: Callable[[str, Path, FrameShape, int], Backend] = open_backend
    spread: Callable[[int], None] = cv2.setNumThreads
    clock_ns: Callable[[], int] = time.perf_counter_ns


class Tried(NamedTuple):
    """A row of the table: how fast a candidate was beside another, or why it was left out.

    Medians of one row were measured in turns; those of two rows were not.
    """

    candidate: Candidate
    median_ms: float | None = None
    beside: Candidate | None = None
    beside_ms: float | None = None
    left_out: str = ""

    def in_words(self) -> str:
        """For a log and a terminal."""
        if self.left_out:
            return f"{self.candidate}: left out: {self.left_out}"
        if self.beside is None:
            return f"{self.candidate}: nothing to compare it with"
        return (
            f"{self.candidate}: {self.median_ms:.2f} ms, in turns with "
            f"{self.beside}: {self.beside_ms:.2f} ms"
        )


class _LeftError(Exception):
    """One of two has failed."""

    def __init__(self, candidate: Candidate, error: Exception) -> None:
        super().__init__(candidate, error)
        self.candidate = candidate
        line = next(iter(str(error).strip().splitlines()), "")
        self.reason = line if isinstance(error, GonogoError) else f"{type(error).__name__}: {line}"


class _Entrant:
    """A candidate that is loaded; _LeftError from whatever it raises."""

    def __init__(self, candidate: Candidate, backend: Backend, watch: Watch, tools: Tools) -> None:
        self.candidate = candidate
        self._backend, self._watch, self._tools = backend, watch, tools
        self._run_until = run_until_of(backend)

    def ready(self, engine: ModelFiles, geometry: FrameShape) -> None:
        """Prove it, bind it, warm it up."""
        self._bound = noise(geometry), result_arrays()  # they live as long as the backend does
        with self._called():
            # before it is measured: how fast a wrong score comes is of no interest
            engine.prove(self.candidate.backend, self._backend)
            self._backend.bind(0, *self._bound)
        for _ in range(WARM_UPS):
            self._run()

    def block_ms(self) -> list[float]:
        """Milliseconds of a block of runs without the first."""
        self._tools.spread(self.candidate.computes_on)
        return [self._run() for _ in range(BLOCK)][1:]

    def close(self) -> None:
        """Unload it; one that cannot even do that has lost already."""
        with contextlib.suppress(_LeftError), self._called():
            self._backend.close()

    def _run(self) -> float:
        with self._called():
            deadline_ns = time.monotonic_ns() + RUN_LIMIT_NS
            start_ns = self._tools.clock_ns()
            self._run_until(0, deadline_ns)
            return (self._tools.clock_ns() - start_ns) / NS_PER_MS

    @contextlib.contextmanager
    def _called(self) -> Iterator[None]:
        with _failing(self.candidate), self._watch.calling(self.candidate.backend):
            yield


@contextlib.contextmanager
def _failing(candidate: Candidate) -> Iterator[None]:
    """A vendor's runtime raises what it likes, and that is the candidate's own affair."""
    try:
        yield
    except Exception as error:
        raise _LeftError(candidate, error) from error


class Contest:
    """One engine's candidates on frames of one geometry; `tried` is the table."""

    def __init__(
        self, engine: ModelFiles, geometry: FrameShape, watch: Watch, tools: Tools
    ) -> None:
        self.tried: list[Tried] = []
        self.engine, self._geometry = engine, geometry
        self._watch, self._tools = watch, tools

    def winner(self, candidates: Sequence[Candidate]) -> Candidate | None:
        """The fastest; None where all were left out. All are closed again."""
        best: _Entrant | None = None
        try:
            for candidate in candidates:
                best = self._against(best, candidate)
        finally:
            # also the one that was chosen: it is opened again where it serves, with its own slots
            if best is not None:
                best.close()
        if best is not None and not any(row.candidate == best.candidate for row in self.tried):
            self.tried.insert(0, Tried(best.candidate))
        return None if best is None else best.candidate

    def _against(self, best: _Entrant | None, candidate: Candidate) -> _Entrant | None:
        if candidate.backend in {row.candidate.backend for row in self.tried if row.left_out}:
            return best
        entrant = self._enter(candidate)
        if entrant is None or best is None:
            return entrant or best
        won = self._duel(best, entrant)
        (entrant if won is best else best).close()
        return won

    def _enter(self, candidate: Candidate) -> _Entrant | None:
        entrant = None
        try:
            with _failing(candidate), self._watch.calling(candidate.backend):
                file = self.engine.file_of(candidate.backend)
                backend = self._tools.open(
                    candidate.backend, file, self._geometry, candidate.computes_on
                )
            entrant = _Entrant(candidate, backend, self._watch, self._tools)
            entrant.ready(self.engine, self._geometry)
        except _LeftError as left:
            self._leave_out(left)
            if entrant is not None:
                entrant.close()
            return None
        return entrant

    def _duel(self, best: _Entrant, entrant: _Entrant) -> _Entrant:
        try:
            best_ms, its_ms = in_turns((best, entrant), self._tools.clock_ns)
        except _LeftError as left:
            self._leave_out(left)
            return best if left.candidate == entrant.candidate else entrant
        self.tried.append(Tried(entrant.candidate, its_ms, best.candidate, best_ms))
        # where it has fewer threads, it is the other one that must be worth its more
        more = entrant.candidate.threads - best.candidate.threads
        worth = 1.0 if more == 0 else WORTH_IT if more > 0 else 1 / WORTH_IT
        return entrant if its_ms * worth < best_ms else best

    def _leave_out(self, left: _LeftError) -> None:
        self.tried.append(Tried(left.candidate, left_out=left.reason))


def in_turns(entrants: Sequence[_Entrant], clock_ns: Callable[[], int]) -> list[float]:
    """The median of each in ms: what else the box does in that second slows all alike."""
    taken: list[list[float]] = [[] for _ in entrants]
    start_ns = clock_ns()
    for turn in range(TURNS):
        if turn >= MIN_TURNS and clock_ns() - start_ns > SHORT_NS:
            break
        for times_ms, entrant in zip(taken, entrants, strict=True):
            times_ms.extend(entrant.block_ms())
    # the median: one interruption does not decide
    return [statistics.median(times_ms) for times_ms in taken]
