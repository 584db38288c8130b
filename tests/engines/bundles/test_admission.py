"""What is checked before a bundle is let in, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import (
    BundleDamaged,
    BundleError,
    BundleExpired,
    BundleManifestError,
    BundleUntrusted,
)
from gonogo.engines.bundles.admission import admit
from gonogo.engines.bundles.bundle_file import BundleFile
from gonogo.engines.bundles.header import HEADER_BYTES, MAX_BUNDLE_BYTES, header_of
from gonogo.tests.engines.bundles.parcels import (
    MADE,
    MAKER,
    POLICY,
    STRANGER,
    forge_raw,
    make,
    manifest_end,
)

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.engines.bundles.admission import Admitted
    from gonogo.engines.bundles.policy import Policy


def admitted(path: Path, policy: Policy = POLICY) -> Admitted:
    """What is let in, of a file that is closed again."""
    file = BundleFile(path, MAX_BUNDLE_BYTES)
    try:
        return admit(file, policy)
    finally:
        file.close()


def test_admit_lets_in_what_the_policy_takes(tmp_path: Path) -> None:
    """With its manifest as it was written, who has signed it, and its card."""
    path = make(tmp_path)
    raw = path.read_bytes()
    found = admitted(path)
    assert found.raw_manifest == raw[HEADER_BYTES : manifest_end(raw)]
    assert found.signer == MAKER.public
    assert found.card.engine_id == found.manifest.engine_id


def swap_signer(path: Path) -> Path:
    """Signed by somebody else, and not a word of JSON in the manifest."""
    raw, manifest = path.read_bytes(), b"{ no JSON"
    path.write_bytes(header_of(manifest, STRANGER).pack() + manifest + raw[manifest_end(raw) :])
    return path


def test_admit_parses_nothing_of_a_stranger(tmp_path: Path) -> None:
    """Refused for who signed it; the same bytes of the maker, for what they say."""
    with pytest.raises(BundleUntrusted):
        admitted(swap_signer(make(tmp_path)))
    with pytest.raises(BundleManifestError):
        admitted(forge_raw(make(tmp_path), b"{ no JSON"))


def break_payload(path: Path) -> None:
    """One bit of its last file."""
    raw = path.read_bytes()
    path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))


@pytest.mark.parametrize(
    ("policy", "error"),
    [
        (POLICY._replace(trusted=(STRANGER.public,)), BundleUntrusted),
        (POLICY._replace(now=MADE.replace(year=2020)), BundleExpired),
        (POLICY, BundleDamaged),
    ],
)
def test_admit_says_first_what_is_wrong_first(
    tmp_path: Path, policy: Policy, error: type[BundleError]
) -> None:
    """Damaged it is in any case: whom it is from and its age are asked before it is read whole."""
    path = make(tmp_path)
    break_payload(path)
    with pytest.raises(BundleError) as caught:
        admitted(path, policy)
    assert type(caught.value) is error


def test_admit_asks_the_size_before_any_digest(tmp_path: Path) -> None:
    """What was appended is named, though a file before it is damaged as well."""
    path = make(tmp_path)
    break_payload(path)
    with path.open("ab") as file:
        file.write(b"more")
    with pytest.raises(BundleDamaged, match="something was appended"):
        admitted(path)
