"""The files of the page: small, our own, and without a word that sounds like a probability."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

import pytest

from gonogo.base.words import FaultBit, Mode, Reason, Undelivered, VerdictKind
from gonogo.config.screen import ScreenSection
from gonogo.console.access.roles import Role
from gonogo.console.screen.now import LineState, LinkState, ModeWhy, RecordsState
from gonogo.console.screen.pages import FOLDER, LANGUAGES, POLICY, page_files, texts
from gonogo.console.screen.pseudo import MIRRORED, PSEUDO
from gonogo.console.screen.stage_times import STAGES
from gonogo.ipc.master_part import Gate, Phase
from gonogo.records.dispositions.fit import typed
from gonogo.records.dispositions.labels import State
from gonogo.records.dispositions.section import DEFAULTS
from gonogo.records.dispositions.words import Word
from gonogo.records.drift.part import Looks, Signal
from gonogo.records.schema import NOT_DELIVERED

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE_MAX_BYTES = 100 * 1024
# a score is no probability, and no word may make it look like one, in any language of the page
PROBABLE = {
    "en": r"probab|confiden|likel|chance|certain|\bodds\b|percent|per cent|accura|%",
    "de": r"wahrschein|konfiden|sicherheit|vertrau|prozent|chance|gewiss|quote|treffer|%",
    "tr": r"olas[^ ]l[^ ]k|ihtimal|muhtemel|güven(?!lik)|yüzde|şans|kesinlik|emin\b|doğruluk|%",
    "ru": r"вероятн|уверен|довери|достовер|процент|шанс|точност|наверняка|%",
    "zh": r"概率|機率|机率|几率|可能|置信|可信|信心|把握|百分|确定|准确率|精度|%",
}
# the plural forms of each language, as Unicode has them (CLDR); a browser is asked for them as well
FORMS = {
    "en": {"one", "other"}, "de": {"one", "other"}, "tr": {"one", "other"},
    "ru": {"one", "few", "many", "other"}, "zh": {"other"},
}  # fmt: skip
CODE = {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.js"))}
PAGES = {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.html"))}
STYLES = {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.css"))}


def needed(name: str) -> set[str]:
    """A file of a page, and whatever that asks for."""
    found, todo = set[str](), [name]
    while todo:
        each = todo.pop()
        if each not in found:
            found.add(each)
            text = (FOLDER / each).read_text("utf-8")
            todo += re.findall(r"""(?:href=|src=|from )"(?:\./)?([\w-]+\.(?:css|js|svg))\"""", text)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_page_is_small_altogether(name: str, language: str) -> None:
    """With all that it loads, in its language; a slow link at the box shows it at once."""
    files = needed(name)
    assert "screen.css" in files
    assert any(each.endswith(".js") for each in files)
    paths = [FOLDER / "texts" / f"{language}.json", *(FOLDER / each for each in files)]
    assert sum(path.stat().st_size for path in paths) <= PAGE_MAX_BYTES


def test_every_file_of_the_folder_is_served() -> None:
    """One that is forgotten would be missed at a station alone."""
    there = {f"/{path.relative_to(FOLDER)}" for path in FOLDER.rglob("*") if path.is_file()}
    assert there - {"/index.html"} == set(page_files()) - {
        "/", *(f"/texts/{each}.json" for each in (PSEUDO, MIRRORED)),
    }  # fmt: skip


def test_page_asks_for_nothing_from_outside() -> None:
    """No address but names of XML, which nobody asks for."""
    for path, each in page_files().items():
        found = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"']*", each.body.decode()))
        assert found <= {"http://www.w3.org/2000/svg"}, path


