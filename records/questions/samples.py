"""The audit sample as it stands in the records: accepted parts that were drawn for a person.

Drawn by the pictures process (gonogo.records.pictures.choice), so many each shift; a part that gave
way to another one, or whose picture is gone, is not in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.words import VerdictKind
from gonogo.records.picture_words import PictureKind, PictureState
from gonogo.records.questions.part_row import COLUMNS, part_of
from gonogo.records.questions.pictures import has_pictures

if TYPE_CHECKING:
    from gonogo.records.questions.files import File, Files
    from gonogo.records.questions.part_row import PartRow

# the kind is written out, or SQLite would not take the index of the samples alone; what the PLC
# did not take as an accept was thrown out, and a master part is shown on purpose
_SAMPLE = f"""
SELECT {COLUMNS} FROM parts AS p
WHERE p.id IN (SELECT id >> 3 FROM pictures WHERE kind = {PictureKind.AUDIT.value} AND state = ?)
  AND p.wall_ms >= ? AND p.wall_ms < ? AND p.verdict = ?
  AND coalesce(p.master_part, 0) = 0 AND coalesce(p.delivered, 1)
  AND coalesce(p.delivered_as, ?) = ?
ORDER BY p.id
"""  # noqa: S608 - our own words


def audit_sample(files: Files, since_ms: int, until_ms: int) -> list[PartRow]:
    """Of parts that passed in a time, UTC ms, the second excluded; oldest first."""
    accept = VerdictKind.ACCEPT.value

    def drawn(file: File) -> list[PartRow]:
        if not has_pictures(file):
            return []
        values = PictureState.KEPT.value, since_ms, until_ms, accept, accept, accept
        return [part_of(file, row) for row in file.db.execute(_SAMPLE, values)]

    return sorted((part for some in files.ask(drawn) for part in some), key=lambda each: each.age)
