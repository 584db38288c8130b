"""What one part was judged on: its views, its rules, and what an engine in shadow said."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.records.codes import unpacked
from gonogo.records.questions.part_row import ms
from gonogo.records.questions.pictures import Picture, pictures_of
from gonogo.records.schema import VIEW_BITS

if TYPE_CHECKING:
    from gonogo.records.questions.files import File, Files
    from gonogo.records.questions.part_row import PartRow


class Look(NamedTuple):
    """A view of it: times in ms after the trigger, the score in the model's own unit."""

    view: str
    fault: str
    frame_ms: float | None
    score: float | None
    score_fault: str
    start_ms: float | None
    done_ms: float | None
    engine_id: str


class Check(NamedTuple):
    """A rule: value and limits in its unit; None where there is none. `text`: what it has read."""

    rule: str
    status: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    text: str = ""


class Shadow(NamedTuple):
    """What the other engine place said of a view, and of the whole part."""

    view: str
    verdict: str
    reason: str
    score_word: int
    score: float | None
    engine_id: str


class Details(NamedTuple):
    """All of one part."""

    looks: tuple[Look, ...]
    checks: tuple[Check, ...]
    shadows: tuple[Shadow, ...]
    pictures: tuple[Picture, ...] = ()


_LOOKS = """
SELECT n.name, v.fault, v.frame, v.score, v.score_fault, v.start, v.start + v.done, e.engine_id
FROM views AS v JOIN view_names AS n ON n.id = v.view LEFT JOIN engines AS e ON e.id = v.engine
WHERE v.id BETWEEN ? AND ? ORDER BY v.id
"""
_LIMITS = """
SELECT s.name, s.low, s.high, s.unit, coalesce(t.text, '') FROM rules_of_sets AS s JOIN parts AS p
  ON p.rule_set = s.rule_set LEFT JOIN texts AS t ON t.part = p.id AND t.position = s.position
  WHERE p.id=? ORDER BY s.position
"""
_SHADOWS = """
SELECT n.name, s.verdict, s.reason, s.score_word, s.score, e.engine_id
FROM shadows AS s JOIN view_names AS n ON n.id = s.view JOIN engines AS e ON e.id = s.engine
WHERE s.id BETWEEN ? AND ? ORDER BY s.id
"""


def details(files: Files, part: PartRow) -> Details:
    """Of a part that was read; RecordsUnreadable where its file has gone meanwhile."""
    return files.ask_one(part.place.path, lambda file: _of(file, part))


def _of(file: File, part: PartRow) -> Details:
    if file.old:
        return _of_old(file, part)
    first = part.place.id << VIEW_BITS
    within = (first, first + (1 << VIEW_BITS) - 1)
    shadows = (
        Shadow(view, file.word("verdict", verdict), file.word("reason", reason), *rest)
        for view, verdict, reason, *rest in file.db.execute(_SHADOWS, within)
    )
    return Details(
        _looks(file, within), _checks(file, part.place.id), tuple(shadows),
        pictures_of(file, part.place.id),
    )  # fmt: skip


def _looks(file: File, within: tuple[int, int]) -> tuple[Look, ...]:
    return tuple(
        Look(view, file.word("reason", fault), ms(frame), score, file.word("reason", score_fault),
             ms(start), ms(done), engine_id or "")
        for view, fault, frame, score, score_fault, start, done, engine_id
        in file.db.execute(_LOOKS, within)
    )  # fmt: skip


def _checks(file: File, at: int) -> tuple[Check, ...]:
    (blob,) = file.db.execute("SELECT rules FROM parts WHERE id=?", (at,)).fetchone()
    limits = file.db.execute(_LIMITS, (at,)).fetchall()
    return tuple(
        Check(name, file.word("status", status), value, low, high, unit, text)
        for (name, low, high, unit, text), (status, value) in zip(
            limits, unpacked(blob or b""), strict=True
        )
    )


def _of_old(file: File, part: PartRow) -> Details:
    """From tables that hold words."""
    ids, identity = (part.place.id << VIEW_BITS,) * 2, (part.run, part.serial)
    rules = "SELECT rule, status, value, low, high, unit FROM rule WHERE run=? AND serial=?"
    checks = tuple(Check(*row) for row in file.db.execute(rules, identity))
    there = file.db.execute("SELECT 1 FROM sqlite_master WHERE name='shadow'").fetchone()
    shadow = (
        "SELECT view, verdict, reason, score_word, score, engine_id FROM shadow"
        " WHERE run=? AND serial=?"
    )
    shadows = file.db.execute(shadow, identity) if there else ()
    return Details(_looks(file, ids), checks, tuple(Shadow(*row) for row in shadows))
