"""A bundle that is being made: what becomes of its process."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from gonogo.base.errors import NotTakenAlong
from gonogo.console.serial.making import Making
from gonogo.console.serial.table import Answer

WAIT_S = 40.0
SLEEPS = (sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(600)")


class Noted:
    """A goal that notes which of the two was called."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []

    def made(self, said: str) -> Answer:
        """It is there."""
        self.calls.append(("made", said))
        return Answer([said])

    def failed(self, problem: str) -> None:
        """It is not."""
        self.calls.append(("failed", problem))


def ended(making: Making) -> Answer:
    """What came of it."""
    end_s = time.monotonic() + WAIT_S
    while (found := making.finished()) is None:
        assert time.monotonic() < end_s
        time.sleep(0.01)
    return found


def gone(pid: int) -> bool:
    """Whether that process has ended."""
    with suppress(OSError):
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
    return True


def test_making_answers_with_what_the_command_said() -> None:
    """Once it has ended well."""
    goal = Noted()
    assert ended(Making((sys.executable, "-c", "print('14 of 16 items')"), goal)).lines == [
        "14 of 16 items"
    ]
    assert goal.calls == [("made", "14 of 16 items")]


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import sys; sys.exit('GN740: /x: No space left on device')", "No space left"),
        ("import sys; sys.exit(3)", "exit code 3"),
        ("import os; os.kill(os.getpid(), 9)", "exit code -9"),
    ],
)
def test_making_that_fails_says_why(program: str, said: str) -> None:
    """In the command's own words, where it had any."""
    goal = Noted()
    with pytest.raises(NotTakenAlong, match="GN658") as error:
        ended(Making((sys.executable, "-c", program), goal))
    assert said in str(error.value)
    assert [call for call, _ in goal.calls] == ["failed"]


@pytest.mark.parametrize("key", [b"\x03", b"x\x18"])
def test_making_is_given_up_at_the_keyboard(key: bytes) -> None:
    """Ctrl-C or Ctrl-X, and no other key; its process is gone."""
    goal = Noted()
    making = Making(SLEEPS, goal)
    making.receive(b"help\r", 0.0)
    assert making.finished() is None
    making.receive(key, 0.0)
    with pytest.raises(NotTakenAlong, match="keyboard"):
        making.finished()
    assert gone(making._child.pid)
    assert goal.calls == [("failed", "given up at the keyboard")]


def test_making_that_takes_too_long_is_ended() -> None:
    """From its first turn on."""
    making = Making(SLEEPS, Noted(), most_s=300.0)
    assert making.tick(1000.0, 0) == b""
    making.tick(1300.0, 0)
    assert making.finished() is None
    making.tick(1300.1, 0)
    with pytest.raises(NotTakenAlong, match="300 s"):
        making.finished()


def test_making_that_is_left_ends_with_its_children(tmp_path: Path) -> None:
    """The console is gone: nothing goes on behind it, and no descriptor is left."""
    pids = tmp_path / "pids"
    program = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([{sys.executable!r}, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(pids)!r}, 'w').write(f'{{child.pid}}\\n')\n"
        "time.sleep(600)"
    )
    before, goal = len(list(Path("/proc/self/fd").iterdir())), Noted()
    making = Making((sys.executable, "-c", program), goal)
    end_s = time.monotonic() + WAIT_S
    while not (pids.exists() and pids.read_text().endswith("\n")):
        assert time.monotonic() < end_s
        time.sleep(0.01)
    assert making.cancel() == b""
    assert making.cancel() == b""
    assert goal.calls == [("failed", "the console was left")]
    while not gone(int(pids.read_text())):
        assert time.monotonic() < end_s
        time.sleep(0.01)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
