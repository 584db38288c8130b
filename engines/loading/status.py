"""What the loader knows, as the answer to `gonogo swap status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gonogo.base.words import NS_PER_MS
from gonogo.engines.loading.agreement import agree
from gonogo.engines.loading.steps import Step
from gonogo.ipc.engine_slot import Phase
from gonogo.ipc.journal import MAX_VIEWS

if TYPE_CHECKING:
    from gonogo.engines.loading.resources import Resources
    from gonogo.engines.loading.swap_controller import Standing

KB_PER_MB = 1024


def status_of(standing: Standing, at: Resources) -> dict[str, Any]:
    """Both slots, what is under way, and what became of it."""
    slots, wish = at.slots, standing.wish
    count, reason = slots.roll_backs
    return {
        "step": standing.step.name.lower(),
        "waited_s": round(standing.waited_s, 1),
        "ticket": standing.ticket,
        # of the last swap once nothing is under way: `outcome` is about that one
        "engine": {"name": wish.name, "version": wish.version},
        "outcome": standing.outcome and standing.outcome._asdict(),
        "refused": standing.refused and standing.refused._asdict(),
        "places": [_slot(at, number) for number in range(len(slots.places))],
        "shadow": _shadow(standing, at),
        "trial": {"left": slots.probation_left, "of": at.section.trial_parts},
        "load_limit_s": at.section.load_limit_s,
        "warm_s": _warm_s(standing, at.section.keep_warm_s),
        "switches": slots.switches,
        "switch_ms": slots.switch_ns / NS_PER_MS,
        "roll_backs": {"count": count, "reason": reason.name},
        "registry": at.versions.problem,
    }


def _slot(at: Resources, number: int) -> dict[str, Any]:
    slot, judges = at.slots.places[number], number == at.slots.active
    order = slot.ordered
    bundles = order.bundles if order else {}
    versions = {name: path.parent.name for name, path in bundles.items()}
    phase = slot.phase
    return {
        "place": "AB"[number],
        "role": "active" if judges else _role(at, phase),
        "holds": versions,
        "signers": {name: at.signers.of(name, version) for name, version in versions.items()},
        "unsigned": slot.unsigned,
        "phase": phase.name.lower(),
        "raised": slot.realtime,
        "resident_mb": round(slot.resident_kb / KB_PER_MB, 1),
        "load_ms": slot.load_ms,
        "limits": [
            {"view": view, "recheck_above": found.recheck_above, "reject_above": found.reject_above}
            for view in range(MAX_VIEWS)
            if (found := slot.limits(view)) is not None
        ],
        # words of a refusal stay in memory until the next order: told only while they are true
        "error": slot.error if phase is Phase.REFUSED else 0,
        "message": slot.message if phase is Phase.REFUSED else "",
    }


def _role(at: Resources, phase: Phase) -> str:
    """What the slot that does not judge is good for at this moment."""
    if at.slots.shadowing:
        return "shadow"
    return "warm" if phase is Phase.READY else ""


def _shadow(standing: Standing, at: Resources) -> dict[str, Any]:
    wish, counted, pairs = standing.wish, standing.counted, at.pairs.pairs
    # pairs begin anew with the trial: until the first one comes, the shadow's proof is shown
    found = agree(pairs) if pairs else standing.proof
    return {
        "parts": len(pairs),
        "of": wish.parts,
        "needed": at.section.shadow_parts,
        "keep": wish.keep,
        "asked": counted.asked,
        "no_window": counted.no_window,
        "agreement": found.as_json() if found else None,
        "proof": standing.proof.as_json() if standing.proof else None,
        "exchanged": standing.step in {Step.TRIAL, Step.SETTLED, Step.BACKING},
    }


def _warm_s(standing: Standing, keep_warm_s: float) -> float:
    """How much longer the former engine is kept warm."""
    if standing.step is not Step.SETTLED:
        return 0.0
    return round(max(keep_warm_s - standing.waited_s, 0.0), 1)
