"""The page in a real Chromium: what people see, also when the box says nothing any more."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import FaultBit, Mode, VerdictKind
from gonogo.console.why.plan import WhyPlan, WhyView
from gonogo.engines.card import read_card
from gonogo.ipc.map_place import MapPlace, tell_place
from gonogo.rules.dimension import DimensionSection
from gonogo.tests.console.screen.scene import ENGINE, RULE
from gonogo.tests.console.screen.served import opened
from gonogo.tests.console.screen.test_why import keep
from gonogo.tests.engines.patches.made import engine

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.tests.console.screen.browser import Browser
    from gonogo.tests.console.screen.scene import Scene
    from gonogo.tests.console.screen.served import Served

MALICE = "<img src=x onerror=alert(1)>"
ENABLED = "document.querySelectorAll('button:enabled, select:enabled').length"


def test_page_shows_a_part_in_shape_colour_and_word_and_says_why(
    scene: Scene, tabs: Browser, served: Served
) -> None:
    """Names are text; no number beside the bar; picture and map as large as each other."""
    opened(tabs, served)
    tabs.wait_for("a", "#part-line", "No part yet")
    scene.record(scene.judge(7, VerdictKind.REJECT))
    tell_place(scene.mailbox, 0, MapPlace(ENGINE, 0.0, 0.0, 32.0, 48.0, 2.0, 3.0))
    tabs.wait_for("a", "#word", "REJECT")
    assert tabs.text("a", "#rule") == f"{RULE}: 12.5 mm, at least 10 mm"
    assert tabs("ask", page="a", js="document.querySelector('#shape').getAttribute('class')") == (
        "v-REJECT"
    )
    assert tabs.text("a", "#score-words") == "Score below the reject limit"
    tabs("wait", page="a", js="document.querySelector('#views img').naturalWidth === 48")
    assert tabs("ask", page="a", js="document.querySelectorAll('.map').length") == 0
    tabs("click", page="a", selector="#look")
    tabs("click", page="a", selector="#map")
    tabs("wait", page="a", js="document.querySelector('#part .map')?.naturalWidth === 48")
    boxes = (
        "[...document.querySelectorAll('#part .stack img')]"
        ".map((each) => JSON.stringify(each.getBoundingClientRect()))"
    )
    picture, overlay = tabs("ask", page="a", js=boxes)
    assert picture == overlay
    tabs("click", page="a", selector="#close")
    # somebody is quicker than the picture: an image that is known, too, loads after the click
    both = "document.querySelector('#look').click(); document.querySelector('#map').click(); "
    assert tabs("ask", page="a", js=f"{both} document.querySelectorAll('#part .map').length") == 0
    tabs("wait", page="a", js="document.querySelector('#part .map')?.naturalWidth === 48")
    assert tabs("ask", page="a", js="document.querySelectorAll('b, script:not([src])').length") == 0
    assert tabs("told")["errors"] == []


def test_page_tells_states_apart_and_keeps_to_its_language(
    scene: Scene, tabs: Browser, served: Served
) -> None:
    """Idle, without a PLC, on rules alone: three texts, of which two are marked."""
    opened(tabs, served)
    scene.heart.show(Mode.RULES_ONLY, 1, FaultBit.LINK)
    tabs.wait_for("a", "#mode", "Rules only: the engine")
    tabs.wait_for("a", "#link", "No PLC on the link")
    tabs.wait_for("a", "#line-state", "Line idle")
    wrong = "[...document.querySelectorAll('.wrong, .odd')].map((each) => each.id)"
    assert tabs("ask", page="a", js=wrong) == ["mode", "link", "faults"]
    tabs("ask", page="a", js="(() => { const s = document.querySelector('#language');"
         "s.value = 'de'; s.dispatchEvent(new Event('change')); })()")  # fmt: skip
    tabs.wait_for("a", "#mode", "Nur Regeln")
    assert tabs("ask", page="a", js="document.documentElement.lang") == "de"


def test_page_is_struck_through_while_the_box_is_silent_and_back_by_itself(
    scene: Scene, tabs: Browser, served: Served
) -> None:
    """With the time since when, by the browser's own clock; no button does anything meanwhile."""
    scene.judge(1)
    opened(tabs, served)
    tabs.wait_for("a", "#word", "GOOD")
    assert tabs("ask", page="a", js=ENABLED) > 0
    served.process.send_signal(signal.SIGSTOP)
    tabs("wait", page="a", js="document.body.classList.contains('dead')")
    assert tabs.text("a", "#dead").startswith("No answer from the box since ")
    assert tabs("ask", page="a", js=ENABLED) == 0
    struck = "getComputedStyle(document.querySelector('#word')).textDecorationLine"
    assert tabs("ask", page="a", js=struck) == "line-through"
    scene.judge(2, VerdictKind.REJECT)
    served.process.send_signal(signal.SIGCONT)
    tabs.wait_for("a", "#word", "REJECT")
    tabs("wait", page="a", js="!document.body.classList.contains('dead')")
    assert tabs("ask", page="a", js=ENABLED) > 0


