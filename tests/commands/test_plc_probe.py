"""The probe against a PLC of another maker's software, right and wrong in every way it knows."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gonogo.base.errors import AnotherDevice, LinkRefused, LinkSilent, ProbeRefused, StationRunning
from gonogo.base.words import VerdictKind
from gonogo.commands.cli import main
from gonogo.commands.plc_probe import probe_plc
from gonogo.commands.plc_probe_order import ProbeOrder, ProbeTimes
from gonogo.ipc.station_lock import StationLock
from gonogo.plc.link.findings import PATTERN, findings, pattern_says, swap
from gonogo.plc.link.probe import Heard
from gonogo.plc.register_map import Header, PlcWords, pack_header, pack_plc
from gonogo.plc.transports.modbus_rtu_client import ModbusRtuClientSection
from gonogo.plc.transports.modbus_server import ModbusServerSection
from gonogo.proving.peers.cells import pdu
from gonogo.proving.peers.raw_plc import ScanningPlc
from gonogo.tests.serial_lines import Cable, SerialPlc
from gonogo.tests.stations import small_station

pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
from gonogo.tests.softplc import ACK, CTRL, ECHO, HEART, PART, SESSION, SoftPlc

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.config.station import Station
    from gonogo.tests.softplc import Change, Words

D_HEART, D_RES_SEQ, D_SESSION = 2, 12, 13
BRIEF = ProbeTimes(least_s=0.5)  # as long as a probe looks for others
HASTY = BRIEF._replace(first_s=0.1)


@pytest.fixture
def plc() -> Iterator[SoftPlc]:
    """A PLC with part 17 at its photo-eye."""
    with SoftPlc() as plc:
        plc.p[PART] = 17
        yield plc


@pytest.fixture
def station(plc: SoftPlc, tmp_path: Path) -> Station:
    """A station of that PLC."""
    return small_station(tmp_path).model_copy(update={"plc": plc.section})


def probed(
    plc: SoftPlc,
    station: Station,
    change: Change,
    order: ProbeOrder = ProbeOrder(trips=50),  # noqa: B008 - a constant tuple
    times: ProbeTimes = HASTY,
) -> tuple[int, str]:
    """Exit code and text of a brief probe while the PLC runs its program with a change."""
    plc.change = change
    said: list[str] = []
    return probe_plc(station, order._replace(times=times), said.append), "\n".join(said)


def right(p: Words, d: Words) -> None:
    """Nothing is wrong with it."""


def test_probe_of_a_right_plc_finds_nothing_and_measures_it(plc: SoftPlc, station: Station) -> None:
    """Exchanges, the heart, two scans, and what the patterns must read."""
    code, said = probed(plc, station, right)
    assert code == 0, said
    assert "exchanges: p50" in said
    assert "PLC_HEART changes every" in said
    assert "DEV_HEART comes back after" in said
    assert "D24-D25 must read 305419896" in said
    assert said.endswith("nothing wrong found")


def keep(index: int, value: int) -> Change:
    """A word that always has that value."""

    def change(p: Words, _: Words) -> None:
        p[index] = value

    return change


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (keep(HEART, 7), "PLC_HEART (P101) stands still"),
        (keep(0, 2), "map version (P100): expected 1 or 0 (not given), got 2"),
        (keep(ECHO, 0), "P113 does not echo DEV_HEART"),
        (keep(SESSION, 9), "P115 does not echo SESSION_ID (D13): expected 23041, got 9"),
        (lambda p, _: [swap(word) for word in p], "the two bytes of each word are swapped"),
        (lambda p, _: [0, *p[:-1]], "the area is shifted by +1: change p_base by +1"),
        (
            lambda p, _: [*p[2:], 0, 0],
            "stands in P111, expected in P113; the area is shifted by -2",
        ),
    ],
)
def test_probe_says_what_is_wrong_in_one_line(
    plc: SoftPlc,
    station: Station,
    change: Change,
    finding: str,
) -> None:
    """The very thing, and nothing that only follows from it."""
    code, said = probed(plc, station, change)
    wrong = [line for line in said.splitlines() if "WRONG" in line]
    assert code == 1
    assert len(wrong) == 1, said
    assert finding in wrong[0]


def test_probe_finds_a_scan_that_is_slower_than_the_station_file_says(
    plc: SoftPlc, station: Station
) -> None:
    """The echo takes as long as the PLC's task."""
    seen: list[tuple[float, int]] = []

    def slow(p: Words, d: Words) -> None:
        seen.append((time.monotonic(), d[D_HEART]))
        p[ECHO] = next((h for at_s, h in reversed(seen) if seen[-1][0] - at_s > 0.07), 0)

    code, said = probed(plc, station, slow)
    assert code == 1
    assert "plc.scan_ms: says 10 ms, but an echo takes" in said


