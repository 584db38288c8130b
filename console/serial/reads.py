"""Commands that show how the station stands; none of them changes anything."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING

from gonogo.base.errors import CommandUnknown, SegmentError
from gonogo.console.known_engines import kept_names, makers
from gonogo.console.serial.table import Answer
from gonogo.console.show.audit import in_lines as audit_lines
from gonogo.console.show.codes import codes
from gonogo.console.show.drift import in_lines as drift_lines
from gonogo.console.show.local_time import local
from gonogo.console.show.station import about, station_lines
from gonogo.console.show.station import records_of as records_by_journal
from gonogo.console.standing import standing
from gonogo.console.status import describe
from gonogo.engines.loading.process import PURPOSE
from gonogo.ipc.audit.files import beside_records as trail_of
from gonogo.ipc.audit.files import rows_backwards
from gonogo.ipc.audit.row import line_of
from gonogo.ipc.control_socket import ask
from gonogo.ipc.heartbeat import HeartbeatView
from gonogo.ipc.lots import beside_records as lots_of
from gonogo.ipc.lots import read_marks
from gonogo.records.drift import saving
from gonogo.records.labels import Labels
from gonogo.records.questions.files import Files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gonogo.console.serial.table import At

ROWS = 20  # of the audit trail and of lots, where nobody says how many
MOST = 500


def status(at: At, _: Sequence[str]) -> Answer:
    """As `gonogo status`."""
    return Answer(list(station_lines(at.station)), standing(at.station))


def code(_: At, given: Sequence[str]) -> Answer:
    """One number of the page of error codes."""
    number = given[0].upper()
    known = codes().get(number if number.startswith("GN") else f"GN{number}")
    if known is None:
        raise CommandUnknown(f"expected the number of an error as GN404, got '{given[0]}'")
    lines = [f"{known.number}: {known.means}", f"  do: {known.remedy}"]
    return Answer(lines, known._asdict())


def engine_list(at: At, _: Sequence[str]) -> Answer:
    """What judges, what else is loaded, and what is under way."""
    found = ask(at.station, purpose=PURPOSE, do="status")
    return Answer(list(describe(at.station, found)), found)


def recipe(at: At, _: Sequence[str]) -> Answer:
    """The one in force, and those that the PLC may ask for."""
    heart = HeartbeatView.attach(at.station)
    now = heart.recipe
    heart.close()
    labels = Labels.read(json.dumps(about(at.station)))
    known = {1: labels.rules} | {number: names for number, (names, _) in labels.recipes.items()}
    lines = [_recipe(number, names, now) for number, names in sorted(known.items())]
    return Answer(lines, {"in_force": now, "recipes": sorted(known)})


def _recipe(number: int, rules: Sequence[str], now: int) -> str:
    force = "IN FORCE" if number == now else ""
    return f"recipe {number:<5} {force:<8} rules: {', '.join(rules) or 'none'}"


def lots(at: At, _: Sequence[str]) -> Answer:
    """The newest of them; the last one goes on."""
    marks = read_marks(lots_of(records_of(at)))[-ROWS:]
    lines = [f"{local(mark.wall_ms)}  {mark.lot or '(none)'}" for mark in marks]
    return Answer(lines or ["no lot"], [mark._asdict() for mark in marks])


def drift(at: At, _: Sequence[str]) -> Answer:
    """The charts, as `gonogo drift` shows them."""
    path = records_of(at)
    state = saving.beside_records(path)
    if not state.exists():
        return Answer(["no charts: expected [records.drift] in the station file, and parts"])
    found = list(drift_lines(saving.read(state), Files(path), makers(kept_names(path))))
    return Answer(found, found)


def audit(at: At, given: Sequence[str]) -> Answer:
    """The newest rows of the station's trail, oldest first."""
    trail = trail_of(records_of(at))
    count = whole(given[0], 1, MOST) if given else ROWS
    rows = list(islice(rows_backwards(trail), count))[::-1]
    lines = [line for row in rows for line in audit_lines(row, trail.name)]
    return Answer(lines or ["no row"], [json.loads(line_of(row)) for row in rows])


def records_of(at: At) -> Path:
    """Where the records of the station lie; SegmentError where it does not say."""
    path = records_by_journal(at.station)
    if path is None:
        raise SegmentError(f"station '{at.station}': its journal does not say where records lie")
    return path


def whole(text: str, low: int, high: int) -> int:
    """A number that was typed; CommandUnknown."""
    if text.isascii() and text.isdecimal() and low <= int(text[:9]) <= high:
        return int(text[:9])
    raise CommandUnknown(f"expected a number of {low} to {high}, got '{text}'")
