"""A campaign and a soak on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gonogo.commands.show.campaign import show_campaign, show_soak, teller
from gonogo.proving.campaign.outcome import CampaignOutcome, Injection, RowOutcome

if TYPE_CHECKING:
    import pytest

SHOTS = tuple(Injection(10.0 * k, 12.0 + k, 0.5, 1, 1) for k in range(3))
KILLED = RowOutcome("engine-kill", "killed", SHOTS, parts=40, in_gap=2, bound_ms=50.0)
PART = {"part_id": 17, "late_ms": 20.04, "judge_late_ms": 75.06}
HELD: dict[str, Any] = {
    "process": "line", "lives": 1, "own_mb_first": 80.0, "own_mb_last": 80.5,
    "slope_mb_h": 0.4, "slope_error_mb_h": 0.2, "descriptors_min": 20, "descriptors_max": 22,
}  # fmt: skip
SOAK: dict[str, Any] = {
    "parts": 5000, "pitch_ms": 80.0, "injections": 9, "wrong_accept": 0, "late": 0,
    "no_verdict": 0, "doubled": 0, "in_gap": 3, "resources": [HELD], "by_judge": [],
    "exit_code": 0,
}  # fmt: skip


def outcome(*rows: RowOutcome, notes: tuple[str, ...] = ()) -> CampaignOutcome:
    """A campaign of these rows."""
    return CampaignOutcome(
        rows, quick=True, seed=1, seconds=12.3, realtime="SCHED_FIFO", notes=notes
    )


def test_show_campaign_has_a_row_for_each_fault_that_was_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Counts, times, the bound, and what is proven of the whole."""
    show_campaign(outcome(KILLED, notes=("a note",)))
    said = capsys.readouterr().out
    (row,) = [line for line in said.splitlines() if "killed" in line]
    cells = [cell.strip() for cell in row.split("│")[1:-1]]
    assert cells[:7] == ["killed", "3", "40", "0", "0", "0", "2"]
    assert cells[7].startswith("13")
    assert "3 of 3 bad parts that a fault hit got no ACCEPT: coverage at least" in said
    assert "a note" in said
    assert said.splitlines()[-1] == "passed"


def test_show_campaign_says_why_a_row_was_not_run(capsys: pytest.CaptureFixture[str]) -> None:
    """It is in no table, and the campaign has not passed without any."""
    show_campaign(outcome(RowOutcome("x", "a fault", why_not="not permitted here")))
    said = capsys.readouterr().out
    assert "not run: a fault: not permitted here" in said
    assert "coverage" not in said
    assert said.splitlines()[-1] == "NOT passed"


def test_show_campaign_names_parts_that_the_judge_was_late_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With both times; one without a verdict has no lateness of its own."""
    silent = PART | {"part_id": 18, "late_ms": None}
    show_campaign(outcome(RowOutcome("x", "a fault", SHOTS, parts=9, by_judge=(PART, silent))))
    said = capsys.readouterr().out
    assert "a fault: part 17 verdict 20.0 ms too late; the judge was away 75.1 ms" in said
    assert "a fault: part 18 without a verdict; the judge was away 75.1 ms" in said
    assert "INCONCLUSIVE" in said.splitlines()[-1]


def test_show_soak_says_what_each_process_holds(capsys: pytest.CaptureFixture[str]) -> None:
    """A process that lived too briefly has no growth."""
    brief = HELD | {"process": "loader", "slope_mb_h": None, "slope_error_mb_h": None}
    show_soak(SOAK | {"resources": [HELD, brief]})
    said = capsys.readouterr().out
    assert "5000 parts at one in 80 ms, 9 faults: 0 wrong ACCEPT" in said
    lines = {line.split("│")[1].strip(): line for line in said.splitlines() if "│" in line}
    assert "+0.40 ± 0.40 MB/h" in lines["line"]
    assert "20..22" in lines["line"]
    assert " - " in lines["loader"]
    assert said.splitlines()[-1] == "passed"


def test_show_soak_that_failed_does_not_say_that_it_passed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By its exit code: the station, or the judge."""
    for code, word in ((2, "NOT passed"), (3, "INCONCLUSIVE: the judge itself was late")):
        show_soak(SOAK | {"exit_code": code, "by_judge": [PART]})
        said = capsys.readouterr().out
        assert said.splitlines()[-1] == word
        assert "part 17 verdict 20.0 ms too late" in said


def test_teller_tells_the_end_of_a_row_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A log is not filled with every injection."""
    tell = teller()
    for done in range(1, 4):
        tell("engine-kill", done, 3)
    assert capsys.readouterr().err.split() == ["engine-kill", "3", "of", "3"]
