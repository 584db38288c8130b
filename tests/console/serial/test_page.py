"""The page of the console is what the program says, and what a session before it shows."""

from __future__ import annotations

from pathlib import Path

from gonogo.tests.console.serial.page import page

PAGE = Path(__file__).parents[3] / "docs" / "serial-console.md"


def test_page_is_what_the_program_says() -> None:
    """Texts, table and transcripts; `make docs` makes it anew."""
    assert PAGE.read_text(encoding="utf-8") == page()
