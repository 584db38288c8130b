"""Requests that wait beside the state."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import OutputError
from gonogo.records.drift.restarts import RestartRequest, ask, take

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST = RestartRequest(view="top", who="a", why="new lamp", wall_s=1.0)
STATION = 1234  # its user
SECOND = RestartRequest(view="side", who="b", why="new lens", wall_s=2.0)


def test_restarts_are_taken_once_the_oldest_first(tmp_path: Path) -> None:
    """However many there are."""
    state = tmp_path / "records-drift.json"
    for each in (SECOND, FIRST):
        ask(state, each)
    assert take(state, set()) == [FIRST, SECOND]
    assert take(state, set()) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("raw", [b"", b"{", b'{"view": 5}', b"\xff\x00", b"x" * 10_000])
def test_restarts_that_are_none_are_dropped(
    tmp_path: Path, raw: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever wrote them there: they are gone, that is said, and others are taken."""
    state = tmp_path / "records-drift.json"
    (tmp_path / "records-drift.restart-1.json").write_bytes(raw)
    ask(state, FIRST)
    assert take(state, set()) == [FIRST]
    assert list(tmp_path.iterdir()) == []
    assert caplog.text.count("no reference begins anew by this request") == 1


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """In the folder of a station's user, in which we are: the way there is root's alone."""
    monkeypatch.chdir(tmp_path)
    if os.geteuid() == 0:
        os.chown(tmp_path, STATION, STATION)
    yield Path("records-drift.json")
    os.seteuid(os.getuid())


def test_restart_that_root_asks_for_is_taken_by_the_station(state: Path) -> None:
    """Its process is not root, and reads it."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    ask(state, FIRST)
    os.seteuid(STATION)
    assert take(state, set()) == [FIRST]
    assert list(Path().iterdir()) == []


def test_restart_that_may_not_be_read_waits(state: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is said once, and taken when somebody has given it."""
    ask(state, FIRST)
    (path,) = Path().iterdir()
    path.chmod(0)
    if os.geteuid() == 0:
        os.seteuid(STATION)
    told: set[Path] = set()
    assert [take(state, told) for _ in range(2)] == [[], []]
    assert caplog.text.count("Permission denied") == 1
    path.chmod(0o600)
    assert take(state, told) == [FIRST]


def test_restarts_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    """To whoever asked."""
    with pytest.raises(OutputError, match="cannot be written"):
        ask(tmp_path / "absent" / "records-drift.json", FIRST)
