"""The loader as a process of its own: it comes up, serves its socket, is killed, goes on."""

from __future__ import annotations

import os
import signal
import stat
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import ControlError
from gonogo.base.words import FaultBit
from gonogo.engines.loading.process import PURPOSE, LoaderPlan
from gonogo.ipc.control_socket import ask, control_path
from gonogo.ipc.engine_queue import Mailbox
from gonogo.ipc.engine_slot import Phase, SlotOrder
from gonogo.ipc.engine_slots import EngineSlots
from gonogo.ipc.journal import Journal
from gonogo.tests.engines.loading.stage import VERSIONS, Host, LineAct, install, section_of
from gonogo.tests.table import PATIENT_MS, supervised, turn_until
from gonogo.watchdog.plan import RowPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gonogo.watchdog.supervisor import Supervisor


class Around:
    """What lies around the loader's process: host, line and memory, in this one."""

    def __init__(self, station: str, supervisor: Supervisor, slots: EngineSlots, line: LineAct,
                 hosts: list[Host]) -> None:  # fmt: skip
        self.station, self.supervisor = station, supervisor
        self.slots, self.line, self.hosts = slots, line, hosts

    def ask(self, do: str, **request: object) -> dict[str, Any]:
        """Over its socket."""
        return ask(self.station, purpose=PURPOSE, do=do, **request)

    def status(self) -> dict[str, Any]:
        """What it says; nothing while it is being started anew."""
        try:
            return self.ask("status")
        except ControlError:
            return {"step": "away", "ticket": -1}

    def until(self, done: Callable[[], bool]) -> None:
        """Everybody does as they are told until something is so."""

        def there() -> bool:
            for host in self.hosts:
                host.obey()
            self.line.obey()
            self.line.judge()
            time.sleep(0.005)
            return done()

        turn_until(self.supervisor, there)

    def until_step(self, step: str) -> None:
        """The loader is there."""
        self.until(lambda: self.status()["step"] == step)


@contextmanager
def running(folder: Path, station: str) -> Iterator[Around]:
    """A loader under a supervisor, with three versions of bolt installed."""
    section = section_of(folder)
    install(folder, section, *VERSIONS)
    slots, journal = EngineSlots.create(station), Journal.create(station)
    hosts = [Host(slots, Mailbox.create(station, place), place) for place in range(2)]
    first = section.folder / "bolt" / "1.0.0" / "bundle.gng"
    slots.places[0].order(SlotOrder(bundles={"bolt": first}))  # as a station starts
    plan = LoaderPlan(station=station, engines=section, bundles=("bolt",))
    row = RowPlan(
        name="loader",
        module="gonogo.engines.loading.process",
        argument=plan.model_dump_json(),
        limit_ms=PATIENT_MS,
    )
    with supervised(station, row) as supervisor:
        around = Around(station, supervisor, slots, LineAct(slots, journal), hosts)
        around.until_step("idle")
        assert slots.places[0].phase is Phase.READY
        yield around
    assert not control_path(station, PURPOSE).exists()
    slots.close()
    journal.close()


def test_loader_exchanges_an_engine_over_its_socket(tmp_path: Path, station: str) -> None:
    """From a load to the end of the trial, by what is typed; the socket is this user's."""
    with running(tmp_path, station) as around:
        mode = control_path(station, PURPOSE).stat().st_mode
        assert stat.S_IMODE(mode) == 0o600
        around.ask("load", name="bolt", version="1.1.0")
        around.until_step("reported")
        around.ask("activate")
        around.until_step("settled")
        assert around.slots.active == 1
        around.ask("rollback")
        around.until_step("idle")
        assert around.slots.active == 0


def test_loader_killed_in_the_middle_is_started_anew_and_gives_up(
    tmp_path: Path, station: str
) -> None:
    """Nobody else notices; the next load goes through."""
    with running(tmp_path, station) as around:
        around.ask("load", name="bolt", version="1.1.0", keep=True)
        around.until_step("reported")
        os.kill(around.supervisor.beats.rows[1].pid, signal.SIGKILL)
        around.until(lambda: (around.status().get("refused") or {}).get("number") == 356)
        around.until_step("idle")
        assert (around.slots.active, around.slots.switches) == (0, 0)
        assert around.slots.places[0].load == 1
        around.ask("load", name="bolt", version="1.1.0")
        around.until_step("reported")


def test_loader_warns_of_a_folder_that_cannot_be_written(tmp_path: Path, station: str) -> None:
    """The PLC hears of it until it could be; the exchange goes through."""
    with running(tmp_path, station) as around:
        around.ask("load", name="bolt", version="1.1.0")
        around.until_step("reported")
        obstacle = tmp_path / "engines" / "bolt" / "selected.new"
        obstacle.mkdir()  # nobody, root neither, can write a file there
        around.ask("activate")
        beat = around.supervisor.beats.rows[1]
        around.until(lambda: beat.warning == FaultBit.DISK)
        around.until_step("settled")
        obstacle.rmdir()
        around.until(lambda: beat.warning == 0)
