"""The audit sample as it stands in the records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.words import MasterAnswer, MasterPart, Reason, VerdictKind
from gonogo.ipc.journal_records import DeliveryEntry, Mastered
from gonogo.records.picture_words import PictureKind, PictureState
from gonogo.records.pictures.rows import PictureRows
from gonogo.records.questions.files import Files
from gonogo.records.questions.parts import by_serial
from gonogo.records.questions.samples import audit_sample
from gonogo.records.store import Store
from gonogo.tests.fakes import entry_of, part_now
from gonogo.tests.records.formerly import make
from gonogo.tests.records.pictures.made import LABELS, RUN, recorded, row_of

if TYPE_CHECKING:
    from pathlib import Path

EVER = 1 << 60


def test_sample_is_what_was_drawn_and_can_still_be_looked_at(tmp_path: Path) -> None:
    """Once each, of every run; neither what gave way, was missed or evicted, nor other pictures."""
    base = tmp_path / "records.sqlite"
    recorded(base, 1, 2, 3, 4, 5)
    recorded(base, 1, run="run2")
    rows = PictureRows(base, tmp_path)
    audit = {"kind": PictureKind.AUDIT}
    rows.write([
        row_of(1, **audit), row_of(1, 1, **audit), row_of(2),
        row_of(3, state=PictureState.REPLACED, **audit),
        row_of(4, state=PictureState.TOO_OLD, **audit),
        row_of(5, kind=PictureKind.NTH), row_of(1, run="run2", **audit),
    ])  # fmt: skip
    rows.close()
    files = Files(base)
    assert [(each.run, each.serial) for each in audit_sample(files, 0, EVER)] == [
        (RUN, 1), ("run2", 1),
    ]  # fmt: skip
    first_ms = by_serial(files, RUN, 1).wall_ms
    assert audit_sample(files, 0, first_ms) == []
    assert audit_sample(files, EVER - 1, EVER) == []


def test_sample_has_no_part_that_the_plc_threw_out_nor_a_master_part(tmp_path: Path) -> None:
    """Accepted too late, or never acknowledged, or shown on purpose."""
    base = tmp_path / "records.sqlite"
    store = Store(base, LABELS, RUN)
    parts = [entry_of(k)._replace(part=part_now(k), kind=VerdictKind.ACCEPT) for k in range(1, 6)]
    parts[4] = parts[4]._replace(master=Mastered(MasterPart.GOOD, MasterAnswer.RIGHT))
    store.write(parts)
    told = DeliveryEntry(1, 1, 1, 1, 2, delivered=True, kind=VerdictKind.ACCEPT, reason=Reason.OK)
    store.write([
        told,
        told._replace(serial=2, part_id=2, delivered=False),
        told._replace(serial=3, part_id=3, kind=VerdictKind.REJECT, reason=Reason.DEADLINE),
    ])  # fmt: skip
    store.close()
    rows = PictureRows(base, tmp_path)
    rows.write([row_of(serial, kind=PictureKind.AUDIT) for serial in range(1, 6)])
    rows.close()
    assert [each.serial for each in audit_sample(Files(base), 0, EVER)] == [1, 4]


def test_sample_of_a_file_from_before_there_were_pictures_is_empty(tmp_path: Path) -> None:
    """It is read all the same."""
    path = tmp_path / "records.sqlite"
    make(path)
    assert audit_sample(Files(path), 0, EVER) == []
