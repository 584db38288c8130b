"""Journals of one part, written by hand, of a judge that may have been late.

Import as `gonogo.tests.plc.sim.onepart`. The part is triggered at 1000 ms, read by the station at
1002 ms and due at 1100 ms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gonogo.proving.plcsim.judge import judge_events

if TYPE_CHECKING:
    from gonogo.proving.plcsim.judge import Judgement

MS = 1_000_000
TRIGGER_MS, HEARD_MS, DUE_MS = 1000.0, 1002.0, 1100.0
WAITS_MS = 80.0
EJECT_MS = 1400.0

Event = dict[str, Any]


def at(t_ms: float, event: str, **keys: object) -> Event:
    """One event."""
    return {"t_ns": round(t_ms * MS), "event": event, **keys}


def behind(what: str, since_ms: float, until_ms: float) -> Event:
    """The judge was late between these moments."""
    return at(until_ms, "behind", what=what, since_ns=round(since_ms * MS))


def hang_up(t_ms: float) -> Event:
    """A connection ended."""
    return at(t_ms, "link", what="disconnected")


def session(t_ms: float) -> Event:
    """A new session was agreed on."""
    return at(t_ms, "session", session=2, ack_seq=0)


def record(
    arrival_ms: float, seen_ms: float | None = None, *, took_ms: float = 20.0, **keys: object
) -> Event:
    """The verdict; seen with its arrival unless said otherwise."""
    seen_ms = arrival_ms if seen_ms is None else seen_ms
    said: Event = {"verdict": 2, "reason": 0, "score": 0, "flags": 0}
    said |= {"latency_100us": round(took_ms * 10), "part": 1, "part_id": 7, "seq": 1}
    said |= {"arrival_ns": round(arrival_ms * MS), "scan_ns": round(seen_ms * MS)}
    said |= {"taken": "late" if seen_ms > DUE_MS else "timely"}
    return at(seen_ms, "record", **(said | keys))


def journal(
    *events: Event,
    polls: bool = False,
    waits_ms: float | None = WAITS_MS,
    heard_ms: float | None = HEARD_MS,
) -> list[Event]:
    """A whole journal of one part, with these events besides."""
    plan: Event = {"parts": 1, "budget_ms": DUE_MS - TRIGGER_MS, "station_waits_ms": waits_ms}
    plan |= {"station": "server" if polls else "client"}
    name: Event = {"part": 1, "part_id": 7}
    return [
        at(-9000, "start", plan=plan, rank=38),
        at(-8999, "session", session=1, ack_seq=0),
        at(TRIGGER_MS, "trigger", **name, good=True, label="x"),
        *([] if heard_ms is None else [at(heard_ms, "heard", part_id=7)]),
        *events,
        at(EJECT_MS, "eject", **name, why="late", good=True, label="x"),
        at(5000, "end", why="complete", missed_scans=0),
    ]


def run(*events: Event, **keys: Any) -> Judgement:  # noqa: ANN401 - as journal
    """That journal, judged."""
    return judge_events(journal(*events, **keys))
