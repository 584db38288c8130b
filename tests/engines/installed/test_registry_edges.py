"""The registry's edges: quotas to the byte, leftovers, and what must be on the disk at the end."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from gonogo.base.atomic_folder import Folders
from gonogo.base.errors import BundleDamaged, EngineInUse, RegistryError, RegistryFull
from gonogo.engines.bundles.manifest import MB
from gonogo.engines.installed.registry import QUOTA_MB, Registry
from gonogo.engines.installed.selection import Selection
from gonogo.tests.descriptors import nothing_left_open
from gonogo.tests.engines.bundles.parcels import POLICY, make
from gonogo.tests.engines.installed.changes import CHANGES, before, do, make_parcels


@pytest.fixture(scope="module")
def parcels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of every version."""
    return make_parcels(tmp_path_factory.mktemp("parcels"))


@pytest.fixture
def registry(tmp_path: Path, parcels: Path) -> Registry:
    """One version, not active."""
    registry = Registry(tmp_path / "engines")
    registry.install(parcels / "1.0.0.gng", POLICY)
    return registry


def test_changes_say_which_version_they_were_about(registry: Registry, parcels: Path) -> None:
    """Its manifest, as whoever asked for the change shows it."""
    assert registry.install(parcels / "1.1.0.gng", POLICY).version == "1.1.0"
    assert registry.activate("bolt", "1.0.0", POLICY).version == "1.0.0"
    assert registry.activate("bolt", "1.0.0", POLICY).version == "1.0.0"
    assert registry.activate("bolt", "1.1.0", POLICY).version == "1.1.0"
    assert registry.rollback("bolt", POLICY).version == "1.0.0"


# -- room --------------------------------------------------------------------------------


@pytest.mark.parametrize(("spare_bytes", "fits"), [(0, True), (-1, False)])
def test_quota_is_met_to_the_byte(
    tmp_path: Path, parcels: Path, spare_bytes: int, *, fits: bool
) -> None:
    """What is installed and what comes together: as much as the quota fits."""
    assert QUOTA_MB == 4096
    sizes = [(parcels / f"{version}.gng").stat().st_size for version in ("1.0.0", "1.1.0")]
    quota_mb: Any = Fraction(sum(sizes) + spare_bytes, MB)
    registry = Registry(tmp_path / "engines", quota_mb)
    registry.install(parcels / "1.0.0.gng", POLICY)
    if fits:
        registry.install(parcels / "1.1.0.gng", POLICY)
    else:
        with pytest.raises(RegistryFull, match="are in use"):
            registry.install(parcels / "1.1.0.gng", POLICY)
    assert len(registry.installed()) == 1 + fits


@pytest.mark.parametrize(("spare_bytes", "fits"), [(0, True), (-1, False)])
def test_registry_takes_four_gigabytes_where_nothing_is_said(
    registry: Registry, parcels: Path, spare_bytes: int, *, fits: bool
) -> None:
    """The default of the station file's key, too; a file of nothing but holes fills it."""
    sizes = [(parcels / f"{version}.gng").stat().st_size for version in ("1.0.0", "1.1.0")]
    filler = registry.root / "nut" / "1.0.0" / "bundle.gng"
    filler.parent.mkdir(parents=True)
    filler.touch()
    os.truncate(filler, QUOTA_MB * MB - sum(sizes) - spare_bytes)
    roomy = Registry(registry.root, free=lambda _: 1 << 50)
    if fits:
        roomy.install(parcels / "1.1.0.gng", POLICY)
    else:
        with pytest.raises(RegistryFull, match="of 4096 MB are in use"):
            roomy.install(parcels / "1.1.0.gng", POLICY)
    assert len(roomy.installed()) == 2 + fits


@pytest.mark.parametrize(("spare_bytes", "fits"), [(0, True), (-1, False)])
def test_disk_is_filled_to_the_byte(
    registry: Registry, parcels: Path, spare_bytes: int, *, fits: bool
) -> None:
    """Looked at before copying: a disk that is full halfway helps nobody."""
    free = (parcels / "1.1.0.gng").stat().st_size + spare_bytes
    disk = Registry(registry.root, free={registry.root: free}.__getitem__)
    if fits:
        disk.install(parcels / "1.1.0.gng", POLICY)
    else:
        with pytest.raises(RegistryFull, match=r"0\.0 MB are free on that disk; make room there"):
            disk.install(parcels / "1.1.0.gng", POLICY)
    assert len(registry.installed()) == 1 + fits


