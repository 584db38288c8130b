"""A word on its way: in the audit trail before and after, with whoever said it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import DispositionRefused, DispositionUnfit
from gonogo.ipc.audit import files
from gonogo.ipc.audit.trail import Trail
from gonogo.records.dispositions.sending import Rules, in_trail, send
from gonogo.records.dispositions.words import Word
from gonogo.tests.records.dispositions.said import CODES, REJECTED, request

if TYPE_CHECKING:
    from pathlib import Path

RULES = Rules(CODES, ("boss",))


def by_ann() -> dict[str, Any]:
    """Whoever it is that a way to speak knows."""
    return {"login": "ann", "place": "a screen"}


def last(records: Path) -> Any:  # noqa: ANN401 - a row
    """The newest row of the trail."""
    return Trail(files.beside_records(records)).last("disposition")


def test_word_is_told_by_whoever_said_it_with_its_number(tmp_path: Path) -> None:
    """And comes back with all that was said of its part."""
    records = tmp_path / "records.sqlite"
    first, all_ = send(records, request(), REJECTED, RULES, by_ann)
    assert (first.number, all_) == (1, [first])
    other = request(Word.CONFIRMED, "bob", seen=1)
    second, all_ = send(records, other, REJECTED, RULES, by_ann)
    assert all_ == [first, second]
    row = last(records)
    assert (row.state, row.who, row.new["number"]) == ("done", by_ann(), 2)
    assert row.new["word"] == "CONFIRMED"


def test_word_that_is_refused_is_told_as_that(tmp_path: Path) -> None:
    """With the words of the error; nothing was written."""
    records = tmp_path / "records.sqlite"
    send(records, request(), REJECTED, RULES, by_ann)
    for wrong, error in (
        (request(who="bob"), DispositionRefused),
        (request(seen=1)._replace(decides=True), DispositionUnfit),
    ):
        with pytest.raises(error):
            send(records, wrong, REJECTED, RULES, by_ann)
        assert last(records).state == "failed"
        assert last(records).new["asked"]["part"] == in_trail(wrong, 4711)["part"] == "run-1/7"
