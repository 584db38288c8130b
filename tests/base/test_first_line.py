"""What a helper process is told stands in no argument list."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gonogo.base.first_line import hand_over
from gonogo.proving.campaign.hogs import hogs
from gonogo.proving.campaign.wire import bad_wire
from gonogo.proving.plcsim.plan import Plan
from gonogo.proving.rehearse import simulator
from gonogo.tests.stations import free_port

ECHO = "from gonogo.base.first_line import handed_over; print(handed_over(), flush=True)"
JOURNAL = "nobody-else-may-read-this.jsonl"


def helper(code: str) -> subprocess.Popen[str]:
    """A process that was just started."""
    command = [sys.executable, "-I", "-c", code]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def arguments_of(pid: int) -> str:
    """What every user of this box can read of a process."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def test_hand_over_reaches_the_other_side() -> None:
    """One line, whole, longer than a pipe holds at once."""
    line = '{"ümläut": "' + "x" * 200_000 + '"}'
    with helper(ECHO) as process:
        hand_over(process, line)
        assert process.stdout is not None
        assert process.stdout.readline() == line + "\n"


def test_hand_over_leaves_the_pipe_open_for_more() -> None:
    """Further lines follow the first."""
    code = f"{ECHO}; import sys; print(sys.stdin.readline().strip())"
    with helper(code) as process:
        hand_over(process, "first", more=True)
        assert process.stdin is not None
        said, _ = process.communicate("second\n")
    assert said == "first\nsecond\n"


def test_hand_over_to_a_process_that_has_ended_is_no_error() -> None:
    """Whoever waits for its answer says what happened."""
    with helper("pass") as process:
        process.wait()
        hand_over(process, "x" * 200_000)


def test_hand_over_refuses_more_than_a_line() -> None:
    """The rest would be taken for something else; a process without a pipe hears nothing."""
    with helper("pass") as process, pytest.raises(ValueError, match="expected one line"):
        hand_over(process, "one\ntwo")
    deaf = subprocess.Popen(
        [sys.executable, "-I", "-c", "pass"], stdin=subprocess.DEVNULL, text=True
    )
    with deaf, pytest.raises(ValueError, match="a pipe as standard input"):
        hand_over(deaf, "one")


def test_handed_over_is_empty_where_nothing_was_said() -> None:
    """An end of file is no plan."""
    with helper(ECHO) as process:
        assert process.communicate()[0] == "\n"


def test_simulator_has_no_plan_in_its_arguments(tmp_path: Path) -> None:
    """Neither where the journal is, nor a port, nor the truth."""
    plan = Plan(journal=tmp_path / JOURNAL, parts=1)
    with simulator(plan) as process:
        assert arguments_of(process.pid).split()[1:] == [
            "-I",
            "-m",
            "gonogo.proving.plcsim.simulator",
        ]


def test_bad_wire_has_no_ports_in_its_arguments() -> None:
    """Those of the station and of its PLC."""
    port = free_port()
    with bad_wire(port, free_port()) as process:
        assert str(port) not in arguments_of(process.pid)


def test_hogs_have_nothing_in_their_arguments_but_their_program() -> None:
    """All of them are children of this process."""
    with hogs(2):
        children = Path("/proc/self/task").glob("*/children")
        pids = [int(pid) for path in children for pid in path.read_text().split()]
        found = [arguments_of(pid) for pid in pids]
        eaters = [words for words in found if "sched_setscheduler" in words]
    assert len(eaters) == 2
    assert all(words.rstrip().endswith("pass") for words in eaters)