@pytest.mark.parametrize("ctrl", [0, 7])
@pytest.mark.parametrize("kind", [VerdictKind.ACCEPT, VerdictKind.REJECT])
def test_probe_drives_a_verdict_by_hand(
    plc: SoftPlc, station: Station, ctrl: int, kind: VerdictKind
) -> None:
    """Stopped, or in test mode: the record of the present part is acknowledged."""
    order = ProbeOrder(trips=50, drive=kind)
    code, said = probed(plc, station, keep(CTRL, ctrl), order)
    assert code == 0, said
    assert f"{kind.name} for part 17: acknowledged after" in said


def test_probe_does_not_drive_while_parts_may_flow(plc: SoftPlc, station: Station) -> None:
    """Enabled, and no test mode."""
    with pytest.raises(ProbeRefused, match="parts may be flowing"):
        probed(plc, station, keep(CTRL, 3), ProbeOrder(trips=50, drive=VerdictKind.REJECT))
    assert plc.d[D_RES_SEQ] == 0


@contextlib.contextmanager
def another(plc: SoftPlc, **header: int) -> Iterator[None]:
    """Somebody else writes D0-D31 each 20 ms; `header` is what is in them, beside a heart."""
    ended = threading.Event()

    def write() -> None:
        beats = 0
        while not ended.wait(0.02):
            beats += 1
            words = pack_header(Header(**({"dev_heart": beats} | header)))
            plc._server.data_bank.set_holding_registers(0, list(words))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_probe_writes_nothing_where_another_station_lives(plc: SoftPlc, station: Station) -> None:
    """Its heart beats in our words: said with its number and who it is, before the first write."""
    with another(plc, box_id=4711, session_id=99), pytest.raises(AnotherDevice) as refused:
        probed(plc, station, right, times=BRIEF)
    assert "GN404: another device writes here" in str(refused.value)
    assert "BOX_ID 4711, SESSION_ID 99" in str(refused.value)
    assert plc.header.box_id == 4711
    assert not any(plc.d[32:])


def test_probe_takes_what_a_station_left_there_for_what_it_is(
    plc: SoftPlc, station: Station
) -> None:
    """Words that stand still are of nobody who lives; so is a heart that does."""
    with another(plc, box_id=4711, dev_heart=7):
        plc.until("words", lambda: plc.header.box_id)
    code, said = probed(plc, station, right, times=BRIEF)
    assert code == 0, said
    assert "before the first write: nobody else writes there" in said


def test_probe_says_that_something_else_writes_there(plc: SoftPlc, station: Station) -> None:
    """Registers that change and bear no MAGIC: the PLC's own, for example."""

    def busy(p: Words, _: Words) -> None:
        plc._server.data_bank.set_holding_registers(3, [p[HEART]])

    assert "something else writes into D0-D31" in probed(plc, station, busy, times=BRIEF)[1]


def test_probe_leaves_a_running_station_alone(station: Station) -> None:
    """One owner for one PLC."""
    lock = StationLock(station.station.name)
    with pytest.raises(StationRunning, match="already runs on this box"):
        probe_plc(station, ProbeOrder(), print)
    lock.close()


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (PATTERN, "word order is right"),
        (0x56781234, "its words are swapped"),
        (0x34127856, "the bytes of each word are swapped"),
        (0x78563412, "words and bytes are swapped"),
        (1, "none of the known orders"),
    ],
)
def test_pattern_says_which_order_the_plc_reads(shown: int, words: str) -> None:
    """From the one number that a technician reads in the PLC's own tool."""
    assert words in pattern_says(shown)


def test_plc_probe_command_reports_a_wrong_pattern(plc: SoftPlc, tmp_path: Path) -> None:
    """As a technician calls it."""
    text = (
        '[station]\nname = "probed"\n[trigger]\ndriver = "plc"\n'
        f'[plc]\ndriver = "modbus-client"\nhost = "127.0.0.1"\nport = {plc.section.port}\n'
        "timeout_ms = 1000\n"
        '[[view]]\nname = "top"\n[view.camera]\ndriver = "synthetic"\nwidth_px = 640\n'
        'height_px = 480\n[[view.rule]]\nname = "width"\nkind = "dimension"\nmeasure = "width"\n'
        'low = 1.0\nhigh = 9.0\n[records]\npath = "parts.sqlite"\n'
    )
    path = tmp_path / "station.toml"
    path.write_text(text, encoding="utf-8")
    command = ["plc", "probe", str(path), "--trips", "10", "--d24", str(0x56781234)]
    found = CliRunner().invoke(main, command)
    assert found.exit_code == 1, found.output
    assert "WRONG  word order: its words are swapped" in found.output


