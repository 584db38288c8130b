"""What people see who see little, no colours, or only some of them."""

from __future__ import annotations

import signal
from itertools import combinations
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from gonogo.base.words import FaultBit, Mode, VerdictKind
from gonogo.console.screen.pages import LANGUAGES
from gonogo.tests.console.screen.browser import AXE
from gonogo.tests.console.screen.served import LIVES, every_page, opened, shows
from gonogo.tests.console.screen.test_trends_page import charted

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.tests.console.screen.browser import Browser
    from gonogo.tests.console.screen.scene import Scene
    from gonogo.tests.console.screen.served import Served

# rules of WCAG 2 AA, as axe-core knows them
AUDIT = "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
SIGHTS = ("none", "protanopia", "deuteranopia", "tritanopia")
# by the number of the part that shows it; a reject and what was not inspected are both red
KINDS = (VerdictKind.ACCEPT, VerdictKind.RECHECK, VerdictKind.REJECT, VerdictKind.NOT_INSPECTED)
APART = 15.0  # CIE 1976, in units of L*a*b*: some 2 can just be told apart, side by side
ALIKE = 0.9  # of two shapes, what they share of what either covers


def faults(tabs: Browser) -> list[str]:
    """What axe-core finds, by rule and place."""
    tabs("ask", page="a", js=f"(() => {{ {AXE.read_text('utf-8')} }})()")
    found = tabs("ask", page="a", js=AUDIT)["violations"]
    return [f"{each['id']}: {node['target']}" for each in found for node in each["nodes"]]


@pytest.fixture
def audited() -> None:
    """Skips by name where there is no judge."""
    if not AXE.exists():
        pytest.skip("no axe-core here: tests/peers/install.sh")


@pytest.mark.usefixtures("audited")
def test_no_page_has_a_fault_that_axe_knows(scene: Scene, tabs: Browser, whole: Served) -> None:
    """WCAG AA, with something on each of them."""
    charted(scene.records, 0.6)
    scene.record(scene.judge(7, VerdictKind.REJECT))
    opened(tabs, whole)
    for name in every_page(tabs, whole):
        assert faults(tabs) == [], name


@pytest.mark.usefixtures("audited")
def test_no_language_has_a_fault_that_axe_knows(
    scene: Scene, tabs: Browser, served: Served
) -> None:
    """WCAG AA with a part on the line and many states, and in its dialog."""
    scene.heart.show(Mode.RULES_ONLY, 1, FaultBit.LINK | FaultBit.LIGHT)
    scene.record(scene.judge(7, VerdictKind.REJECT))
    opened(tabs, served)
    for language in LANGUAGES:
        shows(tabs, f"{served.url}?language={language}")
        tabs("wait", page="a", js="!document.querySelector('#look').hidden")
        assert faults(tabs) == [], language
        tabs("click", page="a", selector="#look")
        tabs("wait", page="a", js="document.querySelectorAll('#part-words button').length > 2")
        assert faults(tabs) == [], language


@pytest.mark.usefixtures("audited")
def test_no_verdict_or_state_has_a_fault_that_axe_knows(
    scene: Scene, tabs: Browser, served: Served
) -> None:
    """Before the first part, with each verdict on nothing at all, and while the box is silent."""
    scene.heart.show(Mode.SAFE, 1, FaultBit.CAMERA)
    opened(tabs, served)
    for serial, kind in enumerate((VerdictKind.NONE, *KINDS)):
        if serial:
            scene.judge(serial, kind)
        tabs("wait", page="a", js=f"document.querySelector('#shape.v-{kind.name}') && {LIVES}")
        assert faults(tabs) == [], kind
    served.process.send_signal(signal.SIGSTOP)
    tabs("wait", page="a", js="document.body.classList.contains('dead')")
    assert faults(tabs) == []