# -- leftovers ---------------------------------------------------------------------------


def leave(folder: Path) -> None:
    """What a change that failed has left, after the registry was opened."""
    folder.mkdir()
    (folder / "bundle.gng").write_bytes(b"half")


def test_install_clears_what_an_earlier_one_left(registry: Registry, parcels: Path) -> None:
    """Without opening the registry anew; and leaves nothing itself."""
    leave(registry.root / ".new")
    registry.install(parcels / "1.1.0.gng", POLICY)
    assert len(registry.installed()) == 2
    assert not (registry.root / ".new").exists()
    leave(registry.root / ".new")
    registry.install(parcels / "1.1.0.gng", POLICY)
    assert not (registry.root / ".new").exists()


def test_remove_clears_what_an_earlier_one_left(registry: Registry, parcels: Path) -> None:
    """The same; a removed version takes no room any more."""
    registry.install(parcels / "1.1.0.gng", POLICY)
    leave(registry.root / ".gone")
    registry.remove("bolt", "1.0.0")
    assert [each.version for each in registry.installed()] == ["1.1.0"]
    assert not (registry.root / ".gone").exists()


class FullDisk(Folders):
    """Takes no byte."""

    def write(self, fd: int, data: bytes) -> int:
        """There is no room."""
        del fd, data
        raise OSError(28, "No space left on device")


def test_install_that_fails_leaves_nothing(registry: Registry, parcels: Path) -> None:
    """Half a copy would take the room that was missing; the error says what to look at."""
    full = Registry(registry.root, files=FullDisk())
    with pytest.raises(RegistryError, match=r"No space left on device; check the folder"):
        full.install(parcels / "1.1.0.gng", POLICY)
    assert not (registry.root / ".new").exists()
    assert len(registry.installed()) == 1


class NoFolder(Folders):
    """Makes none."""

    def mkdir(self, path: Path) -> None:
        """Somebody else's folder."""
        raise PermissionError(13, "Permission denied", str(path))


def test_error_names_the_very_file_that_it_is_about(registry: Registry, parcels: Path) -> None:
    """Where the system has said which; else the folder of the registry."""
    with pytest.raises(RegistryError, match=rf"{registry.root}/\.new: Permission denied; check"):
        Registry(registry.root, files=NoFolder()).install(parcels / "1.1.0.gng", POLICY)
    with pytest.raises(RegistryError, match=rf"{registry.root}: No space left on device; check"):
        Registry(registry.root, files=FullDisk()).install(parcels / "1.1.0.gng", POLICY)


class Exchanged(Folders):
    """Puts another sound bundle of the same size into the source, while that is being copied."""

    def __init__(self, source: Path, other: Path) -> None:
        self.source, self.other = source, other

    def open(self, path: Path, flags: int) -> int:
        """In place: the source is open already."""
        if path.name == "bundle.gng":
            self.source.write_bytes(self.other.read_bytes())
        return super().open(path, flags)


def test_install_refuses_a_source_that_became_another_one(
    registry: Registry, tmp_path: Path
) -> None:
    """Both are sound; what was looked at is not what would be installed."""
    source = make(tmp_path, "a.gng", version="2.0.0", note="one")
    other = make(tmp_path, "b.gng", version="2.0.0", note="two")
    assert source.stat().st_size == other.stat().st_size
    changing = Registry(registry.root, files=Exchanged(source, other))
    with pytest.raises(BundleDamaged, match=r"a\.gng: it changed while it was copied; try again"):
        changing.install(source, POLICY)
    assert [each.version for each in registry.installed()] == ["1.0.0"]