def test_probe_shows_a_plc_that_has_acknowledged_results_its_own_count(
    plc: SoftPlc, station: Station
) -> None:
    """Such a PLC follows a session only where RES_SEQ is what it has acknowledged."""

    def stubborn(p: Words, d: Words) -> None:
        p[ACK] = 41
        p[SESSION] = d[D_SESSION] if d[D_RES_SEQ] == 41 else 0

    code, said = probed(plc, station, stubborn)
    assert code == 0, said


def test_findings_allow_for_the_wire_of_a_serial_line() -> None:
    """An echo that took two polls more than two scans is not the PLC's fault; a longer one is."""
    words = pack_plc(PlcWords(map_version=1, dev_heart_echo=0x1201, session_echo=0x5A01))
    heard = Heard((), (9.0, 9.0), (80.0, 80.0), words, frozenset({0x1201}))
    assert findings(heard, 10, 30) == []
    (finding,) = findings(heard, 10, 25)
    assert finding.startswith("plc.scan_ms: says 10 ms, but an echo takes 80 ms")


def test_probe_reaches_a_plc_on_a_serial_line(tmp_path: Path) -> None:
    """Its words come and are judged as any PLC's; this one runs no program."""
    cable = Cable(tmp_path)
    plc = SerialPlc(cable.plc)
    section = ModbusRtuClientSection(
        driver="modbus-rtu-client", device=str(cable.station), parity="none", timeout_ms=5000
    )
    station = small_station(tmp_path).model_copy(update={"plc": section})
    said: list[str] = []
    try:
        assert probe_plc(station, ProbeOrder(20, times=HASTY), said.append) == 1
    finally:
        plc.close()
        cable.close()
    assert any("PLC_HEART (P101) stands still" in line for line in said), said


# -- the wrong PLC, in one line --------------------------------------------------------------


def pulsing(plc: SoftPlc) -> Change:
    """PART_ID is set for each part and taken back."""
    count = itertools.count()

    def change(p: Words, _: Words) -> None:
        p[PART] = next(count) // 8 % 2

    del plc
    return change


def reads_beside(off: int) -> Change:
    """Its D area lies beside ours."""

    def change(p: Words, d: Words) -> None:
        p[ECHO], p[SESSION] = d[D_HEART + off], d[D_SESSION + off]

    return change


def all_beside(off: int) -> Change:
    """The whole map lies `off` registers further on in the PLC, or back."""

    def change(p: Words, d: Words) -> Words:
        reads_beside(off)(p, d)
        return [0] * off + p[:-off] if off > 0 else [*p[-off:], *[0] * -off]

    return change


def stop(p: Words, _: Words) -> None:
    """STOP: everything stands as it was."""
    p[:] = [1, 4711, 3, 17, 0, *[0] * 8, 0x77, 0, 0x88, *[0] * 4]


def nobody(p: Words, _: Words) -> None:
    """The block is not called."""
    p[:] = [0] * 20


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (stop, "nothing else moves: the PLC is in STOP"),
        (nobody, "P100-P119 all read 0"),
        (keep(HEART, 7), "though DEV_HEART comes back: the PLC runs"),
        (reads_beside(1), "takes D3 for DEV_HEART (D2): change d_base by +1, or"),
        (reads_beside(-1), "takes D1 for DEV_HEART (D2): change d_base by -1, or"),
        (all_beside(1), "change d_base by +1 and p_base by +1"),
        (all_beside(-1), "change d_base by -1 and p_base by -1"),
    ],
)
def test_probe_tells_apart_what_looks_alike(
    plc: SoftPlc, station: Station, change: Change, finding: str
) -> None:
    """One line, and it says what to change."""
    code, said = probed(plc, station, change)
    wrong = [line for line in said.splitlines() if "WRONG" in line]
    assert (code, len(wrong)) == (1, 1), said
    assert finding in wrong[0]


