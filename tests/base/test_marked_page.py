"""A table between two marks of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import OutputError
from gonogo.base.marked_page import END, begin, put

if TYPE_CHECKING:
    from pathlib import Path

BEGIN = begin("drift-table")


def test_put_writes_between_the_marks_and_nowhere_else(tmp_path: Path) -> None:
    """What was there before goes; the table of another command stays."""
    page = tmp_path / "drift.md"
    other = f"{begin('limits-table')}\nother\n{END}\n"
    page.write_text(f"above\n{other}{BEGIN}\nold\n{END}\nbelow\n")
    assert put(page, "drift-table", "new").decode() == (
        f"above\n{other}{BEGIN}\nnew\n{END}\nbelow\n"
    )


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}\n{BEGIN}", begin("limits-table"), None])
def test_put_refuses_a_page_without_marks(tmp_path: Path, text: str | None) -> None:
    """Before anything is measured for it."""
    page = tmp_path / "drift.md"
    if text is not None:
        page.write_text(text)
    with pytest.raises(OutputError, match=r"drift\.md"):
        put(page, "drift-table", "new")
