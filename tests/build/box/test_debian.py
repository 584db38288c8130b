"""Debian's part of the root: when it is made anew."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.build.box import debian
from gonogo.build.box.epoch import Epoch

if TYPE_CHECKING:
    import pytest


def test_tar_is_made_anew_only_where_something_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packages, sources, moment; a build that was interrupted counts for none."""
    sources, made = tmp_path / "sources", []

    def run(words: list[str], *, further: dict[str, str], given: bytes) -> str:
        made.append((words, further, given))
        Path(words[-2]).touch()
        return ""

    monkeypatch.setattr(debian, "run", run)
    sources.write_text("deb one")
    for _ in range(2):
        tar = debian.base_tar(tmp_path, sources, Epoch(1))
    assert tar.is_file()
    assert len(made) == 1
    assert made[0][1]["SOURCE_DATE_EPOCH"] == "1"
    assert made[0][2] == b"deb one"
    debian.base_tar(tmp_path, sources, Epoch(2))
    sources.write_text("deb two")
    debian.base_tar(tmp_path, sources, Epoch(2))
    tar.unlink()
    debian.base_tar(tmp_path, sources, Epoch(2))
    assert len(made) == 4


def test_command_asks_for_the_packages_and_no_recommendation() -> None:
    """Of Debian 12, with sources on its input; licences stay."""
    words = debian.command(Path("/x/base.tar"))
    assert words[-3:] == ["bookworm", "/x/base.tar", "-"]
    assert '--aptopt=APT::Install-Recommends "false"' in words
    (included,) = [each for each in words if each.startswith("--include=")]
    assert {"systemd", "rauc", "python3"} <= set(included.partition("=")[2].split(","))
