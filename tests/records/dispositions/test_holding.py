"""Pictures that must stay, as the pictures process asks it."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from gonogo.records.dispositions.book import Book
from gonogo.records.dispositions.holding import Holding
from gonogo.records.dispositions.reading import beside_records
from gonogo.records.dispositions.words import PartKey, Word
from gonogo.records.picture_words import PictureKind
from gonogo.records.pictures.choice import Replaced
from gonogo.records.pictures.process import PicturesPlan, desk_of
from gonogo.tests.records.dispositions.said import ACCEPTED, CODES, REJECTED, request
from gonogo.tests.records.pictures.made import (
    RUN,
    files_in,
    images_in,
    job_of,
    pictures,
    recorded,
)

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.records.dispositions.said import Request
    from gonogo.records.pictures.desk import Desk

NOW = datetime.now(timezone.utc)
OLD = (NOW - timedelta(days=3)).strftime("%Y/%m/%d/%H")


def say(base: Path, serial: int, *words: tuple[str, Word]) -> None:
    """One person after the other."""
    path = beside_records(base)
    with closing(Book.open(path, CODES, ("eve",))) as book:
        for who, word in words:
            part = PartKey(RUN, serial)
            seen = max((each.number for each in book.of(part)), default=0)
            known = ACCEPTED if word is Word.MISSED_DEFECT else REJECTED
            asked: Request = request(word, who, seen)._replace(part=part, decides=who == "eve")
            book.add(asked, known)


@pytest.mark.parametrize(
    ("words", "held"),
    [
        ((), False),
        ((("ann", Word.CONFIRMED),), False),
        ((("ann", Word.FALSE_REJECT),), True),
        ((("ann", Word.MISSED_DEFECT),), True),
        ((("ann", Word.UNSURE),), True),
        ((("ann", Word.CONFIRMED), ("bob", Word.FALSE_REJECT)), True),
        ((("ann", Word.CONFIRMED), ("bob", Word.FALSE_REJECT), ("eve", Word.CONFIRMED)), True),
        ((("ann", Word.FALSE_REJECT), ("ann", Word.CONFIRMED)), False),
    ],
)
def test_holding_keeps_what_is_overridden_disputed_or_unsure(
    tmp_path: Path, words: tuple[tuple[str, Word], ...], *, held: bool
) -> None:
    """A word that was taken back, or says that all was right, holds nothing."""
    base = tmp_path / "records.sqlite"
    holding = Holding(beside_records(base))
    assert not holding(RUN, 1)
    say(base, 1, *words)
    assert holding(RUN, 1) is held
    assert not holding(RUN, 2)


def test_holding_keeps_everything_while_the_words_cannot_be_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What goes cannot be had again; once they can be read, it knows."""
    base = tmp_path / "records.sqlite"
    say(base, 1, ("ann", Word.CONFIRMED))
    holding, path = Holding(beside_records(base)), beside_records(base)
    whole = path.read_bytes()
    for turn in (1, 2):  # told once each time, not for every picture
        path.write_bytes(b"garbage" * 999)
        assert holding(RUN, 1)
        assert holding(RUN, 2)
        assert caplog.text.count("every picture stays") == turn
        path.write_bytes(whole)
        assert not holding(RUN, 1)


def desk_at(tmp_path: Path, *serials: int) -> Desk:
    """As the pictures process makes it, with old pictures of those parts."""
    base, folder = tmp_path / "records.sqlite", tmp_path / "pictures"
    recorded(base, *serials)
    desk = desk_of(
        PicturesPlan(
            station="cell", path=base, shift_starts=("06:00",), views=(),
            images=images_in(folder, max_age_days=1),
        )
    )  # fmt: skip
    desk.begin()
    for serial in serials:
        job = job_of(serial, OLD)
        desk.take(job._replace(row=job.row._replace(kind=PictureKind.AUDIT)))
    assert desk.flush()
    return desk


def test_pictures_of_parts_that_people_overrode_outlive_their_days(tmp_path: Path) -> None:
    """The others go."""
    desk = desk_at(tmp_path, 1, 2, 3)
    say(tmp_path / "records.sqlite", 2, ("ann", Word.MISSED_DEFECT))
    desk.tidy(round(NOW.timestamp() * 1000))
    desk.close()
    states = pictures(tmp_path / "records.sqlite")
    assert states == [(1, "TOO_OLD"), (2, "KEPT"), (3, "TOO_OLD")]
    assert len(files_in(tmp_path / "pictures")) == 1


def test_part_that_is_out_of_its_sample_keeps_its_picture_once_it_is_spoken_of(
    tmp_path: Path,
) -> None:
    """For another reason than the sample, whose size stays what it is."""
    desk = desk_at(tmp_path, 1, 2)
    say(tmp_path / "records.sqlite", 2, ("ann", Word.MISSED_DEFECT))
    for serial in (1, 2):
        desk.replace(Replaced(RUN, serial, nth=False))
    assert desk.flush()
    desk.close()
    found = pictures(tmp_path / "records.sqlite", "serial, kind, state")
    assert found == [(1, "AUDIT", "REPLACED"), (2, "NTH", "KEPT")]
    assert len(files_in(tmp_path / "pictures")) == 1
