"""Reading a bundle: its descriptor, what is refused on opening it, and large files in chunks."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.base.errors import (
    BundleDamaged,
    BundleExpired,
    BundleManifestError,
    BundleTooLarge,
    BundleTooNew,
)
from gonogo.engines.bundles.bundle_file import CHUNK_BYTES
from gonogo.engines.bundles.header import HEADER_BYTES, MAX_BUNDLE_BYTES
from gonogo.engines.bundles.manifest import MB, PNG_SIGNATURE
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.tests.descriptors import descriptors
from gonogo.tests.engines.bundles.parcels import (
    HEF,
    MADE,
    POLICY,
    for_hailo,
    forge,
    make,
    manifest_end,
)

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.engines.bundles.policy import Policy


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A sound one."""
    return make(tmp_path)


# -- the descriptor ----------------------------------------------------------------------


def test_bundle_lets_its_file_go_and_no_other(bundle: Path) -> None:
    """At the end of `with`, and when it is closed once more after somebody took its number."""
    before = descriptors()
    with Bundle(bundle, POLICY) as found:
        assert descriptors() > before
    assert descriptors() == before
    other = os.open(bundle, os.O_RDONLY)
    found.close()
    found.close()
    for fd in (0, 1, 2, other):
        os.fstat(fd)  # is still there
    os.close(other)


def test_bundle_that_is_refused_leaves_no_descriptor(bundle: Path) -> None:
    """Whatever it was refused for: a stick with a thousand bad ones must not use them up."""
    before = descriptors()
    os.truncate(bundle, bundle.stat().st_size - 1)
    with pytest.raises(BundleDamaged):
        Bundle(bundle, POLICY)
    assert descriptors() == before


def test_bundle_lets_descriptor_0_go_too(bundle: Path) -> None:
    """The first that is free in a process whose standard input is closed."""
    kept = os.dup(0)
    os.close(0)
    try:
        with Bundle(bundle, POLICY) as found:
            assert found.file.fileno() == 0
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(0)
    finally:
        os.dup2(kept, 0)
        os.close(kept)


def test_bundle_is_not_handed_to_child_processes(bundle: Path) -> None:
    """And opening it never waits."""
    with Bundle(bundle, POLICY) as found:
        assert not os.get_inheritable(found.file.fileno())
        assert not os.get_blocking(found.file.fileno())


