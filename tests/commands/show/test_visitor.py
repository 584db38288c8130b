"""Somebody at a page: what is pressed, what is typed, and what a picture of it is."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import cv2
import numpy as np
import pytest

from gonogo.commands.show.visitor import (
    MARGIN_PX,
    SMALLEST,
    Visitor,
    Window,
    alike,
    cut,
    keep,
)
from gonogo.proving.peers.chromium import Chromium, installed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

HTML = """<body style="margin:0;background:#ddd"><h1>flanges</h1>
<button disabled>Go</button><button onclick="document.title='went'">Go on</button>
<input id="name" onchange="document.title=this.value">
<p id="box" style="position:absolute;left:50px;top:200px;width:120px;height:40px;margin:0;background:#b00"></p>
"""  # noqa: E501 - of another language
THERE = "document.querySelector('#box') !== null"


@pytest.fixture(scope="module")
def page() -> Iterator[Chromium]:
    """Skips where there is none."""
    program = installed()
    if program is None:
        pytest.skip("no chromium here: tests/peers/install.sh")
    with Chromium(program, 300.0) as made:
        yield made


@pytest.fixture
def visitor(page: Chromium, tmp_path: Path) -> Visitor:
    """At a page of a few things."""
    made = Visitor(page, "data:text/html,", tmp_path)
    made.go(quote(HTML), THERE)
    return made


def picture(path: Path) -> NDArray[np.uint8]:
    """As others read it."""
    found = cv2.imread(str(path))
    assert found is not None
    return np.asarray(found, np.uint8)


def test_visitor_presses_what_may_be_pressed_and_types_as_people_do(visitor: Visitor) -> None:
    """The first button that bears the word and is not disabled; a page hears of what is typed."""
    visitor.press("button", "Go")
    assert visitor.page.ask("document.title") == "went"
    visitor.fill("#name", "o'neill")
    assert visitor.page.ask("document.title") == "o'neill"
    visitor.says("h1", "flang")


def test_picture_is_a_png_of_the_window_and_of_more_than_one_colour(visitor: Visitor) -> None:
    """In the size that was asked for."""
    for window in (SMALLEST, Window(640, 300)):
        visitor.photograph(f"w{window.wide_px}", window=window)
        found = picture(visitor.folder / f"w{window.wide_px}.png")
        assert found.shape == (window.high_px, window.wide_px, 3)
        assert len(np.unique(found.reshape(-1, 3), axis=0)) > 2


def test_picture_of_one_element_is_that_with_a_margin(visitor: Visitor) -> None:
    """And nothing else of the page."""
    visitor.photograph("box", of="#box")
    found = picture(visitor.folder / "box.png")
    # a box ends within a pixel, hence one more
    assert found.shape[:2] == (40 + 2 * MARGIN_PX + 1, 120 + 2 * MARGIN_PX + 1)
    assert (
        found[MARGIN_PX + 2 : -MARGIN_PX - 2, MARGIN_PX + 2 : -MARGIN_PX - 2] == (0, 0, 187)
    ).all()


def test_cut_ends_where_the_picture_does() -> None:
    """A margin that is not there is left out."""
    assert cut(np.zeros((50, 60, 3), np.uint8), (0, 0, 60, 20)).shape[:2] == (20 + MARGIN_PX, 60)


def test_picture_that_differs_by_a_clock_alone_is_left_as_it_is(tmp_path: Path) -> None:
    """To the byte; one that shows another thing is not, nor one of another size."""
    path, shown = tmp_path / "a.png", np.full((200, 300, 3), 200, np.uint8)
    keep(path, shown)
    before = path.read_bytes()
    later = shown.copy()
    later[10:20, 10:20] = 0
    keep(path, later)
    assert path.read_bytes() == before
    later[50:100, 50:100] = 0
    keep(path, later)
    assert (picture(path) == later).all()
    assert not alike(later, later[:-1])