def test_page_that_an_address_names_is_shown_and_back_leads_to_the_one_before(
    scene: Scene, tabs: Browser, served: Served
) -> None:
    """The list of parts is there as soon as parts are known."""
    scene.judge(7)
    opened(tabs, served, url=f"{served.url}#parts")
    tabs.wait_for("a", "#page-parts", "Part 7")
    assert tabs("ask", page="a", js="document.querySelector('#page-line').hidden")
    tabs("click", page="a", selector="#tabs button")
    tabs("wait", page="a", js="!document.querySelector('#page-line').hidden")
    tabs("ask", page="a", js="history.back()")
    tabs("wait", page="a", js="!document.querySelector('#page-parts').hidden")


def test_two_people_say_a_word_on_the_part_that_each_saw(
    scene: Scene, tabs: Browser, served: Served
) -> None:
    """Later parts change nothing in the dialog; the second is told who was there, and then both
    stand. A note is text, whatever it is.
    """  # noqa: D205 - one sentence
    scene.record(scene.judge(7, VerdictKind.REJECT))
    for page in "ab":
        opened(tabs, served, page)
        tabs("click", page=page, selector="#look")
        tabs.wait_for(page, "#part-words", "Part is good")
    scene.record(scene.judge(8))
    tabs.wait_for("b", "#part-line", "Part 8")
    tabs("fill", page="a", selector="#note", text=MALICE)
    tabs("click", page="a", selector="#part-words button:nth-of-type(2)")
    tabs.wait_for("a", "#part-told", "Written down as number 1")
    tabs("click", page="b", selector="#part-words button:nth-of-type(1)")
    tabs.wait_for("b", "#part-told", "screen said meanwhile: Part is good")
    assert MALICE in tabs.text("b", "#part-said")
    tabs("click", page="b", selector="#part-words button:nth-of-type(1)")
    tabs.wait_for("b", "#part-told", "Written down as number 2")
    assert "Part 7" in tabs.text("b", "#part-title")
    assert tabs("ask", page="b", js="document.querySelectorAll('#part-said img').length") == 0
    # one refusal is an answer of the box; nothing else went wrong
    assert [each for each in tabs("told")["errors"] if "409" not in each] == []


def test_seventh_tab_of_one_browser_shows_the_newest_part_as_the_first_does(
    scene: Scene, tabs: Browser, served: Served
) -> None:
    """None of them holds a connection."""
    pages = "abcdefg"
    for page in pages:
        opened(tabs, served, page)
    scene.judge(3, VerdictKind.RECHECK)
    for page in pages:
        tabs.wait_for(page, "#word", "RECHECK")


def test_page_has_large_targets(scene: Scene, tabs: Browser, served: Served) -> None:
    """48 px, and 20 mm where a word is said."""
    scene.record(scene.judge(7, VerdictKind.REJECT))
    opened(tabs, served)
    tabs.wait_for("a", "#word", "REJECT")
    small = (
        "[...document.querySelectorAll('button, select, input')]"
        ".filter((each) => each.offsetParent !== null)"
        ".filter((each) => each.offsetHeight < 48 || each.offsetWidth < 48).length"
    )
    assert tabs("ask", page="a", js=small) == 0
    tabs("click", page="a", selector="#look")
    tabs.wait_for("a", "#part-words", "Part is good")
    assert tabs("ask", page="a", js=small) == 0
    large = "Math.min(...[...document.querySelectorAll('.large')].map((each) => each.offsetHeight))"
    assert tabs("ask", page="a", js=large) >= 75  # 20 mm at 96 px an inch, rounded down


@pytest.fixture
def explained(scene: Scene, tmp_path: Path) -> None:
    """A rejected part, its picture, an engine with patches, and a rule."""
    model = engine(tmp_path / "nut.onnx")
    rule = DimensionSection(kind="dimension", name=RULE, measure="width", high=9.0)
    views = (WhyView(name="top", model=model, rule=(rule,)),)
    scene.why = WhyPlan(engines=None, recipes={1: views}).model_dump_json()
    part, engine_id = scene.judge(7, VerdictKind.REJECT), read_card(model).engine_id
    assert part.scores[0] is not None
    scene.record(part._replace(scores=(part.scores[0]._replace(engine_id=engine_id),)))
    keep(scene, 7)


@pytest.mark.usefixtures("explained")
def test_page_shows_why_on_a_click(tabs: Browser, served: Served) -> None:
    """What the rule measured, drawn; the worst patch beside the nearest good one, both named."""
    opened(tabs, served)
    tabs.wait_for("a", "#word", "REJECT")
    tabs("click", page="a", selector="#look")
    assert tabs("ask", page="a", js="document.querySelectorAll('#part-why img').length") == 0
    tabs("click", page="a", selector="#why")
    images = "[...document.querySelectorAll('#part-why img')]"
    tabs("wait", page="a", js=f"{images}.filter((each) => each.naturalWidth).length === 4")
    shown = tabs.text("a", "#part-why")
    assert f"{RULE}: 12.5 mm, at least 10 mm" in shown
    assert "Measured anew on the picture that was kept: 8 px" in shown
    assert "Worst place of part 7" in shown
    assert "Nearest good place: good " in shown
    assert tabs("ask", page="a", js="document.querySelectorAll('#part-why b').length") == 0
    tabs("click", page="a", selector="#why")
    assert tabs("ask", page="a", js="document.querySelector('#part-why').hidden") is True
    assert tabs("told")["errors"] == []
