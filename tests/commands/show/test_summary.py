"""What a rehearsal says at its end of who was late."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from gonogo.commands.show.summary import SHOWN, judge_lines, show_summary

TIMES = {"late_ms": 20.04, "judge_late_ms": 75.06}


def untimely(part: int, by: str, **times: float | None) -> dict[str, Any]:
    """A part without a timely verdict."""
    return {"part": part, "part_id": part, "by": by, **(TIMES | times)}


def figures(*parts: dict[str, Any], times_late: int = 0, rank: int = 38) -> dict[str, Any]:
    """A rehearsal of ten parts, these untimely, all of them by a record that came late."""
    sides = {
        side: dict.fromkeys(("late", "missing"), sum(part["by"] == side for part in parts))
        for side in ("station", "judge")
    }
    spans = dict.fromkeys(("p50", "p99", "p999", "max"), 1.0)
    return {
        "asked": 10,
        "parts": 10,
        "verdicts": 10 - len(parts),
        "verdict_kinds": {"accept": 10 - len(parts)},
        "late": len(parts),
        "missing": len(parts),
        "wrong_part": 0,
        "doubled": 0,
        "interrupted": False,
        "engine_backend": "",
        "good": 10,
        "bad": 0,
        "confusion": {"both": {"overkill": 0, "escape": 0}},
        "stages_ms": {"total": spans},
        "ack_ms": spans,
        "modes": {"FULL": 10},
        "by_station": sides["station"],
        "by_judge": sides["judge"],
        "untimely": list(parts),
        "worth": {
            "enough": True,
            "escape": {"of": 0, "events": 0, "max_pct": 5.0, "enough": None},
            "overkill": {"of": 0, "events": 0, "max_pct": 5.0, "enough": None},
            "unreadable": [],
            "escaped": [],
            "lets_pass": [],
            "rejects_good": [],
        },
        "sheet": None,
        "judge": {"times_late": times_late, "worst_ms": 75.06, "late_ms": 80.0, "rank": rank},
    }


def shown(found: dict[str, Any]) -> str:
    """The whole summary, as plain text."""
    console = Console(width=200)
    with console.capture() as capture:
        show_summary(console, found)
    return capture.get()


def test_summary_of_a_clean_run_on_a_quiet_box_says_nothing_of_the_judge() -> None:
    """Nobody was late."""
    assert judge_lines(figures()) == []
    assert "INCONCLUSIVE" not in shown(figures())


def test_summary_tells_a_judge_that_was_late_in_one_line() -> None:
    """It did no harm; on a box without real-time permission it says why."""
    assert judge_lines(figures(times_late=3)) == [
        "the judge (the simulated PLC) was itself late 3 times by its own clock, 75 ms at worst"
    ]
    (line,) = judge_lines(figures(times_late=3, rank=0))
    assert line.endswith("75 ms at worst; it had no real-time rank")


def test_summary_tells_both_sides_apart_with_both_times() -> None:
    """Late by the station, late by the judge, and which of them it was part by part."""
    found = figures(untimely(4, "judge"), untimely(9, "station", late_ms=None), times_late=1)
    text = shown(found)
    assert "by the station: 1 late, 1 missing; by the judge: 1 late, 1 missing" in text
    assert "part 4: verdict 20.0 ms after its decision point" in text
    assert "part 9: no verdict" in text
    assert "was away for 75.1 ms of it: by the judge" in text
    assert "was away for 75.1 ms of it: by the station" in text
    assert "INCONCLUSIVE" not in text


def test_summary_calls_a_run_inconclusive_where_only_the_judge_was_late() -> None:
    """In one line, with the exit code."""
    lines = judge_lines(figures(untimely(4, "judge"), times_late=1))
    assert lines[-1] == ("INCONCLUSIVE, exit code 3: nothing but the judge was late; run it again")


def test_summary_shows_some_parts_and_counts_the_others() -> None:
    """Not a screen full of them."""
    parts = [untimely(part, "station") for part in range(1, SHOWN + 4)]
    lines = judge_lines(figures(*parts))
    assert sum(line.startswith("  part ") for line in lines) == SHOWN
    assert "  and 3 more: see --report" in lines


def test_summary_ends_with_whether_the_station_is_good_enough() -> None:
    """The last line, whatever stands above it; in other words where not all was in time."""
    assert shown(figures()).strip().splitlines()[-1].startswith("good enough: ")
    late = shown(figures(untimely(1, "station"))).strip().splitlines()[-1]
    assert late.startswith("not judged whether it is good enough")
