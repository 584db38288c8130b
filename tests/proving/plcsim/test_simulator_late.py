"""The simulator as a process that is itself late: it says so, and lays nothing of it on others."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.first_line import hand_over
from gonogo.base.realtime import may_schedule
from gonogo.proving.plcsim.blame import Span, covered_ns
from gonogo.proving.plcsim.judge import judge
from gonogo.proving.plcsim.simulator import NO_RANK
from gonogo.tests.proving.plcsim.test_simulator import (
    READY_S,
    ClientWire,
    ServerWire,
    Station,
    _plan,
    _simulator,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STOP_S = 0.15
PARTS = 12
WITHOUT_RANK = (  # CAP_SYS_NICE out of the bounding set, then the simulator
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(24, 23, 0, 0, 0);"
    " os.execv(sys.executable, [sys.executable, '-I', '-m', 'gonogo.proving.plcsim.simulator'])"
)


def events_of(journal: Path) -> list[dict[str, Any]]:
    """What it told."""
    return [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]


def behind(journal: Path) -> list[Span]:
    """Where it says it was late."""
    told = [e for e in events_of(journal) if e["event"] == "behind"]
    return sorted((Span(e["what"], e["since_ns"], e["t_ns"]) for e in told), key=lambda s: s[1])


def stop_amid(run: subprocess.Popen[str], journal: Path) -> tuple[int, int]:
    """Stop the simulator for a moment once parts flow; from when to when, monotonic ns."""
    end_s = time.monotonic() + READY_S
    while '"record"' not in journal.read_text(encoding="utf-8"):
        assert time.monotonic() < end_s
        time.sleep(0.001)
    run.send_signal(signal.SIGSTOP)
    from_ns = time.monotonic_ns()
    time.sleep(STOP_S)
    to_ns = time.monotonic_ns()
    run.send_signal(signal.SIGCONT)
    return from_ns, to_ns


@pytest.mark.parametrize("role", ["client", "server"])
def test_simulator_that_was_stopped_tells_for_how_long(tmp_path: Path, role: str) -> None:
    """In both roles: all of the stop but the rest of a scan, and of the station's next request."""
    plan = _plan(tmp_path, parts=PARTS, station=role)
    journal = Path(plan["journal"])
    if role == "client":
        with _simulator(plan) as (run, port), Station(ClientWire(port)).running():
            stopped = stop_amid(run, journal)
            assert run.wait(READY_S) == 0
    else:
        wire = ServerWire()
        plan["port"] = wire.port
        with Station(wire).running(), _simulator(plan) as (run, _):
            stopped = stop_amid(run, journal)
            assert run.wait(READY_S) == 0
    told_ns = covered_ns(behind(journal), *stopped)
    assert told_ns >= 0.8 * (stopped[1] - stopped[0])
    kinds = {s.what for s in behind(journal) if covered_ns([s], *stopped) > told_ns // 2}
    assert kinds == {"scan", "reply"} if role == "client" else kinds <= {"scan", "poll"}


def test_simulator_lays_a_station_that_does_not_answer_on_the_station(tmp_path: Path) -> None:
    """Polls that come to nothing hold up scan after scan, and none of it is ours."""
    plan = _plan(tmp_path, station="server", poll_timeout_ms=400, start_timeout_s=2)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        plan["port"] = deaf.getsockname()[1]
        with _simulator(plan) as (run, _):
            assert run.wait(READY_S) == 3
    journal = Path(plan["journal"])
    assert judge(journal).missed_scans > 0
    assert [span for span in behind(journal) if span.ms >= 200] == []


@contextlib.contextmanager
def refusing(about_to_answer: Callable[[], object]) -> Iterator[int]:
    """A station that refuses the first request of each connection; its port."""

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    request = connection.recv(64)
                    about_to_answer()
                    connection.sendall(request[:4] + b"\0\3" + request[6:7] + b"\x83\2")
                    connection.recv(64)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_simulator_lays_a_station_that_is_slow_on_the_station(tmp_path: Path) -> None:
    """An answer that comes late, but comes: the scan after it begins late, too."""
    plan = _plan(tmp_path, station="server", poll_timeout_ms=5000, start_timeout_s=2)
    with refusing(lambda: time.sleep(0.2)) as port, _simulator(plan | {"port": port}) as (run, _):
        assert run.wait(READY_S) == 3
    journal = Path(plan["journal"])
    assert judge(journal).missed_scans > 0
    assert [span for span in behind(journal) if span.ms >= 100] == []


def test_simulator_tells_of_an_answer_that_lay_unread(tmp_path: Path) -> None:
    """Stopped while it waited; the answer was there a moment later, and nobody took it."""
    stops: list[tuple[int, int]] = []
    run: list[subprocess.Popen[str]] = []

    def stop() -> None:
        if run and not stops:
            run[0].send_signal(signal.SIGSTOP)
            threading.Timer(STOP_S, go_on).start()
            stops.append((time.monotonic_ns(), 0))

    def go_on() -> None:
        stops.append((stops[0][0], time.monotonic_ns()))
        run[0].send_signal(signal.SIGCONT)

    plan = _plan(tmp_path, station="server", poll_timeout_ms=5000, start_timeout_s=2)
    with refusing(stop) as port, _simulator(plan | {"port": port}) as (process, _):
        run.append(process)
        assert process.wait(READY_S) == 3
    polls = [span for span in behind(Path(plan["journal"])) if span.what == "poll"]
    assert covered_ns(polls, *stops[-1]) >= 0.8 * (stops[-1][1] - stops[-1][0])


@pytest.mark.parametrize("role", ["client", "server"])
def test_simulator_calls_no_pause_of_its_script_late(tmp_path: Path, role: str) -> None:
    """It stands still because it was told to."""
    step = {"at_part": 3, "do": "stop_scan", "for_ms": 600}
    plan = _plan(tmp_path, station=role, script=[step])
    journal = Path(plan["journal"])
    if role == "client":
        with _simulator(plan) as (run, port), Station(ClientWire(port)).running():
            assert run.wait(READY_S) == 0
    else:
        wire = ServerWire()
        plan["port"] = wire.port
        with Station(wire).running(), _simulator(plan) as (run, _):
            assert run.wait(READY_S) == 0
    assert [span for span in behind(journal) if span.ms >= 300] == []


@pytest.mark.parametrize("role", ["client", "server"])
def test_simulator_tells_when_the_station_could_read_each_part(tmp_path: Path, role: str) -> None:
    """Once a part, in order, after its trigger and before its record."""
    plan = _plan(tmp_path, station=role)
    journal = Path(plan["journal"])
    if role == "client":
        with _simulator(plan) as (run, port), Station(ClientWire(port)).running():
            assert run.wait(READY_S) == 0
    else:
        wire = ServerWire()
        plan["port"] = wire.port
        with Station(wire).running(), _simulator(plan) as (run, _):
            assert run.wait(READY_S) == 0
    heard = [(e["part_id"], e["t_ns"]) for e in events_of(journal) if e["event"] == "heard"]
    rows = judge(journal).rows
    assert [part_id for part_id, _ in heard] == [row.part_id for row in rows]
    for row, (_, t_ns) in zip(rows, heard, strict=True):
        assert row.trigger_ns <= t_ns <= row.arrival_ns


@pytest.mark.skipif(not may_schedule(), reason="real-time scheduling is not permitted here")
def test_simulator_takes_the_rank_of_its_plan_with_every_thread(tmp_path: Path) -> None:
    """The one that serves, too; without a rank in the plan it asks for none."""
    for rank in (0, 3):
        plan = _plan(tmp_path, rank=rank)
        with _simulator(plan) as (run, _):
            threads = [int(path.name) for path in Path(f"/proc/{run.pid}/task").iterdir()]
            found = {os.sched_getparam(thread).sched_priority for thread in threads}
            assert len(threads) >= 3
            run.terminate()
            run.wait(READY_S)
        assert found == {rank}
        assert judge(Path(plan["journal"])).rank == rank


def test_simulator_says_once_where_it_gets_no_rank(tmp_path: Path) -> None:
    """It runs all the same, and its journal says that it had none."""
    plan = _plan(tmp_path, rank=3, start_timeout_s=0.2)
    command = [sys.executable, "-I", "-c", WITHOUT_RANK]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as run:
        hand_over(run, json.dumps(plan))
        assert run.stderr is not None
        said = run.stderr.read()
    assert said == NO_RANK
    assert judge(Path(plan["journal"])).rank == 0
