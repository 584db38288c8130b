"""The PLC simulator as a process, against small fake stations on third-party Modbus libraries."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ModbusException
from pyModbusTCP.server import ModbusServer

from gonogo.base.first_line import hand_over
from gonogo.proving.plcsim.judge import Judgement, judge
from gonogo.proving.plcsim.simulator import main

if TYPE_CHECKING:
    from collections.abc import Iterator

HEART, STATUS, RES_SEQ, SESSION, LAST_PART = 2, 4, 12, 13, 15
PART_ID, ACK, SESSION_ECHO = 3, 4, 15
PERMIT = 0x0008
TRUTH = [True, True, False]
READY_S = 60


class Wire(Protocol):
    """How a fake station moves its words; OSError when the wire is down."""

    def exchange(self, words: list[int]) -> list[int]:
        """D0-D95 out, P100-P119 in."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


class ClientWire:
    """A station that is a Modbus client, on pymodbus."""

    def __init__(self, port: int) -> None:
        self._client = ModbusTcpClient("127.0.0.1", port=port, timeout=1, retries=0)

    def exchange(self, words: list[int]) -> list[int]:
        """Write D in one request, read P in another."""
        try:
            if not self._client.connected and not self._client.connect():  # type: ignore[no-untyped-call]
                raise ConnectionRefusedError("no PLC")
            if self._client.write_registers(0, words, device_id=1).isError():
                raise ConnectionError("write refused")
            reply = self._client.read_holding_registers(100, count=20, device_id=1)
        except ModbusException as error:
            self._client.close()  # type: ignore[no-untyped-call]
            raise ConnectionError(str(error)) from error
        return list(reply.registers)

    def close(self) -> None:
        """Hang up."""
        self._client.close()  # type: ignore[no-untyped-call]


class ServerWire:
    """A station that is a Modbus server, on pyModbusTCP."""

    def __init__(self) -> None:
        self._server = ModbusServer("127.0.0.1", _free_port(), no_block=True)
        self.port = self._server.port
        self._server.start()

    def exchange(self, words: list[int]) -> list[int]:
        """Put D into the registers, take P from them."""
        bank = self._server.data_bank
        bank.set_holding_registers(0, words)
        return list(bank.get_holding_registers(100, 20) or [])

    def close(self) -> None:
        """Stop serving."""
        self._server.stop()


