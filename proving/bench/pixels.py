"""From a verdict to its pixels: a real Chromium shows the screen of a station at 20 parts a second.

A part's time begins with its verdict in the journal, and ends at the beginning of the second frame
after the page was changed: the one between them was painted with it. What a monitor adds is not in
it. At most five parts a second are shown; of others nobody sees more than their mark. Both clocks
are the box's CLOCK_MONOTONIC, brought together by questions to the page.
"""

from __future__ import annotations

import contextlib
import json
import socket
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.ports import joined
from gonogo.base.words import NS_PER_MS
from gonogo.config.screen import ScreenSection
from gonogo.proving.bench.part_time import run_parts
from gonogo.proving.bench.rows import Row
from gonogo.proving.bench.station import bench_station, percentile
from gonogo.proving.campaign.ground import free_port
from gonogo.proving.peers.chromium import Chromium, installed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gonogo.config.station import Station
    from gonogo.proving.peers.chromium import PageClock

NAMES = ("verdict_to_pixels_p99", "picture_to_pixels_p99")
LIMIT_MS = 150.0
PARTS = 1200  # a minute: some 300 of them are shown
LEAST = 100  # shown: of fewer there is no p99
SERVED_S = 60.0
SETTLE = 10  # shown parts that are not counted
# what a page notes of itself: number of a part or serial of a picture, and when it was painted
WATCH = """
(() => {
  const noted = { parts: [], pictures: [] };
  window.gonogoNoted = noted;
  const painted = (list, what) => requestAnimationFrame(() => requestAnimationFrame(
    (at) => { list.push([what, Math.max(at, performance.now())]); }));
  let last = "";
  const look = () => {
    const line = document.querySelector("#part-line");
    const number = line && /\\d+/.exec(line.textContent);
    if (!number || number[0] === last) { return; }
    last = number[0];
    painted(noted.parts, Number(last));
  };
  new MutationObserver(look).observe(document, { childList: true, characterData: true, subtree: true });
  document.addEventListener("load", (event) => {
    const found = /\\/picture\\/[^/]+\\/(\\d+)\\//.exec(event.target.src || "");
    if (found) { painted(noted.pictures, Number(found[1])); }
  }, true);
})()
"""  # noqa: E501 - of another language


class Painted(NamedTuple):
    """When parts were painted by their number, and pictures by the serial; ms of the page."""

    parts: Mapping[int, float]
    pictures: Mapping[int, float]
    clock: PageClock


def measure(parts: int = PARTS) -> list[Row]:
    """The rows of NAMES."""
    program = installed()
    if program is None:
        return not_run("needs Chromium (Debian: chromium)")
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name:
        folder = Path(name)
        screen = ScreenSection(port=free_port())
        station = bench_station(folder, "timer").model_copy(update={"screen": screen})
        return rows(station, parts, folder, program)


def rows(station: Station, parts: int, folder: Path, program: str) -> list[Row]:
    """Both, of one run."""
    seen: list[Painted] = []
    with Chromium(program) as page:
        found = run_parts(station, parts, folder, shown(page, station, seen))
    (painted,) = seen
    verdicts_ns = {each.entry.part.part_id: each.entry.stamps.decided_ns for each in found.parts}
    serials_ns = {each.entry.part.serial: each.entry.stamps.decided_ns for each in found.parts}
    sides = (
        delays_ms(painted.parts, verdicts_ns, painted.clock),
        delays_ms(painted.pictures, serials_ns, painted.clock),
    )
    note = f"of {len(found.parts)} parts, one in 50 ms, in one page beside the station on its cores"
    note += f"; the two clocks agree within {painted.clock.off_ms:.1f} ms"
    return [
        row(NAMES[0], sides[0], LIMIT_MS, f"verdict, colour and word {note}"),
        row(NAMES[1], sides[1], None, f"its picture of 2 MP, made small, {note}"),
    ]


def row(name: str, delays: list[float], limit_ms: float | None, note: str) -> Row:
    """P99 beside what it may be."""
    if len(delays) < LEAST:
        few = f"not run: {len(delays)} parts were shown, expected {LEAST} and more"
        return Row(name, None, None, "lower", "ms", 1.0, few)
    note = (
        f"{len(delays)} shown; p50 {percentile(delays, 50):.0f}, max {max(delays):.0f} ms; {note}"
    )
    limit = None if limit_ms is None else 1.0
    return Row(name, percentile(delays, 99), LIMIT_MS, "lower", "ms", limit, note)


@contextlib.contextmanager
def shown(page: Chromium, station: Station, seen: list[Painted]) -> Iterator[None]:
    """A page with the screen on it, and at the end what it noted."""
    port = 0 if station.screen is None else station.screen.port
    address = ("127.0.0.1", port)
    until_served(address)
    page.before(WATCH)
    page.open(f"http://{joined(*address)}/")
    yield
    # a page that was never served has noted nothing
    noted = json.loads(page.ask("JSON.stringify(window.gonogoNoted || {})") or "{}")
    parts, pictures = (dict(noted.get(each, [])) for each in ("parts", "pictures"))
    seen.append(Painted(parts, pictures, page.clock()))


def until_served(address: tuple[str, int], within_s: float = SERVED_S) -> None:
    """Somebody listens there; TimeoutError where nobody does for long."""
    end_s = time.monotonic() + within_s
    while not _listens(address):
        if time.monotonic() > end_s:
            raise TimeoutError(f"nobody serves {joined(*address)} within {within_s:.0f} s")
        time.sleep(0.05)


def _listens(address: tuple[str, int]) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(address) == 0


def delays_ms(
    painted_ms: Mapping[int, float], verdicts_ns: Mapping[int, int], clock: PageClock
) -> list[float]:
    """From verdict to paint of what was painted, without the first ones."""
    both = [
        (clock.ns(at_ms) - verdicts_ns[which]) / NS_PER_MS
        for which, at_ms in painted_ms.items()
        if which in verdicts_ns
    ]
    return both[SETTLE:]


def not_run(why: str) -> list[Row]:
    """Neither."""
    return [Row(name, None, None, "lower", "ms", 1.0, f"not run: {why}") for name in NAMES]
