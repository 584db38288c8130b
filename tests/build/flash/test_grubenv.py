"""GRUB's environment block, held against GRUB's own program."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.errors import TargetUnfit
from gonogo.build.flash.grubenv import BYTES, SIGNATURE, edited, parse
from gonogo.tests.build.flash.boxes import run

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = (SIGNATURE + b"ORDER=A B\nA_OK=1\nA_TRY=0\n").ljust(BYTES, b"#")
NAMES = st.sampled_from(["ORDER", "A_OK", "A_TRY", "B_OK", "B_TRY", "saved_entry"])
VALUES = st.text(alphabet="AB01 ", max_size=8).map(str.strip)


@given(st.dictionaries(NAMES, VALUES))
def test_what_is_edited_is_read_and_the_rest_stays(changes: dict[str, str]) -> None:
    """In a block of the same size, and all of it in the first sector."""
    block = edited(BLOCK, changes)
    assert parse(block) == {**parse(BLOCK), **changes}
    assert len(block) == BYTES
    assert block[512:] == b"#" * 512


@pytest.mark.skipif(shutil.which("grub-editenv") is None, reason="not installed: grub-editenv")
def test_grub_reads_what_is_edited_and_we_read_what_grub_writes(tmp_path: Path) -> None:
    """Its own block, with its two lines of comment."""
    file = tmp_path / "grubenv"
    run("grub-editenv", file, "create")
    run("grub-editenv", file, "set", "ORDER=A B", "A_OK=1")
    assert parse(file.read_bytes()) == {"ORDER": "A B", "A_OK": "1"}
    comments = file.read_bytes().split(b"ORDER")[0]
    file.write_bytes(edited(file.read_bytes(), {"ORDER": "B A", "B_TRY": "0"}))
    assert run("grub-editenv", file, "list").splitlines() == ["ORDER=B A", "A_OK=1", "B_TRY=0"]
    assert file.read_bytes().startswith(comments)
    run("grub-editenv", file, "set", "B_OK=1")
    assert parse(file.read_bytes())["B_OK"] == "1"


@pytest.mark.parametrize("block", [b"", BLOCK[:-1], b"#" * BYTES, BLOCK + b"#"])
def test_what_is_no_such_block_is_refused(block: bytes) -> None:
    """By its length, or its first line."""
    with pytest.raises(TargetUnfit, match="expected 1024 bytes"):
        parse(block)


def test_more_than_a_sector_of_variables_is_refused() -> None:
    """Such a block could be torn."""
    with pytest.raises(TargetUnfit, match="expected at most 512"):
        edited(BLOCK, {"long": "x" * 500})
