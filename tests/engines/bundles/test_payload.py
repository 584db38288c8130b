"""The files in a bundle: as the manifest has them, or not handed out."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import BundleDamaged
from gonogo.engines.bundles.bundle_file import CHUNK_BYTES, BundleFile
from gonogo.engines.bundles.manifest import FileEntry
from gonogo.engines.bundles.payload import Payload

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEAD = b"head"
MODEL, CARD = b"m" * (CHUNK_BYTES + 5), b"card"


def entry(role: str, offset: int, content: bytes) -> FileEntry:
    """As a manifest has it."""
    name = {"cpu": "cpu.onnx", "card": "card.json"}[role]
    sha256 = hashlib.sha256(content).hexdigest()
    place = {"offset": offset, "length": len(content)}
    return FileEntry.model_validate({"name": name, "role": role, "sha256": sha256, **place})


THE_MODEL, THE_CARD = entry("cpu", 0, MODEL), entry("card", len(MODEL), CARD)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two files behind four bytes."""
    made = tmp_path / "bolt.gng"
    made.write_bytes(HEAD + MODEL + CARD)
    return made


@pytest.fixture
def payload(path: Path) -> Iterator[Payload]:
    """Of that file."""
    file = BundleFile(path, 10 * CHUNK_BYTES)
    yield Payload(file, len(HEAD))
    file.close()


def flip(path: Path, at: int) -> None:
    """Change one bit in place."""
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    with path.open("r+b") as file:
        file.write(raw)


def test_payload_gives_what_was_bundled(payload: Payload) -> None:
    """Each file its own bytes."""
    payload.check_size(len(MODEL + CARD))
    payload.check(THE_MODEL)
    assert payload.content(THE_MODEL) == MODEL
    assert payload.content(THE_CARD) == CARD


def test_payload_ends_where_its_last_file_ends(payload: Payload) -> None:
    """Nothing is missing, and nothing hides behind it."""
    size = len(HEAD + MODEL + CARD)
    with pytest.raises(BundleDamaged, match=f"cut off: expected {size + 1} bytes, got {size}"):
        payload.check_size(len(MODEL + CARD) + 1)
    with pytest.raises(BundleDamaged, match=f"expected {size - 1} bytes, got {size}: something"):
        payload.check_size(len(MODEL + CARD) - 1)


@pytest.mark.parametrize("at", [0, CHUNK_BYTES - 1, CHUNK_BYTES, len(MODEL) - 1])
def test_payload_notices_one_bit(payload: Payload, path: Path, at: int) -> None:
    """In the first chunk or the last, checked or handed out; the other file is as it was."""
    flip(path, len(HEAD) + at)
    for check in (payload.check, payload.content):
        with pytest.raises(BundleDamaged, match=r"its file cpu\.onnx was changed or damaged"):
            check(THE_MODEL)
    assert payload.content(THE_CARD) == CARD


def test_payload_checks_again_what_it_hands_out(payload: Payload, path: Path) -> None:
    """Written into between check and use."""
    payload.check(THE_CARD)
    flip(path, len(HEAD + MODEL))
    with pytest.raises(BundleDamaged):
        payload.content(THE_CARD)


def test_payload_s_beginning_of_a_file_is_none_of_the_next(payload: Payload) -> None:
    """A short file gives less than was wanted."""
    assert payload.beginning(THE_CARD, 2) == b"ca"
    assert payload.beginning(THE_CARD, 4) == CARD
    short = entry("cpu", 0, b"mm")
    assert payload.beginning(short, 8) == b"mm"
