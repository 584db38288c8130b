"""One installed version is opened, and nothing else under its name."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import BundleManifestError, BundleUntrusted, EngineNotInstalled
from gonogo.engines.installed.layout import Layout
from gonogo.engines.installed.opening import open_version
from gonogo.tests.descriptors import nothing_left_open
from gonogo.tests.engines.bundles.parcels import POLICY, STRANGER, make

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def at(tmp_path: Path) -> Layout:
    """One version of bolt, put there by hand."""
    layout = Layout(tmp_path / "engines")
    place = layout.root / "bolt" / "1.0.0"
    place.mkdir(parents=True)
    shutil.copy(make(tmp_path, version="1.0.0"), place / "bundle.gng")
    return layout


def test_version_is_opened_by_its_name(at: Layout) -> None:
    """Checked, with its manifest; open until it is closed."""
    with open_version(at, "bolt", "1.0.0", POLICY) as bundle:
        assert (bundle.manifest.name, bundle.manifest.version) == ("bolt", "1.0.0")
        assert bundle.path == at.root / "bolt" / "1.0.0" / "bundle.gng"
        assert bundle.section("cpu")


def test_version_that_is_not_there_is_not_opened(at: Layout) -> None:
    """Nor one whose name leads elsewhere."""
    for name, version in (("bolt", "2.0.0"), ("nut", "1.0.0"), ("..", "1.0.0")):
        with pytest.raises(EngineNotInstalled):
            open_version(at, name, version, POLICY)


def test_policy_counts_for_what_is_installed_too(at: Layout, tmp_path: Path) -> None:
    """Somebody has put a stranger's in its place."""
    path = at.bundle("bolt", "1.0.0")
    shutil.copy(make(tmp_path, "other.gng", version="1.0.0", key=STRANGER), path)
    with pytest.raises(BundleUntrusted):
        open_version(at, "bolt", "1.0.0", POLICY)


def test_another_version_in_its_place_is_refused_and_closed(at: Layout, tmp_path: Path) -> None:
    """A refusal uses up no descriptor."""
    shutil.copy(make(tmp_path, "other.gng", version="1.1.0"), at.bundle("bolt", "1.0.0"))
    refused = pytest.raises(BundleManifestError, match=r"is bolt 1\.1\.0, expected bolt 1\.0\.0")
    with nothing_left_open(), refused:
        open_version(at, "bolt", "1.0.0", POLICY)
