"""A review of limits in words: the parts, what is proposed, what differs in the station file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.base.scores import ScoreLimits
    from gonogo.build.review.proposal import Labelled, Proposal
    from gonogo.build.review.station import Review
    from gonogo.build.thresholds import Thresholds


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
