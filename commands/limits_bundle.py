"""Score limits into a bundle that is made anew from the one in service; nothing is installed.

Limits are signed together with an engine, so that no station file has those of a bundle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from gonogo.base.errors import LimitsNotApplied

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.label import Label
    from gonogo.build.review.proposal import Proposal
    from gonogo.commands.limits_subject import Subject, Wishes
    from gonogo.config.limits_in_file import Place
    from gonogo.engines.bundles.keys import PrivateKey, PublicKey
    from gonogo.engines.bundles.manifest import BackendName
    from gonogo.engines.installed.choice import Chosen
    from gonogo.engines.section import EnginesSection

ENDING = ".gng"


class Remake(NamedTuple):
    """A bundle to come: from which one, for which backends other limits, as what, by whose key."""

    old: Chosen
    section: EnginesSection
    backends: tuple[BackendName, ...]
    out: Path
    label: Label
    key: PrivateKey | None

    @property
    def signer(self) -> PublicKey | None:
        """Whose signature it will bear; None: nobody's."""
        return None if self.key is None else self.key.public


def how(subject: Subject) -> str:
    """What is to be typed to have limits applied."""
    if subject.installed is None:
        return '--apply --why "..." writes them into the station file'
    return (
        f'--apply --out {_proposed(subject.installed, subject)} --why "..." makes a bundle with '
        "them, signed with --key"
    )


def remake_of(subject: Subject, wishes: Wishes) -> Remake | None:
    """What `--out` asks for; None of a model file. LimitsNotApplied, BuildError, KeyFileError."""
    from gonogo.build.label import label_of
    from gonogo.engines.bundles.keys import read_private

    old, section, out = subject.installed, subject.station.engines, wishes.out
    if old is None or section is None:
        if out is not None or wishes.key is not None:
            raise LimitsNotApplied(
                f"{subject.place} is a model file, whose limits go into the station file: "
                "expected neither --out nor --key"
            )
        return None
    if out is None:
        raise LimitsNotApplied(
            f"{subject.place} is a bundle: its limits are signed with it and stand in no station "
            f"file; {how(subject)}"
        )
    _check_file(out)
    label = label_of(out)
    _check_label(old, label, subject)
    key = None if wishes.key is None else read_private(wishes.key)
    return Remake(old, section, _backends(old, subject), out, label, key)


def make(subject: Subject, proposal: Proposal, remake: Remake, *, yes: bool) -> None:
    """Write the bundle, once a person has agreed, and say how it comes into service.

    LimitsNotApplied, BundleError, RegistryError.
    """
    from gonogo.build.review.apply import into_bundle, of_proposal
    from gonogo.commands.auditing import audited, of_station
    from gonogo.commands.show.limits import bundle_lines, service_lines

    limits, facts = proposal.limits, remake.old.manifest.backends
    if all(_pair(facts[name]) == _pair(limits) for name in remake.backends):
        click.echo("the bundle in service has these limits already")
        return
    for line in bundle_lines(remake, limits):
        click.echo(line)
    if not yes and not click.confirm("make this bundle?"):
        raise LimitsNotApplied(f"{remake.out}: not agreed to; nothing was written")
    _check_still(remake)
    old, new = _rows(subject, proposal, remake)
    with audited(of_station(subject.station), "limits bundle", new, old) as change:
        found = of_proposal(proposal, remake.backends)
        made = into_bundle(remake.old.path, found, remake.label, remake.out, remake.key)
        change.new = new | {"engine_id": f"{made.engine_id:016x}"}
    for line in service_lines(remake, subject):
        click.echo(line)


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


def _check_label(old: Chosen, label: Label, subject: Subject) -> None:
    """The name is that which the station asks for, unless other views ask for it as well."""
    name, also = old.manifest.name, _others(subject, old.manifest.name)
    proposed = _proposed(old, subject)
    if also and label.name == name:
        raise LimitsNotApplied(
            f"bundle '{name}' is {', '.join(map(str, also))} as well, and would change its limits "
            f"there too, by parts of {subject.place} alone; expected a name of its own: --out "
            f"{proposed}"
        )
    if label.name != name and not also:
        raise LimitsNotApplied(
            f"--out: bundle '{label.name}', and the station asks for '{name}': expected {proposed}"
        )
    if label.name != name and _versions(subject, label.name):
        raise LimitsNotApplied(
            f"--out: a bundle '{label.name}' is installed already: expected a name that is new"
        )
    _check_newer(label, [old.manifest.version, *_versions(subject, name)], also, proposed)


