"""Pictures of every page of the screen, of the demo station: part of `make pictures`.

Limits are reviewed as a person does it, by `gonogo limits review`.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import GonogoError
from gonogo.base.words import VerdictKind
from gonogo.build.review.station import FIRST_MAX, TOP
from gonogo.build.station import prepare_station
from gonogo.config.screen import ScreenSection
from gonogo.config.started_by import START
from gonogo.config.station import load_station
from gonogo.console.access.roles import Action
from gonogo.console.limits.session import session_of
from gonogo.console.limits.subject import subject_of
from gonogo.console.screen.access import Person
from gonogo.console.screen.pages import FOLDER, page_files
from gonogo.console.screen.process import show
from gonogo.drivers.triggers.timer import TimerSection
from gonogo.ipc.audit.files import beside_records
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Trail
from gonogo.launch.running_station import RunningStation
from gonogo.launch.told_people import screen_plan
from gonogo.plc.transports.modbus_server import ModbusServerSection
from gonogo.records.questions.files import Files
from gonogo.records.questions.parts import Choice, parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.config.station import Station
    from gonogo.console.screen.access import Asker
    from gonogo.console.screen.plan import ScreenPlan

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "stations" / "demo.toml"
PARTS = 20  # in the strip of the screen
REVIEWED = 110  # parts before limits are reviewed
PICTURES = '[records.images]\nfolder = "pictures"\nevery_nth_good = 1\n'
SCREEN_PORT, SIDE_PORT = 8471, 8472
# time goes on for the page alone, and waits for what it asks: it is shown as it is after a while
BROWSER = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
           "--virtual-time-budget=4000")  # fmt: skip
WAIT_S = 180.0
TRIES = 10
_LOOK_S = 0.2


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
        browser = Browser(chromium, Path(name) / "profile")
        with RunningStation(station):
            wait_for_parts(SCREEN_PORT, PARTS)
            for picture, where in tabs().items():
                browser.photograph(folder / picture, f"{SCREEN_PORT}{where}", "1024,600")
            with served(screen_plan(station, ScreenSection(port=SIDE_PORT))):
                wait_for_rows(station.records.path, REVIEWED)
                for page in side_pages():
                    side_page(browser, folder / f"{page}.png", file)


def tabs() -> dict[str, str]:
    """The address of each tab of the first page, by the name of its picture."""
    first, *others = re.findall(
        r'<main id="page-(\w+)"', (FOLDER / "index.html").read_text("utf-8")
    )
    return {"screen.png": f"/#{first}", **{f"screen-{name}.png": f"/#{name}" for name in others}}


def side_pages() -> list[str]:
    """The names of the pages beside it."""
    return [Path(path).stem for path in page_files() if path.endswith(".html")]


class Browser(NamedTuple):
    """A Chromium, and where it keeps what it has to."""

    chromium: str
    profile: Path

    def photograph(self, picture: Path, page: str, window_px: str) -> None:
        """A page of this box (PORT/NAME) in a window of that size."""
        where = [f"--user-data-dir={self.profile}", f"--screenshot={picture}"]
        window = f"--window-size={window_px}"
        command = [self.chromium, *BROWSER, window, *where, f"http://127.0.0.1:{page}"]
        subprocess.run(command, check=True, capture_output=True, timeout=WAIT_S)


def side_page(browser: Browser, picture: Path, file: Path) -> None:
    """One of them, with limits that follow from what somebody said.

    Parts come on: where one that nobody has seen scored highest meanwhile, it is done again.
    """
    for _ in range(TRIES):
        look_at_parts(file)
        browser.photograph(picture, f"{SIDE_PORT}/{picture.stem}.html", "1024,900")
        if _asked(SIDE_PORT, "/limits/review")["proposed"] is not None:
            return
    raise TimeoutError(f"no limits were proposed in {TRIES} tries")


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
            "trigger": TimerSection(driver="timer", period_ms=500),
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
    session = session_of(subject_of(file, None, 1), FIRST_MAX, TOP)
    shown = zip(session.review.shown, session.told, strict=False)
    asked = [part.verdict == VerdictKind.ACCEPT.name for part, said in shown if said is None]
    typed = "".join("g\n" if good else "b\n" for good in asked)
    gonogo = str(Path(sys.executable).with_name("gonogo"))
    command = [gonogo, "limits", "review", "--station", str(file)]
    # refused where no limits follow: that is seen on the page
    subprocess.run(
        command, check=False, input=typed, text=True, capture_output=True, timeout=WAIT_S
    )


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
    return len(_asked(port, "/now")["strip"])


def _asked(port: int, path: str) -> Any:  # noqa: ANN401 - of any form
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=WAIT_S)) as server:
        server.request("GET", path)
        return json.load(server.getresponse())
