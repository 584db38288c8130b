"""The exchange of an engine in words."""

from __future__ import annotations

from typing import Any

import pytest

from gonogo.base.words import VerdictKind
from gonogo.console.status import beside, describe, progress_of, report
from gonogo.engines.loading.agreement import agree
from gonogo.engines.loading.steps import Step
from gonogo.ipc.journal_records import Pair

PLACE = {
    "place": "A", "role": "active", "holds": {"bolt": "1.0.0"}, "signers": {"bolt": "ABCD-EFGH"},
    "unsigned": False, "phase": "ready", "raised": True, "resident_mb": 120.2, "load_ms": 338,
    "limits": [{"view": 0, "recheck_above": 0.4, "reject_above": 0.5}], "error": 0, "message": "",
}  # fmt: skip
NOTHING = {"holds": {}, "signers": {}, "role": "", "phase": "empty", "limits": []}
PAIRS = [
    Pair(
        k,
        100 + k,
        1000,
        1200,
        VerdictKind.ACCEPT,
        VerdictKind.REJECT if k < 12 else VerdictKind.ACCEPT,
        3.0,
        5.0,
    )
    for k in range(40)
]


def status(step: str = "idle", **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any key
    """An answer of the loader."""
    usual: dict[str, Any] = {
        "step": step, "waited_s": 3.0, "engine": {"name": "bolt", "version": "1.1.0"},
        "refused": None, "places": [PLACE, PLACE | {"place": "B"} | NOTHING],
        "shadow": {"parts": 40, "of": 50, "needed": 50, "keep": False, "no_window": 2,
                   "agreement": None, "exchanged": False},
        "trial": {"left": 60, "of": 100}, "load_limit_s": 120.0, "warm_s": 0.0, "switches": 0,
        "switch_ms": 0.0, "roll_backs": {"count": 0, "reason": "OK"}, "registry": "",
    }  # fmt: skip
    return usual | changes


def compared(*, exchanged: bool = False) -> dict[str, Any]:
    """The shadow's part of an answer, with an agreement."""
    shadow: dict[str, Any] = status()["shadow"]
    return shadow | {"agreement": agree(PAIRS).as_json(), "exchanged": exchanged}


def test_describe_names_both_places() -> None:
    """What each holds, who signed it, what it took; an empty one is empty."""
    assert list(describe("line3", status())) == [
        "station 'line3': nothing is under way",
        "  engine A active ready     bolt 1.0.0 signed by ABCD-EFGH",
        "      120.2 MB, loaded in 338 ms, in real time",
        "      view 0: recheck above 0.4, reject above 0.5",
        "  engine B        empty",
    ]


@pytest.mark.parametrize("step", Step)
def test_describe_has_words_for_every_step(step: Step) -> None:
    """None is left out, and the engine is named where there is one."""
    first = next(describe("line3", status(step.name.lower())))
    assert first.startswith("station 'line3': ")
    assert ("bolt 1.1.0" in first) == (step not in {Step.IDLE, Step.UNLOADING})


def test_describe_says_what_went_wrong() -> None:
    """An unsigned engine, a refusal of a place, the last refusal, a folder that is behind."""
    broken = PLACE | {"phase": "refused", "error": 321, "message": "GN321: damaged", "limits": []}
    unsigned = PLACE | {"signers": {"bolt": ""}, "unsigned": True}
    refused = {"ticket": 3, "number": 355, "text": "GN355: it went back"}
    found = status(
        places=[unsigned, broken], refused=refused, registry="GN340: full", switches=2,
        switch_ms=0.0184, roll_backs={"count": 1, "reason": "ENGINE_SILENT"},
    )  # fmt: skip
    said = list(describe("line3", found))
    assert "  engine A active ready     bolt 1.0.0 UNSIGNED" in said
    assert "      GN321: damaged" in said
    assert "  last refusal: GN355: it went back" in said
    assert said[-1] == "  the folder of engines does not say yet what judges: GN340: full"
    assert (
        "  what judges was changed 2 times, the last time in 0.018 ms; "
        "the line went back by itself once" in said
    )


def test_report_says_how_the_new_one_differs() -> None:
    """Agreement, shift, latency, and the parts that are worst."""
    first, shift, latency, parts = report(status("reported", shadow=compared()))
    assert first == "bolt 1.1.0: 28 of 40 parts judged as the engine that judges does (70.0 %)"
    assert shift == "  score shift +200 (+200 to +200) of 10000, with the reject limit at 5000"
    assert latency.startswith("  latency 5.0 ms (99 % within 5.0 ms), of the engine that judges 3")
    assert parts.count(",") == 10
    assert parts.endswith(", ... (`gonogo swap compare RECORDS`)")


def test_report_of_a_trial_is_still_about_the_new_one() -> None:
    """The former engine is the shadow then: shift and times are told the other way round."""
    first, shift, latency, _ = report(status("trial", shadow=compared(exchanged=True)))
    assert "as the former engine does" in first
    assert "shift -200 (-200 to -200)" in shift
    assert "latency 3.0 ms (99 % within 3.0 ms), of the former engine 5.0 ms" in latency


@pytest.mark.parametrize(("exchanged", "shifts"), [(False, (5, -20, 90)), (True, (-5, -90, 20))])
def test_beside_turns_the_shifts_round_where_the_roles_are_exchanged(
    shifts: tuple[float, ...], *, exchanged: bool
) -> None:
    """The lowest stays the lowest; the times are those of whichever place it is in."""
    agreed = agree(PAIRS)._replace(shift_median=5.0, shift_low=-20.0, shift_high=90.0)
    which = beside(agreed, exchanged=exchanged)
    assert (which.shift_median, which.shift_low, which.shift_high) == shifts
    assert (which.its, which.other) == (("active", "shadow") if exchanged else ("shadow", "active"))


def test_report_without_windows_says_that_nothing_was_compared() -> None:
    """And how to go on all the same."""
    (line,) = report(status("reported"))
    assert "no idle window in 2 parts" in line
    assert "--without-shadow" in line
    assert list(report(status("shadow"))) == []


def test_progress_counts_seconds_and_parts() -> None:
    """Of the step that it is at."""
    assert list(progress_of(status("loading"))) == [("loading bolt 1.1.0 (at most 120 s)", 3, 120)]
    assert list(progress_of(status("shadow"))) == [("parts in shadow", 40, 50)]
    assert list(progress_of(status("trial"))) == [("parts on trial", 40, 100)]
    assert list(progress_of(status("idle"))) == []
