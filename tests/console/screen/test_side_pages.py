"""The pages beside the line in a real Chromium: limits, trends and setup."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.interval import interval
from gonogo.base.scores import ScoreLimits
from gonogo.base.words import VerdictKind
from gonogo.build.review.proposal import as_they_are
from gonogo.config.station import load_station
from gonogo.console.limits.session import session_of
from gonogo.console.limits.subject import subject_of
from gonogo.tests.console.screen.browser import AXE
from gonogo.tests.console.screen.served import opened
from gonogo.tests.console.screen.test_browser_sight import faults
from gonogo.tests.console.screen.test_trends_page import charted

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.interval import Estimate
    from gonogo.tests.console.screen.browser import Browser
    from gonogo.tests.console.screen.scene import Scene
    from gonogo.tests.console.screen.served import Served

MALICE = "<img src=x onerror=alert(1)>"


def at(tabs: Browser, whole: Served, name: str) -> None:
    """A tab with that page."""
    opened(tabs, whole, "line")
    tabs("open", page="a", url=f"{whole.url}{name}.html")


def clean(tabs: Browser) -> None:
    """Nothing that axe-core knows, if it is here, and nothing small."""
    if AXE.exists():
        assert faults(tabs) == []
    small = (
        "[...document.querySelectorAll('button, select, input, a')]"
        ".filter((each) => each.offsetParent !== null)"
        ".filter((each) => each.offsetHeight < 48).length"
    )
    assert tabs("ask", page="a", js=small) == 0
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert tabs("ask", page="a", js=wide) <= 0


def shares(tabs: Browser) -> list[str]:
    """The three lines of the limits that are dragged."""
    found: list[str] = tabs(
        "ask", page="a", js="[...document.querySelectorAll('#here li')].map((e) => e.textContent)"
    )
    return found


def in_words(of: Estimate) -> str:
    """As the page says it: of 1000."""
    return f"{of.events} of {of.of}; of 1000 parts, {1000 * of.low:.0f} to {1000 * of.high:.0f}"


def drag(tabs: Browser, name: str, value: float) -> None:
    """As a finger on a slider leaves it."""
    tabs("ask", page="a", js=f"(() => {{ const s = document.querySelector('#{name}');"
         f"s.value = {value}; s.dispatchEvent(new Event('input')); }})()")  # fmt: skip


def test_limits_page_counts_as_the_terminal_does_while_they_are_dragged(
    tabs: Browser, whole: Served, file: Path
) -> None:
    """Overkill, recheck and escape with their bounds, of the limits in force and of others."""
    at(tabs, whole, "limits")
    tabs.wait_for("a", "#proposed", "Bad parts accepted")
    session = session_of(subject_of(file, None, 1), 1000, 30)
    before = session.propose().before
    assert before.escape is not None
    tabs("click", page="a", selector="#presets button")  # as in force
    wanted = [in_words(each) for each in (before.overkill, before.recheck, before.escape)]
    assert [line.split(": ")[1] for line in shares(tabs)] == wanted
    drag(tabs, "reject", 2.0)  # recheck is drawn along
    now = tabs("ask", page="a", js="document.querySelector('#reject-label').textContent")
    limit = float(now.rpartition(" ")[2])
    found = session.labelled
    limits = ScoreLimits(limit, limit)
    dragged = as_they_are(limits, found.taken_as_good, found.bad, "dragged")
    assert dragged.escape is not None
    wanted = [in_words(each) for each in (dragged.overkill, dragged.recheck, dragged.escape)]
    assert [line.split(": ")[1] for line in shares(tabs)] == wanted
    clean(tabs)
    assert tabs("told")["errors"] == []
    # and of any counts: few parts and a thousand, at both ends and between
    for events, of in ((0, 7), (7, 7), (1, 30), (12, 96), (500, 1000), (999, 1000)):
        js = f"import('/interval.js').then((m) => m.interval({events}, {of}))"
        found = tabs("ask", page="a", js=js)
        assert (found["low"], found["high"]) == pytest.approx(interval(events, of), abs=1e-9)


def test_limits_are_agreed_to_on_the_page_and_written(
    tabs: Browser, whole: Served, file: Path
) -> None:
    """The difference is shown first, and no reason is none; then it can be taken back."""
    before = file.read_bytes()
    at(tabs, whole, "limits")
    tabs.wait_for("a", "#proposed", "Bad parts accepted")
    tabs("click", page="a", selector="#parts .card button")
    tabs.wait_for("a", "#told", "Written down as number")
    tabs("click", page="a", selector="#do button")
    tabs.wait_for("a", "#difference", "+reject_above = ")
    tabs("click", page="a", selector="#agree-do button")
    tabs.wait_for("a", "#told", "Say why")
    assert file.read_bytes() == before
    tabs("ask", page="a", js=f"document.querySelector('#why').value = {MALICE!r}")
    tabs("click", page="a", selector="#agree-do button")
    tabs.wait_for("a", "#told", "Written into the station file")
    engine = load_station(file).view[0].engine
    assert engine is not None
    assert engine.reject_above is not None
    tabs.wait_for("a", "#do", "Take the last ones back")
    tabs("click", page="a", selector="#do button:last-of-type")
    tabs.wait_for("a", "#difference", "-reject_above = ")
    tabs("ask", page="a", js="document.querySelector('#why').value = 'too strict'")
    tabs("click", page="a", selector="#agree-do button")
    tabs.wait_for("a", "#told", "The station file is as it was")
    assert file.read_bytes() == before
    assert tabs("told")["errors"] == []


def test_trends_page_says_each_thing_in_words(scene: Scene, tabs: Browser, whole: Served) -> None:
    """A chart that is out, what people set aside, the times, and how the station is."""
    charted(scene.records, 0.6)
    scene.judge(1)
    at(tabs, whole, "trends")
    tabs.wait_for("a", "#drift", "Scores of accepted parts: outside its limits")
    tabs.wait_for("a", "#drift", "400 of 1000")
    tabs.wait_for("a", "#overrides-about", "Verdicts set aside")
    tabs.wait_for("a", "#health", "does not answer")
    assert tabs("ask", page="a", js="document.querySelectorAll('#drift .out').length") >= 1
    clean(tabs)
    assert tabs("told")["errors"] == []


def test_setup_page_shows_a_live_view_and_what_is_due(
    scene: Scene, tabs: Browser, whole: Served
) -> None:
    """Figures of the newest part, its picture, master parts, and no markup of somebody's words."""
    at(tabs, whole, "setup")
    tabs.wait_for("a", "#frame", "no frame of it")
    scene.judge(5, VerdictKind.REJECT, shade=180)
    tabs.wait_for("a", "#frame", "Part 5")
    tabs.wait_for("a", "#figures", "Saturated: 0 of 1000 pixels")
    scene.judge(6)
    tabs("wait", page="a", js="document.querySelector('#picture').naturalWidth === 48")
    tabs.wait_for("a", "#golden", "known good part: not shown")
    tabs.wait_for("a", "#rows", "station file")
    clean(tabs)
    tabs("ask", page="a", js="(() => { const s = document.querySelector('#language');"
         "s.value = 'de'; s.dispatchEvent(new Event('change')); })()")  # fmt: skip
    tabs.wait_for("a", "#golden", "gutes Prüfteil")
    # of the pictures that nobody kept the browser tells the console by itself
    assert [each for each in tabs("told")["errors"] if "404" not in each] == []
