"""Part time while people look at the station, over part time while nobody does.

The station serves the operator's screen and the technician's console all along. Loaded turns have
twenty viewers and two hundred clients that mean no good on the one, or noise on the port of the
other, a pseudo terminal. Turns alternate as in gonogo.proving.bench.load, and so parts are timed.
"""

from __future__ import annotations

import contextlib
import os
import random
import tempfile
import threading
import time
import tty
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.config.console import ConsoleSection
from gonogo.config.screen import ScreenSection
from gonogo.proving.bench.load import row_of, run_turns
from gonogo.proving.bench.program import IdleDisturbance, program
from gonogo.proving.bench.rows import Row
from gonogo.proving.bench.station import bench_station
from gonogo.proving.bench.visiting import HOSTILE, VIEWERS
from gonogo.proving.campaign.ground import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.config.station import Station

NAMES = ("load_screen_p99", "load_console_noise_p99")
LIMIT = 1.10
READY_S = 60.0  # until all are there
NOISE_BYTES_S = 1_000_000 / 60  # a megabyte a minute: more than 115200 baud carry
NOISE_EVERY_S = 0.02
_VISIT = "import sys; from gonogo.proving.bench.visiting import main; main(sys.argv[1])"


class Port:
    """A pseudo terminal in place of a serial port: `device`, and this end of it."""

    def __init__(self) -> None:
        self._fd, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._fd, False)
        self.device = os.ttyname(self._slave)

    def say(self, data: bytes) -> int:
        """How much of it the line took."""
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            return 0

    def heard(self, most: int = 4096) -> bytes:
        """What came by now."""
        try:
            return os.read(self._fd, most)
        except BlockingIOError:
            return b""

    def close(self) -> None:
        """Both ends."""
        os.close(self._fd)
        os.close(self._slave)


def measure() -> list[Row]:
    """One row of the screen, one of the console."""
    work: dict[str, list[str]] = {name: [] for name in NAMES}
    with (
        tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name,
        contextlib.closing(Port()) as port,
    ):
        folder = Path(name)
        screen = ScreenSection(port=free_port())
        station = with_people(bench_station(folder, "timer"), screen, port)
        kinds = {
            NAMES[0]: lambda: visitors(screen.port, work[NAMES[0]]),
            NAMES[1]: lambda: noise(port, work[NAMES[1]]),
        }
        try:
            found = run_turns(station, folder / "plc.jsonl", kinds)
        except IdleDisturbance as idle:
            why = f"not run: {idle}"
            return [Row(each, None, None, "lower", "ms", LIMIT, why) for each in NAMES]
    return [
        row_of(each, found, f"{found.note}; by the turn: {'; '.join(work[each])}", LIMIT)
        for each in NAMES
    ]


def with_people(station: Station, screen: ScreenSection, port: Port) -> Station:
    """The station with a screen, and a console at that port."""
    console = ConsoleSection(device=port.device)
    return station.model_copy(update={"screen": screen, "console": console})


@contextlib.contextmanager
def visitors(port: int, work: list[str], ready_s: float = READY_S) -> Iterator[None]:
    """Viewers and hostile clients, all of them there when this begins."""
    what = (
        f"{VIEWERS} viewers, {HOSTILE} others (answers, pictures, viewers cut off, connections of "
        "the others, longest s without an answer):"
    )
    with program(what, [_VISIT, str(port)], work) as said:
        end_s = time.monotonic() + ready_s
        while not os.fstat(said.fileno()).st_size:
            if time.monotonic() > end_s:
                raise IdleDisturbance(f"viewers were not there within {ready_s:.0f} s")
            time.sleep(NOISE_EVERY_S)
        yield


@contextlib.contextmanager
def noise(port: Port, work: list[str]) -> Iterator[None]:
    """A megabyte a minute of it; what the console says is taken off the line."""
    over = threading.Event()
    count = [0]

    def pour() -> None:
        numbers, begun_s = random.Random(7), time.monotonic()  # noqa: S311 - noise
        while not over.wait(NOISE_EVERY_S):
            due = int((time.monotonic() - begun_s) * NOISE_BYTES_S) - count[0]
            count[0] += port.say(numbers.randbytes(due))
            port.heard()

    thread = threading.Thread(target=pour)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    if not count[0]:
        raise IdleDisturbance("the port took no noise")
    work.append(f"{count[0]} bytes of noise")
