"""`gonogo log`, as a technician types it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gonogo.base.log.entry import to_line
from gonogo.commands.cli import main
from gonogo.records.log.kept import KeptFiles
from gonogo.tests.stations import PLAIN_FILE

WAIT_S = 30.0
GONOGO = Path(sys.executable).with_name("gonogo")


def said(text: str, minutes_ago: float = 0.0, **fields: Any) -> bytes:  # noqa: ANN401 - of a message
    """A line of a process."""
    wall = (datetime.now().astimezone() - timedelta(minutes=minutes_ago)).isoformat()
    return to_line({"time": wall, "level": "info", "event": "e", "text": text, **fields})


@pytest.fixture
def station(tmp_path: Path) -> Path:
    """A station file whose log is beside it, small enough to be rotated soon."""
    path = tmp_path / "cell.toml"
    path.write_text(PLAIN_FILE + '[log]\npath = "log.jsonl"\n')
    return path


@pytest.fixture
def kept(station: Path) -> KeptFiles:
    """What the log process writes with."""
    return KeptFiles(station.parent / "log.jsonl", 400, 5)


def typed(*words: object) -> tuple[int, str]:
    """Exit code and output of a command."""
    found = CliRunner().invoke(main, ["log", *map(str, words)])
    return found.exit_code, found.output


def test_log_shows_all_processes_with_time_level_and_name(station: Path, kept: KeptFiles) -> None:
    """One line each, in their order; a line that is no message as it is, a torn one, too."""
    kept.append(said("up", process="line") + b"Segmentation fault\n" + said("x", level="error"))
    kept.append(b'{"te')
    kept.close()
    code, shown = typed(station)
    assert code == 0
    first, *rest = shown.splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} INFO    line: up", first)
    assert rest[0] == "Segmentation fault"
    assert rest[1].endswith("ERROR   x")
    assert rest[2] == '{"te'


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--part", 4711), ["b"]),
        (("--process", "line"), ["b", "c"]),
        (("--level", "error"), ["c"]),
        (("--since", "2000-01-01"), ["a", "b", "c"]),
        (("--since", "2999-01-01T00:00"), []),
    ],
)
def test_log_shows_what_is_asked_for(
    station: Path, kept: KeptFiles, words: tuple[object, ...], expected: list[str]
) -> None:
    """As JSON, so that a program may go on with it."""
    kept.append(said("a", 3) + said("b", 2, part=4711, process="line"))
    kept.append(said("c", 1, process="line", level="error"))
    kept.close()
    code, shown = typed(station, "--json", *words)
    assert code == 0
    assert [json.loads(line)["text"] for line in shown.splitlines()] == expected


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_nothing_that_a_terminal_obeys_is_shown_raw(
    station: Path, kept: KeptFiles, form: tuple[str, ...]
) -> None:
    """Neither of a value, nor of a line that is no message, nor of one that others wrote."""
    evil = "\x1b]0;owned\x07\x9b31m\u202e\r"
    kept.append(said(evil, process=evil, traceback=evil) + evil.encode() + b"\n")
    kept.append(json.dumps({"text": evil, "time": evil, "level": evil}).encode() + b"\n")
    kept.append(json.dumps({"text": "\u202e\x9b"}, ensure_ascii=False).encode() + b"\n")
    kept.close()
    code, shown = typed(station, *form)
    assert code == 0
    assert not set(shown) & set("\x1b\x07\x9b\u202e\r")


def test_log_is_followed_through_rotation(station: Path, kept: KeptFiles) -> None:
    """Every line once, until it is interrupted; by a process of its own, as on a box."""
    kept.append(said("0"))
    command = [str(GONOGO), "log", str(station), "--follow"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as follower:
        assert follower.stdout is not None
        found = [follower.stdout.readline()]
        for k in range(1, 12):
            kept.append(said(f"{k}"))
            found.append(follower.stdout.readline())
        kept.close()
        follower.terminate()
        assert follower.wait(WAIT_S) == 0
    assert [line.split()[-1] for line in found] == [b"%d" % k for k in range(12)]
    assert (station.parent / "log.jsonl.1").exists()


def test_station_that_keeps_no_log_is_told(tmp_path: Path) -> None:
    """Where its messages are."""
    path = tmp_path / "cell.toml"
    path.write_text(PLAIN_FILE)
    code, shown = typed(path)
    assert code == 1
    assert shown.startswith("GN611: station 'cell' keeps no log: expected `path` in [log]")


def test_log_that_nobody_has_written_yet_is_told(station: Path) -> None:
    """By its path."""
    code, shown = typed(station)
    assert (code, "log.jsonl: there is none" in shown) == (1, True)


def test_time_that_is_none_is_refused(station: Path) -> None:
    """With what was expected."""
    code, shown = typed(station, "--since", "noon")
    assert code == 2
    assert "expected a time (14:02, 14:02:30), a day (2026-11-30) or both" in shown