def seen(tabs: Browser, selector: str, folder: Path) -> dict[str, NDArray[np.uint8]]:
    """One element as people of each sight see it."""
    found = {}
    for sight in SIGHTS:
        method, params = "Emulation.setEmulatedVisionDeficiency", {"type": sight}
        tabs("wire", page="a", method=method, params=params)
        found[sight] = pixels(tabs, selector, folder)
    return found


def test_verdicts_stay_apart_for_whoever_sees_no_red_no_green_or_no_blue(
    scene: Scene, tabs: Browser, served: Served, tmp_path: Path
) -> None:
    """Each has a word and a shape of its own, and a colour where it means another thing."""
    opened(tabs, served)
    words, pictures = [], []
    for serial, kind in enumerate(KINDS, 1):
        scene.judge(serial, kind)
        tabs("wait", page="a", js=f"document.querySelector('#shape.v-{kind.name}')")
        words.append(tabs.text("a", "#word"))
        pictures.append(seen(tabs, "#shape", tmp_path))
    assert len(set(words)) == len(KINDS)
    for sight in SIGHTS:
        masks = [covered(each[sight]) for each in pictures]
        assert max(shared(*pair) for pair in combinations(masks, 2)) < ALIKE, sight
        assert least_apart([fill_of(each[sight]) for each in pictures[:3]]) > APART, sight


def test_states_stay_apart_for_whoever_sees_no_red_no_green_or_no_blue(
    scene: Scene, tabs: Browser, served: Served, tmp_path: Path
) -> None:
    """What is as it should be, what is odd, and what is wrong: by their ground, and by words."""
    opened(tabs, served)
    words, pictures = [], []
    kinds = {Mode.FULL: "state", Mode.RULES_ONLY: "state odd", Mode.SAFE: "state wrong"}
    for mode, classes in kinds.items():
        scene.heart.show(mode, 1)
        state = "document.querySelector('#mode')"
        tabs("wait", page="a", js=f"{state}.className === '{classes}' && {state}.textContent")
        words.append(tabs.text("a", "#mode"))
        pictures.append(seen(tabs, "#mode", tmp_path))
    assert len(set(words)) == len(words)
    for sight in SIGHTS:
        assert least_apart([each[sight][3, 3] for each in pictures]) > APART, sight


def least_apart(colours: list[NDArray[np.uint8]]) -> float:
    """Of any two, as far as people tell them apart (CIE 1976)."""
    known = [lab(each) for each in colours]
    return min(float(np.linalg.norm(one - other)) for one, other in combinations(known, 2))


def pixels(tabs: Browser, selector: str, folder: Path) -> NDArray[np.uint8]:
    """Of one element as it is shown, H x W x 3, BGR."""
    path = folder / "it.png"
    tabs("picture", page="a", path=str(path), selector=selector)
    found = cv2.imread(str(path), cv2.IMREAD_COLOR)
    assert found is not None
    return np.asarray(found, np.uint8)


def covered(picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """What is no ground, with what is drawn within it; the corner is ground."""
    far = np.abs(picture.astype(int) - picture[0, 0]).max(axis=2)
    inner = np.abs(picture.astype(int) - fill_of(picture)).max(axis=2)
    return np.asarray((far > 20) & (inner < 60))


def fill_of(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The colour of most of it, but for the ground."""
    rows = picture.reshape(-1, 3)
    kinds, counts = np.unique(rows[(rows != picture[0, 0]).any(axis=1)], axis=0, return_counts=True)
    return np.asarray(kinds[counts.argmax()], np.uint8)


def lab(colour: NDArray[np.uint8]) -> NDArray[Any]:
    """L* 0 to 100, a* and b* as the CIE has them."""
    ratio = colour.reshape(1, 1, 3).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(ratio, cv2.COLOR_BGR2LAB)).ravel()


def shared(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Of two shapes: what both cover, of what either does; one may be a row higher."""
    rows = min(len(one), len(other))
    one, other = one[:rows], other[:rows]
    return float((one & other).sum() / (one | other).sum())
