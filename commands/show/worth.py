"""Whether a rehearsed station is good enough, in words, and what to do where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gonogo.proving.rehearse import EXIT_NOT_ENOUGH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SHOWN = 8  # parts by name in a line
UNKNOWN = {
    "escape": "escape not known: no bad part was shown",
    "overkill": "overkill not known: no good part was shown",
}


def next_lines(worth: Mapping[str, Any], sheet: str | None = None) -> Iterator[str]:
    """Which limit lets which bad parts pass, and which good parts are rejected by what.

    `sheet`: the picture of those that passed.
    """
    if unreadable := worth["unreadable"]:
        yield (
            f"  {len(unreadable)} pictures cannot be shown, and count as bad parts: "
            f"{'; '.join(worth.get('unreadable_why') or [_names(unreadable)])}"
        )
    if sheet is not None:
        yield f"  the {_count(worth['escaped'])} that passed, side by side: {sheet}"
    for lead in worth["lets_pass"]:
        yield _lets_pass(lead)
    for lead in worth["rejects_good"] if not worth["overkill"]["enough"] else ():
        yield _rejects(lead)
    if worth["lets_pass"] or worth["enough"] is False:
        yield (
            "  next: gonogo limits STATION --good DIR --bad DIR proposes limits from such parts, "
            "gonogo measure STATION PICTURE shows what each rule sees"
        )


def sentence(worth: Mapping[str, Any], code: int) -> str:
    """One line: good enough or not, by both shares with their intervals, and the exit code."""
    both = "; ".join(_share(kind, worth[kind]) for kind in ("escape", "overkill"))
    if code not in {0, EXIT_NOT_ENOUGH}:
        return f"not judged whether it is good enough, for not all was in time: {both}"
    if worth["enough"] is None:
        return f"whether it is good enough is not known: {both}"
    if worth["enough"]:
        return f"good enough: {both}"
    return f"NOT GOOD ENOUGH, exit code {code}: {both}"


def _share(kind: str, side: Mapping[str, Any]) -> str:
    if not side["of"]:
        return UNKNOWN[kind]
    return (
        f"{kind} {side['share_pct']:.1f} % ({side['events']} of {side['of']}; 95 % sure of "
        f"{side['low_pct']:.1f} to {side['high_pct']:.1f} %), at most {side['max_pct']:g} % is "
        f"wanted (max_{kind}_pct)"
    )


def _lets_pass(lead: Mapping[str, Any]) -> str:
    parts = lead["parts"]
    if lead["gauge"] is None:
        return (
            f"  nothing tells {_count(parts)} that passed from good ones: {_names(parts)}; "
            "add a rule for what is wrong with them, or teach an engine from more good parts"
        )
    low, high = lead["good"]
    return (
        f"  {lead['gauge']} lets pass what lies beyond every good part ({low:.4g} to {high:.4g}"
        f"{_unit(lead)}): {_count(parts)}, {_names(parts)}; {lead['key']} = "
        f"{lead['would_reject_at']:g} would have rejected them"
    )


def _rejects(lead: Mapping[str, Any]) -> str:
    parts = lead["parts"]
    if lead["gauge"] is None:
        return f"  an engine, and no rule, rejected good parts: {_names(parts)}"
    ends = [f"{key} = {lead[key]:g}" for key in ("low", "high") if lead[key] is not None]
    return f"  {lead['gauge']} ({', '.join(ends)}) rejected good parts: {_names(parts)}"


def _names(parts: Mapping[str, float | None] | Sequence[str]) -> str:
    named = [_named(name, parts) for name in list(parts)[:SHOWN]]
    more = len(parts) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def _named(name: str, parts: Mapping[str, float | None] | Sequence[str]) -> str:
    if not isinstance(parts, dict):
        return name
    value = parts[name]
    return f"{name} (cannot tell)" if value is None else f"{name} ({value:.4g})"


def _count(parts: Mapping[str, float | None] | Sequence[str]) -> str:
    return f"{len(parts)} bad part{'s' if len(parts) > 1 else ''}"


def _unit(lead: Mapping[str, Any]) -> str:
    return f" {lead['unit']}" if lead["unit"] else ""
