"""What the loader knows, as the answer to `gonogo swap status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gonogo.base.words import NS_PER_MS
from gonogo.engines.loading.agreement import agree
from gonogo.engines.loading.steps import Step
from gonogo.ipc.engine_slot import Phase
from gonogo.ipc.journal import MAX_VIEWS

if TYPE_CHECKING:
    from gonogo.engines.loading.swap_controller import SwapController

KB_PER_MB = 1024


def status_of(exchange: SwapController) -> dict[str, Any]:
    """Both places, what is under way, and what became of it."""
    slots, task = exchange.slots, exchange.task
    count, reason = slots.roll_backs
    return {
        "step": exchange.step.name.lower(),
        "waited_s": round(exchange.now_s - exchange.since_s, 1),
        "ticket": exchange.ticket,
        "engine": {"name": task.wish.name, "version": task.wish.version},
        "outcome": exchange.outcome and exchange.outcome._asdict(),
        "refused": exchange.refused and exchange.refused._asdict(),
        "places": [_place(exchange, number) for number in range(len(slots.places))],
        "shadow": _shadow(exchange),
        "trial": {"left": slots.probation_left, "of": exchange.section.trial_parts},
        "load_limit_s": exchange.section.load_limit_s,
        "warm_s": _warm_s(exchange),
        "switches": slots.switches,
        "switch_ms": slots.switch_ns / NS_PER_MS,
        "roll_backs": {"count": count, "reason": reason.name},
        "registry": exchange.ledger.problem,
    }


def _place(exchange: SwapController, number: int) -> dict[str, Any]:
    slots = exchange.slots
    place, judges = slots.places[number], number == slots.active
    order = place.ordered
    bundles = order.bundles if order else {}
    versions = {name: path.parent.name for name, path in bundles.items()}
    phase = place.phase
    return {
        "place": "AB"[number],
        "role": "active" if judges else _role(exchange, phase),
        "holds": versions,
        "signers": {name: exchange.signers.of(name, version) for name, version in versions.items()},
        "unsigned": place.unsigned,
        "phase": phase.name.lower(),
        "raised": place.realtime,
        "resident_mb": round(place.resident_kb / KB_PER_MB, 1),
        "load_ms": place.load_ms,
        "limits": [
            {"view": view, "recheck_above": found.recheck_above, "reject_above": found.reject_above}
            for view in range(MAX_VIEWS)
            if (found := place.limits(view)) is not None
        ],
        "error": place.error if phase is Phase.REFUSED else 0,
        "message": place.message if phase is Phase.REFUSED else "",
    }


def _role(exchange: SwapController, phase: Phase) -> str:
    """What the place that does not judge is good for at this moment."""
    if exchange.slots.shadowing:
        return "shadow"
    return "warm" if phase is Phase.READY else ""


def _shadow(exchange: SwapController) -> dict[str, Any]:
    slots, task, pairs = exchange.slots, exchange.task, exchange.pairs.pairs
    proof = agree(pairs) if pairs else task.proof
    return {
        "parts": len(pairs),
        "of": task.wish.parts,
        "needed": exchange.section.shadow_parts,
        "keep": task.wish.keep,
        "asked": slots.shadowed - task.shadowed,
        "no_window": slots.no_window - task.no_window,
        "agreement": proof.as_json() if proof else None,
        "proof": task.proof.as_json() if task.proof else None,
        "exchanged": exchange.step in {Step.TRIAL, Step.SETTLED, Step.BACKING},
    }


def _warm_s(exchange: SwapController) -> float:
    """How much longer the former engine is kept warm."""
    if exchange.step is not Step.SETTLED:
        return 0.0
    waited_s = exchange.now_s - exchange.since_s
    return round(max(exchange.section.keep_warm_s - waited_s, 0.0), 1)
