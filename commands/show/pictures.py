"""The pictures of the documents, each made by running what it shows: `make pictures`.

rehearsal.svg   the demo station judging parts, as a terminal shows it
campaign.svg    when faults came within a part's time, and when they were noticed
look.png        what `gonogo look` shows of a drawn part under too strong a light
screen.png      the operator's screen of the demo station, where there is a Chromium
limits.png, trends.png, setup.png   the pages beside it, once a person has looked at some parts
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from html import escape
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from rich.console import Console

from gonogo.base.errors import GonogoError
from gonogo.base.words import VerdictKind
from gonogo.build.review.station import FIRST_MAX, TOP
from gonogo.build.station import prepare_station
from gonogo.commands.frames import CameraSource
from gonogo.commands.limits_asking import Asking
from gonogo.commands.png import write_png
from gonogo.commands.show.frame_picture import picture_of
from gonogo.commands.show.live import LiveView
from gonogo.commands.show.summary import show_summary
from gonogo.config.screen import ScreenSection
from gonogo.config.started_by import START
from gonogo.config.station import load_station
from gonogo.console.access.roles import Action
from gonogo.console.limits.session import session_of
from gonogo.console.limits.subject import subject_of
from gonogo.console.screen.access import Person
from gonogo.console.screen.process import show
from gonogo.drivers.triggers.timer import TimerSection
from gonogo.ipc.audit.files import beside_records
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Trail
from gonogo.launch.running_station import RunningStation
from gonogo.launch.told_people import screen_plan
from gonogo.plc.transports.modbus_server import ModbusServerSection
from gonogo.proving.campaign.command import CampaignOrder, carry_out
from gonogo.proving.campaign.page import HEIGHT, MARKS, WIDTH, picture
from gonogo.proving.rehearse import rehearse
from gonogo.records.questions.files import Files
from gonogo.records.questions.parts import Choice, parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from gonogo.config.station import Station
    from gonogo.console.screen.access import Asker
    from gonogo.console.screen.plan import ScreenPlan
    from gonogo.proving.campaign.outcome import RowOutcome

ROOT = Path(__file__).parents[2]
PARTS, PHASES, COLUMNS = 20, 40, 2
LIGHT, DEFOCUS_PX = (
    1.4,
    3.0,
)  # so that there is something to see: the light, and a side out of focus
ROWS = ("engine-kill", "engine-nan", "camera-black", "line-kill")
_CAPTION_PX = 24
SCREEN_PORT, SIDE_PORT = 8471, 8472
DEMO = ROOT / "stations" / "demo.toml"
PAGES = ("limits", "trends", "setup")
REVIEWED = 140  # parts before limits are reviewed
PICTURES = "[records.images]\nevery_nth_good = 1\n"
# time goes on for the page alone, and waits for what it asks: it is shown as it is after a while
BROWSER = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
           "--window-size=1024,600", "--virtual-time-budget=4000")  # fmt: skip
WAIT_S = 180.0
_LOOK_S = 0.2


def rehearsal(path: Path) -> None:
    """Twenty parts of the demo station and the summary."""
    station = load_station(DEMO)
    prepare_station(station, lambda *_: None)
    # in colour, although nobody watches
    console = Console(record=True, width=140, file=io.StringIO(), force_terminal=True)
    names = [rule.name for view in station.view for rule in view.rule]
    show_summary(console, rehearse(station, PARTS, LiveView(console, names)))
    console.save_svg(str(path), title="gonogo rehearse stations/demo.toml")
    text = path.read_text(encoding="utf-8")  # fonts of the reader's own, nothing from outside
    path.write_text(re.sub(r"@font-face \{.*?\}\n", "", text, flags=re.DOTALL), encoding="utf-8")


def campaign(path: Path) -> None:
    """Four rows of the fault campaign, side by side."""
    # a seed of its own: the same moments each time it is made anew
    order = CampaignOrder(quick=False, rows=ROWS, phases=PHASES, seed=1)
    with tempfile.TemporaryDirectory(prefix="gonogo-pictures-") as name:
        outcome = carry_out(order, Path(name), lambda *_: None, lambda *_: None)
    path.write_text(sheet(outcome.rows), encoding="utf-8")


def sheet(rows: Sequence[RowOutcome]) -> str:
    """A picture for each row under its name, COLUMNS beside each other, as one SVG."""
    height = HEIGHT + _CAPTION_PX
    placed = []
    for number, row in enumerate(rows):
        x, y = number % COLUMNS * WIDTH, number // COLUMNS * height
        # a picture is an SVG of its own: within another one it needs to be told its place only
        inner = picture(row).replace("<svg ", f"<svg x='{x}' y='{y + _CAPTION_PX}' ", 1)
        title = f"<text x='{x + 60}' y='{y + 16}' font-size='13'>{escape(row.what)}</text>"
        placed += [title, inner]
    wide, tall = COLUMNS * WIDTH, -(-len(rows) // COLUMNS) * height
    style = "text { font: 11px sans-serif; fill: #333 } .axis { stroke: #333 }"
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {wide} {tall}' width='{wide}'>"
        f"<style>{style}{MARKS}</style><rect width='100%' height='100%' fill='#fff'/>"
        f"{''.join(placed)}</svg>\n"
    )


def look(path: Path) -> None:
    """A part of the demo station, its light too strong and its right side out of focus."""
    station = load_station(DEMO)
    view = station.view[0]
    # without noise, which no picture file holds in few bytes
    camera = view.camera.model_copy(update={"noise": 0.0, "pool": 1, "only_good": True})
    source = CameraSource(view.model_copy(update={"camera": camera}), lambda _: None)
    with contextlib.closing(source):
        frame = source.take(1.0)
    shown = overlit(frame.pixels)
    write_png(
        path, picture_of(shown, view.rule, "gonogo look stations/demo.toml top --out look.png")
    )


def overlit(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The frame as a stronger light and a lens that is out of focus on one side would show it."""
    bright = np.clip(pixels * LIGHT, 0, 255).astype(np.uint8)
    half = bright.shape[1] // 2
    soft = cv2.GaussianBlur(bright, (0, 0), DEFOCUS_PX)
    return np.concatenate([bright[:, :half], np.asarray(soft, np.uint8)[:, half:]], axis=1)


