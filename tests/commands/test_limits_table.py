"""`gonogo limits-table` as it is typed; what it measures: gonogo.build.looptable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from gonogo.base.marked_page import END, begin
from gonogo.commands.cli import main
from gonogo.tests.build.parts import save_good

if TYPE_CHECKING:
    from pathlib import Path


def test_limits_table_refuses_before_it_measures(tmp_path: Path) -> None:
    """A page without marks, or a set that is not there: the page stays as it was."""
    save_good(tmp_path / "data" / "plates" / "train" / "good", 6, 32)
    page = tmp_path / "page.md"
    words = ["limits-table", str(tmp_path / "data"), "--out", str(page), "--set", "bolts"]
    for text, said in (
        ("nothing\n", "GN740"),
        (f"{begin('limits-table')}\n{END}\n", "no set bolts"),
    ):
        page.write_text(text)
        found = CliRunner().invoke(main, words)
        assert found.exit_code == 1
        assert said in found.output
        assert page.read_text() == text
