"""`gonogo teach-table` as it is typed; what it measures is tried beside gonogo.build.teachtable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.tests.build.parts import save_good

if TYPE_CHECKING:
    from pathlib import Path


def test_teach_table_names_a_set_that_is_not_there(tmp_path: Path) -> None:
    """And writes nothing."""
    save_good(tmp_path / "data" / "plates" / "train" / "good", 6, 32)
    out = tmp_path / "teaching.md"
    words = ["teach-table", str(tmp_path / "data"), "--out", str(out), "--set", "bolts"]
    found = CliRunner().invoke(main, words)
    assert found.exit_code == 1
    assert "no set bolts" in found.output
    assert not out.exists()
