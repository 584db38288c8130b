"""From what was seen, measured and scored to a verdict: one pure function.

Silence means reject: an ACCEPT needs a trusted frame of every view, every rule
passed, and every engine's score within its limits, or, without a trusted score,
what the station allows its rules to say alone.
"""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.scores import SCORE_AT_LIMIT, SCORE_MAX, Opinion, ScoreLimits, by_score
from gonogo.base.words import Mode, Reason, Status, Verdict, VerdictKind
from gonogo.runtime.modes import Input, mode_without

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.base.words import RuleResult, Score, ViewCapture


class Policy(NamedTuple):
    """What the station file says about judging: limits a view (None: no engine there)."""

    limits: tuple[ScoreLimits | None, ...]
    without_engine: VerdictKind  # ACCEPT: the rules decide; else REJECT or RECHECK
    checksum: int = 0  # of all that was read to judge by: station file, learnt images

    @property
    def engine_ids(self) -> tuple[int | None, ...]:
        """Whose scores the limits are for, a view each."""
        return tuple(limit.engine_id if limit else None for limit in self.limits)

    @property
    def word(self) -> int:
        """D8 of the PLC map, 1-65535: another one where rules, limits or engines are others."""
        crc = zlib.crc32(repr((self.checksum, self.limits)).encode())
        return (crc ^ crc >> 16) & 0xFFFF or 1


# not the numbers of VerdictKind, which the PLC map has laid down: RECHECK is 3 there, REJECT 2
_SEVERITY = {
    VerdictKind.NONE: 0,
    VerdictKind.ACCEPT: 1,
    VerdictKind.RECHECK: 2,
    VerdictKind.REJECT: 3,
    VerdictKind.NOT_INSPECTED: 4,
}


def decide(
    captures: Sequence[ViewCapture],
    checks: Sequence[RuleResult],
    scores: Sequence[Score | None],
    policy: Policy,
    *,
    late: bool,
) -> Verdict:
    """The verdict of one part; a part is as good as its worst view."""
    scores = known(scores, policy.limits)
    # both sides are asked whatever the mode is: records and shadow compare them part by part
    rules = by_rules(checks)
    engine = by_engine(scores, policy.limits)
    fault = sight(captures, len(policy.limits))
    mode = mode_without(missing(fault, scores, policy.limits))
    if late:  # before all else: whatever was found, the part may be at the ejector already
        opinion = Opinion(VerdictKind.REJECT, Reason.DEADLINE)
    elif mode is Mode.SAFE:
        opinion = Opinion(VerdictKind.REJECT, fault)
    elif mode is Mode.RULES_ONLY:
        opinion = degraded(rules, engine, policy.without_engine)
        # one engine of two is silent: what the other has found still counts against the part
        opinion = worse(opinion, heard(scores, policy.limits))
    else:
        opinion = worse(rules, engine)
    if opinion.kind is VerdictKind.NONE:  # nobody judged: never an accept
        opinion = Opinion(VerdictKind.REJECT, Reason.ENGINE_SILENT)
    word = score_word(scores, policy.limits)
    return Verdict(opinion.kind, opinion.reason, word, mode, rules.kind, engine.kind)


def known(
    scores: Sequence[Score | None], limits: Sequence[ScoreLimits | None]
) -> Sequence[Score | None]:
    """The scores, those of another engine than the limits are for marked as not to be trusted."""
    return [
        score._replace(fault=Reason.ENGINE_DATA)
        if score is not None
        and limit is not None
        and limit.engine_id not in {None, score.engine_id}
        and score.fault is Reason.OK
        else score
        for score, limit in zip(scores, limits, strict=True)
    ]


def sight(captures: Sequence[ViewCapture], views: int) -> Reason:
    """Why there is no trusted frame of every view; OK when there is one of each."""
    if len(captures) != views or any(each.view != view for view, each in enumerate(captures)):
        return Reason.CAMERA
    return next((each.fault for each in captures if each.fault is not Reason.OK), Reason.OK)


