"""A station as a console sees one: its memory, its sockets, its records, and no process at all.

Import as `gonogo.tests.console.serial.told`.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import ShadowMissing
from gonogo.base.words import FaultBit, Mode
from gonogo.config.console import ConsoleSection
from gonogo.console.serial.access import Everybody, Person, Refused, StationUser
from gonogo.console.serial.commands import COMMANDS
from gonogo.console.serial.conversation import Conversation
from gonogo.console.serial.dialogs import Guest, Place
from gonogo.console.serial.plan import ConsolePlan
from gonogo.console.serial.session import Session
from gonogo.engines.loading.process import PURPOSE
from gonogo.ipc.fault_table import FaultBoard
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.ipc.journal import Journal
from gonogo.ipc.master_part import MasterPartMemory
from gonogo.ipc.output_test import OutputTestDesk
from gonogo.ipc.process_table import ProcessTable
from gonogo.tests.commands.passed import passed
from gonogo.tests.console.serial.terminal import Terminal
from gonogo.tests.console.test_status import status as loader_status
from gonogo.tests.control import served
from gonogo.watchdog.output_test import OutputRequests
from gonogo.watchdog.plan import RowPlan
from gonogo.watchdog.trials import THREAD, Trials

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.console.serial.access import Access
    from gonogo.console.serial.table import Command

SCORES = (1.0, 9.0, 1.2)  # of parts 1001 to 1003; the second one is rejected
CODE = "4711"
WAIT_S = 20.0
CAMERA = '{"camera":{"exposure_us":500.0,"gain_db":0.0}}'  # of what its process is told
ROWS = [{"name": "line", "state": "up", "pid": 7, "starts": 1, "warning": 0}]


class ToldRow:
    """A row of the supervisor's table that only remembers what it was told."""

    def __init__(self, name: str, argument: str, *, apart: bool = True) -> None:
        self.name = name
        self.plan = RowPlan(name=name, module="m", argument=argument, limit_ms=1.0, apart=apart)
        self.told: list[str] = []

    def retell(self, argument: str) -> None:
        """As gonogo.watchdog.row."""
        self.told.append(argument)


class Watch:
    """The supervisor's look at what is on trial, and a clock that goes when it is told to."""

    def __init__(self, records: Path) -> None:
        self.now_ns = time.monotonic_ns()
        console = ConsolePlan(
            station="t", console=ConsoleSection(device="/dev/ttyTEST0"), records=records
        )
        self.row = ToldRow("console", console.model_dump_json())
        self.camera = ToldRow("camera top", CAMERA)
        self.trials = Trials([self.row, self.camera], lambda: self.now_ns)

    def go(self, seconds: float) -> None:
        """So much time passes, and it looks before and after."""
        for part_s in (0.0, seconds):
            self.now_ns += round(part_s * 1e9)
            self.trials.look(self.now_ns)

    def anew(self) -> None:
        """Hours later: nothing is on trial, and nobody speaks of the last one any more."""
        self.go(3 * 3600.0)
        self.ended()
        self.go(3600.0)
        self.row.told.clear()

    def ended(self) -> dict[str, Any] | None:
        """How the trial ended, once the thread has decided."""
        end_s = time.monotonic() + WAIT_S
        show = self.trials.table["trial"]
        while show({})["trial"] is not None:
            assert time.monotonic() < end_s, "nothing was decided"
            time.sleep(0.002)
            self.trials.look(self.now_ns)
        for thread in threading.enumerate():  # the trail is told after what is urgent
            if thread.name == THREAD:
                thread.join(WAIT_S)
        last: dict[str, Any] | None = show({})["last"]
        return last


class Told(NamedTuple):
    """The station, where its records lie, and what it was asked: purpose and request."""

    name: str
    records: Path
    asked: list[tuple[str, dict[str, Any]]]
    watch: Watch

    @property
    def changes(self) -> list[dict[str, Any]]:
        """Requests that are no questions."""
        return [request for _, request in self.asked if request["do"] != "status"]


