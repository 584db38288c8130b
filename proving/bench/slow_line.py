"""The technician's console at 9600 baud: how soon an answer begins, and how long a page is.

The port is a pseudo terminal from which bytes are taken as fast as such a line carries them, and
onto which keys come no faster. Parts are judged meanwhile, 20 a second. The time is from Enter to
the first letter of the answer, behind the new line.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.config.console import ConsoleSection
from gonogo.console.serial.commands import COMMANDS
from gonogo.console.serial.pager import MORE
from gonogo.launch.running_station import RunningStation
from gonogo.proving.bench.people import Port
from gonogo.proving.bench.rows import Row
from gonogo.proving.bench.station import bench_station
from gonogo.proving.rehearse import simulator, simulator_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("console_first_byte_9600", "console_page_9600")
FIRST_MS, PAGE_BYTES = 300.0, 1900.0
TURNS = 3
BAUD, BITS = 9600, 10  # of a byte: start, eight, stop
BYTE_S = BITS / BAUD
QUIET_S = 0.5  # without a byte: that was all
PATIENCE_S = 30.0
TICK_S = 0.0002
PARTS = 10_000_000  # never reached
SETTLE_S = 5.0  # parts, pictures of them and messages to tell of
# what a command takes, by the name that its row has for it
GIVEN = {"": "", "NUMBER": " 20", "[COUNT]": ""}
QUIT = b"q"


class Said(NamedTuple):
    """An answer up to its end or its first page: from Enter to its first letter, and its bytes."""

    first_ms: float
    data: bytes


class SlowLine:
    """The technician's end: bytes come and go one by one, each in its time."""

    def __init__(
        self,
        port: Port,
        byte_s: float = BYTE_S,
        quiet_s: float = QUIET_S,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._port, self._byte_s, self._quiet_s = port, byte_s, quiet_s
        self._patience_s = patience_s
        self._free_s = 0.0  # when the line has carried the last byte

    def ask(self, line: str) -> Said:
        """Type it, and take what comes; TimeoutError where nothing does."""
        self.type(line.encode())
        self.rest()  # the echo
        self.type(b"\r")
        entered_s = time.monotonic()
        data, first_s = b"", 0.0
        for byte in self._bytes(self._patience_s):
            data += byte
            if not first_s and byte not in b"\r\n":
                first_s = time.monotonic()
        if not first_s:
            raise TimeoutError(
                f"'{line}' at the console: no answer within {self._patience_s:.0f} s"
            )
        return Said(1000 * (first_s - entered_s), data)

    def type(self, keys: bytes) -> None:
        """One key after the other."""
        for at in range(len(keys)):
            time.sleep(self._byte_s)
            assert self._port.say(keys[at : at + 1]) == 1, "the port takes keys"

    def rest(self) -> bytes:
        """What comes until nothing more does."""
        return b"".join(self._bytes(self._quiet_s))

    def _bytes(self, first_s: float) -> Iterator[bytes]:
        """Until none has come for a while; the first one may take so long."""
        end_s = time.monotonic() + first_s
        while time.monotonic() < end_s:
            wait_s = self._free_s - time.monotonic()
            byte = b"" if wait_s > 0 else self._port.heard(1)
            if not byte:
                time.sleep(max(wait_s, TICK_S))
                continue
            self._free_s = max(self._free_s, time.monotonic() - TICK_S) + self._byte_s
            end_s = time.monotonic() + self._quiet_s
            yield byte


def reads() -> list[str]:
    """Every command that only reads, with what it takes."""
    return [
        each.words + GIVEN[each.takes]
        for each in COMMANDS
        if each.run is not None and not each.changes and each.takes in GIVEN
    ]


def measure(turns: int = TURNS) -> list[Row]:
    """The worst of both."""
    with (
        tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name,
        closing(Port()) as port,
    ):
        folder = Path(name)
        station = bench_station(folder, "timer")
        console = ConsoleSection(device=port.device, baud=BAUD)
        station = station.model_copy(update={"console": console})
        plan = simulator_plan(station, PARTS, folder / "plc.jsonl")
        with simulator(plan), RunningStation(station) as running:
            running.wait(SETTLE_S)
            slow = SlowLine(port)
            said = {line: answers(slow, line, turns) for line in reads()}
    return rows(said)


def answers(slow: SlowLine, line: str, turns: int) -> list[Said]:
    """So many times."""
    found = []
    for _ in range(turns):
        slow.rest()
        found.append(slow.ask(line))
        if found[-1].data.rstrip().endswith(MORE.strip().encode()):
            slow.type(QUIT)
    return found


def rows(said: dict[str, list[Said]]) -> list[Row]:
    """The worst of all answers, in ms and in bytes."""
    first_ms = {line: max(each.first_ms for each in found) for line, found in said.items()}
    pages = {line: max(len(each.data) for each in found) for line, found in said.items()}
    slowest, longest = max(first_ms, key=first_ms.__getitem__), max(pages, key=pages.__getitem__)
    count = sum(map(len, said.values()))
    typical_ms = sorted(first_ms.values())[len(first_ms) // 2]
    note = f"{count} answers of {len(said)} commands, a part every 50 ms meanwhile"
    first = f"'{slowest}', the slowest; half of the commands took less than {typical_ms:.0f} ms"
    return [
        Row(NAMES[0], first_ms[slowest], FIRST_MS, "lower", "ms", 1.0, f"{first}; {note}"),
        Row(NAMES[1], pages[longest], PAGE_BYTES, "lower", "bytes", 1.0, f"'{longest}'; {note}"),
    ]
