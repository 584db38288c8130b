"""Public test doubles: a scripted camera, a scripted engine host, and makers of the usual words.

Import them as `gonogo.tests.fakes`.
"""

from __future__ import annotations

import itertools
import os
import select
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.frame_shape import FrameShape
from gonogo.base.runtime_dir import runtime_dir
from gonogo.base.shm import sweep
from gonogo.base.words import Mode, Part, Reason, Verdict, VerdictKind
from gonogo.drivers.cameras.camera import Exposure
from gonogo.ipc.engine_queue import HostState, Mailbox
from gonogo.ipc.frame_ring import FrameRing, ResultStatus
from gonogo.ipc.journal import Journal, JournalReader
from gonogo.ipc.journal_records import (
    DeliveryEntry,
    ShadowEntry,
    StageTimes,
    UnfinishedEntry,
    VerdictEntry,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import numpy as np
    import pytest
    from numpy.typing import NDArray

    from gonogo.base.errors import CameraError
    from gonogo.ipc.engine_queue import Request
    from gonogo.ipc.journal_records import AnyEntry

S = 1_000_000_000  # ns
SMALL = FrameShape(32, 48, 1)
_COUNT = itertools.count(1)


@contextmanager
def scratch_station() -> Iterator[str]:
    """A station name that nobody else uses; every segment of it is removed at the end."""
    name = f"test{os.getpid()}.{next(_COUNT)}"
    try:
        yield name
    finally:
        sweep(name)
        (runtime_dir() / f"{name}.lock").unlink(missing_ok=True)


def part_now(serial: int = 1, *, budget_ns: int = 60 * S, late_ns: int = 0) -> Part:
    """A part whose trigger was `late_ns` ago, with deadlines at 1/2, 3/4 and all of its budget."""
    at_ns = time.monotonic_ns() - late_ns
    times = (at_ns, at_ns + budget_ns // 2, at_ns + 3 * budget_ns // 4, at_ns + budget_ns)
    return Part(serial, serial % 65536, *times)


def entry_of(serial: int) -> VerdictEntry:
    """A judged part without views, every number of which follows from its serial."""
    part = Part(serial, serial % 65536, serial + 1, serial + 2, serial + 3, serial + 4)
    stamps = StageTimes(*range(serial + 5, serial + 10))
    kind, mode, word = VerdictKind(serial % 5), Mode(serial % 3), serial % 10001
    return VerdictEntry(
        part, stamps, kind, Reason.OK, mode, word, VerdictKind.NONE, VerdictKind.NONE, (), (), ()
    )


def watch_syncs(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What is brought to the disk from now on, by the system call itself."""
    synced: list[Path] = []
    fsync = os.fsync

    def watched(fd: int) -> None:
        synced.append(Path(f"/proc/self/fd/{fd}").readlink())
        fsync(fd)

    monkeypatch.setattr(os, "fsync", watched)
    return synced


def put(journal: Journal, entry: AnyEntry) -> None:
    """Write an entry as the line does."""
    if isinstance(entry, DeliveryEntry):
        journal.deliver(entry)
    elif isinstance(entry, UnfinishedEntry):
        journal.recipe, journal.master = entry.recipe, entry.master.word
        journal.begin(entry.part)
        journal.take_over()
    elif isinstance(entry, ShadowEntry):
        part = Part(entry.serial, entry.part_id, 0, 0, 0, 0)
        said = (entry.kind, entry.reason, entry.score, Mode.FULL, VerdictKind.NONE, entry.engine)
        journal.shade(part, Verdict(*said), entry.scores)
    else:
        said = (entry.kind, entry.reason, entry.score, entry.mode, entry.rules, entry.engine)
        journal.recipe, journal.master = entry.recipe, entry.master.word
        looks, scores, checks = entry.looks, entry.scores, entry.checks
        journal.append(entry.part, Verdict(*said), entry.stamps, looks, scores, checks)


def raws_of(entries: Iterable[AnyEntry]) -> list[bytes]:
    """Entries as they stand in a journal."""
    raws: list[bytes] = []
    with scratch_station() as station:
        journal = Journal.create(station, 4)
        reader = JournalReader(journal)
        for entry in entries:
            put(journal, entry)
            raws += reader.raws()
        journal.close()
    return raws


class Shot(NamedTuple):
    """What FakeCamera does for one part.

    `shade` is the grey level of the left half, `ground` of the rest; `frame_ns` is the
    time stamp (0: now), `step` what the frame counter grows by, `exposure_ns` when it was
    exposed (0: nobody knows).
    """

    error: type[CameraError] | None = None
    shade: int | tuple[int, ...] = 200
    ground: int | tuple[int, ...] = 20
    frame_ns: int = 0
    step: int = 1
    exposure_ns: int = 0


class FakeCamera:
    """Follows its script, one shot a part; the last one repeats.

    Not simulated: exposure and transfer times, a frame that is written while it is read.
    """

    def __init__(self, *script: Shot) -> None:
        self.script = script or (Shot(),)
        self.taken = 0
        self.counter = 0
        self.queued: NDArray[np.uint8] | None = None
        self.closed = False

    def queue(self, pixels: NDArray[np.uint8]) -> None:
        """Remember the buffer."""
        self.queued = pixels

    def grab(self, part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        """Write or raise what the script says; neither waits nor looks at the deadline."""
        del deadline_ns
        shot = self.script[min(self.taken, len(self.script) - 1)]
        self.taken += 1
        if shot.error is not None:
            raise shot.error(f"scripted for part {part_id}")
        half = pixels.shape[1] // 2
        pixels[:, :half], pixels[:, half:] = shot.shade, shot.ground
        self.counter += shot.step
        return Exposure(self.counter, shot.exposure_ns, shot.frame_ns or time.monotonic_ns())

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True


class FakeEngine:
    """The host's side of an engine place: says and writes what it is told to, true or not.

    Not simulated: loading, a backend, the time an inference takes.
    """

    def __init__(
        self, mailbox: Mailbox, rings: Sequence[FrameRing], *, place: int, ask_fd: int, done_fd: int
    ) -> None:
        self.mailbox = mailbox
        self.rings = rings
        self.place = place
        self.ask_fd = ask_fd
        self.done_fd = done_fd
        self.engine_id = 77

    def start(self) -> None:
        """A new host is up and serves."""
        self.mailbox.start()
        self.mailbox.say(HostState.READY)

    def answer(
        self,
        request: Request,
        score: float | None = 0.25,
        status: ResultStatus = ResultStatus.OK,
        *,
        request_id: int | None = None,
        generation: int | None = None,
        whole: bool = True,
    ) -> None:
        """Write a result; `score` None is a backend that writes none, `request_id` a lie."""
        slot = self.rings[request.view].slots[request.slot]
        result = slot.results[self.place]
        stamp = slot.generation if generation is None else generation
        result.begin(request_id or request.request_id, stamp, time.monotonic_ns())
        if score is not None:
            result.score[0] = score
        if whole:
            result.commit(status, self.engine_id, time.monotonic_ns())
        os.eventfd_write(self.done_fd, 1)

    def serve(self, stopped: Callable[[], bool]) -> None:
        """Answer each request with a hundredth of its frame's first pixel, until told to stop."""
        while not stopped():
            if select.select([self.ask_fd], [], [], 0.02)[0]:
                os.eventfd_read(self.ask_fd)
                for request in self.mailbox.take():
                    pixels = self.rings[request.view].slots[request.slot].pixels
                    self.answer(request, pixels.flat[0] / 100)