class Station:
    """The least a station has to do, in a thread; `conduct` says what it does wrong.

    After `delay_s` it accepts or rejects each part by its true nature, and beats
    its heart at every turn. With `own_parts` it makes a part of its own every 50 ms.
    """

    def __init__(
        self, wire: Wire, conduct: str = "honest", delay_s: float = 0.0, own_parts: int = 0
    ) -> None:
        self._wire, self._conduct, self._delay_s = wire, conduct, delay_s
        self._own_parts, self._next_own_s = own_parts, 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """The station's thread, for as long as this lasts."""
        self._begin(0)
        self._thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self._thread.join()
            self._wire.close()

    def _begin(self, session: int) -> None:
        self._words = [0x474E, 1, 0, 4, *[0] * 92]
        self._words[SESSION] = session + 1
        self._waiting: list[tuple[float, int]] = []
        self._last: int | None = None

    def _run(self) -> None:
        while not self._stop.wait(0.002):
            heard: list[int] | None = None
            with contextlib.suppress(OSError):
                heard = self._wire.exchange(self._words)
            if heard is None:
                self._begin(self._words[SESSION])  # the wire broke: a new session
            else:
                self._answer(heard)

    def _answer(self, heard: list[int]) -> None:
        words = self._words
        words[HEART] = (words[HEART] + 1) & 0xFFFF
        if heard[SESSION_ECHO] != words[SESSION]:
            words[RES_SEQ] = heard[ACK]
            self._last = None
            return
        words[STATUS] = PERMIT
        part_id = self._own() if self._own_parts else heard[PART_ID]
        if part_id not in {0, self._last}:
            self._last = words[LAST_PART] = part_id
            self._waiting.append((time.monotonic() + self._delay_s, part_id))
        while self._waiting and self._waiting[0][0] <= time.monotonic():
            if (words[RES_SEQ] - heard[ACK]) & 0xFFFF >= 8:
                return  # no free record
            self._report(self._waiting.pop(0)[1])

    def _own(self) -> int:
        if time.monotonic() >= self._next_own_s and (self._last or 0) < self._own_parts:
            self._next_own_s = time.monotonic() + 0.05
            return (self._last or 0) + 1
        return self._last or 0

    def _report(self, part_id: int) -> None:
        if self._conduct == "silent":
            return
        verdict = 1 if TRUTH[(part_id - 1) % 3] or self._conduct == "lax" else 2
        said_id = part_id + 1000 if self._conduct == "wrong id" else part_id
        for _ in range(2 if self._conduct == "doubled" else 1):
            seq = (self._words[RES_SEQ] + 1) & 0xFFFF
            at = 32 + 8 * (seq % 8)
            seq_b = seq ^ 0x55 if self._conduct == "torn" else seq
            self._words[at : at + 8] = [seq, said_id, verdict, 0, 100, 0, 20, seq_b]
            self._words[RES_SEQ] = seq


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _plan(folder: Path, **keys: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a plan takes
    """Six parts 50 ms apart, with limits that a busy test machine keeps."""
    return {
        "journal": str(folder / "run.jsonl"),
        "parts": 6,
        "pitch_ms": 50,
        "budget_ms": 400,
        "scan_ms": 5,
        "heart_limit_ms": 3000,
        "drain_ms": 50,
        "poll_timeout_ms": 1000,
        "start_timeout_s": 20,
        "stall_timeout_s": 20,
        "truth": TRUTH,
    } | keys


@contextlib.contextmanager
def _simulator(plan: dict[str, Any]) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The simulator's process and its port; ended by its id if it is still there."""
    command = [sys.executable, "-I", "-m", "gonogo.proving.plcsim.simulator"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        hand_over(process, json.dumps(plan))
        word, port = process.stdout.readline().split()
        assert word == "ready"
        yield process, int(port)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _judged(plan: dict[str, Any], **station: Any) -> Judgement:  # noqa: ANN401 - as Station
    """One whole run against a fake station in the role that the plan asks for."""
    if plan.get("station") == "server":
        wire = ServerWire()
        plan |= {"port": wire.port}
        with Station(wire, **station).running(), _simulator(plan) as (run, _):
            assert run.wait(READY_S) == 0
    else:
        with (
            _simulator(plan) as (run, port),
            Station(ClientWire(port), **station).running(),
        ):
            assert run.wait(READY_S) == 0
    return judge(Path(plan["journal"]))


@pytest.fixture(params=["client", "server"])
def role(request: pytest.FixtureRequest) -> str:
    """The station's role."""
    return str(request.param)


def test_simulator_finds_an_honest_station_ok(tmp_path: Path, role: str) -> None:
    """Every part has its one verdict, good parts pass, bad ones do not."""
    found = _judged(_plan(tmp_path, station=role), conduct="honest")
    assert found.ok
    assert (found.parts, found.kinds) == (6, {"accept": 4, "reject": 2})
    assert (found.overkill, found.escape, found.torn, found.end) == (0, 0, 0, "complete")
    for row in found.rows:
        assert row.trigger_ns <= row.arrival_ns <= row.seen_ns <= row.acked_ns


def test_simulator_ejects_the_parts_of_a_late_station(tmp_path: Path, role: str) -> None:
    """Verdicts after the budget are late, and the parts were ejected."""
    plan = _plan(tmp_path, station=role, budget_ms=60, drain_ms=600)
    found = _judged(plan, conduct="honest", delay_s=0.15)
    assert (found.late, found.missing, found.passed) == (6, 6, 0)
    assert (found.overkill, found.ok) == (4, False)


def test_simulator_names_a_station_that_reports_other_parts(tmp_path: Path, role: str) -> None:
    """Records for part ids that are not on the belt help nobody."""
    found = _judged(_plan(tmp_path, station=role, budget_ms=300), conduct="wrong id")
    assert (found.wrong_part, found.missing, found.passed, found.ok) == (6, 6, 0, False)


def test_simulator_ejects_the_parts_of_a_silent_station(tmp_path: Path, role: str) -> None:
    """A beating heart and a permit are not a verdict."""
    found = _judged(_plan(tmp_path, station=role, budget_ms=100), conduct="silent")
    assert (found.missing, found.late, found.passed) == (6, 0, 0)
    assert {row.why for row in found.rows} == {"silent"}


def test_simulator_takes_no_torn_record(tmp_path: Path, role: str) -> None:
    """SEQ_A without SEQ_B is never read nor acknowledged."""
    found = _judged(_plan(tmp_path, station=role, budget_ms=300), conduct="torn")
    assert (found.torn, found.missing, found.passed, found.ack_ms["count"]) == (1, 6, 0, 0)


def test_simulator_counts_doubled_records(tmp_path: Path, role: str) -> None:
    """Two records for one part spoil the run, even where both agree."""
    found = _judged(_plan(tmp_path, station=role), conduct="doubled")
    assert (found.doubled, found.missing, found.ok) == (6, 0, False)


def test_simulator_sees_the_escapes_of_a_lax_station(tmp_path: Path) -> None:
    """A station that accepts everything is timely, and lets the bad parts through."""
    found = _judged(_plan(tmp_path), conduct="lax")
    assert (found.escape, found.overkill, found.missing) == (2, 0, 0)


def test_simulator_takes_parts_from_a_device_trigger(tmp_path: Path, role: str) -> None:
    """Where the station triggers, its D15 puts the parts on the belt."""
    found = _judged(_plan(tmp_path, station=role, trigger="device"), own_parts=6)
    assert found.ok
    assert [row.part_id for row in found.rows] == [1, 2, 3, 4, 5, 6]
    assert found.escape == 0


@pytest.mark.parametrize("fault", ["stop_scan", "drop_connections", "restart"])
def test_simulator_acts_its_script(tmp_path: Path, role: str, fault: str) -> None:
    """No escape in any fault; after it parts are judged again.

    The short heart limit stops the belt while the station cannot be heard.
    """
    step = {"at_part": 3, "do": fault, "for_ms": 200}
    plan = _plan(tmp_path, station=role, parts=8, budget_ms=300, heart_limit_ms=100, script=[step])
    found = _judged(plan)
    assert (found.parts, found.escape, found.wrong_part, found.end) == (8, 0, 0, "complete")
    # on a busy box one of them may be late
    assert any(row.timely for row in found.rows[-2:])
    lost = [row.part for row in found.rows if row.why == "lost"]
    assert lost == ([1, 2, 3] if fault == "restart" else [])


def test_simulator_refuses_connections_while_dropped(tmp_path: Path) -> None:
    """The old connection ends, a new one is refused at first and served later."""
    step = {"at_part": 1, "do": "drop_connections", "for_ms": 200}
    plan = _plan(tmp_path, parts=2, script=[step])
    found = _judged(plan, conduct="honest")
    events = [json.loads(line) for line in Path(plan["journal"]).read_text().splitlines()]
    links = [event["what"] for event in events if event["event"] == "link" and "peer" not in event]
    assert links[links.index("refusing") :][:2] == ["refusing", "listening"]
    assert found.parts == 2


def test_simulator_ends_in_order_when_asked(tmp_path: Path) -> None:
    """SIGINT is the parent's business; SIGTERM ends the run with a whole journal."""
    with _simulator(_plan(tmp_path)) as (run, _):
        run.send_signal(signal.SIGINT)
        run.send_signal(signal.SIGTERM)
        assert run.wait(READY_S) == 0
    found = judge(tmp_path / "run.jsonl")
    assert (found.end, found.parts, found.ok) == ("asked", 0, False)


def test_simulator_gives_up_without_a_permit(tmp_path: Path) -> None:
    """A station that never comes ends the run with exit code 3."""
    with _simulator(_plan(tmp_path, start_timeout_s=0.05)) as (run, _):
        assert run.wait(READY_S) == 3
    assert judge(tmp_path / "run.jsonl").end == "no permit"


def test_simulator_ends_with_its_parent(tmp_path: Path) -> None:
    """A parent that dies without a word takes the simulator along."""
    parent = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-I', '-m', 'gonogo.proving.plcsim.simulator'],"
        " stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "child.stdin.write(sys.argv[1].encode() + b'\\n')\n"
        "child.stdin.flush()\n"
        "child.stdout.readline()\n"
        "os._exit(0)\n"
    )
    command = [sys.executable, "-c", parent, json.dumps(_plan(tmp_path))]
    # The simulator holds the error pipe: its end is the end of the simulator.
    done = subprocess.run(command, stderr=subprocess.PIPE, timeout=READY_S, check=True)
    assert done.stderr == b""
    assert judge(tmp_path / "run.jsonl").end == "orphan"


@pytest.mark.parametrize(
    ("argument", "words"), [("{}", "journal"), ("no json", "JSON"), ('{"parts": 0}', "parts")]
)
def test_main_refuses_a_wrong_plan(
    argument: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and the error names the key."""
    before = signal.getsignal(signal.SIGINT)
    try:
        assert main(argument) == 2
    finally:
        signal.signal(signal.SIGINT, before)
    assert words in capsys.readouterr().err


def test_main_names_a_port_in_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """GN410 with the port."""
    before = signal.getsignal(signal.SIGINT)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        try:
            assert main(json.dumps(_plan(tmp_path, port=port))) == 2
        finally:
            signal.signal(signal.SIGINT, before)
    said = capsys.readouterr().err
    assert "GN410" in said
    assert f"127.0.0.1:{port}" in said
