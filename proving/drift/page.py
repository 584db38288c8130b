"""The figures of the simulation, as the table of docs/drift.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.proving.drift.campaign import by_signal, delays, false_alarms, rate, within
from gonogo.proving.drift.simulate import SOON_H
from gonogo.proving.drift.world import Cause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.proving.drift.campaign import Rate
    from gonogo.proving.drift.simulate import Delay, Seed


def table(seeds: Sequence[Seed]) -> str:
    """False alarms, and the delays of each cause, in Markdown."""
    hours = seeds[0].hours if seeds else 0
    head = (
        f"| cause | hours until the first signal: median | longest | within {SOON_H} h "
        f"| first signals | plain chart within {SOON_H} h |"
    )
    lines = [
        f"{len(seeds)} seeds of {hours} h after the reference; limits were chosen on other seeds.",
        "",
        "| false alarms in 30 days | mean | upper 95 % bound |",
        "|---|---|---|",
        _rate("all charts together, each by itself counted", false_alarms(seeds)),
        _rate("hours that the plain chart calls out", rate([seed.plain for seed in seeds], seeds)),
        "",
        "Of the charts: "
        + ", ".join(f"{signal.value} {count}" for signal, count in by_signal(seeds).items())
        + ".",
        "",
        head,
        "|---|---|---|---|---|---|",
        *(_cause(cause, delays(seeds, cause)) for cause in Cause if cause is not Cause.NONE),
    ]
    return "\n".join(lines)


def _rate(name: str, found: Rate) -> str:
    return f"| {name} | {found.mean:.2f} | {found.upper:.2f} |"


def _cause(cause: Cause, found: Sequence[Delay]) -> str:
    names = [each.signal.value for each in found if each.signal is not None]
    often = sorted(set(names), key=lambda name: (-names.count(name), name))
    first = ", ".join(f"{name} {names.count(name)}" for name in often)
    hours = [each.hours for each in found]
    soon = f"{within(found, SOON_H)} of {len(found)}"
    early = sum(each.plain_h is not None and each.plain_h <= SOON_H for each in found)
    plain = f"{early} of {len(found)}"
    return f"| {cause.value} | {_median(hours)} | {_longest(hours)} | {soon} | {first} | {plain} |"


def _median(hours: Sequence[int | None]) -> str:
    """The upper one of an even number; of what was not found: never."""
    found = sorted(float("inf") if each is None else each for each in hours)
    return _text(found[len(found) // 2])


def _longest(hours: Sequence[int | None]) -> str:
    return _text(max(float("inf") if each is None else each for each in hours))


def _text(hours: float) -> str:
    return "not found" if hours == float("inf") else f"{hours:g}"
