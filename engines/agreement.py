"""Whether two engines agree on the parts that both have judged: pure, of pairs of judgements."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.runtime.parts import Kind


class Pair(NamedTuple):
    """One part, judged by two engines; scores are SCORE words, kinds those of the engine alone."""

    serial: int
    part_id: int
    active_score: int
    shadow_score: int
    active_kind: Kind
    shadow_kind: Kind
    active_ms: float
    shadow_ms: float


class Agreement(NamedTuple):
    """What came of it; shifts are shadow minus active."""

    parts: int
    agree: int
    shift_median: float
    shift_low: float
    shift_high: float
    latency_ms: float
    differing: tuple[int, ...]

    @property
    def share(self) -> float:
        """Of the parts on which both say the same."""
        return self.agree / self.parts if self.parts else 0.0

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {**self._asdict(), "differing": list(self.differing)}

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Agreement:
        """The reverse of as_json."""
        return cls(**{**found, "differing": tuple(found["differing"])})


def agree(pairs: Sequence[Pair]) -> Agreement:
    """What came of these parts."""
    shifts = sorted(pair.shadow_score - pair.active_score for pair in pairs) or [0]
    differing = tuple(pair.part_id for pair in pairs if pair.active_kind != pair.shadow_kind)
    return Agreement(
        parts=len(pairs),
        agree=len(pairs) - len(differing),
        shift_median=median(shifts),
        shift_low=shifts[0],
        shift_high=shifts[-1],
        latency_ms=median([pair.shadow_ms for pair in pairs] or [0.0]),
        differing=differing,
    )


class Watch:
    """The same two engines, roles exchanged, for some parts: says when it is not as promised."""

    def __init__(self, shadow: Agreement, parts: int) -> None:
        self._shadow = shadow
        self._parts = parts
        self._pairs: list[Pair] = []

    def note(self, pair: Pair) -> str:
        """Why it must go back, or nothing."""
        self._pairs.append(pair)
        found = agree(self._pairs)
        if len(self._pairs) <= self._parts and found.parts - found.agree > 3 + self._parts * (
            1 - self._shadow.share
        ):
            return f"{len(found.differing)} of {found.parts} parts judged otherwise"
        return ""
