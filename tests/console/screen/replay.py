"""Events played to the page in a real browser, and what of its memory grows with them.

    python -m gonogo.tests.console.screen.replay 5000000

The short form of it is a test. Import as `gonogo.tests.console.screen.replay`.
"""

from __future__ import annotations

import re
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import VerdictKind
from gonogo.tests.console.screen.browser import Browser, browser
from gonogo.tests.console.screen.scene import Scene
from gonogo.tests.console.screen.served import LIVES, Served, beating, opened
from gonogo.tests.fakes import scratch_station

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = Path(__file__).with_name("replay.js").read_text("utf-8")
WARM = 400  # events before the first look: what is made once is made by then
STEP = 5000  # events between two looks of the long form
LOOK_S = 0.2
LIMIT_S = 300.0  # for one step


class Memory(NamedTuple):
    """Of the page: bytes of its scripts, elements, listeners; MiB of the whole browser."""

    heap: int
    nodes: int
    listeners: int
    browser_mib: float


def memory(tabs: Browser) -> Memory:
    """Of the tab, after its garbage is collected, and of the processes of the browser."""
    for _ in range(2):
        tabs("wire", page="a", method="HeapProfiler.collectGarbage", params={})
    told = tabs("wire", page="a", method="Performance.getMetrics", params={})["metrics"]
    found = {each["name"]: each["value"] for each in told}
    heap, nodes, listeners = found["JSHeapUsedSize"], found["Nodes"], found["JSEventListeners"]
    return Memory(int(heap), int(nodes), int(listeners), sum(shares(tabs.pid)))


def shares(pid: int) -> Iterator[float]:
    """MiB of each process below that one: its own, and its part of what it shares (PSS)."""
    for child in children(pid):
        with suppress(OSError):  # it has ended meanwhile
            rollup = Path(f"/proc/{child}/smaps_rollup").read_text("utf-8")
            found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
            yield int(found.group(1)) / 1024 if found else 0.0
        yield from shares(child)


def children(pid: int) -> list[int]:
    """Of all threads of a process."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(each) for each in path.read_text("utf-8").split()]
    return found


def begin(tabs: Browser, scene: Scene, served: Served) -> None:
    """The page with eight parts whose pictures are there, warmed up."""
    for serial in range(1, 9):
        scene.judge(serial, VerdictKind.REJECT)
    opened(tabs, served, script=SCRIPT)
    tabs("size", page="a", width=480, height=360)  # less to paint: each event is drawn all the same
    tabs("wire", page="a", method="Performance.enable", params={})
    tabs("wait", page="a", js=f"{LIVES} && document.querySelector('#part-line').textContent")
    play(tabs, WARM)


def play(tabs: Browser, count: int) -> None:
    """So many events more; until all of them were drawn."""
    tabs("ask", page="a", js=f"window.replay({count})")
    end_s = time.monotonic() + LIMIT_S
    while not tabs("ask", page="a", js="window.shown"):
        if time.monotonic() > end_s:
            raise TimeoutError(f"{count} events were not drawn in {LIMIT_S:.0f} s")
        time.sleep(LOOK_S)


def main(count: int) -> None:
    """Tell the memory over so many events, a line for each look."""
    # ended from outside, it leaves no memory and no process behind
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tabs = browser()
    with tempfile.TemporaryDirectory(prefix="gonogo-replay-") as folder, scratch_station() as name:
        scene = Scene(name, Path(folder))
        served = Served(scene)
        try:
            with beating(scene):
                begin(tabs, scene, served)
                say(0, memory(tabs))
                for events in range(STEP, count + 1, STEP):
                    play(tabs, STEP)
                    say(events, memory(tabs))
        finally:
            served.end()
            scene.close()
            tabs.close()


def say(events: int, found: Memory) -> None:
    """One line of it."""
    heap_mib = found.heap / 1024**2
    sys.stdout.write(
        f"{time.strftime('%H:%M:%S')} {events} events: heap {heap_mib:.2f} MiB, "
        f"{found.nodes} nodes, {found.listeners} listeners, browser {found.browser_mib:.0f} MiB\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
