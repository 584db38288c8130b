"""The audit trails of a station: its own, that of its engines, and who knows their newest rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import AuditError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.config.station import Station
    from gonogo.ipc.audit.row import Head, Row


class Trails(NamedTuple):
    """Where they lie; `engines` None where no station file says so. `state`: the last state."""

    station: Path
    engines: Path | None
    state: Path

    @property
    def paths(self) -> list[Path]:
        """Both."""
        return [self.station] if self.engines is None else [self.station, self.engines]


def trails(station: str) -> Trails:
    """Of a station file, also where it is wrong and an earlier one is kept, or of a running one."""
    from gonogo.commands.auditing import records_of
    from gonogo.config.last_good import load_or_last_good
    from gonogo.ipc.audit.files import beside_records

    if not station.endswith(".toml"):
        records = records_of(station)
        if records is None:
            raise AuditError(
                f"{station}: expected a station file (.toml), or the name of a running station"
            )
        return Trails(beside_records(records), None, records.with_name(f"{station}.state.json"))
    return of_file(load_or_last_good(Path(station)).station)


def of_file(found: Station) -> Trails:
    """Of a station file that is right."""
    from gonogo.ipc.audit.files import beside_records, in_engines
    from gonogo.launch.told import state_path

    folder = found.engines.folder if found.engines is not None else None
    engines = in_engines(folder) if folder is not None and folder.is_dir() else None
    return Trails(beside_records(found.records.path), engines, state_path(found))


def known_of(found: Trails, trail: Path) -> dict[str, Head]:
    """What other places know of the rows of one of them, by who says so."""
    from gonogo.ipc.audit.files import head_of, read_head

    heads = {head_of(trail).name: read_head(trail)}
    if trail == found.station:
        heads["the last state of the station"] = _in_state(found.state)
    else:
        heads["the trail of the station"] = _in_station(found.station)
    return {name: head for name, head in heads.items() if head is not None}


def _in_state(path: Path) -> Head | None:
    from gonogo.ipc import last_state
    from gonogo.ipc.audit.row import Head

    state = last_state.look(path)
    return Head(state.audit_row, state.audit_hash) if state and state.audit_row else None


def _in_station(trail: Path) -> Head | None:
    from gonogo.ipc.audit.row import Head
    from gonogo.ipc.audit.trail import Trail
    from gonogo.launch.audit_start import ENGINES_TRAIL, JUDGES

    row = Trail(trail).last(JUDGES)
    head = row.new.get(ENGINES_TRAIL) if row is not None and isinstance(row.new, dict) else None
    return Head(*head) if isinstance(head, list) and len(head) == len(Head._fields) else None


def rows(found: Trails, since_ms: int | None = None) -> Iterator[tuple[Path, Row]]:
    """Of both, by the time that they say; AuditError where one cannot be read."""
    from gonogo.ipc.audit.files import rows_backwards

    try:
        both = [(path, row) for path in found.paths for row in rows_backwards(path)]
    except OSError as error:
        raise AuditError(f"{error.filename}: {error.strerror}") from error
    # within a trail by number: a clock may have been set
    both.sort(key=lambda each: (each[1].at, each[0], each[1].number))
    for path, row in both:
        if since_ms is None or at_ms(row) >= since_ms:
            yield path, row


def at_ms(row: Row) -> int:
    """UTC ms; 0 of a time that makes no sense, which only another hand can have written."""
    from datetime import datetime

    try:
        return round(datetime.fromisoformat(row.at).timestamp() * 1000)
    except ValueError:
        return 0
