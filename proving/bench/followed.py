"""Memory of the screen's process while a hundred thousand parts pass, a thousand a second.

The station is its memory alone: a journal and a frame ring that are written here as the line writes
them. A page asks for each value, and for its picture. What counts is the process's own memory
(without pages that others have, too) after all parts over after the first fifth, by when the
pictures that it keeps have come round.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.base.frame_shape import FrameShape
from gonogo.base.gc_policy import Tidy
from gonogo.base.realtime import step_back
from gonogo.base.shm import sweep
from gonogo.base.words import Mode, Part, Reason, Verdict, VerdictKind, ViewCapture
from gonogo.config.screen import ScreenSection
from gonogo.console.screen.plan import ScreenPlan, ScreenView
from gonogo.console.screen.process import show
from gonogo.ipc.engine_queue import Mailbox
from gonogo.ipc.frame_ring import FrameRing, State
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.ipc.journal import Journal
from gonogo.ipc.journal_records import StageTimes
from gonogo.proving.bench.pixels import until_served
from gonogo.proving.bench.rows import Row
from gonogo.proving.campaign.ground import free_port
from gonogo.records.dispositions.section import DispositionsSection
from gonogo.watchdog.growth import BYTES_PER_MB, own_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

NAMES = ("screen_memory",)
NAME = "followed"  # of the station, with the number of this process
PARTS, LOOKS = 100_000, 10
EARLY = 2  # of the looks
LIMIT = 1.01
BATCH, BATCH_S = 10, 0.01  # a thousand parts a second
RECORDS = 4096  # of the journal: four seconds, so that a busy box loses none
SHAPE, SLOTS, POOL = FrameShape(120, 160, 3), 8, 8
ABOUT = {"views": ["top"], "rules": [], "units": []}
SECOND_NS = 1_000_000_000
ASK_S = 30.0
_SHOW = "import sys; from gonogo.proving.bench.followed import main; main(sys.argv[1])"


class Found(NamedTuple):
    """Own memory at each look, in MB; answers and pictures that the page got; parts it counted."""

    own_mb: list[float]
    answers: int
    pictures: int
    counted: int


class Line:
    """What a line leaves in memory, without one."""

    def __init__(self, station: str) -> None:
        with ExitStack() as stack:
            self._heart = stack.enter_context(closing(Heartbeat.create(station)))
            journal = Journal.create(station, RECORDS, json.dumps(ABOUT))
            self._journal = stack.enter_context(closing(journal))
            ring = FrameRing.create(station, 0, SHAPE, SLOTS)
            self._ring = stack.enter_context(closing(ring))
            stack.enter_context(closing(Mailbox.create(station, 0)))
            self._stack = stack.pop_all()
        rng = np.random.default_rng(5)
        self._frames = rng.integers(0, 256, (POOL, *SHAPE.shape), np.uint8)
        self._serial = 0
        self._heart.show(Mode.FULL, 1)

    def judge(self, count: int) -> None:
        """So many parts, one after the other: every tenth is bad."""
        for _ in range(count):
            self._serial += 1
            self._part(self._serial, time.monotonic_ns())
        self._heart.idle(time.monotonic_ns())

    def _part(self, serial: int, at_ns: int) -> None:
        part = Part(serial, serial % 65_535 + 1, at_ns, *[at_ns + SECOND_NS] * 3)
        slot = self._ring.slots[serial % SLOTS]
        slot.begin(part.part_id, serial, at_ns)
        slot.pixels[...] = self._frames[serial % POOL]
        slot.commit(State.READY, at_ns)
        look = ViewCapture(0, slot.index, at_ns, generation=slot.generation)
        kind, reason = VerdictKind.ACCEPT, Reason.OK
        if serial % 10 == 0:
            kind, reason = VerdictKind.REJECT, Reason.ENGINE
        verdict = Verdict(kind, reason, serial % 10_000, Mode.FULL, VerdictKind.NONE, kind)
        stamps = StageTimes(*[at_ns] * 5)
        self._journal.append(part, verdict, stamps, [look], [None], [])

    def close(self) -> None:
        """Unmap it."""
        self._stack.close()


class Page:
    """Asks as a page does, in a thread of its own."""

    def __init__(self, port: int) -> None:
        self._port, self._over = port, threading.Event()
        self.answers = self.pictures = 0
        self._thread = threading.Thread(target=self._ask)

    def get(self, path: str, tag: str = "") -> tuple[int, str, bytes]:
        """Status, tag, body; OSError where nobody answers."""
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=ASK_S)) as server:
            server.request("GET", path, headers={"if-none-match": tag})
            answer = server.getresponse()
            return answer.status, answer.getheader("etag", ""), answer.read()

    def _ask(self) -> None:
        tag = ""
        while not self._over.is_set():
            status, tag, body = self.get("/now?wait", tag)
            self.answers += 1
            part = json.loads(body)["part"] if status == 200 else None
            if part and part["views"][0]["pictured"]:
                status, _, _ = self.get(f"/picture/{part['run']}/{part['serial']}/0")
                self.pictures += status == 200

    def __enter__(self) -> Self:
        until_served(("127.0.0.1", self._port))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def measure(parts: int = PARTS) -> list[Row]:
    """The one row."""
    found = followed(parts)
    early, late = found.own_mb[EARLY - 1], found.own_mb[-1]
    by_look = " ".join(f"{mb:.1f}" for mb in found.own_mb)
    note = f"MB after each {parts // LOOKS} parts: {by_look}; meanwhile {found.answers} answers and"
    note += f" {found.pictures} pictures; parts that it counted: {found.counted} of {parts}"
    return [Row(NAMES[0], late, early, "lower", "MB", LIMIT, note)]


def followed(parts: int) -> Found:
    """Have so many parts followed, and look LOOKS times."""
    station = f"{NAME}{os.getpid()}"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gonogo-bench-")))
        stack.callback(sweep, station)
        line = stack.enter_context(closing(Line(station)))
        plan = plan_of(station, folder)
        process = stack.enter_context(shown(plan))
        with Page(plan.screen.port) as page:
            own_mb = [_passed(line, parts // LOOKS, process.pid) for _ in range(LOOKS)]
        return Found(own_mb, page.answers, page.pictures, _counted(page, parts))


def _counted(page: Page, parts: int) -> int:
    """How many parts the page counts, once the last of them should be among those."""
    end_s = time.monotonic() + ASK_S
    while True:
        counted: int = sum(json.loads(page.get("/now")[2])["shift"]["counts"])
        if counted >= parts or time.monotonic() > end_s:
            return counted
        time.sleep(BATCH_S)


def _passed(line: Line, parts: int, pid: int) -> float:
    """Own memory of that process after so many, in MB."""
    due_s = time.monotonic()
    for _ in range(parts // BATCH):
        line.judge(BATCH)
        due_s += BATCH_S
        time.sleep(max(0.0, due_s - time.monotonic()))
    return own_bytes(pid) / BYTES_PER_MB


@contextlib.contextmanager
def shown(plan: ScreenPlan) -> Iterator[subprocess.Popen[bytes]]:
    """The screen's process."""
    with subprocess.Popen([sys.executable, "-c", _SHOW, plan.model_dump_json()]) as process:
        try:
            yield process
        finally:
            process.kill()


def plan_of(station: str, folder: Path) -> ScreenPlan:
    """Of a station with one view, and no records."""
    return ScreenPlan(
        station=station, screen=ScreenSection(port=free_port()), records=folder / "records.sqlite",
        shift_starts=("00:00",), dispositions=DispositionsSection(),
        views=(ScreenView(name="top", **SHAPE._asdict()),), audited=False,
    )  # fmt: skip


def main(argument: str) -> None:
    """As the process of a station does, without a supervisor."""
    tidy = Tidy()
    step_back()
    cv2.setNumThreads(1)

    def turn(_: object) -> bool:
        tidy.collect_when_due(time.monotonic())
        return False

    show(ScreenPlan.model_validate_json(argument), turn)
