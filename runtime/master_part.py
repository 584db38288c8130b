"""What the station's verdict on a part that is known to be good or bad is worth: pure.

An answer is right or wrong only where the station judged the part: with a trusted frame, in time,
by everything that it has to judge with. What was rejected for any other reason is void, and so is
never taken for a test that was passed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import MasterAnswer, MasterPart, Mode, Reason, Status, VerdictKind
from gonogo.ipc.master_part import Why

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.base.words import RuleResult, Verdict

ENGINE = "engine"  # in [master_part] bad_reason
# RULE_BLIND is not among them: whoever could not measure has not judged
_JUDGED = frozenset({Reason.OK, Reason.ENGINE, Reason.ENGINE_DOUBT, Reason.RULE})
_NOT_PASSED = frozenset({VerdictKind.REJECT, VerdictKind.RECHECK})


class Finder(NamedTuple):
    """Who has to find the known bad part: the engine, or the rules at these places of the checks.

    Anybody may where `anybody` is set.
    """

    anybody: bool = True
    engine: bool = False
    rules: tuple[int, ...] = ()

    @classmethod
    def of(cls, bad_reason: str | None, rules: Sequence[str]) -> Finder:
        """As the station file says, among the `rules` of the recipe in force."""
        if bad_reason is None:
            return cls()
        if bad_reason == ENGINE:
            return cls(anybody=False, engine=True)
        places = tuple(at for at, name in enumerate(rules) if name == bad_reason)
        return cls(anybody=False, rules=places)

    @property
    def missing(self) -> bool:
        """Whether nobody in this recipe is the one."""
        return not (self.anybody or self.engine or self.rules)


class Outcome(NamedTuple):
    """What came of it; `why` says more where it was not right."""

    answer: MasterAnswer
    why: Why = Why.NONE


_RIGHT = Outcome(MasterAnswer.RIGHT)


def outcome(
    part: MasterPart, verdict: Verdict, checks: Sequence[RuleResult], finder: Finder
) -> Outcome:
    """Of the verdict as it was decided, whatever the PLC is told."""
    # without its engine (a mode that is not FULL) the station judged by less than it stands for
    if verdict.mode is not Mode.FULL or verdict.reason not in _JUDGED:
        return Outcome(MasterAnswer.VOID, Why.NOT_JUDGED)
    accepted = verdict.kind is VerdictKind.ACCEPT
    if part is MasterPart.GOOD:
        return _RIGHT if accepted else Outcome(MasterAnswer.WRONG, Why.GOOD_REJECTED)
    if accepted:
        return Outcome(MasterAnswer.WRONG, Why.BAD_ACCEPTED)
    return _RIGHT if finder.anybody else _found(verdict, checks, finder)


def _found(verdict: Verdict, checks: Sequence[RuleResult], finder: Finder) -> Outcome:
    """Whether it was rejected by the one that has to find it."""
    if finder.engine:
        seen = {Status.FAIL if verdict.engine in _NOT_PASSED else Status.PASS}
    else:
        seen = {checks[at].status for at in finder.rules}
    if Status.FAIL in seen:
        return _RIGHT
    # rejected by another one, while the one that counts could not say
    if Status.CANNOT_TELL in seen or not seen:
        return Outcome(MasterAnswer.VOID, Why.BLIND)
    return Outcome(MasterAnswer.WRONG, Why.NOT_FOUND)


def as_told(part: MasterPart, verdict: Verdict) -> Verdict:
    """What the PLC is told: of a known bad part always a reject."""
    if part is not MasterPart.BAD or verdict.kind not in {VerdictKind.ACCEPT, VerdictKind.RECHECK}:
        return verdict
    accepted = verdict.kind is VerdictKind.ACCEPT
    reason = Reason.MASTER_PART if accepted else verdict.reason
    return verdict._replace(kind=VerdictKind.REJECT, reason=reason)
