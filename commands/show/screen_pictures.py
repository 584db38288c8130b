"""Pictures of every page of the screen, as somebody comes by them: part of `make pictures`.

A station runs, people sign in, say words on its parts and review its limits. It goes as in a
factory: first parts with nobody there, then a pause, in which most is looked at; then the PLC is
gone, and comes again with parts that are photographed as they pass.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.commands.show.pictured_station import (
    FIRST,
    PEOPLE,
    PITCH_MS,
    WAIT_S,
    pictured_station,
    wait_for_rows,
)
from gonogo.commands.show.visitor import FULL, LIVES, Visitor, Window, keep
from gonogo.proving.bench.pixels import until_served
from gonogo.proving.peers.chromium import Chromium, installed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gonogo.commands.show.pictured_station import Pictured

KINDS = {"screen": "REJECT", "screen-good": "ACCEPT", "screen-recheck": "RECHECK"}
LIST, DIALOG, WHY = Window(1024, 551), Window(800, 900), Window(800, 1100)
PAGES = {"limits": Window(1024, 860), "trends": Window(1024, 1120), "setup": Window(1024, 900)}
PICTURED = (
    "[...document.querySelectorAll('#page-line #views img')]"
    ".every((each) => !each.hidden && each.complete)"
)
WHOLE = {
    "limits": "!document.querySelector('#whole').hidden",
    "trends": "document.querySelector('#health').childElementCount > 0",
    "setup": "document.querySelector('#frame').textContent"
    " && document.querySelector('#rows-about').textContent",
}  # what each page has once it has been told all of it
PART = "document.querySelector('#part-line').textContent.split(',')[0]"
MEASURED = "document.querySelector('#rule').textContent"  # by a rule: one sees what is wrong
DEAD = "document.body.classList.contains('dead')"
FORM = "!document.querySelector('#form').hidden"
AT_ONCE = "/ [01] s ago$/.test(document.querySelector('#part-line').textContent)"


def screens(folder: Path) -> None:
    """All pictures of pages, where there is a Chromium."""
    chromium = installed()
    if chromium is None:
        sys.stderr.write("pages are left as they are: expected chromium, found none\n")
        return
    with (
        tempfile.TemporaryDirectory(prefix="gonogo-pictures-") as name,
        pictured_station(Path(name)) as station,
        Chromium(chromium, WAIT_S) as page,
    ):
        until_served(("127.0.0.1", station.port))
        visitor = Visitor(page, station.url, folder)
        with station.line(Path(name), 1, station.station.station.pitch_ms):
            wait_for_rows(station.station.records.path, FIRST)
            quiet(visitor, station)
        link_lost(visitor)
        with station.line(Path(name), FIRST + 1, PITCH_MS):
            passing(visitor, station)


def quiet(visitor: Visitor, station: Pictured) -> None:
    """While no part comes: what was judged, why, and what people say of it."""
    visitor.go("")
    visitor.says("#line-state", "idle")
    visitor.photograph("screen-idle")
    sign_in(visitor, "anna", photograph=True)
    visitor.go("#parts")
    visitor.says("#page-parts", f"Part {FIRST}")
    visitor.photograph("screen-parts", window=LIST)
    dialogs(visitor, station)
    sign_out(visitor)
    sign_in(visitor, "berta")
    differ(visitor, station)
    visitor.go("#audit")
    visitor.page.until("document.querySelector('#page-audit').textContent")
    visitor.photograph("screen-audit")
    station.review()
    for name, whole in WHOLE.items():
        visitor.go(f"{name}.html")
        visitor.page.until(whole)
        visitor.photograph(name, window=PAGES[name])
    sign_out(visitor)


def dialogs(visitor: Visitor, station: Pictured) -> None:
    """Of a part that a rule rejected, and of one that the engine did."""
    open_part(visitor, station.newest("RULE"))
    show_why(visitor, "why-rule")
    visitor.press("#close")
    open_part(visitor, station.newest("ENGINE"))
    visitor.press("#map")
    visitor.page.until("document.querySelector('#part .map')?.naturalWidth > 0")
    visitor.photograph("screen-map", of="#part-views", window=DIALOG)
    visitor.press("#map")
    show_why(visitor, "why-engine")
    visitor.press("#why")
    visitor.fill("#code", "good-part")
    visitor.fill("#note", "only a reflection")
    visitor.photograph("screen-part", of="#part", window=DIALOG)
    visitor.press("#part-words button", "Part is good")
    visitor.says("#part-told", "Written down")
    visitor.press("#close")


def differ(visitor: Visitor, station: Pictured) -> None:
    """A second one says the contrary of that part, which is disputed from then on."""
    visitor.go("#parts")
    open_part(visitor, station.newest("ENGINE"))
    visitor.fill("#code", "scratch")
    visitor.press("#part-words button", "Verdict was right")
    visitor.says("#part-told", "Written down")
    visitor.go("#disputed")
    visitor.says("#page-disputed", "Part ")
    visitor.photograph("screen-disputed")


def open_part(visitor: Visitor, part_id: int) -> None:
    """By the list of parts; until it says all that it will."""
    visitor.press("#page-parts button", f"Part {part_id},")
    visitor.says("#part-words", "Part is good")


def show_why(visitor: Visitor, name: str) -> None:
    """The pictures that say why, without the rest of the dialog."""
    visitor.press("#why")
    visitor.page.until("document.querySelectorAll('#part-why img').length > 0")
    visitor.page.until("!document.querySelector('#part-why [data-state=working]')")
    visitor.photograph(name, of="#part-why .cause", window=WHY)


def sign_in(visitor: Visitor, name: str, *, photograph: bool = False) -> None:
    """By the page for it."""
    visitor.go("login.html", FORM)
    visitor.fill("#name", name)
    visitor.fill("#secret", PEOPLE[name][1])
    if photograph:
        visitor.photograph("login", still=FORM)
    visitor.press("#go")
    visitor.says("#person-name", name)


def sign_out(visitor: Visitor) -> None:
    """By the button that each page has."""
    visitor.press("#sign-out")
    visitor.says("#person-name", "Not signed in")


def link_lost(visitor: Visitor) -> None:
    """The PLC is not there any more."""
    visitor.go("")
    visitor.says("#link", "No PLC")
    visitor.photograph("screen-link-lost")


def passing(visitor: Visitor, station: Pictured) -> None:
    """Parts as they come, one of each kind; then the box says nothing any more."""
    sign_in(visitor, "anna")
    visitor.go("")
    visitor.page.until("!document.querySelector('#link').textContent")
    for name, kind in KINDS.items():
        keep(visitor.folder / f"{name}.png", passed(visitor, kind))
    with station.frozen():
        visitor.photograph("screen-dead", still=DEAD)
    visitor.page.until(LIVES)


def passed(visitor: Visitor, kind: str) -> NDArray[np.uint8]:
    """The page with the next part of that verdict, its picture beside it; TimeoutError."""
    shown = f"document.querySelector('#shape').classList.contains('v-{kind}')"
    if kind == "REJECT":
        shown += f" && {MEASURED}"
    end_s = time.monotonic() + WAIT_S
    while time.monotonic() < end_s:
        visitor.page.until(f"{shown} && {LIVES} && {AT_ONCE} && {PICTURED} && {FULL}")
        before = visitor.page.ask(PART)
        found = visitor.seen()
        # another one may have come while that was taken
        if before == visitor.page.ask(PART):
            return found
    raise TimeoutError(f"no part with the verdict {kind} stayed long enough in {WAIT_S:.0f} s")
