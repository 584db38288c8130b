"""What is said on the wire, as Wireshark's dissectors read it: whole, and our map."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import NS_PER_MS, Mode, Reason, Verdict, VerdictKind
from gonogo.plc.handshake.state import Condition
from gonogo.plc.link.link import LinkedStation, PlcLink
from gonogo.plc.register_map import (
    HEADER_WORDS,
    MAGIC,
    P_FIRST,
    Header,
    PlcWords,
    Record,
    unpack_header,
    unpack_plc,
    unpack_record,
)
from gonogo.plc.transports.modbus_server import ModbusServer, ModbusServerSection
from gonogo.plc.transports.s7_section import S7Section
from gonogo.proving.peers.raw_plc import WordsPlc
from gonogo.tests.fakes import part_now
from gonogo.tests.plc.recorded import MODBUS, S7, Recorder, Said, capture, dissected
from gonogo.tests.plc.s7_peers import DB, S7Plc
from gonogo.tests.softplc import RUN, SoftPlc

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.plc.transports.transport import Transport

PATIENCE_S = 60.0
PARTS = range(1, 6)
GOOD = Condition(tested=True, camera_ok=True, engine_ok=True)
KINDS = {part_id: VerdictKind.REJECT if part_id % 2 else VerdictKind.ACCEPT for part_id in PARTS}
TPKT = 4
AT, BYTES, WORDS = "modbus.reference_num", "modbus.byte_cnt", "modbus.regval_uint16"
BAD = ("_ws.malformed", "_ws.expert.message", "modbus.exception_code")
S7_FUNCTION, S7_READ, S7_WRITE = 17, 4, 5
BEATS_S = 0.35


def judge(link: PlcLink) -> None:
    """Deliver some parts, each acknowledged before the next, and stay for a few beats."""
    until(link, lambda: link.permit)
    end_s = time.monotonic() + BEATS_S
    for part_id in PARTS:
        kind = KINDS[part_id]
        deliveries: list[bool] = []
        link.report(part_now(part_id), Verdict(kind, Reason.OK, 500, Mode.FULL, kind, kind))

        def told(deliveries: list[bool] = deliveries) -> bool:
            deliveries += [delivery.delivered for delivery in link.deliveries()]
            return bool(deliveries)

        until(link, told)
        assert deliveries == [True]
    until(link, lambda: time.monotonic() > end_s)


def until(link: PlcLink, met: Callable[[], object]) -> None:
    """Be alive until something is so; the bound only ends a test that fails."""
    end_s = time.monotonic() + PATIENCE_S
    while not met():
        assert time.monotonic() < end_s
        link.alive(time.monotonic_ns())
        time.sleep(0.005)


class Shown:
    """The words D and P as they followed one another, by what was dissected."""

    def __init__(self) -> None:
        self.d, self.p = [0] * 96, [0] * 20
        self.headers: list[Header] = []
        self.plcs: list[PlcWords] = []
        self.records: dict[int, Record] = {}

    def put(self, at: int, words: list[str]) -> None:
        """Words at an address."""
        area, first = (self.p, at - P_FIRST) if at >= P_FIRST else (self.d, at)
        area[first : first + len(words)] = map(int, words)
        if self.d[0] == MAGIC:
            self.headers.append(unpack_header(self.d[:HEADER_WORDS]))
        self.plcs.append(unpack_plc(self.p))
        for start in range(HEADER_WORDS, len(self.d), 8):
            record = unpack_record(self.d[start : start + 8])
            if record is not None and record.part_id:
                self.records[record.part_id] = record


def as_dissected(path: Path) -> Shown:
    """Follow a Modbus session; nothing in it is malformed, refused, or remarked upon."""
    shown, asked = Shown(), 0
    for packet in dissected(path, "frame.protocols", AT, BYTES, WORDS, *BAD):
        assert packet["frame.protocols"] == ["raw:ip:tcp:mbtcp:modbus"], packet
        assert not any(packet[each] for each in BAD), packet
        assert sum(map(int, packet[BYTES])) == 2 * len(packet[WORDS]), packet
        asked = int(packet[AT][0]) if packet[AT] else asked
        if packet[WORDS]:
            shown.put(asked, packet[WORDS])
    return shown


def is_our_session(shown: Shown) -> None:
    """All parts, the hearts of both, and every acknowledgement are in it."""
    assert {part_id: record.verdict for part_id, record in shown.records.items()} == KINDS
    assert len({header.dev_heart for header in shown.headers}) > 1
    assert len({plc.heart for plc in shown.plcs}) > 1
    assert shown.plcs[-1].ack_seq == shown.headers[-1].res_seq
    assert shown.plcs[-1].session_echo == shown.headers[-1].session_id != 0


def test_session_in_client_role_is_dissected(tmp_path: Path) -> None:
    """Another maker's server, and another's dissector."""
    pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
    with SoftPlc() as plc, contextlib.closing(Recorder(plc.section.port)) as recorder:
        plc.p[2] = RUN
        section = plc.section.model_copy(update={"port": recorder.port})
        link = PlcLink(section, LinkedStation(10_000 * NS_PER_MS))
        link.condition = GOOD
        link.start()
        judge(link)
        link.close()
    capture(tmp_path / "client.pcap", recorder.said, MODBUS)
    is_our_session(as_dissected(tmp_path / "client.pcap"))


def test_session_in_server_role_is_dissected(tmp_path: Path) -> None:
    """The replies are ours."""
    section = ModbusServerSection(driver="modbus-server", port=0)
    made: list[ModbusServer] = []

    def make(wake_fd: int) -> Transport:
        made.append(ModbusServer(section, wake_fd))
        return made[0]

    link = PlcLink(section, LinkedStation(10_000 * NS_PER_MS), transport=make)
    link.condition = GOOD
    link.start()
    until(link, lambda: made and made[0].port)
    with contextlib.closing(Recorder(made[0].port)) as recorder, WordsPlc(recorder.port):
        judge(link)
    link.close()
    capture(tmp_path / "server.pcap", recorder.said, MODBUS)
    is_our_session(as_dissected(tmp_path / "server.pcap"))


def test_session_with_an_s7_is_dissected(tmp_path: Path) -> None:
    """Every packet is S7 communication, and carries what it says it does."""
    fields = ("frame.protocols", "s7comm.param.func", "s7comm.header.errcls", *BAD[:2])
    with (
        contextlib.closing(S7Plc()) as plc,
        contextlib.closing(Recorder(plc.port, TPKT)) as recorder,
    ):
        section = S7Section(driver="s7", host="127.0.0.1", port=recorder.port, db=DB)
        link = PlcLink(section, LinkedStation(10_000 * NS_PER_MS))
        link.start()
        until(link, lambda: any(said.data[S7_FUNCTION] == S7_WRITE for said in recorder.said[4:]))
        link.close()
    capture(tmp_path / "s7.pcap", recorder.said, S7)
    packets = dissected(tmp_path / "s7.pcap", *fields)
    assert len(packets) == len(recorder.said)
    assert not any(packet[each] for packet in packets for each in BAD[:2])
    assert {name for packet in packets[2:] for name in packet["frame.protocols"]} == {
        "raw:ip:tcp:tpkt:cotp:s7comm"
    }
    assert {int(each, 0) for packet in packets for each in packet["s7comm.param.func"]} >= {
        S7_READ,
        S7_WRITE,
    }


@pytest.mark.parametrize(
    "reply",
    [
        "000100000007010304",  # it says that four bytes follow, and they do not
        "000100000003010304",  # and its length agrees with that
        "0001000000020103",
        "000100000003018302",  # refused
    ],
)
def test_reply_that_is_not_whole_is_noticed(tmp_path: Path, reply: str) -> None:
    """The judge can say no."""
    asked = Said(0, by_client=True, data=bytes.fromhex("000100000006010300000002"))
    said = [asked, Said(0, by_client=False, data=bytes.fromhex("00010000000701030400010002"))]
    capture(tmp_path / "good.pcap", said, MODBUS)
    assert as_dissected(tmp_path / "good.pcap").d[:2] == [1, 2]
    said[1] = said[1]._replace(data=bytes.fromhex(reply))
    capture(tmp_path / "bad.pcap", said, MODBUS)
    with pytest.raises(AssertionError):
        as_dissected(tmp_path / "bad.pcap")