def screens(folder: Path) -> None:
    """The screen of the demo station and the pages beside it, as Chromium shows them."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.stderr.write("pages are left as they are: expected chromium, found none\n")
        return
    prepare_station(load_station(DEMO), lambda *_: None)
    with tempfile.TemporaryDirectory(prefix="gonogo-pictures-") as name:
        file = written(Path(name))
        station = shown(load_station(file))
        with RunningStation(station):
            wait_for_parts(SCREEN_PORT, PARTS)
            _photograph(chromium, Path(name), folder / "screen.png", SCREEN_PORT, "")
            plan = screen_plan(station, ScreenSection(port=SIDE_PORT))
            with served(plan):
                wait_for_rows(station.records.path, REVIEWED)
                look_at_parts(file)
                for page in PAGES:
                    picture = folder / f"{page}.png"
                    _photograph(chromium, Path(name), picture, SIDE_PORT, f"{page}.html")


def written(folder: Path) -> Path:
    """The demo station with records there, a picture of each part, and as few bad ones as usual."""
    text = DEMO.read_text("utf-8").replace("../var", str(ROOT / "var"))
    text = text.replace("defect_pct = 20", "defect_pct = 5")
    head, _, _ = text.partition("[records]")
    file = folder / "demo.toml"
    file.write_text(f'{head}[records]\npath = "records.sqlite"\n{PICTURES}', "utf-8")
    told = {"file": str(file)}
    Trail(beside_records(folder / "records.sqlite")).append(Entry(START, "asked", None, told))
    return file


def shown(station: Station) -> Station:
    """It judges by itself, and is looked at."""
    return station.model_copy(
        update={
            "trigger": TimerSection(driver="timer", period_ms=250),
            "plc": ModbusServerSection(driver="modbus-server", host="127.0.0.1", port=15021),
            "screen": ScreenSection(port=SCREEN_PORT, local_operator=True),
        }
    )


class Everybody:
    """Whoever comes may all: nobody else reaches the pages that are photographed."""

    def person(self, _: Asker) -> Person:
        """From wherever."""
        return Person("demo", frozenset(each.value for each in Action))


@contextlib.contextmanager
def served(plan: ScreenPlan) -> Iterator[None]:
    """A second screen of the station, beside the first."""
    over = threading.Event()
    ask = partial(show, plan, lambda _: over.is_set(), Everybody())
    thread = threading.Thread(target=ask)
    thread.start()
    try:
        wait_for_parts(SIDE_PORT, 1)
        yield
    finally:
        over.set()
        thread.join()


def look_at_parts(file: Path) -> None:
    """Somebody says what the highest scores are, as the drawn parts were judged."""
    asking = Asking(session_of(subject_of(file, None, 1), FIRST_MAX, TOP))
    for part in asking.review.shown:
        asking.write(part, "good" if part.verdict == VerdictKind.ACCEPT.name else "bad")


def wait_for_rows(records: Path, count: int) -> None:
    """Until so many parts are recorded."""
    wait(lambda: sum(1 for _ in parts(Files(records), Choice())) >= count, f"{count} rows")


def wait_for_parts(port: int, count: int) -> None:
    """Until the screen has so many in its strip."""
    wait(lambda: _in_strip(port) >= count, f"{count} parts")


def wait(holds: Callable[[], bool], what: str) -> None:
    """Until it is so; TimeoutError."""
    end_s = time.monotonic() + WAIT_S
    while time.monotonic() < end_s:
        with contextlib.suppress(OSError, GonogoError):
            if holds():
                return
        time.sleep(_LOOK_S)
    raise TimeoutError(f"fewer than {what} in {WAIT_S:.0f} s")


def _in_strip(port: int) -> int:
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=WAIT_S)) as server:
        server.request("GET", "/now")
        return len(json.load(server.getresponse())["strip"])


def _photograph(chromium: str, scratch: Path, picture: Path, port: int, page: str) -> None:
    where = [f"--user-data-dir={scratch}/profile", f"--screenshot={picture}"]
    command = [chromium, *BROWSER, *where, f"http://127.0.0.1:{port}/{page}"]
    subprocess.run(command, check=True, capture_output=True, timeout=WAIT_S)


def main(folder: Path) -> None:
    """Write all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    rehearsal(folder / "rehearsal.svg")
    campaign(folder / "campaign.svg")
    look(folder / "look.png")
    screens(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
