"""What `[engines]` says, as a policy for bundles."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import KeyFileError
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.bundles.version import running
from gonogo.tests.engines.bundles.parcels import MAKER
from gonogo.tests.engines.serving.places import section

if TYPE_CHECKING:
    from pathlib import Path


def test_policy_of_a_section_is_what_it_says_now(tmp_path: Path) -> None:
    """Its keys, read from their files; the time of day; the gonogo that runs."""
    policy = policy_of(section(tmp_path, memory_mb=321))
    assert policy.trusted == (MAKER.public,)
    assert (policy.unsigned, policy.memory_limit_mb) == (False, 321)
    assert policy.runtime == running()
    assert policy.now is not None
    assert timedelta() <= datetime.now(timezone.utc) - policy.now < timedelta(hours=1)


def test_policy_of_a_section_without_keys_trusts_nobody(tmp_path: Path) -> None:
    """Nobody is not anybody (`None`); whether unsigned ones are taken is a word of its own."""
    policy = policy_of(section(tmp_path, trust=(), allow_unsigned=True))
    assert policy.trusted == ()
    assert policy.unsigned


def test_policy_of_a_section_with_a_key_that_is_none_says_so(tmp_path: Path) -> None:
    """Rather than trust one less."""
    (tmp_path / "wrong.pub").write_text("no key")
    with pytest.raises(KeyFileError, match=r"wrong\.pub"):
        policy_of(section(tmp_path, trust=(tmp_path / "wrong.pub",)))
