"""Programs of the system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import FlashToolMissing
from gonogo.build import programs
from gonogo.build.flash import tools

if TYPE_CHECKING:
    from pathlib import Path


def own(folder: Path, monkeypatch: pytest.MonkeyPatch, **scripts: str) -> None:
    """A path on which there are these programs alone, and those of the system below it."""
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_all_that_is_missing_is_said_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the packages, each once."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "SYSTEM", "")
    with pytest.raises(
        FlashToolMissing, match=r"rauc, mke2fs, e2fsck .*apt install e2fsprogs rauc"
    ):
        tools.check(("rauc", "mke2fs", "e2fsck"))


def test_a_program_is_asked_in_english_and_gets_no_keyboard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what it says, and how it ends, is handed on."""
    own(tmp_path, monkeypatch, rauc='echo "$LC_ALL $MORE $(cat)"; echo bad >&2; exit 3')
    ran = tools.run("rauc", MORE="x")
    assert (ran.code, ran.out, ran.last) == (3, b"C x \n", "bad")


@pytest.mark.parametrize(
    ("said", "version"),
    [("rauc 1.8", "1.8"), ("GPT fdisk (sgdisk) version 1.0.9", "1.0.9"),
     ("lsblk from util-linux 2.38.1", "2.38.1"), ("nothing", "")],
)  # fmt: skip
def test_a_version_is_the_number_that_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, version: str
) -> None:
    """As these programs say it."""
    own(tmp_path, monkeypatch, rauc=f"echo '{said}'")
    assert tools.version("rauc") == version