# -- chunks ------------------------------------------------------------------------------


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Of more than one chunk."""
    rows = np.arange(300 * 1000, dtype=np.float32).reshape(300, 1000)
    return make(tmp_path, embeddings=rows)


@pytest.mark.parametrize("start", [0, 1, MB, MB + 7])
def test_chunks_are_the_rest_of_the_file_a_megabyte_at_a_time(large: Path, start: int) -> None:
    """From any place; the last one is what is left."""
    raw = large.read_bytes()
    assert CHUNK_BYTES == MB < len(raw) < 2 * MB
    with Bundle(large, POLICY) as found:
        chunks = list(found.chunks(start))
    assert b"".join(chunks) == raw[start:]
    assert [len(chunk) for chunk in chunks[:-1]] == [MB] * (len(chunks) - 1)
    assert 0 < len(chunks[-1]) <= MB


def test_bundle_checks_the_second_megabyte_of_a_file_too(large: Path) -> None:
    """Its last byte, here: the digest is of the whole file."""
    raw = bytearray(large.read_bytes())
    raw[-1] ^= 1
    large.write_bytes(raw)
    with pytest.raises(BundleDamaged, match="was changed or damaged"):
        Bundle(large, POLICY)
    raw[-1] ^= 1
    large.write_bytes(raw)
    with Bundle(large, POLICY) as found:
        assert found.embeddings()[-1, -1] == 299_999.0
        assert found.embeddings().shape == (300, 1000)


# -- what is refused while it is opened ----------------------------------------------------


def test_bundle_that_was_cut_off_says_how_long_it_should_be(bundle: Path) -> None:
    """So that whoever copied it sees how much is missing."""
    size = bundle.stat().st_size
    os.truncate(bundle, size - 5)
    with pytest.raises(BundleDamaged, match=f"cut off: expected {size} bytes, got {size - 5}"):
        Bundle(bundle, POLICY)


def test_bundle_is_checked_against_the_policy_while_it_is_opened(tmp_path: Path) -> None:
    """Expired, to the second; and by the clock that the policy has."""
    expires = MADE + timedelta(days=10)
    path = make(tmp_path, expires=expires)
    Bundle(path, POLICY._replace(now=expires - timedelta(seconds=1))).close()
    with pytest.raises(BundleExpired):
        Bundle(path, POLICY._replace(now=expires))


def test_bundle_whose_card_is_another_model_s_is_refused(tmp_path: Path) -> None:
    """Well signed: its maker mixed up two files."""
    path = make(tmp_path)
    raw = path.read_bytes()
    manifest = json.loads(raw[HEADER_BYTES : manifest_end(raw)])
    at, entry = entry_of(manifest, "card", manifest_end(raw))
    card = raw[at : at + entry["length"]]
    model = entry_of(manifest, "cpu", 0)[1]["sha256"].encode()
    assert model in card
    other = card.replace(model, model[1:] + model[:1])
    with pytest.raises(BundleManifestError, match=r"describes another model than .*; have it"):
        Bundle(with_file(path, "card", other), POLICY)


def test_bundle_for_an_accelerator_alone_has_a_card_of_its_only_model(tmp_path: Path) -> None:
    """As with a form for CPUs: limits and id are of one very file, and of no other."""
    path = for_hailo(tmp_path)
    with Bundle(path, POLICY) as found:
        assert found.manifest.find("cpu") is None
        assert found.section("hailo") == HEF
        assert found.manifest.model.name == "hailo.hef"
        assert found.manifest.engine_id == found.card.engine_id
    raw = path.read_bytes()
    at, entry = entry_of(json.loads(raw[HEADER_BYTES : manifest_end(raw)]), "card", 0)
    card = raw[manifest_end(raw) + at :][: entry["length"]]
    model = sha256(HEF).encode()
    with pytest.raises(BundleManifestError, match=r"card\.json describes another model than hailo"):
        Bundle(with_file(path, "card", card.replace(model, model[1:] + model[:1])), POLICY)


@pytest.mark.parametrize("policy", [POLICY, INSPECTION])
@pytest.mark.parametrize("unknown", ["role", "backend", "tomorrow", "format"])
def test_bundle_of_a_newer_gonogo_asks_for_that_one(
    tmp_path: Path, unknown: str, policy: Policy
) -> None:
    """Words of tomorrow are no damage: building it again would not help, an update does."""

    def change(manifest: dict[str, Any]) -> None:
        if unknown == "role":
            manifest["files"][1].update(role="device9", name="device9.bin")
        elif unknown == "backend":
            manifest["backends"].update(device9={})
        else:
            manifest[unknown] = "gonogo bundle 2"
        manifest["minimum_runtime"] = "99.0.0"

    with pytest.raises(BundleTooNew, match=r"wants gonogo 99\.0\.0 or newer, .* update gonogo"):
        Bundle(forge(make(tmp_path), change), policy)


@pytest.mark.parametrize(
    ("picture", "good"),
    [(PNG_SIGNATURE + b"pixels", True), (PNG_SIGNATURE, True), (b"x" + PNG_SIGNATURE, False)],
)
def test_bundle_whose_picture_is_none_is_refused(
    tmp_path: Path, picture: bytes, *, good: bool
) -> None:
    """Programs take it for one: it begins as a PNG does, or the bundle is not opened."""
    path = make(tmp_path, picture=PNG_SIGNATURE + b"pixels")
    with_file(path, "picture", picture.ljust(len(PNG_SIGNATURE + b"pixels"), b"."))
    if good:
        Bundle(path, POLICY).close()
    else:
        with pytest.raises(BundleManifestError, match="PNG"):
            Bundle(path, POLICY)


def test_bundle_whose_picture_is_shorter_than_a_signature_is_refused(tmp_path: Path) -> None:
    """Its own bytes are looked at, and nothing behind them."""
    path = make(tmp_path, picture=PNG_SIGNATURE)
    raw = path.read_bytes()

    def cut(manifest: dict[str, Any]) -> None:
        at, entry = entry_of(manifest, "picture", manifest_end(raw))
        assert at + len(PNG_SIGNATURE) == len(raw), "it is not the last file any more"
        entry["length"] -= 1
        entry["sha256"] = sha256(PNG_SIGNATURE[:-1])

    forge(path, cut)
    os.truncate(path, path.stat().st_size - 1)
    with pytest.raises(BundleManifestError, match="PNG"):
        Bundle(path, POLICY)


def test_bundle_may_be_as_large_as_the_limit_and_not_larger(bundle: Path) -> None:
    """At the limit is inside."""
    size = bundle.stat().st_size
    Bundle(bundle, POLICY, limit_bytes=size).close()
    with pytest.raises(BundleTooLarge, match=f"{size} bytes, expected at most {size - 1}"):
        Bundle(bundle, POLICY, limit_bytes=size - 1)
    assert MAX_BUNDLE_BYTES > MB


def sha256(content: bytes) -> str:
    """As the manifest has it."""
    return hashlib.sha256(content).hexdigest()


def entry_of(manifest: dict[str, Any], role: str, payload_at: int) -> tuple[int, dict[str, Any]]:
    """The entry of a role, and where its file begins."""
    (entry,) = [each for each in manifest["files"] if each["role"] == role]
    return payload_at + entry["offset"], entry


def with_file(path: Path, role: str, content: bytes) -> Path:
    """Another content of the same length in the place of a file, well signed."""
    raw = path.read_bytes()

    def change(manifest: dict[str, Any]) -> None:
        at, entry = entry_of(manifest, role, manifest_end(raw))
        assert entry["length"] == len(content)
        entry["sha256"] = sha256(content)
        path.write_bytes(raw[:at] + content + raw[at + len(content) :])

    return forge(path, change)
