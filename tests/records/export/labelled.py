"""A small station's records with pictures and people's words on every part.

Import as `gonogo.tests.records.export.labelled`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.base.words import Part, Reason, VerdictKind, ViewCapture
from gonogo.records.dispositions.book import Book, KnownPart, Request
from gonogo.records.dispositions.labels import Label, labels
from gonogo.records.dispositions.reading import beside_records
from gonogo.records.dispositions.section import DispositionsSection
from gonogo.records.dispositions.words import Origin, PartKey, Word
from gonogo.records.labels import Clock, Labels
from gonogo.records.picture_words import PictureKind, PictureState
from gonogo.records.pictures.rows import PictureRows, Row
from gonogo.records.pictures.tree import Tree
from gonogo.records.store import Store
from gonogo.tests.fakes import entry_of
from gonogo.tests.records.months import THEN
from gonogo.tests.records.questions.recorded import START_MS, same

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gonogo.ipc.journal_records import VerdictEntry

RUN, ENGINE = "run-a", "0000000000000abc"
VIEWS = ("top", "Side view")
SIZE_PX = (12, 16)  # height, width
S, MS = 10**9, 10**6
HOUR = "2023/11/30/23"
PASSED = KnownPart(0, 0, VerdictKind.ACCEPT, Reason.OK, 1200, ENGINE, 1, None)


class Said(NamedTuple):
    """A part, and what a person said of it; `at_s` after START_MS; `code` '' of a good one."""

    serial: int
    code: str = ""
    lot: str | None = None
    views: int = 1
    ending: str = ".png"
    at_s: float | None = None
    origin: Origin = Origin.REVIEW
    word: Word = Word.CONFIRMED
    engine: str = ENGINE

    @property
    def known(self) -> KnownPart:
        """Good ones were accepted, defects rejected, and people confirm it, unless they do not."""
        known = PASSED._replace(
            part_id=self.serial + 100, part_wall_ms=START_MS + self.at_ms, lot=self.lot
        )
        known = known._replace(engine=self.engine)
        if self.code or self.word is Word.FALSE_REJECT:
            known = known._replace(verdict=VerdictKind.REJECT, reason=Reason.ENGINE, score=7000)
        return known

    @property
    def at_ms(self) -> int:
        """After START_MS."""
        return round(1000 * (self.serial if self.at_s is None else self.at_s))


def usual(lots: int = 6) -> list[Said]:
    """In each lot two good parts, a scratch and a dent, in two views; one good part is a JPEG."""
    found = []
    for lot in range(lots):
        for k, code in enumerate(("", "", "scratch", "dent")):
            serial = lot * 4 + k + 1
            found.append(Said(serial, code, f"L{lot}", 2, ".jpg" if serial == 1 else ".png"))
    return found


def write(folder: Path, parts: Sequence[Said]) -> Path:
    """The `path` of [records]; pictures lie in `pictures` beside it."""
    base = folder / "records.sqlite"
    clock = Clock(START_MS * MS, 0)
    store = Store(base, Labels(VIEWS, (), ()), RUN, THEN._replace(now=partial(same, clock)))
    store.write([_entry(said) for said in parts])
    store.close()
    _photograph(base, folder / "pictures", parts)
    speak(base, parts)
    return base


def speak(base: Path, parts: Sequence[Said]) -> None:
    """What a person said of each."""
    book = Book.open(beside_records(base), DispositionsSection().means)
    for said in parts:
        request = Request(
            f"of-{said.serial}", PartKey(RUN, said.serial), said.word, said.code, "", "ann",
            said.origin, 0,
        )  # fmt: skip
        book.add(request, said.known)
    book.close()


def spoken(base: Path) -> list[Label]:
    """The labels that came of it."""
    book = Book.read(beside_records(base))
    found = labels(book.all())
    book.close()
    return found


def picture(serial: int, view: int, ending: str = ".png") -> bytes:
    """A file like no other."""
    pixels = np.random.default_rng((serial, view)).integers(0, 256, (*SIZE_PX, 3), np.uint8)
    return bytes(cv2.imencode(ending, pixels)[1].tobytes())


def _photograph(base: Path, folder: Path, parts: Sequence[Said]) -> None:
    tree, rows = Tree(folder), PictureRows(base, folder)
    tree.make()
    some = []
    for said in parts:
        for view in range(said.views):
            put = tree.put(HOUR, picture(said.serial, view, said.ending), said.ending)
            its_map = tree.put_map(put.path, picture(said.serial, view + 100)).path
            row = Row(RUN, said.serial, view, VIEWS[view], PictureKind.REJECT, PictureState.KEPT)
            some.append(row._replace(path=put.path, map=its_map, low=0.0, high=1.0))
    assert rows.write(some) == []
    rows.close()


def _entry(said: Said) -> VerdictEntry:
    at = said.at_ms * MS
    known = said.known
    return entry_of(said.serial)._replace(
        part=Part(said.serial, known.part_id, at, at + 1, at + 2, at + 3),
        kind=known.verdict,
        reason=known.reason,
        score=known.score or 0,
        looks=tuple(ViewCapture(k, 0, at + 1) for k in range(said.views)),
        scores=(None,) * said.views,
    )
