"""Score limits into a bundle that is made anew from the one in service; nothing is installed.

Limits are signed together with an engine, so that no station file has those of a bundle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gonogo.base.errors import LimitsNotApplied

if TYPE_CHECKING:
    from gonogo.build.review.proposal import Proposal
    from gonogo.build.review.remake import Remake, Service
    from gonogo.commands.limits_subject import Wishes
    from gonogo.console.limits.subject import Subject

Rows = tuple[dict[str, Any], dict[str, Any]]


def how(subject: Subject) -> str:
    """What is to be typed to have limits applied."""
    from gonogo.build.review.remake import proposed

    service = _service(subject)
    if service is None:
        return '--apply --why "..." writes them into the station file'
    return (
        f'--apply --out {proposed(service)} --why "..." makes a bundle with them, signed with --key'
    )


def remake_of(subject: Subject, wishes: Wishes) -> Remake | None:
    """What `--out` asks for; None of a model file. LimitsNotApplied, BuildError, KeyFileError."""
    from gonogo.build.review.remake import planned

    service = _service(subject)
    if service is None:
        if wishes.out is not None or wishes.key is not None:
            raise LimitsNotApplied(
                f"{subject.place} is a model file, whose limits go into the station file: "
                "expected neither --out nor --key"
            )
        return None
    if wishes.out is None:
        raise LimitsNotApplied(
            f"{subject.place} is a bundle: its limits are signed with it and stand in no station "
            f"file; {how(subject)}"
        )
    return planned(service, wishes.out, wishes.key)


def make(subject: Subject, proposal: Proposal, remake: Remake, *, yes: bool) -> None:
    """Write the bundle, once a person has agreed, and say how it comes into service.

    LimitsNotApplied, BundleError, RegistryError.
    """
    from gonogo.build.review.apply import into_bundle, of_proposal
    from gonogo.build.review.remake import check_still
    from gonogo.commands.auditing import audited, of_station
    from gonogo.commands.show.limits_bundle import differing_lines, service_lines

    limits, facts = proposal.limits, remake.old.manifest.backends
    if all(_pair(facts[name]) == _pair(limits) for name in remake.backends):
        click.echo("the bundle in service has these limits already")
        return
    for line in differing_lines(remake, limits):
        click.echo(line)
    if not yes and not click.confirm("make this bundle?"):
        raise LimitsNotApplied(f"{remake.out}: not agreed to; nothing was written")
    check_still(remake)
    old, new = _rows(proposal, remake)
    with audited(of_station(subject.station), "limits bundle", new, old) as change:
        found = of_proposal(proposal, remake.backends)
        made = into_bundle(remake.old.chosen.path, found, remake.label, remake.out, remake.key)
        change.new = new | {"engine_id": f"{made.engine_id:016x}"}
    for line in service_lines(remake):
        click.echo(line)


def _service(subject: Subject) -> Service | None:
    """None for a model file."""
    from gonogo.build.review.remake import Service

    engine, section = subject.view.engine, subject.station.engines
    if subject.installed is None or engine is None or section is None:
        return None
    return Service(
        subject.file, subject.station.station.name, subject.place, section, subject.installed,
        engine.backend,
    )  # fmt: skip


def _pair(limits: Any) -> tuple[float, float]:  # noqa: ANN401 - of a backend, or proposed
    return limits.recheck_above, limits.reject_above


def _rows(proposal: Proposal, remake: Remake) -> Rows:
    """Old and new, for the audit trail."""
    was, place, signer = remake.old.manifest, remake.old.place, remake.signer
    where = {"view": place.view, "recipe": place.recipe}
    old = {
        **where, "engine": was.name, "version": was.version, "engine_id": f"{was.engine_id:016x}",
        "limits": {name: list(_pair(was.backends[name])) for name in remake.backends},
    }  # fmt: skip
    new = {
        **old, "engine": remake.label.name, "version": remake.label.version,
        "limits": {name: list(_pair(proposal.limits)) for name in remake.backends},
        "file": str(remake.out.resolve()),
        "signer": None if signer is None else signer.fingerprint,
        "expected": proposal.expected.expected(), "how": proposal.expected.how,
    }  # fmt: skip
    return old, new
