"""Which parts have their picture kept, and why; asked once a part, in the order in which they pass.

A part that was accepted and then came too late for the PLC, or was never acknowledged, was thrown
out as well: its picture is taken when that is heard, as long as the ring has it.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import MasterPart, VerdictKind
from gonogo.records.lot import AUDIT, Drawn, Sample, is_nth, lot_of
from gonogo.records.picture_words import PictureKind
from gonogo.records.shifts import shift_start_ms

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gonogo.ipc.journal_records import DeliveryEntry, VerdictEntry
    from gonogo.records.section import ImagesSection

LATE_MAX = 128  # accepted parts whose delivery is awaited; no ring holds more frames


class Chosen(NamedTuple):
    """A part whose picture is wanted."""

    entry: VerdictEntry
    kind: PictureKind


class Replaced(NamedTuple):
    """A part that is out of its sample; `nth`: it keeps its picture all the same."""

    run: str
    serial: int
    nth: bool


class Chooser:
    """Of one run of a station, in the shift that began at `began_ms`.

    `drawn`: what its sample holds already. Parts of the shifts before are no longer drawn: whoever
    was there before has done that.
    """

    def __init__(
        self,
        run: str,
        images: ImagesSection,
        starts: tuple[str, ...],
        began_ms: int = 0,
        drawn: Iterable[Drawn] = (),
    ) -> None:
        self._run, self._every = run, images.every_nth_good
        self._size, self._starts = images.audit_sample, starts
        self._sample = Sample(self._size)
        self._began_ms, self._begun = began_ms, False
        for each in drawn:
            if self._sample.wants(began_ms, each.lot):
                self._sample.take(each)
        self._awaited: OrderedDict[int, VerdictEntry] = OrderedDict()

    def choose(self, entry: VerdictEntry, wall_ms: int) -> Chosen | None:
        """A part that was judged at that time; None where its picture is not wanted (yet)."""
        if entry.kind is not VerdictKind.ACCEPT:
            return Chosen(entry, PictureKind.REJECT)
        serial = entry.part.serial
        # a master part is shown on purpose: it says nothing of what slips through
        ordinary = entry.master.part is MasterPart.NONE
        if self._size and ordinary and self._wants(serial, wall_ms):
            return Chosen(entry, PictureKind.AUDIT)
        if is_nth(self._run, serial, self._every):
            return Chosen(entry, PictureKind.NTH)
        self._awaited[serial] = entry
        if len(self._awaited) > LATE_MAX:
            self._awaited.popitem(last=False)
        return None

    def delivered(self, entry: DeliveryEntry) -> Chosen | None:
        """An accepted part that was thrown out after all."""
        judged = self._awaited.pop(entry.serial, None)
        well = entry.delivered and entry.kind is VerdictKind.ACCEPT
        return None if judged is None or well else Chosen(judged, PictureKind.REJECT)

    def drawn(self, serial: int) -> Replaced | None:
        """A part of the sample has its picture; which one gives way to it."""
        out = self._sample.take(Drawn(self._lot(serial), self._run, serial))
        if out is None:
            return None
        return Replaced(out.run, out.serial, is_nth(out.run, out.serial, self._every))

    def _wants(self, serial: int, wall_ms: int) -> bool:
        shift_ms = shift_start_ms(wall_ms, self._starts)
        # from the first part of this shift on; a clock that is set back then ends nothing
        self._begun = self._begun or shift_ms >= self._began_ms
        return self._begun and self._sample.wants(shift_ms, self._lot(serial))

    def _lot(self, serial: int) -> int:
        return lot_of(self._run, AUDIT, serial)
