"""The checkout that a release is made of: a clean one, or one that says it is not."""

from __future__ import annotations

import sys
from datetime import datetime, timezone
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ReleaseNotBuilt
from gonogo.build.listed import listed
from gonogo.build.release.manifest import PRODUCT, Source
from gonogo.build.release.tool import run

if TYPE_CHECKING:
    from pathlib import Path

_toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")


class Checkout(NamedTuple):
    """Where it lies, what it is, and its version by pyproject.toml."""

    root: Path
    source: Source
    version: str

    @property
    def time_s(self) -> int:
        """When its commit was made, in seconds since 1970: the time of every file of a release."""
        return int(self.source.time.timestamp())


def checkout(folder: Path, *, dirty: bool = False) -> Checkout:
    """The checkout there; ReleaseNotBuilt for one that is none, or not clean unless `dirty`."""
    version = _version(folder)
    commit, time_s = run(["git", "log", "-1", "--format=%H %ct"], folder).split()
    changed = run(["git", "status", "--porcelain"], folder).splitlines()
    if changed and not dirty:
        # a release that nobody can make again from its commit is worth little
        names = listed([line[3:] for line in changed], 3)
        raise ReleaseNotBuilt(
            f"{folder}: {len(changed)} files differ from commit {commit[:12]} ({names}); commit "
            "or remove them, or say --dirty, which the manifest will tell"
        )
    time = datetime.fromtimestamp(int(time_s), timezone.utc)
    return Checkout(folder, Source(commit=commit, time=time, dirty=bool(changed)), version)


def _version(folder: Path) -> str:
    """Of the project there, which must be this one."""
    path = folder / "pyproject.toml"
    try:
        project = _toml.loads(path.read_text(encoding="utf-8"))["project"]
        name, version = project["name"], project["version"]
    except (OSError, ValueError, KeyError) as error:
        raise ReleaseNotBuilt(
            f"{folder}: expected a checkout of {PRODUCT} (a pyproject.toml with name and version); "
            "go there, or name it with --source"
        ) from error
    if name != PRODUCT:
        raise ReleaseNotBuilt(f"{path}: the project is {name!r}, expected {PRODUCT!r}")
    return str(version)
