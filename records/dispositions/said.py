"""What is asked to be written down of a part, what is known of that part, and what then stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import Reason, VerdictKind
from gonogo.records.dispositions.words import OVERRIDES, Means, Origin, PartKey, Word

if TYPE_CHECKING:
    from collections.abc import Mapping


class Request(NamedTuple):
    """A person's word on its way. `request_id` is its own: sent twice, it counts once.

    `seen`: the number of the newest disposition of that part which the person saw, 0 for none.
    `decides`: the last word, of a supervisor. `code` may be "", `note` as well.
    """

    request_id: str
    part: PartKey
    word: Word
    code: str
    note: str
    who: str
    origin: Origin
    seen: int
    decides: bool = False


class KnownPart(NamedTuple):
    """What is known of a part, kept with the word so that figures outlive the month's file.

    `verdict` is NONE of a part whose line ended before it was decided. `engine`: the ids of the
    engines that scored it, in hex, with commas between; "" for none. `score` is the SCORE word.
    """

    part_id: int
    part_wall_ms: int
    verdict: VerdictKind
    reason: Reason
    score: int | None
    engine: str
    recipe: int | None
    lot: str | None


class Disposition(NamedTuple):
    """One that was written down; `number` counts all of a station from 1 on. Times are UTC ms."""

    number: int
    request_id: str
    part: PartKey
    word: Word
    code: str
    means: Means | None
    note: str
    who: str
    origin: Origin
    decides: bool
    wall_ms: int
    part_id: int
    part_wall_ms: int
    verdict: VerdictKind
    reason: Reason
    score: int | None
    engine: str
    recipe: int | None
    lot: str | None
    seen: int = 0

    @property
    def overrides(self) -> bool:
        """Whether it says that the verdict was wrong."""
        return self.word in OVERRIDES

    @property
    def request(self) -> Request:
        """What was asked for."""
        return Request(
            self.request_id, self.part, self.word, self.code, self.note, self.who, self.origin,
            self.seen, self.decides,
        )  # fmt: skip


COLUMNS = (
    "number, request_id, run, serial, word, code, means, note, who, origin, decides, wall_ms,"
    " part_id, part_wall_ms, verdict, reason, score, engine, recipe, lot, seen"
)


def made(
    request: Request, known: KnownPart, codes: Mapping[str, Means], number: int, wall_ms: int
) -> Disposition:
    """What a request becomes."""
    return Disposition(
        number, request.request_id, request.part, request.word, request.code,
        codes.get(request.code), request.note, request.who, request.origin, request.decides,
        wall_ms, *known, request.seen,
    )  # fmt: skip


def row_of(said: Disposition) -> tuple[object, ...]:
    """In the order of COLUMNS."""
    number, request_id, part, *rest = said
    means = None if said.means is None else said.means.value
    word, code, _, *others = rest
    return number, request_id, *part, word, code, means, *others


def said_of(row: tuple[object, ...]) -> Disposition:
    """From a row of COLUMNS; ValueError of a word that this gonogo does not know."""
    (number, request_id, run, serial, word, code, means, note, who, origin, decides, wall_ms,
     part_id, part_wall_ms, verdict, reason, score, engine, recipe, lot, seen) = row  # fmt: skip
    return Disposition(
        number, request_id, PartKey(run, serial), Word(word), code,  # type: ignore[arg-type]
        None if means is None else Means(means), note, who, Origin(origin),  # type: ignore[arg-type]
        bool(decides), wall_ms, part_id, part_wall_ms, VerdictKind(verdict),  # type: ignore[arg-type]
        Reason(reason), score, engine, recipe, lot, seen,  # type: ignore[arg-type]
    )  # fmt: skip
