"""What was written is read back."""

from __future__ import annotations

import hashlib
import os
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import VerifyFailed
from gonogo.build.flash.disk import MIB
from gonogo.build.flash.verify import read_back, verify
from gonogo.tests.build.flash.boxes import empty_disk
from gonogo.tests.build.flash.cut import Through

if TYPE_CHECKING:
    from pathlib import Path


def test_every_byte_counts(tmp_path: Path) -> None:
    """The same bytes pass; one that differs, anywhere, does not."""
    data = os.urandom(5 * MIB)
    with closing(Through(empty_disk(tmp_path, 8))) as disk:
        disk.write(MIB, data)
        wanted = len(data), hashlib.sha256(data).hexdigest()
        told: list[int] = []
        verify(disk, MIB, wanted, "slot B", told.append)
        assert told[-1] == len(data)
        for at in (0, 3 * MIB, 5 * MIB - 1):
            disk.write(MIB + at, bytes([data[at] ^ 1]))
            with pytest.raises(VerifyFailed, match="slot B, at 1 MiB: read back"):
                verify(disk, MIB, data, "slot B", told.append)
            disk.write(MIB + at, data[at : at + 1])
        verify(disk, MIB, data, "slot B", told.append)


def test_a_disk_that_ends_too_early_has_another_hash(tmp_path: Path) -> None:
    """And does not keep the program waiting."""
    with closing(Through(empty_disk(tmp_path, 1))) as disk:
        found = read_back(disk, 0, 2 * MIB, lambda _: None)
    assert found == hashlib.sha256(bytes(MIB)).hexdigest()
