"""Where things lie in the folder of installed engines.

root/.lock                     held by whoever changes something
root/.new/bundle.gng           an install that has not ended, or never will
root/.gone/bundle.gng          a removal that has not ended
root/NAME/VERSION/bundle.gng   installed: whole, on the disk, never changed again
root/NAME/selected             active and previous version (gonogo.engines.installed.selection)
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.atomic_folder import clear
from gonogo.base.errors import EngineNotInstalled, RegistryError
from gonogo.engines.bundles.version import is_version, order
from gonogo.engines.installed.selection import FILE, read_selection
from gonogo.engines.section import NAME

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.atomic_folder import Folders

BUNDLE = "bundle.gng"  # the same name everywhere: a rename of the folder moves it


class Installed(NamedTuple):
    """One version of one engine; `mark` is "active", "previous", "unknown" or nothing."""

    name: str
    version: str
    mark: str
    path: Path


class Layout(NamedTuple):
    """The paths below `root`; only what is named like an engine or a version is one."""

    root: Path

    @property
    def new(self) -> Path:
        """Where an install is made ready."""
        return self.root / ".new"

    @property
    def gone(self) -> Path:
        """Where a removed version ends."""
        return self.root / ".gone"

    @property
    def lock(self) -> Path:
        """The file that is held while something changes."""
        return self.root / ".lock"

    def engine(self, name: str) -> Path:
        """The folder of an engine; EngineNotInstalled for one that is not there."""
        # names come from command lines and sockets: by this pattern none leads out of the folder
        if not re.fullmatch(NAME, name) or not (self.root / name).is_dir():
            raise EngineNotInstalled(
                f"{self.root}: no engine {name!r}; `gonogo engines list` shows what there is"
            )
        return self.root / name

    def version(self, name: str, version: str) -> Path:
        """The folder of a version; EngineNotInstalled for one that is not there."""
        folder = self.engine(name)
        if not is_version(version) or not (folder / version).is_dir():
            raise EngineNotInstalled(
                f"{self.root}: no version {version!r} of {name}; "
                "`gonogo engines list` shows what there is"
            )
        return folder / version

    def bundle(self, name: str, version: str) -> Path:
        """The bundle of a version; EngineNotInstalled for one that is not there."""
        return self.version(name, version) / BUNDLE

    def engines(self) -> list[Path]:
        """The folders of all engines, by name."""
        names = (path for path in self.root.iterdir() if re.fullmatch(NAME, path.name))
        return sorted(path for path in names if path.is_dir())

    def installed(self) -> list[Installed]:
        """Every version of every engine, oldest version first."""
        return [found for folder in self.engines() for found in _versions(folder)]

    def used_bytes(self) -> int:
        """What all bundles take, half-copied ones too."""
        # **: what lies in .new and .gone takes room as well, until it is cleared away
        return sum(path.stat().st_size for path in self.root.glob(f"*/**/{BUNDLE}"))

    def tidy(self, files: Folders) -> None:
        """Remove what an interrupted change left behind; nothing else is named like that."""
        clear(self.new, files)
        clear(self.gone, files)
        for folder in self.engines():
            with contextlib.suppress(FileNotFoundError):
                files.unlink(folder / f"{FILE}.new")
            # of an install that ended before the rename into it, or of the last version's removal
            if not any(folder.iterdir()):
                files.rmdir(folder)


def _versions(folder: Path) -> list[Installed]:
    paths = (path for path in folder.iterdir() if path.is_dir() and is_version(path.name))
    ordered = sorted(paths, key=lambda path: order(path.name))
    marks = _marks(folder, [path.name for path in ordered])
    return [Installed(folder.name, p.name, marks[p.name], p / BUNDLE) for p in ordered]


def _marks(folder: Path, versions: list[str]) -> dict[str, str]:
    try:
        selection = read_selection(folder)
    except RegistryError:  # damaged: the list of versions is what mending it begins with
        return dict.fromkeys(versions, "unknown")
    return {version: selection.mark(version) for version in versions}
