"""A remote I/O module instead of a PLC: one coil, written all the time, and nothing else."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import LinkRefused
from gonogo.base.words import FaultBit, Mode, Reason, Verdict, VerdictKind
from gonogo.plc.link.link import LinkedStation, PlcLink
from gonogo.plc.register_map import D_WORDS, FAULT_AT, RES_SEQ_AT, SESSION_AT, unpack_plc
from gonogo.plc.reject_tracker import EjectSection, RejectTracker
from gonogo.plc.transports.modbus_io import ModbusIo, ModbusIoSection
from gonogo.plc.transports.transport import ProcessImage
from gonogo.tests.fakes import part_now

pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
from pyModbusTCP.server import DataBank
from pyModbusTCP.server import ModbusServer as IoModule

if TYPE_CHECKING:
    from collections.abc import Iterator

COIL = 5
WAIT_S = 10.0
SPEED_MM_S = 1000.0
GOOD = Verdict(VerdictKind.ACCEPT, Reason.OK, 10, Mode.FULL, VerdictKind.ACCEPT, VerdictKind.ACCEPT)


@pytest.fixture
def module() -> Iterator[IoModule]:
    """A module of another maker's software."""
    server = IoModule("127.0.0.1", 0, no_block=True)
    server.start()
    yield server
    server.stop()


def section_of(module: IoModule) -> ModbusIoSection:
    """How a station reaches it."""
    port = module._service.server_address[1]
    return ModbusIoSection(driver="modbus-io", host="127.0.0.1", port=port, eject_coil=COIL)


def coil(module: IoModule) -> bool:
    """What its output is."""
    return bool(module.data_bank.get_coils(COIL, 1)[0])


def until(what: str, done: object) -> None:
    """Wait for something."""
    end_s = time.monotonic() + WAIT_S
    while not done():  # type: ignore[operator]  # a function of no arguments
        assert time.monotonic() < end_s, what
        time.sleep(0.002)


def test_module_s_coil_passes_an_accepted_part_and_no_other(module: IoModule) -> None:
    """The whole link: the permit comes by itself; a part without an ACCEPT leaves the coil off."""
    ejector = RejectTracker(EjectSection(distance_mm=400, window_mm=200), SPEED_MM_S)
    link = PlcLink(section_of(module), LinkedStation(10**9, ejector=ejector))
    link.condition = link.condition._replace(tested=True, camera_ok=True, engine_ok=True)
    link.start()

    def alive() -> bool:
        link.alive(time.monotonic_ns())
        return link.permit

    until("no permit", alive)
    time.sleep(0.5)  # what was on the belt before
    for part_id, accept in ((1, True), (2, False)):
        part = part_now(part_id)
        link.seen(part.part_id, part.trigger_ns)
        link.alive(time.monotonic_ns())
        link.report(part, GOOD if accept else GOOD._replace(kind=VerdictKind.REJECT))
        seen = set()
        while time.monotonic_ns() < part.trigger_ns + 600_000_000:
            link.alive(time.monotonic_ns())
            seen.add(coil(module))
            time.sleep(0.005)
        assert seen == ({True, False} if accept else {False})
    link.close()


def test_module_is_written_again_and_again_for_its_own_watchdog(module: IoModule) -> None:
    """A coil that somebody else switched is ours again within a refresh."""
    ejector = RejectTracker(EjectSection(distance_mm=400), SPEED_MM_S)
    link = PlcLink(section_of(module), LinkedStation(10**9, ejector=ejector))
    link.start()
    module.data_bank.set_coils(COIL, [True])
    until("the coil was left on", lambda: not coil(module))
    module.data_bank.set_coils(COIL, [True])
    until("the coil was left on", lambda: not coil(module))
    link.close()


def test_module_that_is_not_there_is_named() -> None:
    """As any PLC is."""
    wake_fd = os.eventfd(0)
    section = ModbusIoSection(driver="modbus-io", host="127.0.0.1", port=1)
    transport = ModbusIo(section, wake_fd)
    with pytest.raises(OSError, match=r"127\.0\.0\.1:1 unit 1: connection refused"):
        transport.open()
    os.close(wake_fd)


def test_module_without_that_coil_says_which_one_is_meant() -> None:
    """Not what a PLC would have to map."""
    server = IoModule("127.0.0.1", 0, no_block=True, data_bank=DataBank(coils_size=COIL))
    server.start()
    wake_fd = os.eventfd(0)
    transport = ModbusIo(section_of(server), wake_fd)
    transport.open()
    with pytest.raises(LinkRefused, match=r"exception 2 .* coil 5: .*; eject_coil must be a coil"):
        transport.exchange(ProcessImage((0,) * D_WORDS, (False,) * 8))
    transport.close()
    os.close(wake_fd)
    server.stop()


class Scripted(DataBank):  # type: ignore[misc]  # the library is untyped
    """Acknowledges every coil, and switches none while it is told so."""

    dead = True

    def set_coils(self, address: int, bit_list: Any, srv_info: Any = None) -> Any:  # noqa: ANN401 - as the library's
        """A write, from the station or from a test."""
        if self.dead and srv_info is not None:
            return True
        return super().set_coils(address, bit_list, srv_info)


def test_verdict_is_taken_once_the_output_reads_as_it_was_told() -> None:
    """Not by the acknowledged write; nor is a session followed; and in a fault neither is."""
    bank = Scripted()
    server = IoModule("127.0.0.1", 0, no_block=True, data_bank=bank)
    server.start()
    wake_fd = os.eventfd(0)
    transport = ModbusIo(section_of(server), wake_fd)
    transport.open()

    def exchange(sequence: int, *, fault: int = 0) -> tuple[int, int]:
        """ACK_SEQ and the session's echo for a coil that is told on."""
        words = [0] * D_WORDS
        words[FAULT_AT], words[RES_SEQ_AT], words[SESSION_AT] = fault, sequence, 815
        plc = unpack_plc(transport.exchange(ProcessImage(words, (*(False,) * 7, True))).words)
        return plc.ack_seq, plc.session_echo

    seen = [exchange(5)]
    bank.set_coils(COIL, [True])
    seen += [exchange(5), exchange(6)]
    bank.set_coils(COIL, [False])
    seen += [exchange(7)]
    bank.set_coils(COIL, [True])
    seen += [exchange(7, fault=FaultBit.EJECTOR), exchange(8)]
    transport.close()
    os.close(wake_fd)
    server.stop()
    assert seen == [(0, 0), (5, 815), (6, 815), (6, 815), (6, 0), (8, 815)]


def test_section_names_what_the_station_lacks() -> None:
    """An ejector by time, and a trigger of its own."""
    section = ModbusIoSection(driver="modbus-io", host="127.0.0.1")
    by_time = EjectSection(distance_mm=400)
    assert "expected an [eject]" in section.problem(None, "timer")
    assert "a module names no parts" in section.problem(by_time, "plc")
    assert not section.problem(by_time, "timer")