def test_page_has_nothing_that_its_policy_forbids() -> None:
    """No script or style in the markup, nothing made of a text, no markup from a text."""
    assert "unsafe" not in POLICY
    inline = r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)"
    for name, html in PAGES.items():
        assert not re.search(inline, html), name
    for name, code in CODE.items():
        forbidden = (
            r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|\.style\b"
        )
        assert not re.search(forbidden, code), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_has_a_text_for_whatever_the_box_may_say(language: str) -> None:
    """Every reason, mode, state, fault and word; an enumeration that grows is noticed here."""
    wanted: Iterable[str] = (
        *(f"reason.{each.name}" for each in Reason),
        *(f"verdict.{each.name}" for each in VerdictKind),
        *(f"count.{each.name}" for each in VerdictKind),
        *(f"{each}.{NOT_DELIVERED}" for each in ("verdict", "count")),
        *(f"undelivered.{each.name}" for each in Undelivered),
        *(f"mode.{each.name}" for each in Mode),
        *(f"why.{each.value}" for each in ModeWhy if each.value),
        *(f"line.{each.value}" for each in LineState),
        *(f"link.{each.value}" for each in LinkState),
        *(f"records.{each.value}" for each in RecordsState),
        *(f"fault.{each.name}" for each in FaultBit),
        *(f"word.{typed(each)}" for each in Word),
        *(f"standing.{each.value}" for each in (State.DISPUTED, State.DECIDED)),
        *(f"language.{each}" for each in LANGUAGES),
        *(f"role.{each.value}" for each in Role),
        *(f"signal.{each.name}" for each in Signal),
        *(f"look.{each}" for each in Looks._fields),
        *(f"stage.{each}" for each in STAGES),
        *(f"golden.phase.{each.name}" for each in Phase),
        *(f"golden.gate.{each.name}" for each in Gate if each is not Gate.OPEN),
    )
    assert set(wanted) - keys(texts(language)) == set()


def keys(catalogue: dict[str, str]) -> set[str]:
    """Without the plural forms of one text."""
    return {key.partition("#")[0] for key in catalogue}


def fields_of(text: str) -> set[str]:
    """The places that are filled in."""
    return set(re.findall(r"\{\w+\}", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_has_every_plural_form_of_its_language(language: str) -> None:
    """Of each text that has forms; the same texts have some in all languages."""
    english = {key.partition("#")[0] for key in texts(LANGUAGES[0]) if "#" in key}
    found: dict[str, set[str]] = {}
    for key in texts(language):
        if "#" in key:
            found.setdefault(key.partition("#")[0], set()).add(key.partition("#")[2])
    assert found == dict.fromkeys(english, FORMS[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_has_what_the_page_names_and_no_more_than_others(language: str) -> None:
    """The same keys in each language, with the same fields in them."""
    found, english = texts(language), texts(LANGUAGES[0])
    assert keys(found) == keys(english)
    wanted = {key.partition("#")[0]: fields_of(text) for key, text in english.items()}
    for key, text in found.items():
        assert fields_of(text) == wanted[key.partition("#")[0]], key
    for name, code in CODE.items():
        named = set(re.findall(r"""\bt\(\s*"([\w.-]+)\"""", code))
        assert named - keys(found) == set(), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_sounds_like_a_probability(language: str) -> None:
    """Neither of the page nor of the reason codes that hold without any."""
    for text in (*texts(language).values(), *(each.text.of(language) for each in DEFAULTS)):
        assert not re.search(PROBABLE[language], text, re.IGNORECASE), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_else_of_the_page_sounds_like_a_probability(language: str) -> None:
    """No text in the program or in the markup that is in no catalogue."""
    words = PROBABLE[language].removesuffix("|%")
    said = {name: re.sub(r"//.*", "", text) for name, text in CODE.items()}  # but for comments
    for name, text in (*said.items(), *PAGES.items()):
        assert not re.search(words, text, re.IGNORECASE), name


def test_every_text_is_in_every_language_and_none_was_left_in_english() -> None:
    """One word may be the same in two languages; two of them are not."""
    english = texts("en")
    for language in LANGUAGES[1:]:
        same = {key for key, text in texts(language).items() if text == english.get(key)}
        said = {key: re.sub(r"\{\w+\}", "", english[key]) for key in same}
        assert {key for key, text in said.items() if re.search(r"[a-z]{3} [a-z]{3}", text)} == set()


def test_styles_turn_around_with_the_direction_of_writing() -> None:
    """Start and end instead of left and right."""
    sides = r"(margin|padding|border|inset)-(left|right)|[^-\w](left|right)\s*:|:\s*(left|right)\b"
    for name, text in STYLES.items():
        assert not re.search(sides, text), name


def test_every_language_has_its_list_of_such_words() -> None:
    """One that is added without it would be held by nothing."""
    assert set(PROBABLE) == set(FORMS) == set(LANGUAGES)
    assert get_args(ScreenSection.model_fields["language"].annotation) == LANGUAGES


def test_page_shows_no_score_as_a_number() -> None:
    """It is drawn as a bar, and said as above or below its limit."""
    drawing = CODE["draw.js"].split("function drawScore")[1].split("function drawStrip")[0]
    assert not re.search(r"put\([^;]*\bscore\s*[/)+]|\$\{score|String\(score\)", drawing)
    assert not any(
        re.search(r"score[^\n]{0,40}(%|toFixed|percent)", code) for code in CODE.values()
    )
