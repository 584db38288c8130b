"""What is photographed for the documents: every page, and every verdict."""

from __future__ import annotations

import re
from pathlib import Path

from gonogo.base.words import VerdictKind
from gonogo.commands.show import screen_pictures
from gonogo.commands.show.screen_pictures import KINDS, PAGES, WHOLE
from gonogo.console.screen.pages import FOLDER

NAMED = re.findall(r'(?:photograph|show_why)\((?:visitor, )?"([\w-]+)"',
                   Path(screen_pictures.__file__).read_text("utf-8"))  # fmt: skip


def test_every_page_beside_the_line_is_photographed_once_it_is_whole() -> None:
    """One that is added is missed here."""
    there = {path.stem for path in FOLDER.glob("*.html")}
    assert {"index", "login", *WHOLE} == there
    assert set(PAGES) == set(WHOLE)
    assert "login" in NAMED


def test_every_tab_of_the_line_is_photographed() -> None:
    """By the name of the tab."""
    tabs = re.findall(r'<main id="page-(\w+)"', (FOLDER / "index.html").read_text("utf-8"))
    assert {f"screen-{tab}" for tab in tabs if tab != "line"} <= set(NAMED)
    assert "screen" in KINDS


def test_each_colour_of_a_verdict_is_photographed() -> None:
    """Green, yellow and red."""
    assert set(KINDS.values()) == {"ACCEPT", "RECHECK", "REJECT"} <= {k.name for k in VerdictKind}


def test_no_two_pictures_have_one_name() -> None:
    """Or one of them would be of something else."""
    names = [*NAMED, *KINDS, *WHOLE]
    assert len(set(names)) == len(names)
