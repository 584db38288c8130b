"""Whose releases are taken: keys, keys that were taken back, and the end of a release's time."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import KeyFileError, ReleaseExpired, ReleaseRevoked, ReleaseUntrusted
from gonogo.build.release.trust import INSPECTION, Trust, read_trust
from gonogo.tests.build.release.fabricated import facts
from gonogo.tests.build.release.parcels import MAKER, STRANGER

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.engines.bundles.keys import PrivateKey


def key_file(path: Path, key: PrivateKey) -> Path:
    """The public half in a file."""
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(f"{key.public.line}\n")
    return path


def test_trust_is_of_files_and_folders(tmp_path: Path) -> None:
    """Either, and of several."""
    key_file(tmp_path / "trust" / "maker.pub", MAKER)
    one = key_file(tmp_path / "stranger.pub", STRANGER)
    both = read_trust([tmp_path / "trust", one])
    both.check_signer(MAKER.public)
    both.check_signer(STRANGER.public)
    with pytest.raises(ReleaseUntrusted, match="and this box trusts"):
        read_trust([one]).check_signer(MAKER.public)


def test_without_trust_anybody_will_do_but_not_nobody() -> None:
    """An unsigned one only where it is asked for."""
    read_trust([]).check_signer(STRANGER.public)
    with pytest.raises(ReleaseUntrusted, match="nobody has signed it"):
        read_trust([]).check_signer(None)
    read_trust([], unsigned=True).check_signer(None)
    INSPECTION.check_signer(None)


def test_a_key_that_was_taken_back_is_no_stranger(tmp_path: Path) -> None:
    """Also where it still lies among those that are trusted."""
    key_file(tmp_path / "maker.pub", MAKER)
    key_file(tmp_path / "revoked" / "maker.pub", MAKER)
    with pytest.raises(ReleaseRevoked, match="a key that was taken back"):
        read_trust([tmp_path]).check_signer(MAKER.public)


def test_an_empty_folder_is_no_trust(tmp_path: Path) -> None:
    """It would be read as: nobody, and say so of each release."""
    with pytest.raises(KeyFileError, match=r"expected \*.pub files"):
        read_trust([tmp_path])


def test_a_release_may_end() -> None:
    """At its second; without an end never."""
    now = datetime(2026, 6, 1, tzinfo=timezone.utc)
    trust = Trust(now=now)
    trust.check_age(facts())
    trust.check_age(facts(expires=now + timedelta(seconds=1)))
    with pytest.raises(ReleaseExpired, match="it expired on 2026-06-01 00:00 UTC"):
        trust.check_age(facts(expires=now))
    INSPECTION.check_age(facts(expires=now))
