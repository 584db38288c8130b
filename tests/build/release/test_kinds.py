"""What a file seems to be that is no release."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ReleaseCut, ReleaseOther
from gonogo.build.release.kinds import what_else
from gonogo.engines.bundles.bundle_file import BundleFile
from gonogo.engines.bundles.header import MAGIC

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.errors import ReleaseError

SQUASHFS = struct.pack("<4s36xQ", b"hsqs", 5000).ljust(8192, b"\0")


def said_of(folder: Path, data: bytes) -> ReleaseError:
    """What is said of such a file."""
    path = folder / "it"
    path.write_bytes(data)
    file = BundleFile(path, 1 << 20)
    try:
        return what_else(file)
    finally:
        file.close()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (MAGIC + b"more", "the bundle of an engine: `gonogo engines install` takes it"),
        (b"PK\x03\x04more", "a zip archive"),
        (b"\x7fELF", "a program"),
        (b"hello", "neither begins nor ends as one"),
        (SQUASHFS + b"a bundle of RAUC ends otherwise", "of another product"),
    ],
)
def test_other_files_are_named(tmp_path: Path, data: bytes, said: str) -> None:
    """As what they seem to be."""
    error = said_of(tmp_path, data)
    assert isinstance(error, ReleaseOther)
    assert said in str(error)


@pytest.mark.parametrize(
    "data", [b"", b"hsqs", SQUASHFS[:4096], SQUASHFS, SQUASHFS + b'{\n "format": "gonogo rel']
)
def test_a_part_of_a_release_is_cut_off(tmp_path: Path, data: bytes) -> None:
    """Wherever it ended."""
    assert isinstance(said_of(tmp_path, data), ReleaseCut)
