"""What must outlive a station of its master parts: the gates, and a trial that is under way.

Beside the records, written before a trial begins and again when it has ended: a station that dies
in between does not know the answer when it comes back, and lets no part pass until it has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gonogo.base.errors import MasterPartFileError
from gonogo.base.log.logger import get_logger
from gonogo.base.sealed_file import SealedFile
from gonogo.base.section import Section
from gonogo.base.strict_json import seal_of
from gonogo.base.words import MasterPart
from gonogo.ipc.master_part import KNOWN, Gate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gonogo.ipc.master_part import MasterPartView

log = get_logger(__name__)

VERSION = 1
_MAX_BYTES = 4096
_AGAIN = (
    "no part passes until the known good and the known bad part have got right answers: "
    "`gonogo master good`, `gonogo master bad`"
)
Kept = Literal["open", "on trial", "wrong", "overdue", "unknown"]


class KeptGates(Section):
    """One word a part."""

    version: int = VERSION
    good: Kept
    bad: Kept

    def gate(self, part: MasterPart) -> Gate:
        """That a station begins with: of a trial that was under way, nobody knows the answer."""
        kept = self.good if part is MasterPart.GOOD else self.bad
        return Gate.UNKNOWN if kept == "on trial" else Gate[kept.upper()]


FILE = SealedFile(
    KeptGates, seal_of("gonogo master part"), VERSION, _MAX_BYTES, MasterPartFileError, _AGAIN
)


def kept_of(memory: MasterPartView) -> KeptGates:
    """What is to be kept at this moment."""
    request = memory.request
    on_trial = request.part if memory.under_way else MasterPart.NONE
    kept = {}
    for part, place in memory.places.items():
        gate = place.gate
        trial = part is on_trial and gate is Gate.OPEN
        kept[part.name.lower()] = "on trial" if trial else gate.name.lower()
    return KeptGates.model_validate(kept)


def read_gates(path: Path) -> Mapping[MasterPart, Gate]:
    """Those that the station begins with, told where one is closed; open where no file is.

    Only where there is none: one that cannot be looked at may say that a gate is closed.
    """
    try:
        kept = FILE.read(path)
    except MasterPartFileError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return {}
        log.error("master_part_file_unusable", text="%(error)s", error=error)  # noqa: TRY400 - for a technician
        return dict.fromkeys(KNOWN, Gate.UNKNOWN)
    gates = {part: kept.gate(part) for part in KNOWN}
    for part, gate in gates.items():
        if gate is not Gate.OPEN:
            name = part.name.lower()
            log.warning(
                "master_part_gate_closed",
                text="no part passes until a right answer to the known %(known)s part",
                known=name,
            )
    return gates


def kept_beside(records: Path, station: str) -> Path:
    """Where it lies."""
    return records.with_name(f"{station}.master-part.json")
