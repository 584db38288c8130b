"""How a bundle comes into the folder of installed engines: checked, copied, put in its place."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.atomic_file import fill, move, settle
from gonogo.base.atomic_folder import clear
from gonogo.base.errors import (
    BundleDamaged,
    BundleError,
    BundleTooNew,
    EngineInUse,
    EngineNotInstalled,
    RegistryFull,
)
from gonogo.engines.bundles.manifest import MB
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.installed.layout import BUNDLE
from gonogo.engines.installed.opening import open_version

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.base.atomic_folder import Folders
    from gonogo.engines.bundles.manifest import Manifest
    from gonogo.engines.bundles.policy import Policy
    from gonogo.engines.installed.layout import Layout


class Site(NamedTuple):
    """Where installs go, and what they may take: all bundles together `quota_mb`."""

    at: Layout
    quota_mb: int
    files: Folders
    free_bytes: Callable[[Path], int]  # on the disk of a folder


def free_bytes(folder: Path) -> int:
    """What is free on its disk."""
    return shutil.disk_usage(folder).free


def make_root(root: Path, files: Folders) -> None:
    """The folder and those above it; each name is on the disk before anything lies below it."""
    missing = [path for path in (root, *root.parents) if not path.exists()]
    for path in reversed(missing):
        files.mkdir(path)
        settle(path.parent, files)


def install(bundle: Bundle, policy: Policy, site: Site) -> None:
    """Copy an open bundle into its place, under the lock; any error leaves what was there."""
    _check_room(bundle, site)
    _check_same(bundle, site.at)
    _copy(bundle, policy, site)
    _place(bundle.manifest, site)


def _check_room(bundle: Bundle, site: Site) -> None:
    """Before copying: a disk that is full halfway helps nobody."""
    root, needed = site.at.root, bundle.size_bytes
    used, size_mb = site.at.used_bytes(), needed / MB
    if used + needed > site.quota_mb * MB:
        raise RegistryFull(
            f"{root}: {bundle.path.name} has {size_mb:.1f} MB, and {used / MB:.1f} MB "
            f"of {site.quota_mb} MB are in use; remove a version "
            "(gonogo engines list, remove), or raise the quota"
        )
    free = site.free_bytes(root)
    if needed > free:
        raise RegistryFull(
            f"{root}: {bundle.path.name} has {size_mb:.1f} MB, and {free / MB:.1f} MB "
            "are free on that disk; make room there"
        )


def _check_same(bundle: Bundle, at: Layout) -> None:
    """A version number stands for one content for ever: records name it."""
    name, version = bundle.manifest.name, bundle.manifest.version
    try:
        # INSPECTION: what lies there may have expired, or be a stranger's; its content counts
        with open_version(at, name, version, INSPECTION) as there:
            # a manifest has the digest of every file, so equal manifests mean equal content
            if there.raw_manifest == bundle.raw_manifest:
                return
    except BundleTooNew:
        pass  # of a newer gonogo, that was here before
    except (EngineNotInstalled, BundleError):
        return  # not there, or damaged: it is put there now
    raise EngineInUse(
        f"{at.root}: {name} {version} is installed with other content; "
        "give the new bundle another version"
    )


def _copy(bundle: Bundle, policy: Policy, site: Site) -> None:
    """Onto the disk; an attempt that fails leaves nothing behind."""
    new, files = site.at.new, site.files
    clear(new, files)  # of an earlier attempt that was killed since the registry was opened
    try:
        files.mkdir(new)
        fill(new / BUNDLE, bundle.chunks(), files)
        settle(new, files)
        _check_copy(bundle, policy, new / BUNDLE)
    except BaseException:
        # half a copy would take the very room that was missing
        with contextlib.suppress(OSError):
            clear(new, files)
        raise


def _check_copy(bundle: Bundle, policy: Policy, path: Path) -> None:
    """A copy can go wrong, and its source can change meanwhile."""
    with Bundle(path, policy) as copy:
        if copy.raw_manifest != bundle.raw_manifest:
            raise BundleDamaged(f"{bundle.path}: it changed while it was copied; try again")


def _place(manifest: Manifest, site: Site) -> None:
    """One rename of what is on the disk already: killed before or after it, nothing is half."""
    new, files = site.at.new, site.files
    engine = site.at.root / manifest.name
    if not engine.is_dir():
        files.mkdir(engine)
    version = engine / manifest.version
    if version.is_dir():  # mended: the file alone, since a folder with a file cannot be replaced
        move(new / BUNDLE, version / BUNDLE, files)
        clear(new, files)
    else:
        move(new, version, files)
        settle(site.at.root, files)  # the other folder of that rename, and a new engine's
