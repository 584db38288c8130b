"""A bundle that was damaged, forged or swapped is refused, whatever was done to it."""

from __future__ import annotations

import os
import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.errors import (
    BundleDamaged,
    BundleError,
    BundleTooLarge,
    BundleTooNew,
    BundleUntrusted,
)
from gonogo.engines.bundles.header import (
    HEADER_BYTES,
    MAGIC,
    MAX_BUNDLE_BYTES,
    MAX_MANIFEST_BYTES,
    Header,
    header_of,
    parse_header,
)
from gonogo.engines.bundles.manifest import PNG_SIGNATURE
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.tests.engines.bundles.parcels import (
    MAKER,
    POLICY,
    STRANGER,
    frames,
    make,
    manifest_end,
)

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.engines.bundles.policy import Policy

UNSIGNED = POLICY._replace(unsigned=True)
SIGNER, SIGNATURE = 48, 80  # in the header
HEADER_ERRORS = (BundleDamaged, BundleTooNew, BundleTooLarge, BundleUntrusted)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A sound one."""
    return make(tmp_path)


def refused(path: Path, policy: Policy = POLICY) -> BundleError:
    """Why it is refused."""
    with pytest.raises(BundleError) as caught:
        Bundle(path, policy)
    assert caught.value.code in range(320, 330)
    return caught.value


def test_bundle_gives_back_what_was_put_into_it(tmp_path: Path) -> None:
    """Model, card, proof, histogram, picture, frames and embeddings, to the last bit."""
    rows = np.arange(6, dtype=np.float32).reshape(2, 3) / 7
    picture, histogram = PNG_SIGNATURE + b"pixels", {"counts": [1, 2]}
    changes: dict[str, Any] = {"embeddings": rows, "histogram": histogram, "picture": picture}
    path = make(tmp_path, proof={"rank": 0.99}, **changes)
    with Bundle(path, POLICY) as found:
        assert found.section("cpu") == (tmp_path / "bolt.onnx").read_bytes()
        assert found.card.engine_id == found.manifest.engine_id
        assert found.document("proof") == {"rank": 0.99}
        assert found.document("histogram") == histogram
        assert found.section("picture") == picture
        np.testing.assert_array_equal(found.self_test_frames(), np.array(frames()))
        np.testing.assert_array_equal(found.embeddings(), rows)
        assert found.signer == MAKER.public
        assert b"".join(found.chunks()) == path.read_bytes()
        with pytest.raises(BundleError, match="holds no file of role tensorrt"):
            found.section("tensorrt")
        found.close()


def flip(path: Path, at: int, mask: int) -> None:
    """Change one byte in place; the same again restores it."""
    with path.open("r+b") as file:
        file.seek(at)
        (byte,) = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ mask]))


@pytest.mark.parametrize("signed", [True, False])
def test_bundle_with_any_one_byte_changed_is_refused(tmp_path: Path, signed: bool) -> None:  # noqa: FBT001 - a parameter
    """Every byte of header, signature, manifest and every file of the payload."""
    path = make(tmp_path, key=MAKER if signed else None, proof={"rank": 0.99})
    raw = path.read_bytes()
    for at in range(len(raw)):
        flip(path, at, 1 << at % 8)
        error = refused(path, UNSIGNED)
        if at >= HEADER_BYTES:
            assert type(error) is BundleDamaged
        elif at >= SIGNER:
            assert type(error) is BundleUntrusted
        else:
            assert type(error) in HEADER_ERRORS
        flip(path, at, 1 << at % 8)
    Bundle(path, UNSIGNED).close()


def test_bundle_cut_off_anywhere_is_refused(bundle: Path) -> None:
    """At every length, from nothing to all but the last byte."""
    raw = bundle.read_bytes()
    for length in range(len(raw) - 1, -1, -1):
        os.truncate(bundle, length)
        assert type(refused(bundle)) is BundleDamaged


@pytest.mark.parametrize("more", [b"\0", b"x" * 100_000])
def test_bundle_with_something_appended_is_refused(bundle: Path, more: bytes) -> None:
    """Nothing may travel along that the manifest does not know."""
    bundle.write_bytes(bundle.read_bytes() + more)
    assert "appended" in str(refused(bundle))


def test_bundle_that_went_through_a_text_transfer_is_told_apart(bundle: Path) -> None:
    """The magic number shows it, as it does in PNG files."""
    bundle.write_bytes(bundle.read_bytes().replace(b"\r\n", b"\n"))
    assert "copied as text" in str(refused(bundle))


def test_bundle_of_a_later_format_asks_for_an_update(bundle: Path) -> None:
    """Format 2 may mean anything."""
    raw = bytearray(bundle.read_bytes())
    raw[len(MAGIC)] = 2
    bundle.write_bytes(raw)
    assert type(refused(bundle)) is BundleTooNew


def test_bundle_by_a_stranger_is_refused(tmp_path: Path) -> None:
    """A good signature by a key that this box does not trust, unless it trusts anybody."""
    path = make(tmp_path, key=STRANGER)
    error = refused(path)
    assert type(error) is BundleUntrusted
    assert STRANGER.public.fingerprint in str(error)
    assert MAKER.public.fingerprint in str(error)
    with Bundle(path, POLICY._replace(trusted=None)) as found:
        assert found.signer == STRANGER.public
    assert type(refused(path, POLICY._replace(trusted=()))) is BundleUntrusted


def test_bundle_with_a_trusted_name_on_a_strangers_signature_is_refused(tmp_path: Path) -> None:
    """The maker's public key is public: putting it into the header proves nothing."""
    path = make(tmp_path, key=STRANGER)
    raw = bytearray(path.read_bytes())
    raw[SIGNER:SIGNATURE] = MAKER.public.raw
    path.write_bytes(raw)
    assert "changed after signing" in str(refused(path))


