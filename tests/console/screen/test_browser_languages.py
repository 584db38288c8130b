"""The page in each language: its forms and numbers, and whether it has room for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import FaultBit, Mode, VerdictKind
from gonogo.config.screen import NameSection
from gonogo.console.screen.pages import LANGUAGES, texts
from gonogo.console.screen.pseudo import MIRRORED, PSEUDO
from gonogo.tests.console.screen.scene import RULE
from gonogo.tests.console.screen.served import LIVES, every_page, opened, shows
from gonogo.tests.console.screen.test_pages import FORMS
from gonogo.tests.console.screen.test_trends_page import charted

if TYPE_CHECKING:
    from gonogo.tests.console.screen.browser import Browser
    from gonogo.tests.console.screen.scene import Scene
    from gonogo.tests.console.screen.served import Served

FITTING = Path(__file__).with_name("fitting.js").read_text("utf-8")
SIZES = {"small": (1024, 600), "large": (1920, 1080), "phone": (390, 844)}
# what is seen without touching anything: however much is wrong, and when little is
AT_ONCE = ("#word", "#reason", "#look")
# of those that are spoken: where it has room the others have some
LONGEST = max(LANGUAGES, key=lambda language: sum(map(len, texts(language).values())))
ALL = (*AT_ONCE, "#score-words", "#counts", "#strip")
NAMES = (NameSection.model_validate({"of": "top", "text": {"en": "From above", "tr": "Üstten"}}),)


def wrong_at_all_pages(tabs: Browser, served: Served, language: str) -> list[str]:
    """What does not fit, on each display."""
    found = []
    for name in every_page(tabs, served, f"?language={language}"):
        for display, (width, height) in SIZES.items():
            tabs("size", page="a", width=width, height=height)
            found += [f"{name}, {display}: {each}" for each in tabs("ask", page="a", js=FITTING)]
    return found


def beyond(tabs: Browser, selectors: tuple[str, ...]) -> list[str]:
    """What lies below the edge of the window, on those displays that are no phone."""
    js = (
        f"{json.dumps(selectors)}.filter((each) => "
        "document.querySelector(each).getBoundingClientRect().bottom > innerHeight)"
    )
    found = []
    for width, height in list(SIZES.values())[:2]:
        tabs("size", page="a", width=width, height=height)
        found += tabs("ask", page="a", js=js)
    return found


def much_is_wrong(scene: Scene) -> None:
    """All faults at once, on rules alone, and a part that failed one."""
    scene.heart.show(Mode.RULES_ONLY, 1, ~FaultBit(0))
    scene.record(scene.judge(71_234, VerdictKind.NOT_INSPECTED))
    scene.record(scene.judge(71_235, VerdictKind.REJECT))


@pytest.mark.parametrize("language", [PSEUDO, MIRRORED, LONGEST])
def test_every_page_has_room_for_its_words(
    scene: Scene, tabs: Browser, whole: Served, language: str
) -> None:
    """Nothing is cut off or covered, on any display, from whichever side it is written."""
    charted(scene.records, 0.6)
    much_is_wrong(scene)
    opened(tabs, whole)
    assert wrong_at_all_pages(tabs, whole, language) == []
    side = "getComputedStyle(document.body).direction"
    assert tabs("ask", page="a", js=side) == ("rtl" if language == MIRRORED else "ltr")


def test_line_and_dialog_have_room_for_every_language(
    scene: Scene, tabs: Browser, served: Served
) -> None:
    """Verdict, reason and button at once, however much is wrong; and what a part is said to be."""
    much_is_wrong(scene)
    opened(tabs, served)
    for language in (PSEUDO, MIRRORED, *LANGUAGES):
        shows(tabs, f"{served.url}?language={language}")
        tabs("wait", page="a", js="document.querySelector('#shape').classList.value === 'v-REJECT'")
        assert beyond(tabs, AT_ONCE) == [], language
        tabs("click", page="a", selector="#look")
        tabs("wait", page="a", js="document.querySelectorAll('#part-words button').length > 2")
        tabs("click", page="a", selector="#why")
        tabs("wait", page="a", js="document.querySelector('#part-why').textContent !== ''")
        for width, height in SIZES.values():
            tabs("size", page="a", width=width, height=height)
            assert tabs("ask", page="a", js=FITTING) == [], (language, width)


def test_page_shows_all_of_the_line_at_once_while_little_is_wrong(
    scene: Scene, tabs: Browser, served: Served
) -> None:
    """In each language that is spoken, also on a small display."""
    for serial in range(1, 51):
        scene.judge(serial)
    scene.record(scene.judge(51, VerdictKind.REJECT))
    opened(tabs, served)
    for language in LANGUAGES:
        shows(tabs, f"{served.url}?language={language}")
        tabs.wait_for("a", "#word", texts(language)["verdict.REJECT"])
        assert beyond(tabs, ALL) == [], language


def test_words_take_the_forms_that_the_browser_knows_of_their_language(
    scene: Scene, tabs: Browser, served: Served
) -> None:
    """Its own data of each language; what comes of one, two and five; a day of the box."""
    assert scene.station
    opened(tabs, served)
    tabs("wait", page="a", js=LIVES)
    for language, forms in FORMS.items():
        js = f"new Intl.PluralRules('{language}').resolvedOptions().pluralCategories"
        assert set(tabs("ask", page="a", js=js)) == forms
    rows = "[1, 2, 5, 21, 1200].map((n) => words.t('records.behind', { n }))"
    assert [each.partition(": ")[2] for each in tabs("ask", page="a", js=said("ru", rows))] == [
        "ждёт 1 строка", "ждут 2 строки", "ждут 5 строк", "ждёт 21 строка", "ждут 1\u00a0200 строк",
    ]  # fmt: skip
    moment = "[words.moment('2026-11-30', '04:02:03'), words.moment('today', '04:02:03')]"
    assert tabs("ask", page="a", js=said("de", moment)) == [
        "30. Nov. 2026, 04:02:03", "today 04:02:03",
    ]  # fmt: skip
    # a name that is written the other way keeps to its own place, between marks
    for who, shown in (("eve", "eve"), ("\u05d0\u05d1", "\u2068\u05d0\u05d1\u2069")):
        fields = json.dumps({"who": who, "word": "good", "at": "12"})
        found = tabs("ask", page="a", js=said("en", f"words.t('said', {fields})"))
        assert found == f"{shown} said: good (12)"


def said(language: str, js: str) -> str:
    """What the page's own words say in that language."""
    return (
        f"import('/words.js').then(async (words) => {{ words.speakIn('{language}');"
        f"words.speak(await (await fetch('/texts/{language}.json')).json()); return {js}; }})"
    )


