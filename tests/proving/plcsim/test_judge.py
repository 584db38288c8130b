"""The judge, on journals written by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.proving.plcsim.judge import judge, judge_events, spread

if TYPE_CHECKING:
    from pathlib import Path

Events = list[dict[str, Any]]
MS = 1_000_000


def start(parts: int) -> Events:
    """The first line of a journal."""
    return [{"t_ns": 0, "event": "start", "plan": {"parts": parts}, "port": 1, "pid": 1}]


def trigger(part: int, *, good: bool = True) -> Events:
    """Part `part` at the photo-eye, at 100 ms each."""
    keys = {"part": part, "part_id": part + 1000, "good": good, "label": "x"}
    return [{"t_ns": 100 * part * MS, "event": "trigger", "scan_ns": 100 * part * MS, **keys}]


def record(part: int, verdict: int = 1, taken: str = "timely", event: str = "record") -> Events:
    """A record seen 30 ms after the trigger that arrived after 20 ms, and its acknowledgement."""
    at_ns = 100 * part * MS
    keys = {"seq": part, "arrival_ns": at_ns + 20 * MS, "scan_ns": at_ns + 30 * MS}
    said = {"part_id": part + 1000, "verdict": verdict, "reason": 0, "taken": taken, **keys}
    whose = part if event == "record" else None
    return [
        {"t_ns": at_ns + 30 * MS, "event": event, "part": whose, **said},
        {"t_ns": at_ns + 31 * MS, "event": "ack", **keys},
    ]


def out(part: int, event: str, why: str = "accept") -> Events:
    """Part `part` at the ejector."""
    return [{"t_ns": (100 * part + 90) * MS, "event": event, "part": part, "why": why}]


def end() -> Events:
    """The last line."""
    return [{"t_ns": 10**12, "event": "end", "why": "complete", "missed_scans": 2}]


def run_of_three() -> Events:
    """Two good parts accepted, one bad part rejected."""
    return [
        *start(3),
        *(trigger(1) + record(1) + out(1, "pass")),
        *(trigger(2) + record(2) + out(2, "pass")),
        *(trigger(3, good=False) + record(3, 2) + out(3, "eject", "verdict")),
        *end(),
    ]


def test_judge_finds_a_perfect_run_ok() -> None:
    """All counts and times of a run without a fault."""
    found = judge_events(run_of_three())
    assert found.ok
    assert (found.planned, found.parts, found.good, found.bad, found.passed) == (3, 3, 2, 1, 2)
    assert (found.verdicts, found.kinds) == (3, {"accept": 2, "reject": 1})
    assert (found.overkill, found.escape, found.missing, found.late) == (0, 0, 0, 0)
    assert (found.arrival_ms, found.seen_ms) == (spread([20] * 3), spread([30] * 3))
    assert found.ack_ms == spread([11] * 3)
    assert (found.end, found.missed_scans, found.unfinished) == ("complete", 2, 0)
    row = found.rows[2]
    assert (row.part_id, row.verdict, row.outcome, row.why) == (1003, 2, "eject", "verdict")
    assert row.acked_ns == 331 * MS


def test_judge_counts_a_late_part_as_missing_too() -> None:
    """A late verdict is no verdict."""
    found = judge_events(trigger(1) + out(1, "eject", "silent") + record(1, taken="late"))
    assert (found.late, found.missing, found.verdicts, found.kinds) == (1, 1, 0, {})
    assert (found.overkill, found.ok) == (1, False)


def test_judge_counts_a_silent_part_as_missing() -> None:
    """A bad part ejected in silence is no escape, but no verdict either."""
    found = judge_events(trigger(1, good=False) + out(1, "eject", "silent"))
    assert (found.missing, found.late, found.escape, found.overkill) == (1, 0, 0, 0)
    assert not found.ok


def test_judge_counts_a_record_for_a_wrong_part() -> None:
    """One stray record spoils a run that is good otherwise."""
    found = judge_events([*run_of_three(), *record(9, event="wrong_part")])
    assert (found.wrong_part, found.missing, found.ok) == (1, 0, False)


def test_judge_counts_a_doubled_record() -> None:
    """The first record stands as the verdict."""
    found = judge_events([*run_of_three(), *record(1, 2, taken="doubled")])
    assert (found.doubled, found.rows[0].records, found.rows[0].verdict) == (1, 2, 1)
    assert not found.ok


def test_judge_counts_escape_and_overkill_at_the_ejector() -> None:
    """What counts is where the part went, not what was said of it."""
    found = judge_events(
        [
            *(trigger(1, good=False) + record(1) + out(1, "pass")),
            *(trigger(2) + record(2) + out(2, "eject", "permit")),
        ]
    )
    assert (found.escape, found.overkill, found.kinds) == (1, 1, {"accept": 2})
    assert found.ok  # the promise of one timely verdict was kept


def test_judge_leaves_parts_on_the_belt_out() -> None:
    """A part that was not through the ejector is neither missing nor overkill."""
    found = judge_events([*run_of_three(), *trigger(4)])
    assert (found.parts, found.unfinished, found.missing, found.ok) == (3, 1, 0, True)


def test_judge_of_nothing_is_not_ok() -> None:
    """A run without a part proves nothing."""
    assert not judge_events(start(3) + end()).ok
    assert not judge_events(trigger(1)).ok


def test_judge_passes_over_a_part_that_was_not_planned() -> None:
    """A device trigger may go on while the run ends; such records count for nothing."""
    unplanned = record(9, taken="unplanned")
    unplanned[0]["part"] = None
    found = judge_events([*run_of_three(), *unplanned])
    assert (found.ok, found.parts, found.wrong_part) == (True, 3, 0)


def test_judge_counts_the_lost_as_missing() -> None:
    """A part that the PLC forgot had no timely verdict; that is not called late."""
    found = judge_events(trigger(1) + record(1, taken="lost") + out(1, "eject", "lost"))
    assert (found.missing, found.late) == (1, 0)


@given(cut=st.integers(min_value=0))
def test_judge_reads_a_journal_cut_anywhere(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    """A journal cut at any byte is judged by its whole lines."""
    events = run_of_three()
    lines = [json.dumps(event).encode() for event in events]
    whole = b"\n".join(lines) + b"\n"
    cut %= len(whole) + 1
    path = tmp_path_factory.mktemp("cut") / "run.jsonl"
    path.write_bytes(whole[:cut])
    ends = [sum(map(len, lines[: k + 1])) + k for k in range(len(lines))]
    assert judge(path) == judge_events(events[: sum(at <= cut for at in ends)])


def test_judge_refuses_a_damaged_journal(tmp_path: Path) -> None:
    """Damage before the last line is named with file and line."""
    path = tmp_path / "run.jsonl"
    path.write_text('{"event": "start", "plan": {"parts": 1}}\n{"ev\n{"event": "x"}\n')
    with pytest.raises(ValueError, match=r"run\.jsonl, line 2"):
        judge(path)


def test_spread_is_nearest_rank() -> None:
    """Of 1 .. 100 ms the p50 is 50 and the p99 is 99; of nothing there are none."""
    assert spread(range(100, 0, -1)) == {"count": 100, "p50": 50, "p99": 99, "max": 100}
    assert spread([5.0]) == {"count": 1, "p50": 5, "p99": 5, "max": 5}
    assert spread([]) == {"count": 0, "p50": None, "p99": None, "max": None}