def missing(
    fault: Reason, scores: Sequence[Score | None], limits: Sequence[ScoreLimits | None]
) -> tuple[Input, ...]:
    """What this part has to be judged without; too late is too late, whatever there is."""
    if fault is not Reason.OK:
        return (Input.CAMERA,)
    for score, limit in zip(scores, limits, strict=True):
        if limit is not None and (score is None or score.fault is not Reason.OK):
            return (Input.ENGINE,)
    return ()


def by_rules(checks: Sequence[RuleResult]) -> Opinion:
    """What the rules alone say; a rule that cannot tell asks for a recheck."""
    doubt = False
    for check in checks:
        if check.status is Status.FAIL:
            return Opinion(VerdictKind.REJECT, Reason.RULE)
        doubt = doubt or check.status is Status.CANNOT_TELL
    if doubt:
        return Opinion(VerdictKind.RECHECK, Reason.RULE_BLIND)
    return Opinion(VerdictKind.ACCEPT if checks else VerdictKind.NONE, Reason.OK)


def by_engine(scores: Sequence[Score | None], limits: Sequence[ScoreLimits | None]) -> Opinion:
    """What the engines alone say: the worst view's opinion, NONE if one of them is silent."""
    opinion = Opinion(VerdictKind.NONE, Reason.OK)
    for score, limit in zip(scores, limits, strict=True):
        if limit is None:
            continue
        if score is None:
            return Opinion(VerdictKind.NONE, Reason.ENGINE_SILENT)
        if score.fault is not Reason.OK:
            return Opinion(VerdictKind.NONE, score.fault)
        opinion = worse(opinion, by_score(score.value, limit))
    return opinion


def heard(scores: Sequence[Score | None], limits: Sequence[ScoreLimits | None]) -> Opinion:
    """The worst of the scores that can be trusted: one view's silence excuses no other's defect."""
    opinion = Opinion(VerdictKind.NONE, Reason.OK)
    for score, limit in zip(scores, limits, strict=True):
        if limit is not None and score is not None and score.fault is Reason.OK:
            opinion = worse(opinion, by_score(score.value, limit))
    return opinion


def degraded(rules: Opinion, engine: Opinion, without_engine: VerdictKind) -> Opinion:
    """Without a trusted score the rules decide, as far as the station lets them."""
    if rules.kind is VerdictKind.REJECT:
        return rules
    if rules.kind is VerdictKind.RECHECK:  # here "cannot tell" is a fail
        return Opinion(VerdictKind.REJECT, Reason.RULE_BLIND)
    if rules.kind is VerdictKind.NONE:
        return Opinion(VerdictKind.REJECT, engine.reason)
    return Opinion(without_engine or VerdictKind.REJECT, engine.reason)


def worse(one: Opinion, other: Opinion) -> Opinion:
    """The more severe of two opinions; the first at a draw."""
    return other if _SEVERITY[other.kind] > _SEVERITY[one.kind] else one


def score_word(scores: Sequence[Score | None], limits: Sequence[ScoreLimits | None]) -> int:
    """SCORE of the PLC map: the worst view, with its reject limit at 5000, clamped to 0-10000."""
    word = 0
    for score, limit in zip(scores, limits, strict=True):
        if score is None or limit is None:
            continue
        if score.fault is not Reason.OK:
            return SCORE_MAX  # nan has no place in a word, and 0 would look like a perfect part
        word = max(word, _scaled(score.value, limit.reject_above))
    return word


def _scaled(value: float, limit: float) -> int:
    if not math.isfinite(value) or not math.isfinite(limit):
        return SCORE_MAX
    if limit <= 0:  # a model whose scores are not positive has no natural zero
        return SCORE_MAX if value > limit else 0
    return round(min(max(SCORE_AT_LIMIT * (value / limit), 0.0), SCORE_MAX))
