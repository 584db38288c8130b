"""What the loader asks of the folder of installed engines, before and after a place is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import EngineChangeError, EngineNotInstalled
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.installed.layout import BUNDLE
from gonogo.engines.installed.registry import Registry
from gonogo.ipc.audit.change import told
from gonogo.ipc.audit.files import in_engines
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Trail
from gonogo.ipc.engine_names import NamedEngine, beside_records, note_names

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.engines.section import EnginesSection

    Bundles = dict[str, Path]  # the bundle file of each engine, by its name


class Checked(NamedTuple):
    """A version that this box takes now; `signer` is a fingerprint, or nothing.

    `engine_id`: of its model, in hex, as records have it.
    """

    name: str
    version: str
    path: Path
    signer: str
    engine_id: str

    @property
    def named(self) -> NamedEngine:
        """As the names of engines are kept beside the records."""
        return NamedEngine(self.engine_id, self.name, self.version, self.signer)


def check(section: EnginesSection, name: str, version: str) -> Checked:
    """Read the whole bundle; BundleError or RegistryError says why it is not taken."""
    with Registry(section.folder).open(name, version, policy_of(section)) as bundle:
        signer = bundle.signer.fingerprint if bundle.signer else ""
        engine_id = f"{bundle.manifest.engine_id:016x}"
        return Checked(name, version, bundle.path, signer, engine_id)


def check_previous(section: EnginesSection, name: str, judging: str | None) -> Checked:
    """The version that was active before; EngineNotInstalled where there is none.

    EngineChangeError where that is the one that judges: the station began with it, because
    the active one could not be had.
    """
    version = Registry(section.folder).selection(name).previous
    if version is None:
        raise EngineNotInstalled(
            f"{section.folder}: no version of {name} was active before; "
            "`gonogo engines list` shows what there is"
        )
    # by the folder it would be the way back, by what judges it is none
    if version == judging:
        raise EngineChangeError(f"{name} {version}, the version before, judges already")
    return check(section, name, version)


def noted(checked: Checked, records: Path | None) -> Checked:
    """The same, once its name is kept beside the records; None: nobody knows where they lie."""
    if records is not None:
        note_names(beside_records(records), [checked.named])
    return checked


def make_active(section: EnginesSection, versions: dict[str, str]) -> None:
    """Have the next start of the station begin with these; RegistryError leaves what was."""
    registry = Registry(section.folder)
    for name, version in versions.items():
        # looked up first: activating reads the whole bundle and takes the lock of the folder
        former = registry.selection(name).active
        if former != version:
            registry.activate(name, version, policy_of(section))
            # who asked for it has a row of his own, unless the line went back by itself; a folder
            # that cannot be written is tried every few seconds: what fails is told in the log
            old, new = ({"engine": name, "version": each} for each in (former, version))
            told(Trail(in_engines(section.folder)), Entry("engine judges", "done", old, new))


def versions_of(section: EnginesSection, bundles: Bundles) -> dict[str, str]:
    """Version by name of those bundles that lie in the folder of installed engines."""
    # by its whole path: a bundle elsewhere has no version that could be made active here
    return {
        name: path.parent.name
        for name, path in bundles.items()
        if path == section.folder / name / path.parent.name / BUNDLE
    }
