"""Shifts as the chart of overrides wants them: what was rejected, and what people said of it.

A shift is judged once the one after it has ended: reviews come later than their parts. Nothing is
kept for it but what the records and the dispositions hold anyhow. A part's row does not say which
view decided it, so a shift is of a view only where the station has no other.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import VerdictKind
from gonogo.records.dispositions.labels import by_part, standing
from gonogo.records.drift.overrides import SaidOf, Shift, judged
from gonogo.records.drift.part import Signal
from gonogo.records.shifts import shift_start_ms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gonogo.records.dispositions.said import Disposition
    from gonogo.records.questions.files import File

BACK = 92  # shifts: a month of three a day
_REJECTED = """
SELECT reason, count(*) FROM parts
WHERE verdict <> 1 AND verdict IN (2, 3) AND coalesce(master_part, 0) = 0
  AND wall_ms >= ? AND wall_ms < ? GROUP BY reason
"""
_MS_PER_S = 1000.0


class Times(NamedTuple):
    """The shifts that are over for long enough, UTC ms: starts, the oldest first, and the end."""

    starts_ms: tuple[int, ...]
    end_ms: int

    @property
    def judged_ms(self) -> tuple[int, int]:
        """The newest of them, from and to."""
        return self.starts_ms[-1], self.end_ms


def times(now_ms: int, starts: Sequence[str]) -> Times:
    """As of now; `starts` as in the station file."""
    found = [shift_start_ms(now_ms, starts)]
    while len(found) < BACK:
        found.append(shift_start_ms(found[-1] - 1, starts))
    # found[0] began the shift that is going on, found[1] the one in which reviews still come
    return Times(tuple(reversed(found[2:])), found[1])


def rejected(file: File, at: Times) -> Counter[str]:
    """Rejects and rechecks of the judged shift in one file, by reason; nobody reviews masters."""
    rows = file.db.execute(_REJECTED, at.judged_ms)
    return Counter({file.word("reason", reason): count for reason, count in rows})


def said_of(
    view: str, at: Times, rejects: Counter[str], said: Iterable[Disposition], *, reviews: bool
) -> tuple[SaidOf, ...]:
    """What the newest shift shows against the former ones; `reviews`: whether none is an alarm."""
    found = _reviewed(at, said)
    newest, names = len(at.starts_ms) - 1, sorted({reason for reason, _ in found} | set(rejects))
    told = []
    for name in names:
        shifts = [_shift(at, k, found[name, k], rejects[name]) for k in range(newest + 1)]
        told += [
            SaidOf(view, name, shifts[-1].wall_s, each)
            for each in judged(shifts[:-1], shifts[-1])
            if each.signal is Signal.OVERRIDES
        ]
    looked = any(found[name, newest].reviewed for name in names)
    if reviews and rejects.total() and not looked:
        shift = _shift(at, newest, Reviewed(), rejects.total())
        told += [SaidOf(view, "", shift.wall_s, each) for each in judged((), shift)]
    return tuple(told)


class Reviewed(NamedTuple):
    """Of one reason in one shift."""

    reviewed: int = 0
    overridden: int = 0


class _Found(dict[tuple[str, int], Reviewed]):
    def __missing__(self, _: tuple[str, int]) -> Reviewed:
        return Reviewed()


def _reviewed(at: Times, said: Iterable[Disposition]) -> _Found:
    """By reason and number of the shift."""
    found = _Found()
    for key, overridden in _of_parts(at, said):
        before = found[key]
        found[key] = Reviewed(before.reviewed + 1, before.overridden + overridden)
    return found


def _of_parts(at: Times, said: Iterable[Disposition]) -> Iterator[tuple[tuple[str, int], bool]]:
    for some in by_part(said).values():
        first, shift = some[0], _shift_of(at, some[0].part_wall_ms)
        if shift is not None and first.verdict in {VerdictKind.REJECT, VerdictKind.RECHECK}:
            yield (first.reason.name, shift), standing(some).overridden


def _shift_of(at: Times, wall_ms: int) -> int | None:
    if not at.starts_ms[0] <= wall_ms < at.end_ms:
        return None
    return sum(start <= wall_ms for start in at.starts_ms) - 1


def _shift(at: Times, number: int, found: Reviewed, rejects: int) -> Shift:
    # of former shifts only what was reviewed counts
    return Shift(at.starts_ms[number] / _MS_PER_S, rejects, found.reviewed, found.overridden)
