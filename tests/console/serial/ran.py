"""What a station of the tests has besides once it was started by a file: a link, frames, a trail.

Import as `gonogo.tests.console.serial.ran`.
"""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

from gonogo.base.words import VerdictKind
from gonogo.config.started_by import START
from gonogo.config.station import load_station
from gonogo.console.serial.access import Person
from gonogo.console.serial.bench import Bench
from gonogo.console.serial.limits import JUDGES
from gonogo.console.serial.table import At
from gonogo.ipc.audit.files import beside_records, rows_backwards
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Trail
from gonogo.ipc.frame_ring import FrameRing
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.ipc.journal import Journal
from gonogo.ipc.last_good_file import digest
from gonogo.ipc.link_table import SINCES, LinkFacts, LinkFlag
from gonogo.plc.register_map import Header, PlcWords, State, StatusBit, pack_header, pack_plc
from gonogo.tests.fakes import part_now, put
from gonogo.tests.records.pictures.made import judged, photographed

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.ipc.audit.row import Row
    from gonogo.tests.console.serial.told import Told

WELL = LinkFlag.CONNECTED | LinkFlag.ALIVE | LinkFlag.SYNCED | LinkFlag.PERMIT | LinkFlag.VERSION_OK
RUNS, STOPPED = 3, 0  # CTRL: enable and trigger_enable, or neither
S = 10**9


def at(told: Told, **changes: Any) -> At:  # noqa: ANN401 - of an At
    """Anna at a cable."""
    where = At(told.name, None, Person("anna", "technician"), "ttyTEST0", "serial", "a reason")
    return where._replace(**{"bench": Bench(), **changes})  # a session of its own


def begun(told: Told) -> Path:
    """The station file that it was started with, as its trail tells."""
    file = told.records.parent / "cell.toml"
    trail = Trail(beside_records(told.records))
    new = {"sha256": digest(file.read_bytes()), "file": str(file)}
    trail.append(Entry(START, "asked", None, new))
    limits = {"recheck_above": 2.45, "reject_above": 2.45}
    trail.append(Entry(JUDGES, "noted", None, {"views": {"top": {"limits": limits}}}))
    return file


def facts(ctrl: int = RUNS, **changes: Any) -> LinkFacts:  # noqa: ANN401 - of LinkFacts
    """A link that is well, told just now; a part was answered and acknowledged."""
    now_ns = time.monotonic_ns()
    status = StatusBit.READY | StatusBit.RUNNING | StatusBit.PERMIT | StatusBit.LINK_OK
    header = Header(state=State.RUNNING, status=status, session_id=4711, res_seq=5)
    plc = PlcWords(map_version=1, heart=9, ctrl=ctrl, part_id=1003, ack_seq=5, session_echo=4711)
    record = (5, 1003, VerdictKind.REJECT, 20, 0, 0, 123, 5)
    found = LinkFacts(
        now_ns, State.RUNNING, WELL, 0, 4711, 5, 5, 0, now_ns, 0b1011, pack_plc(plc),
        pack_header(header), record, (now_ns - 60 * S, *(0,) * (SINCES - 1)), "",
    )  # fmt: skip
    return found._replace(**changes)


def linked(told: Told, found: LinkFacts) -> None:
    """As the link's thread tells it."""
    with closing(Heartbeat.attach(told.name)) as heart:
        heart.link.tell(found)


def passed_now(told: Told, serial: int = 7, shade: int = 255, ago_s: float = 0.0) -> None:
    """A part of the station file's only view, with its frame in the ring: all of one shade."""
    station = load_station(told.records.parent / "cell.toml")
    geometry = station.view[0].camera.geometry
    try:
        ring = FrameRing.attach(told.name, 0, geometry)
    except OSError:
        ring = FrameRing.create(told.name, 0, geometry, 4)
    part = part_now(serial, late_ns=round(ago_s * S))
    look = photographed(ring, serial % 4, part, shade)
    ring.close()
    with closing(Journal.attach(told.name)) as journal:
        put(journal, judged(part, VerdictKind.ACCEPT, look))


def rows(told: Told, what: str) -> list[Row]:
    """What the trail has of that, oldest first."""
    found = list(rows_backwards(beside_records(told.records)))[::-1]
    return [row for row in found if row.what == what]