def test_bundle_without_signature_is_refused_unless_asked_for(tmp_path: Path) -> None:
    """Taking the signature off a signed one makes it an unsigned one."""
    path = make(tmp_path)
    raw = bytearray(path.read_bytes())
    raw[SIGNER:HEADER_BYTES] = bytes(HEADER_BYTES - SIGNER)
    path.write_bytes(raw)
    assert type(refused(path)) is BundleUntrusted
    assert type(refused(path, POLICY._replace(trusted=None))) is BundleUntrusted
    with Bundle(path, UNSIGNED) as found:
        assert found.signer is None


def test_bundle_replaced_on_the_disk_after_the_check_stays_what_was_checked(
    tmp_path: Path, bundle: Path
) -> None:
    """Only the descriptor is used: by rename, and by removal, the path comes to name nothing."""
    with Bundle(bundle, POLICY) as found:
        before = found.section("cpu"), b"".join(found.chunks())
        make(tmp_path, "other.gng", key=STRANGER, note="another").replace(bundle)
        assert (found.section("cpu"), b"".join(found.chunks())) == before
        bundle.unlink()
        assert (found.section("cpu"), b"".join(found.chunks())) == before


def test_bundle_changed_in_place_after_the_check_is_refused_at_use(bundle: Path) -> None:
    """What is handed out is checked in the very memory that is handed out."""
    with Bundle(bundle, POLICY) as found:
        at = manifest_end(bundle.read_bytes()) + found.manifest.entry("cpu").offset
        flip(bundle, at, 1)
        with pytest.raises(BundleDamaged, match=r"cpu\.onnx was changed"):
            found.section("cpu")
        flip(bundle, at, 1)
        os.truncate(bundle, at + 1)
        with pytest.raises(BundleDamaged, match="cut off while"):
            found.section("cpu")
        with pytest.raises(BundleDamaged, match="cut off while"):
            list(found.chunks())


def test_bundle_that_claims_much_makes_nobody_allocate_it(bundle: Path) -> None:
    """Bounds come before memory: a header may say anything."""
    raw = bundle.read_bytes()
    header = parse_header(raw[:HEADER_BYTES])
    tracemalloc.start()
    try:
        for claim in (MAX_MANIFEST_BYTES, MAX_MANIFEST_BYTES + 1, (1 << 32) - 1):
            bundle.write_bytes(header._replace(manifest_bytes=claim).pack() + raw[HEADER_BYTES:])
            assert type(refused(bundle)) in {BundleDamaged, BundleTooLarge}
        bundle.write_bytes(raw)
        os.truncate(bundle, MAX_BUNDLE_BYTES + 1)
        assert type(refused(bundle)) is BundleTooLarge
        assert tracemalloc.get_traced_memory()[1] < MAX_MANIFEST_BYTES
    finally:
        tracemalloc.stop()


def test_bundle_must_be_a_file_that_may_be_read(tmp_path: Path) -> None:
    """No file, a folder, a pipe that nobody writes to, a path that cannot be."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "none.gng", tmp_path, tmp_path / "pipe", tmp_path / "a\0b"):
        assert type(refused(path)) is BundleError


def test_header_survives_packing() -> None:
    """Bytes to values and back."""
    header = header_of(b"manifest", MAKER)
    assert parse_header(header.pack()) == header
    assert header.signed
    assert not Header(8, bytes(32)).signed


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for hypothesis."""
    return tmp_path_factory.mktemp("random")


@given(raw=st.binary(max_size=400), magic=st.booleans())
def test_bundle_of_random_bytes_is_refused(scratch: Path, raw: bytes, magic: bool) -> None:  # noqa: FBT001 - drawn
    """Never anything but a BundleError, with and without the magic number."""
    path = scratch / "random.gng"
    path.write_bytes((MAGIC + b"\1\0\0\0" if magic else b"") + raw)
    refused(path, INSPECTION)


@given(manifest=st.binary(max_size=300) | st.text(max_size=300).map(str.encode), tail=st.binary())
def test_bundle_with_a_random_manifest_is_refused(
    scratch: Path, manifest: bytes, tail: bytes
) -> None:
    """Under a good signature, so that it comes to be read."""
    path = scratch / "manifest.gng"
    path.write_bytes(header_of(manifest, MAKER).pack() + manifest + tail)
    refused(path)
