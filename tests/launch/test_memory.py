"""The shared memory of a station: with `[engines]` two places, and what A holds at first."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gonogo.base.doorbell import bell_path
from gonogo.base.shm import sweep
from gonogo.config import journal_room
from gonogo.config.view_limits import engines_of
from gonogo.ipc.engine_queue import mailbox_path
from gonogo.ipc.engine_slots import slots_path
from gonogo.ipc.journal import Journal
from gonogo.ipc.journal_memory import RECORDS
from gonogo.launch.memory import Memory
from gonogo.launch.process_rows import supervisor_plan
from gonogo.records.leftover import pending, unpack
from gonogo.tests.engines.serving.places import bolt, install, section
from gonogo.tests.fakes import entry_of, put
from gonogo.tests.stations import bundled_station, small_station

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.config.station import Station


@contextmanager
def memory_of(station: Station) -> Iterator[Memory]:
    """Made without processes, removed at the end."""
    engines = engines_of(station)
    memory = Memory(station, supervisor_plan(station, engines=engines), engines)
    try:
        yield memory
    finally:
        memory.close()
        sweep(station.station.name)
        memory.lock.close()


def test_memory_orders_the_installed_engines_for_place_a(tmp_path: Path) -> None:
    """A shall hold all that the station names, B nothing; both can be asked."""
    engines = section(tmp_path)
    install(engines, bolt(tmp_path), bolt(tmp_path, "nut.gng", name="nut"))
    station = bundled_station(tmp_path, engines, "bolt", "nut")
    with memory_of(station) as memory:
        assert memory.slots is not None
        first, second = memory.slots.places
        assert first.ordered is not None
        assert first.ordered.bundles == {
            name: engines.folder / name / "1.0.0" / "bundle.gng" for name in ("bolt", "nut")
        }
        assert (first.load, second.load, second.ordered) == (1, 0, None)
        assert memory.slots.active == 0
        assert len(memory.mailboxes) == 2
        assert bell_path(memory.name, "ask1").exists()
        assert bell_path(memory.name, "done1").exists()


def test_memory_starts_with_the_version_before_a_damaged_one(tmp_path: Path) -> None:
    """What is ordered is the file of that version."""
    engines = section(tmp_path)
    install(engines, *(bolt(tmp_path, f"{v}.gng", version=v) for v in ("1.0.0", "1.1.0")))
    (engines.folder / "bolt" / "1.1.0" / "bundle.gng").write_bytes(b"damaged")
    with memory_of(bundled_station(tmp_path, engines)) as memory:
        assert memory.slots is not None
        order = memory.slots.places[0].ordered
        assert order is not None
        assert order.bundles == {"bolt": engines.folder / "bolt" / "1.0.0" / "bundle.gng"}


def test_memory_without_engines_is_what_it_was(tmp_path: Path) -> None:
    """No places, one mailbox, the bells of one engine."""
    with memory_of(small_station(tmp_path)) as memory:
        assert memory.slots is None
        assert len(memory.mailboxes) == 1
        paths = (
            slots_path(memory.name), mailbox_path(memory.name, 1), bell_path(memory.name, "ask1"),
        )  # fmt: skip
        assert [path for path in paths if path.exists()] == []


def test_memory_has_a_journal_for_the_rate_of_its_station(tmp_path: Path) -> None:
    """As large as records needs it, and with what its numbers mean."""
    station = small_station(tmp_path, pitch_mm=8.0)
    with memory_of(station) as memory:
        assert memory.journal.records >= journal_room.entries(station) > RECORDS
        assert json.loads(memory.journal.about)["views"] == ["top"]
        assert memory.journal.untold == 0


def dead_station(station: Station, entries: int) -> str:
    """What a station leaves in memory whose processes were all killed; its run."""
    path = station.records.path
    journal = Journal.create(station.station.name, 4, f'{{"path": "{path}"}}')
    for serial in range(entries):
        put(journal, entry_of(serial))
    return journal.run


def test_memory_of_a_dead_station_is_removed_once_its_rows_are_saved(tmp_path: Path) -> None:
    """Beside the database; a journal of its own is made for this run."""
    station = small_station(tmp_path)
    run = dead_station(station, 3)
    with memory_of(station) as memory:
        assert memory.journal.run != run
        assert (memory.journal.written, memory.journal.untold) == (0, 0)
    (file,) = pending(station.records.path)
    left = unpack(file.read_bytes())
    assert (left.run, len(left.raws), left.lost) == (run, 3, 0)


def test_memory_of_a_dead_station_that_cannot_be_saved_is_counted(tmp_path: Path) -> None:
    """The new run's records will tell the database, once there is one."""
    (tmp_path / "file").touch()
    station = small_station(tmp_path / "file")
    dead_station(station, 3)
    with memory_of(station) as memory:
        assert memory.journal.untold == 3
