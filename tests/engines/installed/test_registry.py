"""The registry: install, activate, go back, remove, and what it refuses."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.atomic_folder import Folders
from gonogo.base.errors import (
    BundleDamaged,
    BundleError,
    BundleExpired,
    BundleManifestError,
    BundleUntrusted,
    EngineInUse,
    EngineNotInstalled,
    RegistryError,
    RegistryFull,
)
from gonogo.engines.bundles.manifest import MB
from gonogo.engines.installed.registry import Registry
from gonogo.engines.installed.selection import SEAL, Selection
from gonogo.tests.engines.bundles.breaking import CHUNK_BYTES
from gonogo.tests.engines.bundles.parcels import MADE, MAKER, POLICY, STRANGER, make
from gonogo.tests.engines.installed.changes import make_parcels

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def parcels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of every version."""
    return make_parcels(tmp_path_factory.mktemp("parcels"))


@pytest.fixture
def registry(tmp_path: Path, parcels: Path) -> Registry:
    """Three versions of one engine, none of them active."""
    registry = Registry(tmp_path / "engines")
    for path in sorted(parcels.glob("*.gng")):
        registry.install(path, POLICY)
    return registry


def marks(registry: Registry) -> str:
    """The marks of all versions, oldest first."""
    return " ".join(each.mark or "-" for each in registry.installed())


def bundle_at(registry: Registry, version: str) -> Path:
    """Where a version lies."""
    return registry.root / "bolt" / version / "bundle.gng"


def test_registry_installs_the_very_bytes(registry: Registry, parcels: Path) -> None:
    """And nothing of it is active yet."""
    assert [each[:3] for each in registry.installed()] == [
        ("bolt", "1.0.0", ""), ("bolt", "1.1.0", ""), ("bolt", "1.2.0", "")
    ]  # fmt: skip
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        assert (
            bundle_at(registry, version).read_bytes() == (parcels / f"{version}.gng").read_bytes()
        )
    with pytest.raises(EngineNotInstalled, match="no version of bolt is active"):
        registry.open_active("bolt", POLICY)


def test_registry_activates_goes_back_and_forth(registry: Registry) -> None:
    """The active one becomes the previous one; going back twice changes nothing."""
    registry.activate("bolt", "1.0.0", POLICY)
    assert marks(registry) == "active - -"
    registry.activate("bolt", "1.2.0", POLICY)
    assert marks(registry) == "previous - active"
    registry.activate("bolt", "1.2.0", POLICY)
    assert registry.selection("bolt") == Selection("1.2.0", "1.0.0")
    assert registry.rollback("bolt", POLICY).version == "1.0.0"
    assert marks(registry) == "active - previous"
    with registry.open_active("bolt", POLICY) as bundle:
        assert bundle.manifest.version == "1.0.0"
    registry.rollback("bolt", POLICY)
    assert marks(registry) == "previous - active"


def test_registry_keeps_engines_apart(registry: Registry, tmp_path: Path) -> None:
    """Each view has an engine of its own name, and a version of it that is active."""
    registry.install(make(tmp_path, name="nut", version="7.0.0"), POLICY)
    registry.activate("nut", "7.0.0", POLICY)
    registry.activate("bolt", "1.1.0", POLICY)
    assert marks(registry) == "- active - active"


def test_registry_has_nothing_to_go_back_to_at_first(registry: Registry) -> None:
    """Neither before nor after the first activation."""
    for _ in range(2):
        with pytest.raises(EngineNotInstalled, match="was active before"):
            registry.rollback("bolt", POLICY)
        registry.activate("bolt", "1.0.0", POLICY)


def test_registry_removes_neither_the_active_nor_the_previous(registry: Registry) -> None:
    """The rest it does."""
    registry.activate("bolt", "1.0.0", POLICY)
    registry.activate("bolt", "1.1.0", POLICY)
    for version, mark in (("1.0.0", "previous"), ("1.1.0", "active")):
        with pytest.raises(EngineInUse, match=f"is the {mark} one"):
            registry.remove("bolt", version)
    registry.remove("bolt", "1.2.0")
    assert marks(registry) == "previous active"
    assert not bundle_at(registry, "1.2.0").parent.exists()


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("nut", "1.0.0"), ("bolt", "9.0.0"), ("..", "engines"), ("../engines/bolt", "1.0.0"),
        ("bolt", "../bolt/1.0.0"), ("bolt", ""), ("", "1.0.0"), ("bolt\0", "1.0.0"), (".new", "x"),
    ],
)  # fmt: skip
def test_registry_knows_what_is_not_installed(registry: Registry, name: str, version: str) -> None:
    """No word of the command line becomes a path unless it is a name or a version."""
    before = sorted(registry.root.rglob("*"))
    with pytest.raises(EngineNotInstalled, match="gonogo engines list"):
        registry.activate(name, version, POLICY)
    with pytest.raises(EngineNotInstalled, match="gonogo engines list"):
        registry.remove(name, version)
    assert sorted(registry.root.rglob("*")) == before


