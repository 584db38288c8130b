"""What a flash says, for people and for programs."""

from __future__ import annotations

import io
import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.build.flash.log import Log
from gonogo.build.flash.report import Report, Row, Steps, clock

if TYPE_CHECKING:
    from collections.abc import Iterator


class Terminal(io.StringIO):
    """One on which a line may be redrawn."""

    def isatty(self) -> bool:
        """Yes."""
        return True


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """Beside what is said."""
    with closing(Log(tmp_path / "log")) as found:
        yield found


def write_half(steps: Steps, now: list[float]) -> None:
    """100 MB of 200 MB, in four seconds."""
    steps.begin("probe the disk")
    steps.end()
    steps.begin("write slot B", 200_000_000)
    now[0] += 4.0
    steps.tell(100_000_000)


def test_a_terminal_sees_how_far_a_step_is(log: Log) -> None:
    """Per cent, rate, and what is left; the line goes when its step ends."""
    out, now = Terminal(), [0.0]
    steps = Steps(Report(out, log, as_json=False), 7, lambda: now[0])
    write_half(steps, now)
    assert out.getvalue().endswith("\r[2/7] write slot B  50 %  25 MB/s  0:04 left")
    now[0] += 4.0
    steps.tell(200_000_000)
    steps.end()
    assert "[2/7] write slot B  done  200.0 MB in 0:08, 25 MB/s\n" in out.getvalue()


def test_a_file_gets_a_line_a_step(log: Log) -> None:
    """And so does the log, with nothing that is redrawn."""
    out, now = io.StringIO(), [0.0]
    steps = Steps(Report(out, log, as_json=False), 7, lambda: now[0])
    write_half(steps, now)
    steps.end()
    assert out.getvalue().splitlines() == [
        "[1/7] probe the disk  done",
        "[2/7] write slot B  done  100.0 MB in 0:04, 25 MB/s",
    ]
    assert "\r" not in log.path.read_text()


def test_a_program_gets_json_alone(log: Log) -> None:
    """Every line of it, the log's path first and last."""
    out, now = io.StringIO(), [0.0]
    told = Report(out, log, as_json=True)
    told.begin()
    told.row(Row("lock", ok=False, says="busy"))
    told.note("a sentence")
    write_half(Steps(told, 7, lambda: now[0]), now)
    told.drawn("never")
    told.end(5, "GN706: broken")
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    path = str(log.path)
    assert lines[0] == {"log": path}
    assert lines[1] == {"check": "lock", "ok": False, "says": "busy"}
    assert lines[2] == {"note": "a sentence"}
    assert lines[3]["name"] == "probe the disk"
    assert lines[-1] == {"exit_code": 5, "says": "GN706: broken", "log": path}
    assert "GN706: broken" in log.path.read_text()


def test_a_log_that_lost_lines_is_named_so() -> None:
    """In the last line."""
    out = io.StringIO()
    with closing(Log(Path("/dev/full"))) as log:
        told = Report(out, log, as_json=False)
        told.begin()
        told.end(0, "done")
    assert out.getvalue().splitlines()[-1].endswith("it is not whole: No space left on device")


@pytest.mark.parametrize(("seconds", "shown"), [(-1, "0:00"), (9.4, "0:09"), (3601, "60:01")])
def test_a_clock_has_minutes_and_seconds(seconds: float, shown: str) -> None:
    """Never less than nothing."""
    assert clock(seconds) == shown
