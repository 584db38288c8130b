"""What a box takes: of what age, for which gonogo, how large."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import BundleExpired, BundleTooLarge, BundleTooNew
from gonogo.engines.bundles.policy import CLOCKS_DIFFER, INSPECTION, Policy
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.bundles.version import running
from gonogo.tests.engines.bundles.parcels import MADE, MAKER, NOW, POLICY, make

if TYPE_CHECKING:
    from pathlib import Path

SECOND = timedelta(seconds=1)
EXPIRES = MADE + timedelta(days=365)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """One that expires after a year, and wants gonogo 0.9.3."""
    return make(tmp_path, expires=EXPIRES, minimum_runtime="0.9.3")


def test_policy_takes_a_bundle_until_its_very_last_second(bundle: Path) -> None:
    """And not one longer."""
    Bundle(bundle, POLICY._replace(now=EXPIRES - SECOND)).close()
    with pytest.raises(BundleExpired, match=r"expired on 2027-03-01 12:00 UTC.*check its clock"):
        Bundle(bundle, POLICY._replace(now=EXPIRES))


def test_policy_takes_no_bundle_from_the_future(bundle: Path) -> None:
    """A box whose clock begins in 1970 hears of it; some minutes between two clocks are usual."""
    Bundle(bundle, POLICY._replace(now=MADE - CLOCKS_DIFFER)).close()
    with pytest.raises(BundleExpired, match=r"made on 2026-03-01 12:00 UTC.*check its clock"):
        Bundle(bundle, POLICY._replace(now=MADE - CLOCKS_DIFFER - SECOND))


@pytest.mark.parametrize("runtime", ["0.9.3", "0.10.0", "1.0.0"])
def test_policy_takes_what_this_gonogo_is_new_enough_for(bundle: Path, runtime: str) -> None:
    """Numbers are compared as numbers."""
    Bundle(bundle, POLICY._replace(runtime=runtime)).close()


@pytest.mark.parametrize("runtime", ["0.9.2", "0.8.99", "0.0.0"])
def test_policy_refuses_what_wants_a_newer_gonogo(bundle: Path, runtime: str) -> None:
    """With both versions, and what to do."""
    with pytest.raises(BundleTooNew, match=rf"wants gonogo 0\.9\.3.*{runtime}; update"):
        Bundle(bundle, POLICY._replace(runtime=runtime))


def test_policy_refuses_what_needs_more_memory_than_there_is(bundle: Path) -> None:
    """Before it is loaded."""
    Bundle(bundle, POLICY._replace(memory_limit_mb=100)).close()
    with pytest.raises(BundleTooLarge, match="needs 100 MB of memory, expected at most 99 MB"):
        Bundle(bundle, POLICY._replace(memory_limit_mb=99))


def test_policy_for_inspection_takes_whatever_is_whole(bundle: Path) -> None:
    """To show a bundle is not to use it."""
    with Bundle(bundle, INSPECTION) as found:
        assert found.manifest.expires == EXPIRES


def test_policy_is_by_default_that_of_the_gonogo_that_runs(tmp_path: Path) -> None:
    """A bundle that is made here can be used here."""
    policy = Policy(NOW, (MAKER.public,))
    Bundle(make(tmp_path, minimum_runtime=None), policy).close()
    assert policy.runtime == running()
