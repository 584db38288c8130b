"""The Modbus RTU server role, polled by masters that others wrote: pymodbus and mbpoll."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest
from pymodbus.client import ModbusSerialClient

from gonogo.base.words import Mode, Part, Reason, Verdict, VerdictKind
from gonogo.launch.running_station import RunningStation
from gonogo.plc.handshake.state import Condition
from gonogo.plc.link.link import LinkedStation, PlcLink
from gonogo.plc.register_map import D_WORDS, PlcWords, Record, pack_plc, record_at, unpack_record
from gonogo.plc.transports.modbus_rtu_server import ModbusRtuServer, ModbusRtuServerSection
from gonogo.plc.transports.transport import ProcessImage
from gonogo.tests.serial_lines import PATIENCE_S, Cable
from gonogo.tests.stations import remains_of, small_station

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gonogo.plc.handshake.state import Delivery

UNIT = 5
BITS = (True, False, False, True, True, False, False)
_VALUE = re.compile(r"^\[\d+\]:\s+(\d+)", re.MULTILINE)


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[Cable]:
    """Two devices joined."""
    cable = Cable(tmp_path)
    yield cable
    cable.close()


def section_of(cable: Cable) -> ModbusRtuServerSection:
    """A station at one end of a cable."""
    return ModbusRtuServerSection(
        driver="modbus-rtu-server", device=str(cable.station), unit=UNIT, parity="none"
    )


def master_on(cable: Cable) -> ModbusSerialClient:
    """A PLC at the other end; it asks again, as they do: the station may not be there yet."""
    master = ModbusSerialClient(str(cable.plc), baudrate=115200, timeout=0.5, retries=60)
    assert master.connect()
    return master


def test_link_delivers_to_a_third_party_master(cable: Cable) -> None:
    """A PLC that polls by RTU gets permit, reads a whole result and acknowledges it."""
    link = PlcLink(section_of(cable), LinkedStation(10**10))
    link.condition = Condition(tested=True, camera_ok=True, engine_ok=True)
    master = master_on(cable)
    deliveries: list[Delivery] = []
    heart = 0

    def scan() -> list[int]:
        nonlocal heart
        heart += 1
        link.alive(time.monotonic_ns())
        words = list(master.read_holding_registers(0, count=96, device_id=UNIT).registers)
        plc = PlcWords(1, heart, 3, 0, words[12], session_echo=words[13])
        assert not master.write_registers(100, list(pack_plc(plc)), device_id=UNIT).isError()
        deliveries.extend(link.deliveries())
        return words

    link.start()
    until(lambda: bool(scan()) and link.permit)
    now_ns = time.monotonic_ns()
    link.report(
        Part(1, 42, now_ns, now_ns, now_ns, now_ns + 10**10),
        Verdict(
            VerdictKind.ACCEPT, Reason.OK, 5, Mode.FULL, VerdictKind.ACCEPT, VerdictKind.ACCEPT
        ),
    )
    until(lambda: bool(scan() and deliveries))
    assert (deliveries[0].part_id, deliveries[0].delivered) == (42, True)
    assert scan()[record_at(deliveries[0].sequence) + 1] == 42
    link.close()
    master.close()  # type: ignore[no-untyped-call]


def test_station_on_a_serial_line_gives_every_part_its_verdict(
    cable: Cable, tmp_path: Path
) -> None:
    """All its processes, its own photo-eye, and a PLC that polls and acknowledges by RTU."""
    eye = {"driver": "timer", "period_ms": 80}
    plain = small_station(tmp_path, driver="modbus-server", trigger=eye)
    station = plain.model_copy(update={"plc": section_of(cable)})
    master = master_on(cable)
    verdicts: dict[int, Record] = {}
    heart = 0

    def scan() -> None:
        nonlocal heart
        heart += 1
        words = list(master.read_holding_registers(0, count=96, device_id=UNIT).registers)
        for at in range(32, 96, 8):
            record = unpack_record(words[at : at + 8])
            if record is not None and record.sequence:
                verdicts[record.sequence] = record
        plc = PlcWords(1, heart, 3, 0, words[12], session_echo=words[13])
        assert not master.write_registers(100, list(pack_plc(plc)), device_id=UNIT).isError()

    with RunningStation(station) as running:
        end_s = time.monotonic() + 6 * PATIENCE_S
        while len(verdicts) < 20:
            scan()
            running.wait(0.01)
            assert time.monotonic() < end_s
    master.close()  # type: ignore[no-untyped-call]
    parts = [verdicts[sequence].part_id for sequence in sorted(verdicts)]
    assert parts == list(range(parts[0], parts[0] + len(parts)))
    assert {record.verdict for record in verdicts.values()} <= {
        VerdictKind.ACCEPT,
        VerdictKind.REJECT,
    }
    assert remains_of(station) == []


def until(done: Callable[[], bool]) -> None:
    """Call until true."""
    end_s = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end_s


def test_mbpoll_reads_and_writes(cable: Cable) -> None:
    """Libmodbus as master: 96 D words, seven bits, and words written into P."""
    mbpoll = shutil.which("mbpoll")
    if mbpoll is None:
        pytest.skip("mbpoll is not installed (Debian: apt install mbpoll)")
    fd = os.eventfd(0, os.EFD_NONBLOCK)
    server = ModbusRtuServer(section_of(cable), fd)
    image = ProcessImage(tuple(range(1000, 1000 + D_WORDS)), BITS)
    server.open()

    def run(*arguments: str) -> list[int]:
        fixed = ["-m", "rtu", "-a", str(UNIT), "-b", "115200", "-P", "none", "-0", "-1", "-o", "5"]
        before, values = arguments[:-1], arguments[-1].split()
        command = [mbpoll, *fixed, *before, str(cable.plc), *values]
        done: list[subprocess.CompletedProcess[str]] = []

        def work() -> None:
            done.append(subprocess.run(command, capture_output=True, text=True, check=False))

        thread = threading.Thread(target=work)
        thread.start()
        server.exchange(image)
        while thread.is_alive():
            server.wait(0.01)
        assert done[0].returncode == 0, done[0].stdout + done[0].stderr
        return [
            int(value) for value in re.findall(r"^\[\d+\]:\s+(\d+)", done[0].stdout, re.MULTILINE)
        ]

    try:
        assert run("-t", "4", "-r", "0", "-c", "96", "") == list(image.words)
        assert run("-t", "1", "-r", "0", "-c", "7", "") == [int(bit) for bit in BITS]
        run("-t", "4", "-r", "100", "1 2 3")
        assert tuple(server.exchange(image).words)[:4] == (1, 2, 3, 0)
    finally:
        server.close()
        os.close(fd)
