"""What a process that takes over knows from the records of the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.records.lot import AUDIT, Drawn, lot_of
from gonogo.records.picture_words import PictureKind, PictureState
from gonogo.records.pictures.known import sampled, told_of
from gonogo.records.pictures.rows import PictureRows
from gonogo.tests.records.months import now
from gonogo.tests.records.pictures.made import RUN, recorded, row_of

if TYPE_CHECKING:
    from pathlib import Path


def test_known_are_the_parts_of_the_run_that_have_a_row(tmp_path: Path) -> None:
    """Once each, kept or missed; those of another run are not ours."""
    base = tmp_path / "records.sqlite"
    recorded(base, 1, 2, 3)
    recorded(base, 4, run="run2")
    rows = PictureRows(base, tmp_path)
    missed = PictureState.OVERWRITTEN
    rows.write([row_of(1), row_of(1, 1), row_of(3, state=missed), row_of(4, run="run2")])
    rows.close()
    assert told_of(base, RUN) == {1, 3}
    assert told_of(base, "run2") == {4}
    assert told_of(base, "run3") == set()


def test_known_sample_is_what_is_still_in_it_of_this_shift(tmp_path: Path) -> None:
    """Of every run; neither those that were replaced or missed, nor those of the shift before."""
    base = tmp_path / "records.sqlite"
    recorded(base, 1, 2, 3, 4)
    recorded(base, 5, run="run2")
    rows = PictureRows(base, tmp_path)
    audit = {"kind": PictureKind.AUDIT}
    rows.write([
        row_of(1, **audit), row_of(1, 1, **audit), row_of(2),
        row_of(3, state=PictureState.REPLACED, **audit),
        row_of(4, state=PictureState.OVERWRITTEN, **audit), row_of(5, run="run2", **audit),
    ])  # fmt: skip
    rows.close()
    found = sampled(base, 0)
    assert sorted(found, key=lambda each: each.serial) == [
        Drawn(lot_of(run, AUDIT, serial), run, serial) for run, serial in ((RUN, 1), ("run2", 5))
    ]
    assert sampled(base, 1 << 50) == []


def test_known_is_nothing_of_records_that_cannot_be_read(tmp_path: Path) -> None:
    """None there yet, or damaged: it begins anew."""
    base = tmp_path / "records.sqlite"
    assert (told_of(base, RUN), sampled(base, 0)) == (set(), [])
    recorded(base, 1)
    now(base).write_bytes(b"no database" * 1000)
    assert (told_of(base, RUN), sampled(base, 0)) == (set(), [])
