"""How a bundle comes into the folder: room, one content a version, a copy, its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.base.atomic_folder import FOLDERS
from gonogo.base.errors import BundleDamaged, EngineInUse, RegistryFull
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.installed.install import Site, free_bytes, install, make_root
from gonogo.engines.installed.layout import Layout
from gonogo.tests.engines.bundles.breaking import FailingFolders
from gonogo.tests.engines.bundles.parcels import POLICY, make


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A folder without engines, on a disk with room."""
    root = tmp_path / "engines"
    root.mkdir()
    return Site(Layout(root), 10, FOLDERS, free_bytes)


def bring(site: Site, path: Path) -> None:
    """Open it, and install it."""
    with Bundle(path, POLICY) as bundle:
        install(bundle, POLICY, site)


def names(site: Site) -> list[str]:
    """All that lies there."""
    root = site.at.root
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))


def test_install_puts_the_very_bytes_into_the_place_of_that_version(
    site: Site, tmp_path: Path
) -> None:
    """And leaves nothing beside it."""
    path = make(tmp_path, version="1.0.0")
    bring(site, path)
    assert site.at.bundle("bolt", "1.0.0").read_bytes() == path.read_bytes()
    assert names(site) == ["bolt", "bolt/1.0.0", "bolt/1.0.0/bundle.gng"]


def test_install_asks_for_room_on_the_disk_of_the_folder(site: Site, tmp_path: Path) -> None:
    """Nothing is written where there is none."""
    asked: list[Path] = []

    def full(folder: Path) -> int:
        asked.append(folder)
        return 0

    with pytest.raises(RegistryFull, match="are free on that disk"):
        bring(site._replace(free_bytes=full), make(tmp_path))
    assert asked == [site.at.root]
    assert names(site) == []


def test_free_bytes_are_those_of_a_disk(tmp_path: Path) -> None:
    """Of the one that the folder lies on: as much as a file of it could take."""
    assert free_bytes(tmp_path) > 0
    assert free_bytes(Path("/proc")) == 0


def test_install_keeps_to_the_quota(site: Site, tmp_path: Path) -> None:
    """With what is there already."""
    with pytest.raises(RegistryFull, match=r"of 0 MB are in use; remove a version"):
        bring(site._replace(quota_mb=0), make(tmp_path))


def test_install_takes_no_second_content_for_a_version(site: Site, tmp_path: Path) -> None:
    """The same one again is no other; a damaged one is mended in its place."""
    path = make(tmp_path, version="1.0.0")
    bring(site, path)
    with pytest.raises(EngineInUse, match="is installed with other content"):
        bring(site, make(tmp_path, "other.gng", version="1.0.0", note="else"))
    bring(site, path)
    there = site.at.bundle("bolt", "1.0.0")
    there.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BundleDamaged):
        Bundle(there, POLICY)
    bring(site, path)
    assert there.read_bytes() == path.read_bytes()
    assert names(site) == ["bolt", "bolt/1.0.0", "bolt/1.0.0/bundle.gng"]


@pytest.mark.parametrize("nth", [1, 2, 3, 4, 5, 6])
def test_install_that_fails_at_its_copy_leaves_no_version(
    site: Site, tmp_path: Path, nth: int
) -> None:
    """Whichever of the first calls fails: none of them has made a name of a version yet."""
    with pytest.raises(OSError, match=r".*"):
        bring(site._replace(files=FailingFolders(nth)), make(tmp_path, version="1.0.0"))
    assert site.at.installed() == []


def test_make_root_makes_every_folder_above_it(tmp_path: Path) -> None:
    """Once; what is there already stays."""
    root = tmp_path / "a" / "b" / "c"
    make_root(root, FOLDERS)
    (root / "kept").touch()
    make_root(root, FOLDERS)
    assert [path.name for path in root.iterdir()] == ["kept"]