@contextmanager
def told_station(name: str, folder: Path) -> Iterator[Told]:
    """It answers as long as this lasts."""
    asked: list[tuple[str, dict[str, Any]]] = []
    passed(folder, SCORES)
    records = folder / "parts.sqlite"
    about = {"path": str(records), "views": ["top"], "rules": ["hole"], "units": ["px"]}

    watch = Watch(records)
    outputs: dict[str, Any] = {}

    def control(request: dict[str, Any]) -> dict[str, Any]:
        found = watch.trials.table.get(request["do"]) or outputs.get(request["do"])
        if found is not None:
            return found(request)
        asked.append(("control", request))
        answers: dict[str, dict[str, Any]] = {
            "status": {"rows": ROWS}, "acknowledge": {"latched": ["engine A"]},
            "master-part": {"number": 3}, "master-part-back": {},
        }  # fmt: skip
        return answers[request["do"]]

    def loader(request: dict[str, Any]) -> dict[str, Any]:
        asked.append((PURPOSE, request))
        if request["do"] == "activate":
            raise ShadowMissing("nothing was loaded")
        return loader_status() if request["do"] == "status" else {"ticket": 5}

    with ExitStack() as stack:
        heart = Heartbeat.create(name)
        heart.want(1)
        heart.show(Mode.RULES_ONLY, 1, FaultBit.LINK)
        for made in (
            heart,
            ProcessTable.create(name),
            MasterPartMemory.create(name),
            Journal.create(name, 8, json.dumps(about)),
            board := FaultBoard.create(name),
        ):
            stack.callback(made.close)
        outputs.update(OutputRequests(OutputTestDesk(board.segment)).table)
        stack.enter_context(served(name, control))
        stack.enter_context(served(name, loader, PURPOSE))
        yield Told(name, records, asked, watch)


class Accounts(Everybody):
    """Anna may everything, Bert may look; a wrong secret waits."""

    asks = True
    idle_s = 600.0

    def __init__(self) -> None:
        self.tries: list[tuple[str, str, str]] = []
        self.gone: list[tuple[str, str]] = []

    def login(self, name: str, secret: str, source: str) -> Person | Refused:
        """By a secret that a test knows."""
        self.tries.append((name, secret, source))
        if secret != "246813":  # noqa: S105 - of a test
            return Refused(7.0)
        return Person(name, "supervisor" if name == "anna" else "observer")

    def anybody(self) -> Person:
        """Nobody without a name."""
        raise AssertionError

    def allowed(self, who: Person, action: str) -> bool:
        """As above."""
        return who.role == "supervisor" or action == "see-status"

    def stays_s(self, who: Person) -> tuple[float, float] | None:  # noqa: ARG002 - the protocol's
        """Some minutes, and not for ever."""
        return self.idle_s, 8 * 3600.0

    def left(self, who: Person, source: str, why: str) -> None:  # noqa: ARG002 - the protocol's
        """Remember why."""
        self.gone.append((who.name, why))


class Cabinet:
    """A session and the terminal before it; time is what the test says."""

    def __init__(
        self,
        station: str,
        log: Path | None = None,
        access: Access | None = None,
        file: Path | None = None,
        port: str = "/dev/ttyTEST0",
        commands: tuple[Command, ...] = COMMANDS,
    ) -> None:
        place = Place(station, log, port, file=file)
        guest = Guest(access or StationUser(), place)
        self.said = Conversation(guest, commands, code=lambda: CODE)
        self.session = Session(self.said, 0.0)
        self.now_s = 0.0
        self.bytes: list[int] = []
        self.terminal = Terminal()
        self.greeting = self.sent()

    def type(self, data: bytes, after_s: float = 0.1) -> str:
        """Say it; what came back, as text, a row a line."""
        self.now_s += after_s
        self.session.receive(data, self.now_s)
        return self.sent()

    def wait(self, after_s: float) -> str:
        """Type nothing for so long."""
        self.now_s += after_s
        self.session.tick(self.now_s)
        return self.sent()

    def sent(self) -> str:
        """What is to be sent by now."""
        sent = bytes(self.session.out)
        self.session.out.clear()
        self.bytes.append(len(sent))
        self.terminal.feed(sent)
        return sent.decode("ascii").replace("\r\n", "\n")