def test_measured_value_has_the_comma_of_the_language(
    scene: Scene, tabs: Browser, served: Served
) -> None:
    """A comma for a point in German."""
    scene.record(scene.judge(7, VerdictKind.REJECT))
    opened(tabs, served, url=f"{served.url}?language=de")
    tabs.wait_for("a", "#rule", f"{RULE}: 12,5 mm, mindestens 10 mm")


def test_language_is_kept_in_the_browser_and_that_of_the_address_goes_first(
    scene: Scene, tabs: Browser, served: Served
) -> None:
    """Another tab has it, too; a language that nobody speaks is not kept, and not offered."""
    assert scene.station
    opened(tabs, served)
    choose = (
        "(() => { const s = document.querySelector('#language');"
        "s.value = 'tr'; s.dispatchEvent(new Event('change', { bubbles: true })); })()"
    )
    tabs("wait", page="a", js=LIVES)
    tabs("ask", page="a", js=choose)
    tabs.wait_for("a", "#tabs", "Parçalar")
    opened(tabs, served, "b")
    tabs.wait_for("b", "#tabs", "Parçalar")
    shows(tabs, f"{served.url}?language=zh", "b")
    assert tabs("ask", page="b", js="document.documentElement.lang") == "zh"
    shows(tabs, f"{served.url}?language={PSEUDO}", "b")
    tabs("wait", page="b", js="document.querySelector('#tabs').textContent.includes('[')")
    shows(tabs, served.url, "b")
    offered = "[...document.querySelector('#language').options].map((each) => each.value)"
    assert tabs("ask", page="b", js=offered) == list(LANGUAGES)
    assert tabs("ask", page="b", js="document.documentElement.lang") == "tr"


@pytest.mark.parametrize("screen", [{"language": "tr", "name": NAMES}])
def test_station_file_says_the_language_and_what_people_call_a_view(
    scene: Scene, tabs: Browser, served: Served
) -> None:
    """In English where there is no text of that language."""
    scene.judge(3)
    opened(tabs, served)
    tabs("wait", page="a", js="document.querySelector('#views figcaption')")
    tabs.wait_for("a", "#views figcaption", "Üstten")
    shows(tabs, f"{served.url}?language=zh")
    tabs("wait", page="a", js="document.querySelector('#views figcaption')")
    tabs.wait_for("a", "#views figcaption", "From above")
