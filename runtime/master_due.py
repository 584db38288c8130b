"""When the known good and bad part are to be shown again, and what follows where they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.log.logger import get_logger
from gonogo.base.words import NS_PER_MS
from gonogo.ipc.master_part import Gate

if TYPE_CHECKING:
    from gonogo.base.words import MasterPart
    from gonogo.config.master_part import MasterPartSection
    from gonogo.ipc.master_part import LineMasterPart, LinePlace

log = get_logger(__name__)

NS_PER_S = 1000 * NS_PER_MS
NS_PER_H = 3600 * NS_PER_S


class DueParts:
    """Used by the line's thread alone; when something is due stands in memory, for the next line.

    A station that starts has shown nothing yet: all is due at once, whatever was shown before.
    """

    def __init__(self, memory: LineMasterPart, section: MasterPartSection) -> None:
        self._places = {part: memory.places[part] for part in section.due}
        self._memory = memory
        self._every_ns = round((section.every_h or 0.0) * NS_PER_H)
        self._grace_ns = round(section.grace_h * NS_PER_H)
        self._stops = section.overdue == "stop"
        self._told: dict[MasterPart, int] = {}  # for which time it was said

    def passed(self, part: MasterPart, now_ns: int, checksum: int) -> None:
        """A right answer; `checksum` is of all that judged."""
        place = self._memory.places[part]
        if part in self._places:
            place.due_ns = now_ns + self._every_ns
        place.passed(now_ns, checksum)

    def look(self, now_ns: int, checksum: int | None) -> None:
        """Between two parts; `checksum` is of what judges now, None while that is not all there."""
        for part, place in self._places.items():
            if not place.due_ns:
                place.due_ns = now_ns
            elif place.due_ns > now_ns and checksum not in {None, place.checksum}:
                place.due_ns = now_ns  # another recipe, engine or limit: it has proven nothing
            if place.due_ns <= now_ns:
                self._remind(part, place, now_ns)

    def _remind(self, part: MasterPart, place: LinePlace, now_ns: int) -> None:
        name = part.name.lower()
        if self._told.get(part) != place.due_ns:
            self._told[part] = place.due_ns
            log.warning(
                "master_part_due",
                text="the known %(known)s part is due: gonogo master %(known)s",
                known=name,
            )
        overdue = self._stops and now_ns - place.due_ns > self._grace_ns
        if overdue and place.gate is Gate.OPEN:
            place.close_gate(Gate.OVERDUE, now_ns)
            log.error(
                "master_part_overdue",
                text="the known %(known)s part is overdue: no part passes until a right answer",
                known=name,
            )