def test_registry_refuses_a_bundle_before_it_is_copied(registry: Registry, tmp_path: Path) -> None:
    """By the same policy as everybody."""
    before = sorted(registry.root.rglob("*"))
    with pytest.raises(BundleUntrusted):
        registry.install(make(tmp_path, version="2.0.0", key=STRANGER), POLICY)
    path = make(tmp_path, version="2.0.0")
    os.truncate(path, path.stat().st_size - 1)
    with pytest.raises(BundleDamaged):
        registry.install(path, POLICY)
    assert sorted(registry.root.rglob("*")) == before


class BadDisk(Folders):
    """Writes one bit differently, once."""

    wrong = True

    def write(self, fd: int, data: bytes) -> int:
        """Not quite what it was given."""
        if self.wrong and len(data) > CHUNK_BYTES:
            self.wrong = False
            data = bytes([*data[:CHUNK_BYTES], data[CHUNK_BYTES] ^ 4, *data[CHUNK_BYTES + 1 :]])
        return super().write(fd, data)


def test_registry_checks_the_copy_too(registry: Registry, parcels: Path) -> None:
    """A stick or disk that reads or writes wrongly is found out before anything is in its place."""
    registry.remove("bolt", "1.2.0")
    bad = Registry(registry.root, files=BadDisk())
    with pytest.raises(BundleDamaged):
        bad.install(parcels / "1.2.0.gng", POLICY)
    assert marks(bad) == "- -"
    bad.install(parcels / "1.2.0.gng", POLICY)
    assert marks(bad) == "- - -"


def test_registry_keeps_one_content_a_version(registry: Registry, tmp_path: Path) -> None:
    """Records name the version; the same bundle once more is no other content."""
    before = bundle_at(registry, "1.1.0").read_bytes()
    with pytest.raises(EngineInUse, match="other content"):
        registry.install(make(tmp_path, version="1.1.0", note="better"), POLICY)
    with pytest.raises(EngineInUse, match="other content"):
        registry.install(make(tmp_path, version="1.1.0", memory_mb=101, key=MAKER), POLICY)
    registry.install(make(tmp_path, version="1.1.0"), POLICY)
    assert bundle_at(registry, "1.1.0").read_bytes() == before
    assert marks(registry) == "- - -"


def test_registry_is_mended_by_installing_again(registry: Registry, parcels: Path) -> None:
    """A bad sector in the active bundle; whoever has it open keeps what was checked."""
    registry.activate("bolt", "1.1.0", POLICY)
    path = bundle_at(registry, "1.1.0")
    raw = path.read_bytes()
    path.write_bytes(raw[:-5] + b"\0" + raw[-4:])
    with pytest.raises(BundleDamaged):
        registry.open_active("bolt", POLICY)
    registry.install(parcels / "1.1.0.gng", POLICY)
    with registry.open_active("bolt", POLICY) as bundle:
        registry.install(parcels / "1.1.0.gng", POLICY)
        assert bundle.section("cpu")
    path.unlink()
    with pytest.raises(BundleError, match="No such file"):
        registry.open_active("bolt", POLICY)
    registry.install(parcels / "1.1.0.gng", POLICY)
    registry.open_active("bolt", POLICY).close()


def test_registry_does_not_activate_what_cannot_be_used(registry: Registry, tmp_path: Path) -> None:
    """Damaged, or expired since it was installed; the active one stays."""
    expires = MADE.replace(year=2027)
    registry.install(make(tmp_path, version="2.0.0", expires=expires), POLICY)
    registry.activate("bolt", "2.0.0", POLICY)
    registry.activate("bolt", "1.0.0", POLICY)
    later = POLICY._replace(now=expires)
    with pytest.raises(BundleExpired):
        registry.activate("bolt", "2.0.0", later)
    with pytest.raises(BundleExpired):
        registry.rollback("bolt", later)
    os.truncate(bundle_at(registry, "1.1.0"), 200)
    with pytest.raises(BundleDamaged):
        registry.activate("bolt", "1.1.0", POLICY)
    assert registry.selection("bolt") == Selection("1.0.0", "2.0.0")


