"""What is known of a part that somebody says a word of, from its row in the records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.words import Reason, VerdictKind
from gonogo.records.dispositions.said import KnownPart
from gonogo.records.dispositions.words import PartKey
from gonogo.records.questions.details import details

if TYPE_CHECKING:
    from gonogo.records.questions.details import Details
    from gonogo.records.questions.files import Files
    from gonogo.records.questions.part_row import PartRow


def key_of(part: PartRow) -> PartKey:
    """Its identity."""
    return PartKey(part.run, part.serial)


def known_of(files: Files, part: PartRow) -> KnownPart:
    """As its row has it; RecordsUnreadable where its file has gone meanwhile."""
    return known(part, details(files, part))


def known(part: PartRow, about: Details) -> KnownPart:
    """Of a part that was read with its details."""
    engines = dict.fromkeys(look.engine_id for look in about.looks if look.engine_id)
    return KnownPart(
        part_id=part.part_id,
        part_wall_ms=part.wall_ms,
        # of a part whose line ended nobody knows what the PLC did: no verdict, and no reason
        verdict=VerdictKind.__members__.get(part.verdict, VerdictKind.NONE),
        reason=Reason.__members__.get(part.reason, Reason.OK),
        score=part.score,
        engine=",".join(engines),
        recipe=part.recipe,
        lot=part.lot or None,
    )
