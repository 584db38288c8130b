"""The exchange of an engine in lines for people: both places, how far it is, what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.engines.loading.agreement import Agreement

if TYPE_CHECKING:
    from collections.abc import Iterator

# the loader keeps twenty of them (DIFFERING_MAX); a line of a terminal holds ten
_SHOWN = 10  # parts that differ
# by the name of a Step (gonogo.engines.loading.steps): one without words here is a KeyError, which
# a test looks for
_WORDS = {
    "idle": "nothing is under way",
    "checking": "{} is being checked",
    "loading": "{} is being loaded",
    "shadow": "{} judges in shadow",
    "reported": "{} waits to be activated",
    "raising": "{} is raised to real time",
    "switching": "the line is asked to judge by {}",
    "trial": "{} is on trial",
    "settled": "{} judges",
    "backing": "the line is asked to judge by the former engine instead of {}",
    "unloading": "the place that does not judge is being emptied",
}


def describe(station: str, found: dict[str, Any]) -> Iterator[str]:
    """The answer to `status`."""
    # a dict, as it came over the control socket
    step = _WORDS[found["step"]].format(_label(found))
    warm = f"; the former engine is warm for {found['warm_s']:.0f} s" if found["warm_s"] else ""
    trial = f", {found['trial']['left']} parts left" if found["step"] == "trial" else ""
    yield f"station '{station}': {step}{trial}{warm}"
    for place in found["places"]:
        yield from _place(place)
    yield from _compared(found)
    # counted since the station came up, by the line itself: also what it did without being asked
    if found["switches"]:
        back = found["roll_backs"]["count"]
        yield (
            f"  what judges was changed {_times(found['switches'])}, the last time in "
            f"{found['switch_ms']:.3f} ms; the line went back by itself {_times(back)}"
        )
    if found["refused"]:
        yield f"  last refusal: {found['refused']['text']}"
    if found["registry"]:
        yield f"  the folder of engines does not say yet what judges: {found['registry']}"


def report(found: dict[str, Any]) -> Iterator[str]:
    """What came of the shadow: agreement, score shift, latency."""
    shadow = found["shadow"]
    if shadow["agreement"] is None:
        # a station whose line is busy all the time has no idle window for a second engine
        if shadow["of"] and found["step"] == "reported":
            yield (
                f"{_label(found)}: no idle window in {shadow['no_window']} parts, so nothing was "
                "compared; to activate it all the same say --without-shadow"
            )
        return
    yield from _agreed(found, Agreement.from_json(shadow["agreement"]))


class Beside(NamedTuple):
    """An engine beside the other one, whichever of the two is the one in shadow.

    `shift_...` in score words of 10000, `its` and `other` are prefixes of latencies.
    """

    other_is: str
    shift_median: float
    shift_low: float
    shift_high: float
    its: str
    other: str


def beside(agreed: Agreement, *, exchanged: bool) -> Beside:
    """In the trial the roles are exchanged: the former engine is the one in shadow."""
    shifts = agreed.shift_median, agreed.shift_low, agreed.shift_high
    if not exchanged:
        return Beside("the engine that judges", *shifts, "shadow", "active")
    # shadow minus active is the former engine minus this one: turned round, low is high
    median, high, low = (-shift for shift in shifts)
    return Beside("the former engine", median, low, high, "active", "shadow")


def _agreed(found: dict[str, Any], agreed: Agreement) -> Iterator[str]:
    which = beside(agreed, exchanged=found["shadow"]["exchanged"])
    took_ms = agreed.latency_ms
    yield (
        f"{_label(found)}: {agreed.agree} of {agreed.parts} parts judged as {which.other_is} does "
        f"({100 * agreed.share:.1f} %)"
    )
    yield (
        f"  score shift {which.shift_median:+.0f} ({which.shift_low:+.0f} to "
        f"{which.shift_high:+.0f}) of 10000, with the reject limit at 5000"
    )
    its_ms, its_99_ms = (took_ms[f"{which.its}_{quantile}"] for quantile in ("p50", "p99"))
    yield (
        f"  latency {its_ms:.1f} ms (99 % within {its_99_ms:.1f} ms), of {which.other_is} "
        f"{took_ms[f'{which.other}_p50']:.1f} ms; "
        f"{found['shadow']['no_window']} parts had no idle window"
    )
    differing = ", ".join(str(pair.part_id) for pair in agreed.differing[:_SHOWN])
    if differing:
        # by the counts, not by the list, which is cut off by the loader
        more = ", ..." if agreed.parts - agreed.agree > _SHOWN else ""
        yield f"  judged otherwise: part {differing}{more} (`gonogo swap compare RECORDS`)"


def progress_of(found: dict[str, Any]) -> Iterator[tuple[str, int, int]]:
    """(what, done, total) of the step that it is at."""
    step, shadow, trial = found["step"], found["shadow"], found["trial"]
    # how far it is nobody knows: the bar shows how much of its time is gone
    if step in {"checking", "loading"}:
        limit_s = round(found["load_limit_s"])
        yield f"{step} {_label(found)} (at most {limit_s} s)", round(found["waited_s"]), limit_s
    elif step == "shadow":
        yield "parts in shadow", shadow["parts"], shadow["of"]
    elif step == "trial":
        yield "parts on trial", trial["of"] - trial["left"], trial["of"]


def _times(count: int) -> str:
    return {0: "never", 1: "once"}.get(count, f"{count} times")


def _label(found: dict[str, Any]) -> str:
    return f"{found['engine']['name']} {found['engine']['version']}"


def _place(place: dict[str, Any]) -> Iterator[str]:
    head = f"  engine {place['place']} {place['role']:<6}"
    if not place["holds"]:
        yield f"{head} empty"
        return
    names = ", ".join(_signed(place, name, version) for name, version in place["holds"].items())
    yield f"{head} {place['phase']:<9} {names}"
    if place["error"]:
        yield f"      {place['message']}"
    if place["phase"] == "ready":
        # loaded in the idle class, raised when it is to judge
        real = ", in real time" if place["raised"] else ""
        yield f"      {place['resident_mb']:g} MB, loaded in {place['load_ms']} ms{real}"
    for limits in place["limits"]:
        yield (
            f"      view {limits['view']}: recheck above {limits['recheck_above']:.6g}, "
            f"reject above {limits['reject_above']:.6g}"
        )


def _signed(place: dict[str, Any], name: str, version: str) -> str:
    signer = place["signers"][name]
    # what nobody signed is said aloud: it runs only where the station file allows it
    mark = f" signed by {signer}" if signer else ""
    return f"{name} {version}{mark or (' UNSIGNED' if place['unsigned'] else '')}"


def _compared(found: dict[str, Any]) -> Iterator[str]:
    shadow = found["shadow"]
    if found["step"] == "shadow":
        yield f"  {shadow['parts']} of {shadow['of']} parts compared"
    for line in report(found):
        yield f"  {line}"