def test_registry_lets_go_of_its_lock_whatever_happens(registry: Registry, parcels: Path) -> None:
    """A refusal must not lock everybody out, nor use up descriptors."""
    with nothing_left_open():
        for _ in range(3):
            with pytest.raises(EngineInUse):
                registry.install(make(parcels, "other.gng", version="1.0.0", note="else"), POLICY)
        registry.install(parcels / "1.1.0.gng", POLICY)


def test_activation_of_the_active_version_keeps_the_previous_one(
    registry: Registry, parcels: Path
) -> None:
    """There must be something to go back to."""
    registry.install(parcels / "1.1.0.gng", POLICY)
    for version in ("1.0.0", "1.1.0", "1.1.0"):
        registry.activate("bolt", version, POLICY)
    assert registry.selection("bolt") == Selection("1.1.0", "1.0.0")


# -- on the disk -------------------------------------------------------------------------


class Noted(Folders):
    """Notes what was made, renamed and removed, and what was brought to the disk after it."""

    def __init__(self) -> None:
        self.paths: dict[int, Path] = {}
        self.calls: list[tuple[str, Path]] = []

    def open(self, path: Path, flags: int) -> int:
        """Remember whose descriptor it is."""
        fd = super().open(path, flags)
        self.paths[fd] = path
        return fd

    def write(self, fd: int, data: bytes) -> int:
        """Noted by its path."""
        self.calls.append(("write", self.paths[fd]))
        return super().write(fd, data)

    def fsync(self, fd: int) -> None:
        """Noted by its path."""
        self.calls.append(("fsync", self.paths[fd]))
        super().fsync(fd)

    def rename(self, old: Path, new: Path) -> None:
        """Both names change, in the folders that hold them."""
        self.calls += [("gone", old), ("made", new)]
        super().rename(old, new)

    def mkdir(self, path: Path) -> None:
        """A name that is made."""
        self.calls.append(("made", path))
        super().mkdir(path)

    def rmdir(self, path: Path) -> None:
        """A name that is removed; nothing depends on it any more."""
        self.calls.append(("removed", path))
        super().rmdir(path)

    def undone(self) -> list[tuple[str, Path]]:
        """Changes that a power cut could still take back, though the change was said to be done."""
        return [
            (what, path)
            for at, (what, path) in enumerate(self.calls)
            if not self._done(what, path, self.calls[at + 1 :])
        ]

    def _done(self, what: str, path: Path, after: list[tuple[str, Path]]) -> bool:
        if what in {"fsync", "removed"}:
            return True
        if what == "write":
            return ("fsync", path) in after
        removed = any(("removed", each) in after for each in (path, *path.parents))
        return removed or ("fsync", path.parent) in after or self._moved(path, after)

    def _moved(self, path: Path, after: list[tuple[str, Path]]) -> bool:
        """A folder that was made ready elsewhere: what counts is its new name."""
        return ("gone", path) in after or ("gone", path.parent) in after


@pytest.mark.parametrize("name", [name for name in CHANGES if name != "tidy"])
def test_change_is_on_the_disk_when_it_is_done(tmp_path: Path, parcels: Path, name: str) -> None:
    """Every name that was made or renamed, in each folder that it touched, and every byte."""
    root = before(CHANGES[name], tmp_path / "engines", parcels)
    files = Noted()
    do(CHANGES[name], root, parcels, files)
    assert files.undone() == []
    assert any(what == "fsync" for what, _ in files.calls)


def test_install_has_its_copy_on_the_disk_before_it_gets_its_name(
    tmp_path: Path, parcels: Path
) -> None:
    """The file, the folder it lies in, and then the rename: a name never stands for half."""
    root, files = tmp_path / "engines", Noted()
    Registry(root, files=files).install(parcels / "1.0.0.gng", POLICY)
    steps = [(what, path.relative_to(tmp_path)) for what, path in files.calls if what != "write"]
    new, engine = Path("engines/.new"), Path("engines/bolt")
    assert steps == [
        ("made", Path("engines")), ("fsync", Path()),
        ("made", new), ("fsync", new / "bundle.gng"), ("fsync", new),
        ("made", engine),
        ("gone", new), ("made", engine / "1.0.0"), ("fsync", engine), ("fsync", Path("engines")),
    ]  # fmt: skip