def test_registry_takes_no_more_than_its_quota(registry: Registry, tmp_path: Path) -> None:
    """Checked before copying, with what is in use and what to do."""
    embeddings = np.zeros((300, 1000), np.float32)
    path = make(tmp_path, version="2.0.0", embeddings=embeddings)
    before = sorted(registry.root.rglob("*"))
    assert path.stat().st_size > MB
    with pytest.raises(RegistryFull, match=r"1\.1 MB, and 0\.0 MB of 1 MB are in use; remove"):
        Registry(registry.root, quota_mb=1).install(path, POLICY)
    assert sorted(registry.root.rglob("*")) == before
    Registry(registry.root, quota_mb=2).install(path, POLICY)
    assert marks(registry) == "- - - -"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"{}", b'{"selected": null, "crc32": 1}', b'{"selected": [], "crc32": 1}',
        b'{"selected": {"active": "1.2.0", "previous": null}, "crc32": 1}', b"\xff", b"[" * 5000,
        SEAL.close(b""), SEAL.close(b"[1"), SEAL.close(b'{\n "engine": "bolt"'),
        SEAL.close(b'{"engine": "bolt", "selected": {"active": "../1.2.0", "previous": null}'),
        SEAL.close(b'{"engine": "bolt", "selected": {"active": "1.2.0", "last": null}'),
        SEAL.close(b'{"engine": "nut", "selected": {"active": "1.2.0", "previous": null}'),
    ],
)  # fmt: skip
def test_registry_with_a_damaged_selection_is_mended_by_activating(
    registry: Registry, content: bytes
) -> None:
    """Nothing is believed, nothing removed, until somebody chooses."""
    registry.activate("bolt", "1.0.0", POLICY)
    (registry.root / "bolt" / "selected").write_bytes(content)
    assert marks(registry) == "unknown unknown unknown"
    for refused in (registry.open_active, registry.rollback):
        with pytest.raises(RegistryError, match=r"damaged.*gonogo engines activate bolt VERSION"):
            refused("bolt", POLICY)
    with pytest.raises(RegistryError, match="damaged"):
        registry.remove("bolt", "1.1.0")
    registry.activate("bolt", "1.1.0", POLICY)
    assert marks(registry) == "- active -"


def test_registry_is_changed_by_one_at_a_time(registry: Registry, parcels: Path) -> None:
    """Who comes second hears of it; reading, and starting, go on meanwhile."""
    registry.activate("bolt", "1.0.0", POLICY)
    (registry.root / ".new").mkdir()
    with (registry.root / ".lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(RegistryError, match="another program changes it now"):
            registry.install(parcels / "1.0.0.gng", POLICY)
        other = Registry(registry.root)
        other.open_active("bolt", POLICY).close()
        assert (registry.root / ".new").is_dir(), "an install that goes on was cleared away"
    assert not (Registry(registry.root).root / ".new").exists()


def test_registry_that_is_not_there_is_made_by_installing(tmp_path: Path, parcels: Path) -> None:
    """Folders above it, too; until then it is said that there is none."""
    registry = Registry(tmp_path / "a" / "b")
    with pytest.raises(RegistryError, match="No such file"):
        registry.installed()
    with pytest.raises(EngineNotInstalled):
        registry.open_active("bolt", POLICY)
    registry.install(parcels / "1.0.0.gng", POLICY)
    assert marks(registry) == "-"


def test_registry_leaves_alone_what_it_does_not_know(registry: Registry) -> None:
    """Notes that a technician put there are neither engines nor leftovers."""
    (registry.root / "README.txt").write_text("ask Ann")
    (registry.root / "bolt" / "notes").mkdir()
    again = Registry(registry.root)
    assert marks(again) == "- - -"
    assert (registry.root / "README.txt").read_text() == "ask Ann"
    assert (registry.root / "bolt" / "notes").is_dir()


@pytest.mark.parametrize("by", ["open", "activate"])
def test_registry_opens_no_version_under_the_name_of_another(registry: Registry, by: str) -> None:
    """Somebody copied one folder's bundle over another's: whole and signed, but not that one."""
    bundle_at(registry, "1.1.0").write_bytes(bundle_at(registry, "1.0.0").read_bytes())
    with pytest.raises(BundleManifestError, match=r"is bolt 1\.0\.0, expected bolt 1\.1\.0"):
        getattr(registry, by)("bolt", "1.1.0", POLICY)
    assert marks(registry) == "- - -"
