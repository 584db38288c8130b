"""What is refused of the file of a release, each with its own number and sentence."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import (
    ReleaseCut,
    ReleaseDamaged,
    ReleaseError,
    ReleaseManifestError,
    ReleaseOther,
    ReleaseTooNew,
    ReleaseUntrusted,
)
from gonogo.build.release.footer import TRAILER_BYTES, trailer_of
from gonogo.build.release.read import Release
from gonogo.build.release.trust import INSPECTION, Trust
from gonogo.tests.build.release.fabricated import IMAGE, facts, raw_manifest, whole, written
from gonogo.tests.build.release.parcels import MAKER

if TYPE_CHECKING:
    from collections.abc import Iterator

ONLY_MAKER = Trust(trusted=(MAKER.public,))
RAW = raw_manifest()
END = len(IMAGE) + len(RAW)
OPEN = Path("/proc/self/fd")


def refused(path: Path, trust: Trust = ONLY_MAKER, target: str | None = None) -> ReleaseError:
    """Why it is not taken; its file is closed again."""
    open_before = len(list(OPEN.iterdir()))
    with pytest.raises(ReleaseError) as caught:
        Release(path, trust, target)
    assert str(path) in str(caught.value)
    assert len(list(OPEN.iterdir())) == open_before
    return caught.value


def test_a_whole_one_is_taken(tmp_path: Path) -> None:
    """With who signed it, for which box, and how long it is."""
    path = written(tmp_path)
    with Release(path, ONLY_MAKER, "x86_64-debian12") as release:
        assert release.signer == MAKER.public
        assert release.manifest.facts == facts()
        assert release.size_bytes == path.stat().st_size


def cuts() -> Iterator[int]:
    """Lengths at which a copy may have ended: in every section, at its edges, and at random."""
    yield from (0, 1, 3, 4, 47, 48, 4095, 8999, 9000, 9001, len(IMAGE) - 1, len(IMAGE))
    yield from (len(IMAGE) + 1, len(IMAGE) + 20, len(IMAGE) + 31, len(IMAGE) + 32, END - 1, END)
    yield from (END + 1, END + 32, END + 96, END + 128, END + TRAILER_BYTES - 1)
    yield from range(7, END, 997)


@pytest.mark.parametrize("length", sorted(set(cuts())))
def test_one_that_was_cut_off_says_so_wherever_that_was(tmp_path: Path, length: int) -> None:
    """As a full stick leaves it."""
    error = refused(written(tmp_path, whole()[:length]))
    assert isinstance(error, ReleaseCut if length not in {1, 3} else ReleaseOther)
    assert "copy it again" in str(error) or length in {1, 3}


def flips() -> Iterator[int]:
    """Bits of every section: the image, the manifest, each field of the trailer."""
    yield from (8 * at + at % 8 for at in range(0, len(IMAGE), 1021))
    yield from (8 * at + at % 8 for at in range(len(IMAGE), END, 97))
    yield from (8 * at + at % 8 for at in range(END, END + TRAILER_BYTES, 3))


@pytest.mark.parametrize("bit", list(flips()))
def test_one_flipped_bit_anywhere_is_refused(tmp_path: Path, bit: int) -> None:
    """Never taken; and damage of image and manifest is told from a forged signature."""
    data = bytearray(whole())
    data[bit // 8] ^= 1 << bit % 8
    error = refused(written(tmp_path, bytes(data)))
    at = bit // 8 - END
    if at < 0 or 96 <= at < 128:  # image, manifest, and its digest
        assert isinstance(error, ReleaseDamaged)
    elif at < 96:  # signer, signature
        assert isinstance(error, ReleaseUntrusted)
    else:  # length, format, zero, magic
        assert isinstance(error, (ReleaseDamaged, ReleaseTooNew, ReleaseCut))


def test_a_stranger_is_not_read(tmp_path: Path) -> None:
    """Whatever their manifest says."""
    raw = b"[" * 10_000
    path = written(tmp_path, IMAGE + raw + trailer_of(raw, MAKER).pack())
    assert isinstance(refused(path, Trust(trusted=())), ReleaseUntrusted)
    assert isinstance(refused(path), ReleaseManifestError)


def test_bytes_that_were_put_in_are_damage(tmp_path: Path) -> None:
    """Between image and manifest nothing may hide."""
    data = whole()
    path = written(tmp_path, data[: len(IMAGE)] + b"\0" + data[len(IMAGE) :])
    assert "bytes were added" in str(refused(path))
    path = written(tmp_path, data[1:])
    assert "bytes are missing" in str(refused(path))
    assert isinstance(refused(path), ReleaseCut)


def test_another_product_and_another_box_are_said(tmp_path: Path) -> None:
    """By the maker's own key."""
    other = whole(raw_manifest(facts(name="nogood")))
    error = refused(written(tmp_path, other))
    assert isinstance(error, ReleaseOther)
    assert "a release of nogood, expected one of gonogo" in str(error)
    error = refused(written(tmp_path), target="aarch64-debian12")
    assert isinstance(error, ReleaseOther)
    assert "made for x86_64-debian12, expected aarch64-debian12" in str(error)


def test_a_newer_format_wants_a_newer_gonogo(tmp_path: Path) -> None:
    """Whatever stands before it."""
    data = bytearray(b"of tomorrow" + whole())
    struct.pack_into("<H", data, len(data) - 12, 2)
    assert isinstance(refused(written(tmp_path, bytes(data))), ReleaseTooNew)


def test_a_manifest_of_nonsense_says_what_is_wrong(tmp_path: Path) -> None:
    """Signed, and still no release."""
    said = json.loads(RAW)
    said["facts"]["version"] = "one"
    error = refused(written(tmp_path, whole(json.dumps(said).encode())), INSPECTION)
    assert isinstance(error, ReleaseManifestError)
    assert "facts.version" in str(error)


def test_a_folder_and_a_file_that_is_not_there_are_said(tmp_path: Path) -> None:
    """And a file that is larger than any release."""
    assert "expected a release file (.gnr), got a folder" in str(refused(tmp_path))
    assert "No such file or directory" in str(refused(tmp_path / "gone.gnr"))
    huge = tmp_path / "huge.gnr"
    huge.touch()
    os.truncate(huge, 1 << 34)
    assert "is it a release?" in str(refused(huge))


def test_close_may_be_called_twice(tmp_path: Path) -> None:
    """The second time nothing is done."""
    release = Release(written(tmp_path), INSPECTION)
    release.close()
    release.close()
    assert release.fileno() < 0