def test_probe_finds_a_part_id_that_is_a_pulse(plc: SoftPlc, station: Station) -> None:
    """Before a single part is lost to it."""
    code, said = probed(plc, station, pulsing(plc), ProbeOrder(trips=200))
    (wrong,) = (line for line in said.splitlines() if "WRONG" in line)
    assert code == 1
    assert "PART_ID (P103) is a pulse: it went to 0 and came back as 1" in wrong


@pytest.mark.parametrize("most", [16, 47, 48, 63])
def test_probe_finds_how_many_words_the_plc_takes(station: Station, most: int) -> None:
    """And all else that is to be said of it."""
    with SoftPlc(max_words=most) as plc:
        its = station.model_copy(update={"plc": plc.section})
        code, said = probed(plc, its, right)
        assert code == 1
        (wrong,) = (line for line in said.splitlines() if "WRONG" in line)
        assert f"takes {most} words in one write at most: set max_words = {most}" in wrong
        mended = plc.section.model_copy(update={"max_words": most})
        its = its.model_copy(update={"plc": mended})
        code, said = probed(plc, its, right)
        assert code == 0, said
        assert plc.limits.widest == most


def test_probe_of_a_plc_that_takes_fewer_words_than_a_header_has_gives_up(
    station: Station,
) -> None:
    """In the PLC's own words, and what would help."""
    with SoftPlc(max_words=15) as plc:
        its = station.model_copy(update={"plc": plc.section})
        with pytest.raises(LinkRefused, match=r"exception 3 .*set max_words"):
            probed(plc, its, right)


def test_probe_of_a_plc_that_stalls_says_what_to_wait_for(plc: SoftPlc, station: Station) -> None:
    """200 ms now and then: the timeout that is proposed endures it."""

    def change(_: Words, d: Words) -> None:
        if d[D_HEART] % 3 == 0 and d[D_HEART]:
            plc.limits.stall_s = 0.2

    code, said = probed(plc, station, change)
    (proposed,) = (line for line in said.splitlines() if "timeout_ms =" in line)
    wanted_ms = int(proposed.split("=")[1].split("#")[0])
    assert code == 0, said
    assert wanted_ms >= 300, said


def test_probe_of_a_plc_that_stalls_longer_than_the_timeout_names_the_key(
    plc: SoftPlc, station: Station
) -> None:
    """No traceback, and the way out."""
    hasty = plc.section.model_copy(update={"timeout_ms": 50})
    plc.limits.stall_s = 0.4
    with pytest.raises(LinkSilent, match=r"no valid reply within 50 ms .* raise timeout_ms"):
        probed(plc, station.model_copy(update={"plc": hasty}), right)


# -- the PLC that should come to us ----------------------------------------------------------


class Caller(ScanningPlc):
    """Connects to the station; asks only what `pdus` say."""

    def __init__(self, port: int, *pdus: bytes) -> None:
        self._pdus = pdus
        super().__init__(port)

    def scan(self, sock: socket.socket) -> None:
        """Each request once."""
        for request in self._pdus:
            self.ask(sock, request)


@pytest.mark.parametrize(
    ("pdus", "finding"),
    [
        (None, "nobody has asked: the PLC is off or in STOP"),
        ((), "somebody has connected, but asks nothing"),
        ((pdu(3, 0, 96),), "times, but never writes"),
        ((pdu(16, 100, 2) + b"\x04\0\1\0\7",), "nothing else moves: the PLC is in STOP"),
    ],
)
def test_probe_as_server_says_who_came_and_what_they_did(
    tmp_path: Path,
    pdus: tuple[bytes, ...] | None,
    finding: str,
) -> None:
    """Nobody, a reader, and a PLC in STOP are three different lines."""
    station = small_station(tmp_path, driver="modbus-server")
    assert isinstance(station.plc, ModbusServerSection)
    port = station.plc.port
    said: list[str] = []
    with contextlib.ExitStack() as stack:
        if pdus is not None:
            stack.enter_context(late_caller(port, pdus))
        assert probe_plc(station, ProbeOrder(10, times=ProbeTimes(least_s=1.0)), said.append) == 1
    (wrong,) = (line for line in said if "WRONG" in line)
    assert finding in wrong


@contextlib.contextmanager
def late_caller(port: int, pdus: tuple[bytes, ...]) -> Iterator[None]:
    """Comes as soon as the station listens."""
    callers: list[Caller] = []
    over = threading.Event()

    def come() -> None:
        while not over.wait(0.01):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                callers.append(Caller(port, *pdus))
                return

    thread = threading.Thread(target=come)
    thread.start()
    yield
    over.set()
    thread.join()
    for caller in callers:
        caller.die()
