"""What the screen asks the records: a part with its picture and all that was said of it.

Each question opens files, reads, and lets go; it may wait for a disk, so it runs beside the thread
that serves. Whatever text is in there goes out as JSON, and a page shows it as text.
"""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from gonogo.base.errors import NoSuchPart
from gonogo.base.words import VerdictKind
from gonogo.console.screen.frames import jpeg_of
from gonogo.records.dispositions.book import Book
from gonogo.records.dispositions.fit import fitting, typed
from gonogo.records.dispositions.labels import standing
from gonogo.records.dispositions.part import key_of
from gonogo.records.dispositions.reading import beside_records
from gonogo.records.questions.details import details
from gonogo.records.questions.files import Files
from gonogo.records.questions.parts import by_serial

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.records.dispositions.said import Disposition
    from gonogo.records.dispositions.section import DispositionsSection
    from gonogo.records.questions.details import Check, Details
    from gonogo.records.questions.part_row import PartRow
    from gonogo.records.questions.pictures import Picture

LARGEST_PX = 64_000_000  # of a picture file that is read: a page shows no more of it


class FoundPart(NamedTuple):
    """A part as the records have it."""

    row: PartRow
    about: Details


class Archive:
    """Of one station; `records` is the `path` of its [records]."""

    def __init__(self, records: Path, dispositions: DispositionsSection) -> None:
        self.records, self._dispositions = records, dispositions

    def find(self, run: str, serial: int) -> FoundPart:
        """NoSuchPart where it has no row, RecordsUnreadable where none can be read."""
        files = Files(self.records)
        row = by_serial(files, run, serial)
        return FoundPart(row, details(files, row))

    def said_of(self, row: PartRow) -> list[Disposition]:
        """What people said of it, the newest last; DispositionsError."""
        with closing(Book.read(beside_records(self.records))) as book:
            return book.of(key_of(row))

    def about(self, run: str, serial: int, language: str) -> dict[str, Any]:
        """All that the dialog on a part shows; errors as `find`, and DispositionsError."""
        found = self.find(run, serial)
        row, said = found.row, self.said_of(found.row)
        verdict = VerdictKind.__members__.get(row.verdict, VerdictKind.NONE)
        return {
            "run": row.run, "serial": row.serial, "part_id": row.part_id,
            "at": clock_of(row.wall_ms), "day": day_of(row.wall_ms),
            "verdict": row.shown, "decided": row.verdict, "reason": row.reason, "lot": row.lot,
            "delivered": row.delivery.delivered, "undelivered": row.lost,
            "checks": [_check(each) for each in found.about.checks],
            "pictures": {each.view: _state(each) for each in found.about.pictures},
            "seen": said[-1].number if said else 0,
            "said": [self.in_words(each, language) for each in said],
            "standing": standing(said).state.value,
            "words": [typed(word) for word in fitting(verdict)],
            "codes": self.codes(language),
        }  # fmt: skip

    def codes(self, language: str) -> list[dict[str, str]]:
        """The reason codes of the station, with their texts."""
        return [
            {"code": each.code, "text": each.text.of(language), "means": each.means.value}
            for each in self._dispositions.codes
        ]

    def in_words(self, said: Disposition, language: str) -> dict[str, Any]:
        """Who said what, and when."""
        texts = {each.code: each.text.of(language) for each in self._dispositions.codes}
        return {
            "number": said.number, "who": said.who, "word": typed(said.word), "code": said.code,
            "text": texts.get(said.code, said.code), "note": said.note, "decides": said.decides,
            "at": clock_of(said.wall_ms), "day": day_of(said.wall_ms),
        }  # fmt: skip

    def picture(self, run: str, serial: int, view: str, longest_px: int) -> bytes:
        """The kept picture of a view, as a JPEG; NoSuchPart says why there is none."""
        kept = kept_of(self.find(run, serial), view)
        pixels = pixels_of(kept)
        return jpeg_of(pixels, longest_px)


def kept_of(found: FoundPart, view: str) -> Picture:
    """The picture of that view which is kept; NoSuchPart says why there is none."""
    for each in found.about.pictures:
        if each.view == view and each.place is not None:
            return each
    state = next((each.state for each in found.about.pictures if each.view == view), "none")
    raise NoSuchPart(f"part {found.row.part_id}, view {view}: no picture of it is kept ({state})")


def pixels_of(picture: Picture) -> NDArray[np.uint8]:
    """Of a picture that is kept, uint8 H x W x 3, BGR; NoSuchPart where its file is none."""
    place = picture.place
    raw = np.fromfile(place, np.uint8) if place is not None else np.empty(0, np.uint8)
    found = cv2.imdecode(raw, cv2.IMREAD_COLOR) if raw.size else None
    if found is None or found.shape[0] * found.shape[1] > LARGEST_PX:
        raise NoSuchPart(f"view {picture.view}: its picture cannot be read")
    return np.asarray(found, np.uint8)


def clock_of(wall_ms: int) -> str:
    """As the clock of the box shows it: "14:02:03"."""
    return _local(wall_ms).strftime("%H:%M:%S")


def day_of(wall_ms: int) -> str:
    """The day of that, by the box: "2026-11-30"."""
    return _local(wall_ms).strftime("%Y-%m-%d")


def _local(wall_ms: int) -> datetime:
    return datetime.fromtimestamp(wall_ms / 1000).astimezone()


def _check(check: Check) -> dict[str, Any]:
    return {
        "rule": check.rule, "status": check.status, "value": check.value, "low": check.low,
        "high": check.high, "unit": check.unit, "text": check.text,
    }  # fmt: skip


def _state(picture: Picture) -> str:
    """What became of it; what somebody removed is gone."""
    if picture.state == "KEPT" and picture.place is None:
        return "GONE"
    return picture.state
