"""backend = "auto", threads = "auto": which candidate judges on this very box, and why."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple, Protocol

from gonogo.base.errors import GonogoError, ModelError
from gonogo.engines.backends.backend import uses_threads_of
from gonogo.engines.backends.catalogue import AUTO, BACKENDS
from gonogo.engines.backends.contest import Contest, Tools, Tried, Watch
from gonogo.ipc.engine_choices import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gonogo.base.catalogue import Catalogue
    from gonogo.base.frame_shape import FrameShape
    from gonogo.engines.backends.candidates import Wanted
    from gonogo.engines.backends.choose import ModelFiles

LEFT = "a process died as it was called, or it could not be loaded: see the messages before"


class Notes(Watch, Protocol):
    """What outlives the process that measures: what is to be left out, and what was chosen."""

    @property
    def left_out(self) -> Sequence[str]:
        """Backends that a process died of as it called them, or that could not be loaded."""
        ...

    @property
    def chosen(self) -> Candidate | None:
        """What was measured to be the fastest for this engine before."""
        ...

    def choose(self, candidate: Candidate) -> None:
        """Remember what was measured to be the fastest."""
        ...


class NoNotes:
    """Of a process that is asked once."""

    left_out: Sequence[str] = ()
    chosen: Candidate | None = None

    @staticmethod
    @contextlib.contextmanager
    def calling(_backend: str) -> Iterator[None]:
        """Nobody is told."""
        yield

    def choose(self, _candidate: Candidate) -> None:
        """It is not asked again."""


class Choice(NamedTuple):
    """The candidate that judges, why it does, and the table that it was chosen by.

    `others`: whether it was chosen among several, so that another one could take its place.
    """

    candidate: Candidate
    why: str
    table: tuple[Tried, ...] = ()
    others: bool = False

    @property
    def name(self) -> str:
        """Of its backend."""
        return self.candidate.backend

    def in_words(self) -> Iterator[str]:
        """The table a row a line, and the choice."""
        for row in self.table:
            yield row.in_words()
        yield f"chosen: {self.candidate}: {self.why}"


class Settling(NamedTuple):
    """What a choice is made with, beside the engine."""

    notes: Notes = NoNotes()
    tools: Tools = Tools()
    backends: Catalogue = BACKENDS


def settle_backend(
    wanted: Wanted, engine: ModelFiles, geometry: FrameShape, by: Settling | None = None
) -> Choice:
    """The candidate that the station file wants, or the fastest where it leaves that open.

    ModelError where none can run the engine, or for a backend in which this INT8 file was not
    proven to rank parts as its FP32 form; MissingExtra, UnknownDriver for one that is wanted.
    """
    by = by or Settling()
    if wanted.backend == AUTO:
        candidates, table = _present(wanted, engine, by.backends)
    else:
        candidates, table = _of_backend(wanted, engine, by.backends), []
    living, dead = _living(candidates, by.notes)
    table += dead
    if len(living) == 1:
        why = "the only one that is left" if table else "nothing to choose from"
        return Choice(living[0], why, tuple(table))
    known = by.notes.chosen
    if known is not None and known in living:
        why = "measured to be the fastest when this engine was first loaded"
        return Choice(known, why, tuple(table), others=True)
    return _measured(living, table, Contest(engine, geometry, by.notes, by.tools), by.notes)


def _measured(
    living: Sequence[Candidate], table: list[Tried], contest: Contest, notes: Notes
) -> Choice:
    best = contest.winner(living) if living else None
    table += contest.tried
    if best is None:
        refused = "; ".join(f"{row.candidate.backend}: {row.left_out}" for row in table)
        raise ModelError(f"{contest.engine.model}: no backend can run it: {refused}")
    notes.choose(best)
    return Choice(best, "measured to be the fastest here", tuple(table), others=True)


def _living(
    candidates: Sequence[Candidate], notes: Notes
) -> tuple[Sequence[Candidate], list[Tried]]:
    """Those that are not to be left out, and rows for the others."""
    dead = [name for name in dict.fromkeys(c.backend for c in candidates) if name in notes.left_out]
    living = [each for each in candidates if each.backend not in dead]
    rows = [Tried(Candidate(name, 0), left_out=LEFT) for name in dead]
    if living or not candidates:
        return living, rows
    # the last one is not: its process may have been killed for another reason
    return candidates[:1], [row for row in rows if row.candidate.backend != candidates[0].backend]


def _present(
    wanted: Wanted, engine: ModelFiles, backends: Catalogue
) -> tuple[list[Candidate], list[Tried]]:
    """Candidates of every backend that is installed, and rows for those that are not."""
    rows: list[Tried] = []

    def of(name: str) -> list[Candidate]:
        try:
            return _of_backend(wanted._replace(backend=name), engine, backends)
        except GonogoError as error:  # another one may do
            rows.append(Tried(Candidate(name, 0), left_out=str(error)))
            return []

    return [each for name in engine.proven for each in of(name)], rows


def _of_backend(wanted: Wanted, engine: ModelFiles, backends: Catalogue) -> list[Candidate]:
    name = wanted.backend
    if name not in engine.proven:
        raise ModelError(
            f"{engine.model}: backend '{name}': expected one in which it was proven "
            f'({", ".join(engine.proven)}); choose that, or "auto"'
        )
    engine.file_of(name)  # why it has none, before its runtime is asked for anything
    uses_threads = uses_threads_of(backends.load(name))
    return [Candidate(name, n) for n in wanted.threads_for(uses_threads=uses_threads)]
