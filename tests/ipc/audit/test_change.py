"""A change is told before it takes effect, and again with how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import EngineInUse
from gonogo.ipc.audit.change import changing
from gonogo.ipc.audit.files import reserve_of, rows_backwards
from gonogo.ipc.audit.row import Entry
from gonogo.tests.ipc.audit.trails import FullDisk, trail_at

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.ipc.audit.row import Row

ENTRY = Entry("engine remove", "noted", "1.0.0", None, "old")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a trail lies."""
    return tmp_path / "records.audit.jsonl"


def rows(path: Path) -> list[Row]:
    """Oldest first."""
    return list(rows_backwards(path))[::-1]


def test_changing_asks_before_and_says_done_after(path: Path) -> None:
    """With what came of it, and which row asked."""
    with changing(trail_at(path), ENTRY) as change:
        (asked,) = rows(path)
        assert (asked.state, asked.why, asked.old) == ("asked", "old", "1.0.0")
        change.new = "gone"
    _, done = rows(path)
    assert (done.state, done.asked, done.new) == ("done", 1, "gone")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (EngineInUse("it stays"), "GN343: it stays"),
        (SystemExit(1), "exit code 1"),
        (KeyboardInterrupt(), "interrupted: whether it took effect is not known here"),
        (ValueError(), "ValueError"),
    ],
)
def test_changing_that_fails_says_so_in_the_error_own_words(
    path: Path, error: BaseException, words: str
) -> None:
    """Also a command that ends with a code, and one that is interrupted."""
    with pytest.raises(type(error)), changing(trail_at(path), ENTRY):
        raise error
    asked, failed = rows(path)
    assert (asked.state, failed.state, failed.asked) == ("asked", "failed", 1)
    assert failed.new == {"asked": None, "error": words}


@pytest.mark.parametrize("code", [None, 0])
def test_changing_that_ends_the_program_in_order_is_done(path: Path, code: int | None) -> None:
    """As commands do."""
    with pytest.raises(SystemExit), changing(trail_at(path), ENTRY):
        raise SystemExit(code)
    assert [row.state for row in rows(path)] == ["asked", "done"]


def test_changing_goes_on_where_no_row_can_be_written_and_says_so(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A station must be able to go back on a full disk."""
    trail_at(path).append(ENTRY)
    reserve_of(path).unlink()
    with changing(trail_at(path, files=FullDisk()), ENTRY) as change:
        change.new = "gone"
    assert [message[:5] for message in caplog.messages] == ["GN627", "GN627"]
    assert len(rows(path)) == 1


def test_changing_without_a_trail_only_does_it(path: Path) -> None:
    """Of what has no place."""
    with changing(None, ENTRY) as change:
        assert change.new is None
    assert not path.exists()
