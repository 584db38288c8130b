"""Every change of a registry, from a state before it, for tests that break it halfway.

Import as `gonogo.tests.engines.installed.changes`; `python -c` runs `main`, killed at any call.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.engines.installed.registry import Registry
from gonogo.tests.engines.bundles.breaking import KILLED, end_of
from gonogo.tests.engines.bundles.parcels import POLICY, make

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.base.atomic_folder import Folders

VERSIONS = ("1.0.0", "1.1.0", "1.2.0")


class Change(NamedTuple):
    """`active`: versions that were activated before, in that order; `installed`: those there."""

    installed: tuple[str, ...]
    active: tuple[str, ...]
    do: Callable[[Registry, Path], object]  # with the folder of the bundles


CHANGES = {
    "first install": Change((), (), lambda r, parcels: r.install(parcels / "1.0.0.gng", POLICY)),
    "install": Change(
        VERSIONS[:1], VERSIONS[:1], lambda r, parcels: r.install(parcels / "1.1.0.gng", POLICY)
    ),
    "install again": Change(
        VERSIONS[:2], VERSIONS[:2], lambda r, parcels: r.install(parcels / "1.1.0.gng", POLICY)
    ),
    "first activate": Change(VERSIONS[:1], (), lambda r, _: r.activate("bolt", "1.0.0", POLICY)),
    "activate": Change(VERSIONS, VERSIONS[:2], lambda r, _: r.activate("bolt", "1.2.0", POLICY)),
    "rollback": Change(VERSIONS[:2], VERSIONS[:2], lambda r, _: r.rollback("bolt", POLICY)),
    "remove": Change(VERSIONS, VERSIONS[1:], lambda r, _: r.remove("bolt", "1.0.0")),
    "remove the last": Change(VERSIONS[:1], (), lambda r, _: r.remove("bolt", "1.0.0")),
    "tidy": Change(VERSIONS[:2], VERSIONS[:2], lambda _, parcels: parcels.is_dir()),
}


def make_parcels(folder: Path) -> Path:
    """A bundle of every version."""
    for version in VERSIONS:
        make(folder, f"{version}.gng", version=version)
    return folder


def before(change: Change, root: Path, parcels: Path) -> Path:
    """The registry as it is before the change, with what an earlier kill left in it."""
    registry = Registry(root)
    for version in change.installed:
        registry.install(parcels / f"{version}.gng", POLICY)
    for version in change.active:
        registry.activate("bolt", version, POLICY)
    if change.installed:
        for leftover in (root / ".new", root / ".gone"):
            leftover.mkdir()
            shutil.copy(parcels / "1.2.0.gng", leftover / "bundle.gng")
        (root / "bolt" / "selected.new").write_bytes(b"{")
        (root / "nut").mkdir()
    return root


def do(change: Change, root: Path, parcels: Path, files: Folders) -> None:
    """The change."""
    change.do(Registry(root, files=files), parcels)


def state(root: Path) -> list[tuple[str, str, str]]:
    """Name, version and mark of all that is installed, once it is open; every one is whole."""
    if not root.exists():
        return []
    registry = Registry(root)
    for each in registry.installed():
        registry.open(each.name, each.version, POLICY).close()
    hidden = {path.name for path in root.iterdir()} - {path.name for path in root.glob("[!.]*")}
    assert hidden <= {".lock"}
    assert not list(root.rglob("*.new"))
    return [each[:3] for each in registry.installed()]


def main() -> None:
    """Arguments: change, folder of bundles, folder for roots. Prints how many were killed."""
    change, parcels, folder = CHANGES[sys.argv[1]], Path(sys.argv[2]), Path(sys.argv[3])
    template = before(change, folder / "before", parcels)
    code, nth = KILLED, 0
    while code == KILLED:
        nth += 1
        root = folder / str(nth)
        if template.exists():
            shutil.copytree(template, root)
        code = end_of(lambda root, files: do(change, root, parcels, files), root, nth)
    if code:
        sys.exit(code)
    sys.stdout.write(f"{nth - 1}\n")