def _check_newer(label: Label, there: list[str], also: list[Place], proposed: str) -> None:
    from gonogo.engines.bundles.version import order

    newest = max(there, key=order)
    if not also and order(label.version) <= order(newest):
        raise LimitsNotApplied(
            f"--out: version {label.version}, and {newest} is installed already: expected a newer "
            f"one, as {proposed}"
        )


def _others(subject: Subject, name: str) -> list[Place]:
    """Where else the station judges by this bundle: of other views, and in other recipes."""
    from gonogo.config.limits_in_file import Place
    from gonogo.config.recipe_switch import FIRST, others
    from gonogo.config.station import load_station

    loaded = load_station(subject.file)
    found = [
        Place(view.name, number)
        for number, station in {FIRST: loaded, **others(loaded)}.items()
        for view in station.view
        if view.engine is not None and view.engine.bundle == name
    ]
    return [place for place in found if place != subject.place]


def _proposed(old: Chosen, subject: Subject) -> str:
    """A file name that would do."""
    from gonogo.engines.bundles.version import numbers, order

    name = old.manifest.name
    if _others(subject, name):
        place = subject.place
        return f"{name}-{place.view}-r{place.recipe}-1.0.0{ENDING}"
    newest = max([old.manifest.version, *_versions(subject, name)], key=order)
    major, minor, patch = numbers(newest)
    return f"{name}-{major}.{minor}.{patch + 1}{ENDING}"


def _versions(subject: Subject, name: str) -> list[str]:
    """All that are installed under a name, whatever is wrong with them."""
    from gonogo.engines.installed.registry import Registry

    section = subject.station.engines
    found = [] if section is None else Registry(section.folder).installed()
    return [each.version for each in found if each.name == name]


def _backends(old: Chosen, subject: Subject) -> tuple[BackendName, ...]:
    """Those that open the form whose scores the parts have: it alone gets other limits."""
    from gonogo.engines.backends.catalogue import AUTO
    from gonogo.engines.bundles.manifest import FILE_OF

    names = tuple(old.manifest.backends)
    by = AUTO if subject.view.engine is None else subject.view.engine.backend
    forms = {FILE_OF[name] for name in names if by in {AUTO, name}}
    if len(forms) != 1:
        raise LimitsNotApplied(
            f"{subject.place} has forms for {', '.join(names)}, and scores of one say nothing of "
            "limits of another: expected --backend with the one that has scored these parts (the "
            "station's log has it as backend_chosen)"
        )
    return tuple(name for name in names if FILE_OF[name] in forms)


def _check_still(remake: Remake) -> None:
    """A person may have taken an hour for it; errors of the folder are their own."""
    from gonogo.engines.installed.choice import choose_installed

    was = remake.old.manifest
    now = choose_installed([was.name], remake.section)[was.name].manifest
    if now != was:
        raise LimitsNotApplied(
            f"{was.name} {now.version} came into service meanwhile, and these limits are of "
            f"{was.version}: nothing was written; the same command again asks about the rest"
        )
    _check_file(remake.out)


def _pair(limits: Any) -> tuple[float, float]:  # noqa: ANN401 - of a backend, or proposed
    return limits.recheck_above, limits.reject_above


def _rows(
    subject: Subject, proposal: Proposal, remake: Remake
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Old and new, for the audit trail."""
    was, signer = remake.old.manifest, remake.signer
    where = {"view": subject.place.view, "recipe": subject.place.recipe}
    old = {
        **where, "engine": was.name, "version": was.version, "engine_id": subject.engine,
        "limits": {name: list(_pair(was.backends[name])) for name in remake.backends},
    }  # fmt: skip
    new = {
        **where, "engine": remake.label.name, "version": remake.label.version,
        "engine_id": subject.engine,
        "limits": {name: list(_pair(proposal.limits)) for name in remake.backends},
        "file": str(remake.out.resolve()), "signer": signer and signer.fingerprint,
        "expected": proposal.expected.expected(), "how": proposal.expected.how,
    }  # fmt: skip
    return old, new
