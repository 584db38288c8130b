"""Sealed files: what a rule measures by is what was made, and was made for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ImageFileError
from gonogo.rules.seal import read_sealed, seal_path, write_sealed

if TYPE_CHECKING:
    from pathlib import Path

CONTENT, PURPOSE = b"sixteen pixels..", "template in roi all"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with its seal."""
    made = tmp_path / "learnt" / "x.png"
    write_sealed(made, CONTENT, PURPOSE)
    return made


def flipped(path: Path) -> list[bytes]:
    """The file with each of its bits flipped, one at a time."""
    whole = path.read_bytes()
    return [
        whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]
        for at in range(len(whole))
        for bit in range(8)
    ]


def test_sealed_file_is_read_back(path: Path) -> None:
    """As often as anybody asks, and again after it was made again."""
    assert read_sealed(path, PURPOSE) == CONTENT
    write_sealed(path, b"other", PURPOSE)
    assert read_sealed(path, PURPOSE) == b"other"


def test_sealed_file_with_any_bit_flipped_is_refused(path: Path) -> None:
    """A picture still decodes with a pixel of another grey."""
    for damaged in flipped(path):
        path.write_bytes(damaged)
        with pytest.raises(ImageFileError, match="not as it was made"):
            read_sealed(path, PURPOSE)


def test_seal_with_any_bit_flipped_is_refused_or_says_the_same(path: Path) -> None:
    """Only white space may become other white space."""
    taken = 0
    for damaged in flipped(seal_path(path)):
        seal_path(path).write_bytes(damaged)
        try:
            assert read_sealed(path, PURPOSE) == CONTENT
        except ImageFileError:
            continue
        taken += 1
    assert taken < 20


def test_sealed_file_is_refused_for_another_purpose(path: Path) -> None:
    """Learnt for another region: its pixels mean something else."""
    with pytest.raises(ImageFileError, match=r"made for another .*template in roi all.*golden"):
        read_sealed(path, "golden")


@pytest.mark.parametrize("missing", ["file", "seal"])
def test_sealed_file_without_either_is_refused(path: Path, missing: str) -> None:
    """The one that is missing is named."""
    gone = path if missing == "file" else seal_path(path)
    gone.unlink()
    with pytest.raises(ImageFileError, match=f"{gone.name}: cannot be read"):
        read_sealed(path, PURPOSE)


@pytest.mark.parametrize("text", ["", "[]", "7", "null", '{"purpose": 7}', "{" * 5000, "\xff"])
def test_seal_that_is_none_is_refused(path: Path, text: str) -> None:
    """Whatever stands there."""
    seal_path(path).write_bytes(text.encode("latin-1"))
    with pytest.raises(ImageFileError, match="not as it was made"):
        read_sealed(path, PURPOSE)


def test_seal_of_another_file_is_refused(path: Path) -> None:
    """Copied from beside another template, or with its hash put right but not its digest."""
    other = path.with_name("y.png")
    write_sealed(other, b"another file....", PURPOSE)
    mine, theirs = (json.loads(seal_path(each).read_bytes()) for each in (path, other))
    for told in (theirs, mine | {"sha256": theirs["sha256"]}):
        seal_path(path).write_text(json.dumps(told))
        with pytest.raises(ImageFileError, match="not as it was made"):
            read_sealed(path, PURPOSE)
