"""A review of limits in words: the parts, what is proposed, what differs in the station file."""

from __future__ import annotations

import difflib
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.base.scores import ScoreLimits
    from gonogo.build.review.proposal import Labelled, Proposal
    from gonogo.build.review.station import Review
    from gonogo.build.thresholds import Thresholds
    from gonogo.commands.limits_bundle import Remake
    from gonogo.commands.limits_subject import Subject
    from gonogo.config.limits_applying import Change


def found_lines(review: Review) -> Iterator[str]:
    """How many parts there are, and which are not among them."""
    found = review.found
    yield (
        f"view {review.words.view}: the first {len(found.parts)} parts that engine "
        f"{review.engine} scored; the {len(review.shown)} highest scores are reviewed"
    )
    for why, count in found.left_out.most_common():
        yield f"  left out: {count} {why}"
    if found.gaps:
        yield f"  not known: {found.missing} parts between them, in {len(found.gaps)} gaps"
        yield from (f"    {gap}" for gap in found.gaps[:3])
    without = sum(part.picture is None for part in review.shown)
    if without:
        yield (
            f"  {without} of the {len(review.shown)} have no picture: [records.images] keeps them, "
            "those of accepted parts with every_nth_good = 1"
        )


def part_lines(review: Review, at: int, said: str | None) -> Iterator[str]:
    """One part, as a person is asked about it."""
    part, limits = review.shown[at], review.in_force
    before = f"; you or another said: {said}" if said else ""
    yield (
        f"{at + 1} of {len(review.shown)}: part {part.part_id}, score {part.score:.4g} (now: "
        f"recheck above {limits.recheck_above:.4g}, reject above {limits.reject_above:.4g}), then "
        f"judged {part.verdict} {part.reason}{before}"
    )
    yield f"  {part.missing if part.picture is None else part.picture}"


def proposal_lines(proposal: Proposal, in_force: ScoreLimits) -> Iterator[str]:
    """Both pairs of limits side by side, and what is known of them and what is assumed."""
    limits, found = proposal.limits, proposal.labelled
    yield (
        f"proposed: recheck above {limits.recheck_above:g}, reject above {limits.reject_above:g} "
        f"(in force: {in_force.recheck_above:g}, {in_force.reject_above:g})"
    )
    yield "expected of parts to come, counted on parts that were left out in turn:"
    yield from (f"  {line}" for line in proposal.expected.expected())
    yield "of the limits in force, the same parts:"
    yield from (f"  {line}" for line in proposal.before.expected())
    yield from _known(found)
    yield from _worse(proposal.before, proposal.expected)


def diff_lines(change: Change) -> Iterator[str]:
    """What differs, as programmers know it."""
    old, new = (text.decode().splitlines() for text in (change.before, change.after))
    yield from difflib.unified_diff(old, new, str(change.path), "with the limits", lineterm="", n=2)


def bundle_lines(remake: Remake, limits: ScoreLimits) -> Iterator[str]:
    """What differs between two bundles."""
    was, label = remake.old.manifest, remake.label
    yield f"{was.name} {was.version} -> {label.name} {label.version}: the same model, other limits"
    for name in remake.backends:
        old = was.backends[name]
        yield (
            f"  {name}: recheck above {old.recheck_above:g} -> {limits.recheck_above:g}, reject "
            f"above {old.reject_above:g} -> {limits.reject_above:g}"
        )
    rest = [name for name in was.backends if name not in remake.backends]
    if rest:
        yield f"  {', '.join(rest)}: as they are; their scores are others"


def service_lines(remake: Remake, subject: Subject) -> Iterator[str]:
    """What was made, and what a person types to have it judge, and to have it no more."""
    from gonogo.commands.show.bundles import signed

    label = remake.label
    yield f"{remake.out}: {label.name} {label.version}, {signed(remake.signer)}"
    yield (
        f"  its engine id is that of {remake.old.manifest.version}, {subject.engine}: ids are of "
        "the model. Scores of both are one kind; a verdict stays as it was judged"
    )
    yield from _trusted(remake)
    yield "nothing is installed: the station judges as before"
    yield from _beside(remake, subject) if _own(remake) else _in_place(remake, subject)


def _trusted(remake: Remake) -> Iterator[str]:
    """Whether the station would take it as it is."""
    from gonogo.base.errors import BundleUntrusted
    from gonogo.engines.bundles.trust import policy_of

    try:
        policy_of(remake.section).check_signer(remake.signer)
    except BundleUntrusted as error:
        yield f"warning: this station does not take it so: {error}"
        yield f"  {_typed('bundle', 'sign', remake.out, '--key')} KEY, where a trusted key is"


def _in_place(remake: Remake, subject: Subject) -> Iterator[str]:
    """Under the name that the station asks for."""
    name, version, running = remake.label.name, remake.label.version, subject.station.station.name
    root = ("--root", remake.section.folder)
    station = ("--station", running)
    yield "to have it judge while parts flow:"
    yield f"  {_install(remake)}"
    yield f"  {_typed('swap', 'load', name, version, *station)}"
    yield f"  {_typed('swap', 'activate', *station)}"
    yield "to take it back, in one step:"
    yield f"  {_typed('swap', 'rollback', name, *station)}"
    yield (
        f"of a station that does not run: {_typed('engines', 'activate', name, version, *root)}, "
        f"and back: {_typed('engines', 'rollback', name, *root)}"
    )


def _beside(remake: Remake, subject: Subject) -> Iterator[str]:
    """Under a name of its own: the station file has to ask for it."""
    name, was = remake.label.name, remake.old.manifest.name
    root = ("--root", remake.section.folder)
    yield "to have it judge, from the next start on:"
    yield f"  {_install(remake)}"
    yield f"  {_typed('engines', 'activate', name, remake.label.version, *root)}"
    yield f'  then bundle = "{name}" in {subject.file}, for {subject.place}, and start it again'
    yield f'to take it back: bundle = "{was}" there, and start it again'


def _own(remake: Remake) -> bool:
    return remake.label.name != remake.old.manifest.name


def _install(remake: Remake) -> str:
    section = remake.section
    trust = [word for key in section.trust for word in ("--trust", key)]
    # as the station itself would take it
    unsigned = ["--unsigned"] if remake.signer is None and section.allow_unsigned else []
    return _typed("engines", "install", remake.out, "--root", section.folder, *trust, *unsigned)


def _typed(*words: object) -> str:
    return shlex.join(["gonogo", *map(str, words)])


def _known(found: Labelled) -> Iterator[str]:
    unsure = f", {len(found.unsure)} of which nobody is sure" if len(found.unsure) else ""
    yield f"known: a person saw {len(found.good)} good and {len(found.bad)} bad parts{unsure}"
    if len(found.assumed):
        yield (
            f"assumed: {len(found.assumed)} parts that score below {found.lowest:.4g} are good, "
            "because they score below all that were shown. Nobody has looked at them: a bad part "
            "among them is accepted by these limits, is not in the escape above, and makes it "
            "larger. The audit sample finds such parts"
        )


def _worse(before: Thresholds, after: Thresholds) -> Iterator[str]:
    """Limits that cost more and catch no more are for nobody."""
    if before.escape is None or after.escape is None:
        return
    cost = after.overkill.events + after.recheck.events
    cost_before = before.overkill.events + before.recheck.events
    if after.escape.events >= before.escape.events and cost >= cost_before:
        yield (
            "warning: they are expected to catch no more than the limits in force, and to send no "
            "fewer good parts away: there is no reason to apply them"
        )
