"""`selftest`: what was tried just now, and what was only read of what the station knows itself.

It asks nothing of the line, of a camera or of the PLC: those belong to parts. An engine proves
itself with the frames of its bundle each time it is loaded, and no second time while it judges.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.atomic_file import SYSTEM, fill
from gonogo.base.errors import ControlError, GonogoError
from gonogo.base.words import Reason
from gonogo.console.serial.box import server_heard
from gonogo.console.serial.reads import records_of
from gonogo.console.serial.reads_link import facts_of
from gonogo.console.serial.table import Answer
from gonogo.console.show.lately import newest
from gonogo.console.show.link import STALE_S, link_value
from gonogo.console.show.station import about
from gonogo.engines.loading.process import PURPOSE
from gonogo.ipc.audit.files import beside_records as trail_of
from gonogo.ipc.audit.files import rows_backwards
from gonogo.ipc.camera_port import CameraPort, CameraState
from gonogo.ipc.control_socket import ask
from gonogo.ipc.journal import JournalView
from gonogo.ipc.journal_records import VerdictEntry
from gonogo.records.log.reading import Wanted
from gonogo.records.metrics.standing import StationMemory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from gonogo.console.serial.table import At

TRIED, READ = "tried", "read"
_UP = {"up", "held"}
_BYTES = 64 * 1024
_LEAST_FREE = 100 * 1000 * 1000  # bytes
_LOOKED = 200  # entries of the journal for the newest part
_YEAR_2025_S = 1_735_689_600
_NS_PER_S = 1e9


class Check(NamedTuple):
    """One row; `fine` None: it cannot be said."""

    what: str
    how: str
    fine: bool | None
    said: str


def selftest(at: At, _: Sequence[str]) -> Answer:
    """Each row by itself: one that cannot be had costs no other."""
    found = [check for each in _CHECKS for check in _guarded(each, at)]
    wrong = sum(check.fine is False for check in found)
    lines = [*map(_in_words, found), f"{wrong} wrong" if wrong else "nothing wrong found"]
    return Answer(lines, [check._asdict() for check in found])


def _in_words(check: Check) -> str:
    mark = {True: "ok", False: "WRONG", None: "-"}[check.fine]
    return f"{mark:<5} {check.how:<5} {check.what:<10} {check.said}"


def _guarded(check: Callable[[At], Iterator[Check]], at: At) -> list[Check]:
    try:
        return list(check(at))
    except GonogoError as error:
        return [Check(check.__name__.strip("_"), READ, None, str(error))]
    except (OSError, ValueError, LookupError) as error:
        return [Check(check.__name__.strip("_"), READ, None, repr(error))]


def _processes(at: At) -> Iterator[Check]:
    rows = ask(at.station, do="status")["rows"]
    down = [f"{row['name']} {row['state']}" for row in rows if row["state"] not in _UP]
    said = f"the supervisor answers; {', '.join(down) or f'all {len(rows)} are up'}"
    yield Check("processes", TRIED, not down, said)


def _engines(at: At) -> Iterator[Check]:
    memory = StationMemory(at.station, None, {})
    try:
        places = memory.look().places
    finally:
        memory.close()
    for place in places:
        served = ", ".join(f"view {view} by {name}" for view, name in place.backends.items())
        if place.ready:
            said = f"proven when it was loaded, serves {served or 'nothing'}"
        else:
            said = "not ready; the log says why" if place.judges else "empty, or loading"
        fine = place.ready if place.judges else None
        yield Check(f"engine {place.name}", READ, fine, said)
    if not places:
        yield Check("engine", READ, None, "the rules judge alone")


def _loader(at: At) -> Iterator[Check]:
    try:
        found = ask(at.station, purpose=PURPOSE, do="status")
    except ControlError:
        yield Check("loader", TRIED, None, "none: engines of this station are not exchanged")
        return
    wrong = [place["message"] for place in found["places"] if place.get("error")]
    yield Check("loader", TRIED, not wrong, "; ".join(wrong) or f"answers: {found['step']}")


def _cameras(at: At) -> Iterator[Check]:
    entry = newest_part(at.station)
    for number, name in enumerate(about(at.station)["views"]):
        device = _device(at.station, number)
        look = None if entry is None else next((x for x in entry.looks if x.view == number), None)
        if look is None or entry is None:
            frame, fine = "no part yet", None
        else:
            age_s = (time.monotonic_ns() - entry.part.trigger_ns) / _NS_PER_S
            fine = look.fault is Reason.OK
            word = "trusted" if fine else f"NOT TRUSTED ({look.fault.name})"
            frame = f"frame of part {entry.part.part_id} {word}, {age_s:.1f} s ago"
        ready = device in ("", "open")
        yield Check(f"view {name}", READ, fine if ready else False, _joined(device, frame))


def _device(station: str, view: int) -> str:
    """How the device is; '' where the line opens it itself."""
    try:
        port = CameraPort.attach(station, view)
    except GonogoError:
        return ""
    try:
        if port.state is CameraState.READY:
            return "open"
        return f"NOT OPEN ({port.message or 'no reason told'})"
    finally:
        port.close()


def _plc(at: At) -> Iterator[Check]:
    found = link_value(facts_of(at.station), time.monotonic_ns())
    well = [found[key] for key in ("connected", "alive", "synced", "version_ok")]
    fine = all(well) and found["told_age_s"] < STALE_S
    said = (
        f"{found['state']}, heart {'beats' if found['alive'] else 'STANDS STILL'}, session "
        f"{'followed' if found['synced'] else 'NOT FOLLOWED'}"
    )
    yield Check("PLC", READ, fine, said)


def _records(at: At) -> Iterator[Check]:
    path = records_of(at)
    memory = StationMemory(at.station, path, {})
    try:
        standing = memory.look()
    finally:
        memory.close()
    records, disk = standing.records, standing.disk
    yield Check(
        "records", READ, not records.lost, f"{records.waiting} waiting, {records.lost} lost"
    )
    if disk is not None:
        free = f"{disk.free / 1e9:.1f} of {disk.size / 1e9:.1f} GB free"
        yield Check("room", READ, disk.free > _LEAST_FREE, free)
    yield _disk(path.parent)


def _disk(folder: Path) -> Check:
    """Whether a file gets there and back."""
    probe, data = folder / ".gonogo-selftest", bytes(range(256)) * (_BYTES // 256)
    try:
        fill(probe, (data,), SYSTEM, os.O_TRUNC)  # what an earlier one left is written over
        same = probe.read_bytes() == data
    except OSError as error:
        return Check("disk", TRIED, fine=False, said=f"{folder}: {error.strerror}")
    finally:
        probe.unlink(missing_ok=True)
    said = f"{_BYTES // 1024} kB written, synced and read back" if same else "READ BACK OTHERWISE"
    return Check("disk", TRIED, same, said)


def _trail(at: At) -> Iterator[Check]:
    row = next(iter(rows_backwards(trail_of(records_of(at)))), None)
    said = "no row yet" if row is None else f"row {row.number} of {row.at} is readable"
    yield Check("audit", READ, None if row is None else True, said)


def _log(at: At) -> Iterator[Check]:
    if at.log is None:
        yield Check("log", READ, None, "none is kept")
        return
    said = "readable" if newest(at.log, Wanted(), 1) else "EMPTY"
    yield Check("log", READ, said == "readable", said)


def _clock(_: At) -> Iterator[Check]:
    heard, now_s = server_heard(), time.time()
    server = "a time server was heard" if heard else "no time server heard by systemd-timesyncd"
    yield Check("clock", READ, now_s > _YEAR_2025_S, f"{time.strftime('%Y-%m-%d')}, {server}")


_CHECKS: tuple[Callable[[At], Iterator[Check]], ...] = (
    _processes, _engines, _loader, _cameras, _plc, _records, _trail, _log, _clock,
)  # fmt: skip


def newest_part(station: str) -> VerdictEntry | None:
    """The last part that was judged, as the journal has it; None: none yet."""
    journal = JournalView.attach(station)
    try:
        written = journal.written
        for sequence in range(written - 1, max(written - _LOOKED, 0) - 1, -1):
            entry = journal.read(sequence)
            if isinstance(entry, VerdictEntry):
                return entry
        return None
    finally:
        journal.close()


def _joined(*words: str) -> str:
    return "; ".join(word for word in words if word)
