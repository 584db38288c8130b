"""Which bundle may take the place of the one in service, with other limits; none is installed.

bolt 1.0.0, of this view alone      --out bolt-1.0.1.gng         the next version
bolt 1.0.0, of other views as well  --out bolt-top-r1-1.0.0.gng  a name of its own
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import LimitsNotApplied
from gonogo.build.label import label_of
from gonogo.build.review.engine import ENDING
from gonogo.config.limits_in_file import Place
from gonogo.config.recipe_switch import FIRST, others
from gonogo.config.station import load_station
from gonogo.engines.backends.catalogue import AUTO
from gonogo.engines.bundles.keys import read_private
from gonogo.engines.bundles.manifest import FILE_OF
from gonogo.engines.bundles.version import numbers, order
from gonogo.engines.installed.choice import choose_installed
from gonogo.engines.installed.registry import Registry

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.label import Label
    from gonogo.engines.bundles.keys import PrivateKey, PublicKey
    from gonogo.engines.bundles.manifest import BackendName, Manifest
    from gonogo.engines.installed.choice import Chosen
    from gonogo.engines.section import EnginesSection


class Service(NamedTuple):
    """A bundle in service at one place of a station, and by which backend ("auto": any of its)."""

    file: Path
    station: str
    place: Place
    section: EnginesSection
    chosen: Chosen
    backend: str

    @property
    def manifest(self) -> Manifest:
        """As it was when it was looked at."""
        return self.chosen.manifest


class Remake(NamedTuple):
    """The bundle to come: for which backends its limits are, in which file, signed by whose key."""

    old: Service
    backends: tuple[BackendName, ...]
    out: Path
    label: Label
    key: PrivateKey | None

    @property
    def signer(self) -> PublicKey | None:
        """Whose signature it will bear; None: nobody's."""
        return None if self.key is None else self.key.public

    @property
    def beside(self) -> bool:
        """Whether it has a name of its own, which the station file does not ask for yet."""
        return self.label.name != self.old.manifest.name


def planned(old: Service, out: Path, key: Path | None) -> Remake:
    """What could be written now; LimitsNotApplied, BuildError, KeyFileError, RegistryError."""
    _check_file(out)
    label = label_of(out)
    also = elsewhere(old)
    if also:
        _check_own(old, label, also)
    else:
        _check_newer(old, label)
    private = None if key is None else read_private(key)
    return Remake(old, _backends(old), out, label, private)


def check_still(remake: Remake) -> None:
    """A person may have taken an hour meanwhile; LimitsNotApplied, BundleError, RegistryError."""
    was = remake.old.manifest
    now = choose_installed([was.name], remake.old.section)[was.name].manifest
    if now != was:
        raise LimitsNotApplied(
            f"{was.name} {now.version} came into service meanwhile, and these limits are of "
            f"{was.version}: nothing was written; begin again: what was said of the parts is kept"
        )
    _check_file(remake.out)


def proposed(old: Service) -> str:
    """The name of a file that would do."""
    name = old.manifest.name
    if elsewhere(old):
        return f"{name}-{old.place.view}-r{old.place.recipe}-1.0.0{ENDING}"
    major, minor, patch = numbers(_newest(old))
    return f"{name}-{major}.{minor}.{patch + 1}{ENDING}"


def elsewhere(old: Service) -> list[Place]:
    """Where else the station judges by this bundle: in other views, and in other recipes."""
    loaded = load_station(old.file)
    found = [
        Place(view.name, number)
        for number, station in {FIRST: loaded, **others(loaded)}.items()
        for view in station.view
        if view.engine is not None and view.engine.bundle == old.manifest.name
    ]
    return [place for place in found if place != old.place]


def _check_file(out: Path) -> None:
    if out.suffix != ENDING:
        raise LimitsNotApplied(f"{out}: expected the name of a bundle, as NAME-1.0.1{ENDING}")
    # a link that points nowhere does not "exist", and is somebody's all the same
    if out.exists() or out.is_symlink():
        raise LimitsNotApplied(
            f"{out} is there already, and a bundle is not written over; expected another --out"
        )
    if not out.parent.is_dir():
        raise LimitsNotApplied(f"{out.parent}: no such folder; expected one for --out")


def _check_own(old: Service, label: Label, also: list[Place]) -> None:
    """A name that nothing has yet: under that of the old one limits would change elsewhere too."""
    name = old.manifest.name
    if label.name == name:
        raise LimitsNotApplied(
            f"bundle '{name}' is {', '.join(map(str, also))} as well, and its limits would change "
            f"there too, by parts of {old.place} alone; expected a name of its own, as --out "
            f"{proposed(old)}"
        )
    if _versions(old, label.name):
        raise LimitsNotApplied(
            f"--out: a bundle '{label.name}' is installed already; expected a name that is new"
        )


def _check_newer(old: Service, label: Label) -> None:
    """The name that the station asks for, and a version that nothing has yet."""
    name, newest = old.manifest.name, _newest(old)
    if label.name != name:
        raise LimitsNotApplied(
            f"--out: bundle '{label.name}', and the station asks for '{name}'; expected a name as "
            f"{proposed(old)}"
        )
    if order(label.version) <= order(newest):
        raise LimitsNotApplied(
            f"--out: version {label.version}, and {newest} is installed already; expected a newer "
            f"one, as {proposed(old)}"
        )


def _newest(old: Service) -> str:
    name = old.manifest.name
    return max([old.manifest.version, *_versions(old, name)], key=order)


def _versions(old: Service, name: str) -> list[str]:
    """All that are installed under a name, whatever is wrong with them."""
    installed = Registry(old.section.folder).installed()
    return [each.version for each in installed if each.name == name]


def _backends(old: Service) -> tuple[BackendName, ...]:
    """Those that open the form whose scores the parts have: it alone gets other limits."""
    names = tuple(old.manifest.backends)
    forms = {FILE_OF[name] for name in names if old.backend in {AUTO, name}}
    if len(forms) != 1:
        raise LimitsNotApplied(
            f"{old.place} has forms for {', '.join(names)}, and scores of one say nothing of "
            "limits of another: expected --backend with the one that has scored these parts (the "
            "station's log has it as backend_chosen)"
        )
    return tuple(name for name in names if FILE_OF[name] in forms)
