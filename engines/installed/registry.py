"""The engines that are installed on a box (gonogo.engines.installed.layout says where).

Every change becomes visible by one rename of what is on the disk already, so that a
kill or a power cut at any moment leaves the old state or the new one. What an
interrupted change left behind is removed when the registry is opened the next time.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gonogo.base.atomic_file import move, settle
from gonogo.base.atomic_folder import FOLDERS, clear
from gonogo.base.errors import EngineInUse, EngineNotInstalled, RegistryError
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.installed.guards import locked, told
from gonogo.engines.installed.install import Site, free_bytes, install, make_root
from gonogo.engines.installed.layout import Layout
from gonogo.engines.installed.opening import open_version
from gonogo.engines.installed.selection import Selection, read_selection, write_selection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
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

    def __init__(
        self,
        root: Path,
        quota_mb: int = QUOTA_MB,
        files: Folders = FOLDERS,
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        self.root = root
        self._at = Layout(root)
        self._files = files
        self._site = Site(self._at, quota_mb, files, free)
        # Best effort: a station must start from a full or read-only disk, too. And under the
        # lock, or the install that another program is at would be cleared away.
        with contextlib.suppress(OSError):
            if root.is_dir():
                with locked(self._at, files):
                    self._at.tidy(files)

    def installed(self) -> list[Installed]:
        """Every version of every engine, oldest version first."""
        with told(self.root):
            return self._at.installed()

    def selection(self, name: str) -> Selection:
        """The active and the previous version of an engine."""
        with told(self.root):
            return read_selection(self._at.engine(name))

    def open(self, name: str, version: str, policy: Policy) -> Bundle:
        """The bundle of one version, checked; the caller closes it.

        BundleManifestError for another one that lies in its place.
        """
        return open_version(self._at, name, version, policy)

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
        with told(self.root):
            make_root(self.root, self._files)  # the lock lies in it
            with self._changing(), Bundle(source, policy) as bundle:
                install(bundle, policy, self._site)
                return bundle.manifest

    def activate(self, name: str, version: str, policy: Policy) -> Manifest:
        """Make a version the active one, and the active one the previous; checked first."""
        with self._changing(), self.open(name, version, policy) as bundle:
            try:
                old = self.selection(name)
            except RegistryError:
                old = Selection()  # damaged: this is how it is mended
            # activated twice it would be its own previous version, and nothing to go back to
            if old.active != version:
                self._select(name, Selection(version, old.active))
            return bundle.manifest

    def rollback(self, name: str, policy: Policy) -> Manifest:
        """Exchange the active and the previous version; the previous one is checked first."""
        with self._changing():
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
        with self._changing():
            folder = self._at.version(name, version)
            mark = self.selection(name).mark(version)
            if mark:
                raise EngineInUse(
                    f"{self.root}: {name} {version} is the {mark} one and stays; "
                    "activate other versions first"
                )
            # out of its place by one rename first: a version is there whole or not at all
            clear(self._at.gone, self._files)
            move(folder, self._at.gone, self._files)
            settle(folder.parent, self._files)  # the other folder of that rename
            clear(self._at.gone, self._files)

    def _select(self, name: str, selection: Selection) -> None:
        write_selection(self._at.engine(name), selection, self._files)

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        with told(self.root), locked(self._at, self._files):
            yield
