"""The engines that are installed on a box (gonogo.engines.installed.layout says where).

Every change becomes visible by one rename of what is on the disk already, so that a
kill or a power cut at any moment leaves the old state or the new one. What an
interrupted change left behind is removed when the registry is opened the next time.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from typing import TYPE_CHECKING

from gonogo.base.atomic_file import fill, move, settle
from gonogo.base.atomic_folder import FOLDERS, clear
from gonogo.base.errors import (
    BundleDamaged,
    BundleError,
    BundleManifestError,
    BundleTooNew,
    EngineInUse,
    EngineNotInstalled,
    GonogoError,
    RegistryError,
    RegistryFull,
)
from gonogo.engines.bundles.manifest import MB
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.installed.layout import BUNDLE, Layout
from gonogo.engines.installed.selection import Selection, read_selection, write_selection

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.base.atomic_folder import Folders
    from gonogo.engines.bundles.manifest import Manifest
    from gonogo.engines.bundles.policy import Policy
    from gonogo.engines.installed.layout import Installed

QUOTA_MB = 4096


class Registry:
    """The engines below `root`; opening removes what an interrupted change left behind.

    `quota_mb` bounds all bundles together. RegistryError says what failed; a change that
    raises it has not happened, or, when only its last fsync or clean-up failed, wholly.
    """

    def __init__(self, root: Path, quota_mb: int = QUOTA_MB, files: Folders = FOLDERS) -> None:
        self.root = root
        self._at = Layout(root)
        self._quota_mb = quota_mb
        self._files = files
        # Best effort: a station must start from a full or read-only disk, too.
        with contextlib.suppress(OSError):
            if root.is_dir():
                with self._locked():
                    self._at.tidy(files)

    def installed(self) -> list[Installed]:
        """Every version of every engine, oldest version first."""
        with self._told():
            return self._at.installed()

    def selection(self, name: str) -> Selection:
        """The active and the previous version of an engine."""
        with self._told():
            return read_selection(self._at.engine(name))

    def open(self, name: str, version: str, policy: Policy) -> Bundle:
        """The bundle of one version, checked; the caller closes it.

        BundleManifestError for another one that lies in its place.
        """
        bundle = Bundle(self._at.bundle(name, version), policy)
        found = bundle.manifest
        if (found.name, found.version) == (name, version):
            return bundle
        bundle.close()
        raise BundleManifestError(
            f"{bundle.path}: it is {found.name} {found.version}, expected {name} {version}, by the "
            "folder it lies in; install both again"
        )

    def open_active(self, name: str, policy: Policy) -> Bundle:
        """The active bundle of an engine, checked; the caller closes it."""
        version = self.selection(name).active
        if version is None:
            raise EngineNotInstalled(
                f"{self.root}: no version of {name} is active; "
                f"choose one: gonogo engines activate {name} VERSION"
            )
        return self.open(name, version, policy)

    def install(self, source: Path, policy: Policy) -> Manifest:
        """Copy a bundle here, checked before and after; BundleError for one that is not taken.

        RegistryFull without room for it. A version that is there already stays, unless it
        is this very one (which mends it).
        """
        with self._told():
            self._make_root()
            with self._locked(), Bundle(source, policy) as bundle:
                self._check_room(bundle)
                self._check_same(bundle)
                self._copy(bundle, policy)
                self._place(bundle.manifest)
                return bundle.manifest

    def activate(self, name: str, version: str, policy: Policy) -> Manifest:
        """Make a version the active one, and the active one the previous; checked first."""
        with self._told(), self._locked(), self.open(name, version, policy) as bundle:
            try:
                old = self.selection(name)
            except RegistryError:
                old = Selection()  # damaged: this is how it is mended
            if old.active != version:
                self._select(name, Selection(version, old.active))
            return bundle.manifest

    def rollback(self, name: str, policy: Policy) -> Manifest:
        """Exchange the active and the previous version; the previous one is checked first."""
        with self._told(), self._locked():
            old = self.selection(name)
            if old.previous is None:
                raise EngineNotInstalled(
                    f"{self.root}: no version of {name} was active before; "
                    "`gonogo engines list` shows what there is"
                )
            with self.open(name, old.previous, policy) as bundle:
                self._select(name, Selection(old.previous, old.active))
                return bundle.manifest

    def remove(self, name: str, version: str) -> None:
        """Remove a version; EngineInUse for the active or the previous one."""
        with self._told(), self._locked():
            folder = self._at.version(name, version)
            mark = self.selection(name).mark(version)
            if mark:
                raise EngineInUse(
                    f"{self.root}: {name} {version} is the {mark} one and stays; "
                    "activate other versions first"
                )
            clear(self._at.gone, self._files)
            move(folder, self._at.gone, self._files)
            settle(folder.parent, self._files)  # the other folder of that rename
            clear(self._at.gone, self._files)

    def _select(self, name: str, selection: Selection) -> None:
        write_selection(self._at.engine(name), selection, self._files)

    def _make_root(self) -> None:
        missing = [path for path in (self.root, *self.root.parents) if not path.exists()]
        for path in reversed(missing):
            self._files.mkdir(path)
            settle(path.parent, self._files)

    def _check_room(self, bundle: Bundle) -> None:
        used, size_mb = self._at.used_bytes(), bundle.size_bytes / MB
        if used + bundle.size_bytes > self._quota_mb * MB:
            raise RegistryFull(
                f"{self.root}: {bundle.path.name} has {size_mb:.1f} MB, and {used / MB:.1f} MB "
                f"of {self._quota_mb} MB are in use; remove a version "
                "(gonogo engines list, remove), or raise the quota"
            )
        free = shutil.disk_usage(self.root).free
        if bundle.size_bytes > free:
            raise RegistryFull(
                f"{self.root}: {bundle.path.name} has {size_mb:.1f} MB, and {free / MB:.1f} MB "
                "are free on that disk; make room there"
            )

    def _check_same(self, bundle: Bundle) -> None:
        """A version number stands for one content for ever: records name it."""
        name, version = bundle.manifest.name, bundle.manifest.version
        try:
            with self.open(name, version, INSPECTION) as there:
                if there.raw_manifest == bundle.raw_manifest:
                    return
        except BundleTooNew:
            pass  # of a newer gonogo, that was here before
        except (EngineNotInstalled, BundleError):
            return  # not there, or damaged: it is put there now
        raise EngineInUse(
            f"{self.root}: {name} {version} is installed with other content; "
            "give the new bundle another version"
        )

    def _copy(self, bundle: Bundle, policy: Policy) -> None:
        """Onto the disk; an attempt that fails leaves nothing behind."""
        clear(self._at.new, self._files)
        try:
            self._files.mkdir(self._at.new)
            fill(self._at.new / BUNDLE, bundle.chunks(), self._files)
            settle(self._at.new, self._files)
            self._check_copy(bundle, policy)
        except BaseException:
            with contextlib.suppress(OSError):
                clear(self._at.new, self._files)
            raise

    def _check_copy(self, bundle: Bundle, policy: Policy) -> None:
        """A copy can go wrong, and its source can change meanwhile."""
        with Bundle(self._at.new / BUNDLE, policy) as copy:
            if copy.raw_manifest != bundle.raw_manifest:
                raise BundleDamaged(f"{bundle.path}: it changed while it was copied; try again")

    def _place(self, manifest: Manifest) -> None:
        engine = self.root / manifest.name
        if not engine.is_dir():
            self._files.mkdir(engine)
        place = engine / manifest.version
        if place.is_dir():
            move(self._at.new / BUNDLE, place / BUNDLE, self._files)
            clear(self._at.new, self._files)
        else:
            move(self._at.new, place, self._files)
            settle(self.root, self._files)  # the other folder of that rename, and a new engine's

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One change at a time on this box; the kernel lets go of it for a process that dies."""
        fd = self._files.open(self._at.lock, os.O_RDONLY | os.O_CREAT)
        try:
            _lock(fd, self.root)
            yield
        finally:
            self._files.close(fd)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """A failed system call as an error of ours."""
        try:
            yield
        except GonogoError:
            raise
        except OSError as error:
            what = error.filename or self.root
            raise RegistryError(
                f"{what}: {error.strerror}; check the folder {self.root}, its owner and its disk"
            ) from error


def _lock(fd: int, root: Path) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise RegistryError(
            f"{root}: another program changes it now; wait and try again"
        ) from error
