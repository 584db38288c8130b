"""Whose signature a version bears, found out in a thread."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gonogo.engines.loading.checks import Checked
from gonogo.engines.loading.signers import Signers
from gonogo.tests.engines.bundles.parcels import MAKER
from gonogo.tests.engines.loading.stage import WAIT_S, install, section_of

if TYPE_CHECKING:
    from pathlib import Path


def known(signers: Signers, name: str, version: str) -> str:
    """Once the thread has read it."""
    end_s = time.monotonic() + WAIT_S
    while not (found := signers.of(name, version)):
        assert time.monotonic() < end_s
        time.sleep(0.001)
    return found


def test_signers_of_what_is_held_are_read(tmp_path: Path) -> None:
    """Of every slot; of a version that nobody holds nothing is known."""
    section = section_of(tmp_path)
    install(tmp_path, section, "1.0.0", "1.1.0", "1.2.0")
    paths = [section.folder / "bolt" / each / "bundle.gng" for each in ("1.0.0", "1.1.0")]
    signers = Signers(section, [{"bolt": path} for path in paths])
    for version in ("1.0.0", "1.1.0"):
        assert known(signers, "bolt", version) == MAKER.public.fingerprint
    assert signers.of("bolt", "1.2.0") == ""


def test_signer_of_a_bundle_that_cannot_be_read_is_nobody(tmp_path: Path) -> None:
    """Its host says what is wrong with it; the others are known all the same."""
    section = section_of(tmp_path)
    install(tmp_path, section, "1.0.0", "1.1.0")
    paths = [section.folder / "bolt" / each / "bundle.gng" for each in ("1.0.0", "1.1.0")]
    paths[0].write_bytes(b"")
    signers = Signers(section, [{"bolt": path} for path in paths])
    assert known(signers, "bolt", "1.1.0")
    assert signers.of("bolt", "1.0.0") == ""


def test_signer_of_a_checked_version_is_remembered(tmp_path: Path) -> None:
    """It was read anyway, and later than by the thread."""
    section = section_of(tmp_path)
    install(tmp_path, section, "1.0.0")
    path = section.folder / "bolt" / "1.0.0" / "bundle.gng"
    signers = Signers(section, [{"bolt": path}])
    signers.remember(Checked("bolt", "1.0.0", path, "abc", ""))
    signers.remember(Checked("nut", "1.0.0", path, "def", ""))
    assert known(signers, "nut", "1.0.0") == "def"
    end_s = time.monotonic() + 0.05
    while time.monotonic() < end_s:  # also once the thread has ended
        assert signers.of("bolt", "1.0.0") == "abc"
