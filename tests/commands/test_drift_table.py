"""`gonogo drift-table`: refuses a page that takes no table before it simulates anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from gonogo.commands.cli import main

if TYPE_CHECKING:
    from pathlib import Path


def test_drift_table_refuses_a_page_without_marks(tmp_path: Path) -> None:
    """With the number of the error; the page stays as it was."""
    page = tmp_path / "drift.md"
    page.write_text("nothing\n")
    found = CliRunner().invoke(main, ["drift-table", "--out", str(page), "--seeds", "1000"])
    assert found.exit_code == 1
    assert "GN740" in found.output
    assert page.read_text() == "nothing\n"
