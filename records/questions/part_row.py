"""One part as it is read back, in words and milliseconds."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.words import NS_PER_MS, VerdictKind
from gonogo.records.schema import NOT_DELIVERED, SERIAL_BITS, SERIAL_MASK

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.records.questions.files import File

_STAGES = (
    "frame",
    "rules_done",
    "engine_done",
    "decided",
    "reported",
    "deadline",
    "published",
    "acked",
)  # fmt: skip - the last two: of a delivery
_READ = """SELECT group_concat(text, ' | ') FROM
  (SELECT text FROM texts WHERE part = p.id ORDER BY position)"""
COLUMNS = ", ".join((
    "p.id", "p.part_id", "p.wall_ms", "p.verdict", "p.reason", "p.mode", "p.score", "p.rules_alone",
    "p.engine_alone", "p.overrun", "p.recipe", "p.delivered", "p.delivered_as",
    "p.delivered_reason", "p.sequence", "p.master_part", "p.master_answer",
    "(SELECT name FROM lots WHERE id = p.lot)", "p.serial_number", "p.undelivered",
    f"({_READ})",
    *(f"p.{stage}" for stage in _STAGES),
))  # fmt: skip


class Stages(NamedTuple):
    """Milliseconds after the trigger at which each stage ended; None where it did not come to it.

    `deadline_ms` is when the PLC wants the verdict at the latest.
    """

    frame_ms: float | None
    rules_ms: float | None
    engine_ms: float | None
    decided_ms: float | None
    reported_ms: float | None
    deadline_ms: float | None
    published_ms: float | None
    acked_ms: float | None


class Delivery(NamedTuple):
    """What the PLC made of it; `delivered` None: nothing was heard of that yet.

    `verdict` and `reason`: as what it was acknowledged, '' where it was not.
    """

    delivered: bool | None
    verdict: str
    reason: str
    sequence: int | None


class Place(NamedTuple):
    """Where its row lies: a file, and the id in there. Ids of one station sort by age."""

    path: Path
    id: int


class PartRow(NamedTuple):
    """`wall_ms` is UTC of the trigger, by the clock as it stood when the row was written.

    Words are those of the file; '' where nothing is known. `score` is the SCORE word, `lost` the
    word of Undelivered: '' of a delivered part, and where a file does not say why it was not.
    `text`: what its rules read, in their order, with ` | ` between.
    """

    run: str
    serial: int
    part_id: int
    wall_ms: int
    verdict: str
    reason: str
    mode: str
    score: int | None
    rules_alone: str
    engine_alone: str
    overrun: str
    recipe: int | None
    lot: str
    serial_number: str
    master_part: str
    master_answer: str
    delivery: Delivery
    stages: Stages
    place: Place
    lost: str = ""
    text: str = ""

    @property
    def age(self) -> int:
        """The number of its run, then its serial: the order of parts, whatever the clock said."""
        return self.place.id

    @property
    def shown(self) -> str:
        """The word for people: what the PLC has not heard is no accept."""
        return NOT_DELIVERED if self.delivery.delivered is False else self.verdict

    @property
    def undelivered(self) -> str:
        """The word of why it never reached the PLC; '' of one that did, or may still."""
        if self.delivery.delivered is False:
            return self.lost or NOT_DELIVERED
        return ""

    @property
    def wall(self) -> str:
        """UTC, to the millisecond."""
        return utc(self.wall_ms)


def utc(wall_ms: int) -> str:
    """As people and programs read it."""
    then = datetime.fromtimestamp(wall_ms // 1000, timezone.utc)
    return then.replace(microsecond=wall_ms % 1000 * 1000).isoformat(timespec="milliseconds")


def part_of(file: File, row: tuple[Any, ...]) -> PartRow:
    """From a row of COLUMNS."""
    (at, part_id, wall_ms, verdict, reason, mode, score, rules, engine, overrun, recipe, delivered,
     as_, because, sequence, master, answer, lot, number, why, text, *stages) = row  # fmt: skip
    word = file.word
    if not delivered and as_ == VerdictKind.ACCEPT:
        # a file of schema 1 calls accepted what the PLC never heard of
        as_ = because = None
        stages[-2:] = None, None
    return PartRow(
        run=file.runs[at >> SERIAL_BITS],
        serial=at & SERIAL_MASK,
        part_id=part_id, wall_ms=wall_ms,
        verdict=word("verdict", verdict), reason=word("reason", reason),
        mode=word("mode", mode), score=score,
        rules_alone=word("verdict", rules), engine_alone=word("verdict", engine),
        overrun=word("overrun", overrun), recipe=recipe,
        lot=lot or "", serial_number=number or "",
        master_part=word("master_part", master),
        master_answer=word("master_answer", answer),
        delivery=Delivery(
            None if delivered is None else bool(delivered),
            word("verdict", as_), word("reason", because), sequence,
        ),
        stages=Stages(*(ms(each) for each in stages)),
        place=Place(file.path, at),
        lost=word("undelivered", why),
        text=text or "",
    )  # fmt: skip


def ms(duration_ns: int | None) -> float | None:
    """A duration for people."""
    return None if duration_ns is None else duration_ns / NS_PER_MS
