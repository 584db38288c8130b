"""The log process: from the pipe to the files, as a process of its own and by hand."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from gonogo.base.doorbell import make_bell, open_bell
from gonogo.base.log.entry import to_line
from gonogo.ipc.worker import KEPT_BELL
from gonogo.records.log.kept import KeptFiles
from gonogo.records.log.process import LOST, LogKeeper, LogPlan
from gonogo.tests.table import supervised, turn_until
from gonogo.watchdog.plan import RowPlan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends; the reading one never blocks."""
    out, into = os.pipe()
    os.set_blocking(out, False)
    yield out, into
    os.close(out)
    os.close(into)


def test_keeper_writes_whole_lines(pipe: tuple[int, int], tmp_path: Path) -> None:
    """What comes in pieces waits for its end."""
    kept = KeptFiles(tmp_path / "log", 1000, 3)
    keeper = LogKeeper(pipe[0], kept)
    for piece in (b"one\ntw", b"o\nthr"):
        os.write(pipe[1], piece)
        assert keeper.keep()
    assert not keeper.keep()
    kept.close()
    assert (tmp_path / "log").read_bytes() == b"one\ntwo\n"


def test_keeper_counts_what_no_disk_took_and_tells_once(
    pipe: tuple[int, int], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One error while it lasts; in the file how many are missing, before the next line."""
    folder = tmp_path / "not yet"
    kept = KeptFiles(folder / "log", 1000, 3)
    keeper = LogKeeper(pipe[0], kept)
    for _ in range(3):
        os.write(pipe[1], b"lost\nlost\n")
        keeper.keep()
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("GN612: log")
    folder.mkdir()
    os.write(pipe[1], b"kept\n")
    keeper.keep()
    os.write(pipe[1], b"kept too\n")
    keeper.keep()
    kept.close()
    told, *rest = (folder / "log").read_bytes().splitlines()
    assert (json.loads(told)["event"], json.loads(told)["count"]) == (LOST, 6)
    assert rest == [b"kept", b"kept too"]


def test_log_process_empties_the_pipe_until_it_is_stopped(station: str, tmp_path: Path) -> None:
    """What was written before its start, and the last line before its end."""
    path = tmp_path / "log"
    make_bell(station, KEPT_BELL)
    fd = open_bell(station, KEPT_BELL)
    os.write(fd, to_line({"text": "before"}))
    plan = LogPlan(station=station, path=path, file_mb=1.0, files=3)
    row = RowPlan(
        name="log", module="gonogo.records.log.process", argument=plan.model_dump_json(),
        limit_ms=10_000.0,
    )  # fmt: skip
    with supervised(station, row) as table:
        turn_until(table, lambda: path.exists() and b"before" in path.read_bytes())
        os.write(fd, to_line({"text": "last"}))
    os.close(fd)
    assert [json.loads(each)["text"] for each in path.read_bytes().splitlines()] == [
        "before",
        "last",
    ]
