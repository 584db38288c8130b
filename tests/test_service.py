"""Whole stations as services: behind what their own unit takes away, judged by the PLC.

Where no systemd runs the unit, `gonogo.tests.fence` does as it would: the same filter of
system calls from the same sets, the same view of the files, the same capabilities.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from gonogo.base.realtime import may_schedule
from gonogo.config.station import load_station
from gonogo.proving.plcsim.judge import judge
from gonogo.proving.rehearse import simulator, simulator_plan
from gonogo.tests import mounts, seccomp
from gonogo.tests.fence import CAPABILITIES
from gonogo.tests.records.months import joined
from gonogo.tests.services import GONOGO, prepared, steady, taught
from gonogo.tests.units import allowed_calls, knows_sets, settings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.proving.plcsim.judge import Judgement

ROOT = Path(__file__).parents[1]
PARTS = 24
READY_S = 120.0
SYS_RESOURCE = 24  # the number of the capability


class Fenced(NamedTuple):
    """A station file, its unit's settings, and the plan of its fence."""

    station: Path
    settings: dict[str, list[str]]
    plan: Path
    state: Path

    def command(self, *words: str) -> list[str]:
        """A program behind the fence."""
        return [sys.executable, "-I", "-m", "gonogo.tests.fence", str(self.plan), *words]


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that the unit does not hide, as one for temporary files would be."""
    var = ROOT / "var"
    var.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="service-", dir=var) as name:
        yield Path(name)


def fenced(home: Path, station: Path) -> Fenced:
    """What `gonogo service` prints for it, as a plan."""
    if not knows_sets():
        pytest.skip("systemd-analyze, which knows what is in @system-service, is not here")
    if not seccomp.there():
        pytest.skip("libseccomp is not on this machine")
    (home / "records").mkdir(exist_ok=True)
    command = [str(GONOGO), "service", str(station), "--user", "root"]
    unit = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    settings, state = settings_of(unit), home / "state"
    state.mkdir()
    plan = {"settings": settings, "calls": allowed_calls(settings), "state": str(state)}
    file = home / "plan.json"
    file.write_text(json.dumps(plan), encoding="utf-8")
    return Fenced(station, settings, file, state)


def run_to_the_end(fence: Fenced, parts: int) -> tuple[Judgement, int, str]:
    """Rehearse as a service: what the PLC says, the exit code, and what the station said."""
    station = load_station(fence.station)
    journal, said = fence.plan.with_name("plc.jsonl"), fence.plan.with_name("said.txt")
    (line,) = fence.settings["ExecStart"]
    with (
        simulator(simulator_plan(station, parts, journal)) as plc,
        closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as notify,
        said.open("wb") as file,
    ):
        address = fence.state / "notify"
        notify.bind(str(address))
        notify.settimeout(READY_S)
        service = subprocess.Popen(
            fence.command(*line.split()),
            env=os.environ | {"NOTIFY_SOCKET": str(address)},
            stdin=subprocess.DEVNULL,
            stderr=file,
        )
        try:
            while b"READY=1" not in notify.recv(4096):
                assert service.poll() is None, said.read_text(encoding="utf-8")
            plc.wait(READY_S)
        finally:
            service.send_signal(signal.SIGTERM)
            code = service.wait(READY_S)
    return judge(journal), code, said.read_text(encoding="utf-8")


@pytest.mark.parametrize("made", [steady, prepared])
def test_station_gives_every_part_its_verdict_behind_its_unit(
    home: Path, made: Callable[[Path], Path]
) -> None:
    """Every part one verdict in time, its record written, real time as without the fence."""
    fence = fenced(home, made(home))
    found, code, said = run_to_the_end(fence, PARTS)
    assert code == 0, said
    assert (found.parts, found.verdicts) == (PARTS, PARTS), said
    assert (found.late, found.missing, found.wrong_part, found.doubled) == (0, 0, 0, 0), said
    with closing(joined(home / "records" / "records.sqlite")) as records:
        assert records.execute("SELECT count(*) FROM part").fetchone() == (PARTS,)
    if may_schedule():
        assert "needs CAP_SYS_NICE" not in said
    if may_raise_limits():
        assert "needs CAP_IPC_LOCK" not in said


def may_raise_limits() -> bool:
    """Whether LimitMEMLOCK=infinity can be had here; a container's root often may not."""
    hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)[1]
    status = Path("/proc/self/status").read_text(encoding="ascii")
    held = int(status.split("CapEff:\t")[1].split()[0], 16)
    return hard == resource.RLIM_INFINITY or bool(held & 1 << SYS_RESOURCE)


def tried(command: list[str], folder: Path) -> dict[str, Any]:
    """What `gonogo.tests.trespass` finds."""
    words = [*command, sys.executable, "-I", "-m", "gonogo.tests.trespass", str(folder)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_fence_refuses_what_a_station_never_does(home: Path) -> None:
    """Each attempt is let without the fence and refused behind it: the fence bites."""
    fence = fenced(home, steady(home))
    free, shut = (tried(command, home / "records")["calls"] for command in ([], fence.command()))
    del free["namespace"]  # some boxes refuse it to everybody
    assert set(free.values()) == {None}
    assert shut.pop("netlink") == errno.EAFNOSUPPORT
    assert set(shut.values()) == {errno.EPERM}


def test_fence_lets_an_engine_make_machine_code_only_where_one_may(home: Path) -> None:
    """OpenVINO does, and the demonstration may choose it."""
    fence = fenced(home, taught(home))
    assert tried(fence.command(), home / "records")["calls"]["write and execute"] is None


def test_fence_leaves_one_capability_and_no_way_to_more(home: Path) -> None:
    """The rank, and nothing else of root's; files are for this user alone."""
    fence = fenced(home, steady(home))
    found = tried(fence.command(), home / "records")
    assert (found["status"]["NoNewPrivs"], found["status"]["Seccomp"]) == ("1", "2")
    assert found["umask"] == 0o077
    if os.geteuid() == 0:
        assert int(found["status"]["CapBnd"], 16) == 1 << CAPABILITIES["CAP_SYS_NICE"]


def test_fence_shows_the_files_that_the_unit_shows(home: Path) -> None:
    """The station's own folder is written, the program is not; temporary files are its own."""
    if not mounts.permitted():
        pytest.skip("a view of the files of one's own needs root and mount namespaces")
    fence = fenced(home, steady(home))
    found = tried(fence.command(), home / "records")
    below = fence.settings.get("PrivateTmp") != ["yes"]  # this checkout lies in a folder for such
    program = None if below else errno.EROFS
    assert found["files"] == {"own": None, "program": program, "temporary": None}
    assert "shm" in found["devices"]
    assert not {"kmsg", "mem", "watchdog"} & set(found["devices"])
    assert not found["sees the first process"]
