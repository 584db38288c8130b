"""A row in which the judge was late: told by name, run again once, neither passed nor failed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.commands.show.campaign import show_campaign
from gonogo.proving.campaign.again import twice_where_late
from gonogo.proving.campaign.analysis import Analysis
from gonogo.proving.campaign.outcome import CampaignOutcome, RowOutcome
from gonogo.proving.campaign.page import write_page
from gonogo.proving.campaign.rows import ROWS, CampaignRow
from gonogo.proving.campaign.run import Segment, Shot, Trace
from gonogo.tests.plc.sim.onepart import MS, TRIGGER_MS, Event, behind, journal, record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

KNOWN = {row.name: row for row in ROWS}
LATE = ({"part_id": 7, "late_ms": 20.0, "judge_late_ms": 75.0},)
LOST = ({"part_id": 8, "late_ms": None, "judge_late_ms": 150.0},)
KILL, CLIENTS = KNOWN["engine-kill"], KNOWN["clients"]
BY_JUDGE = (behind("reply", 1040, 1115), record(1117))


def outcome(*rows: RowOutcome) -> CampaignOutcome:
    """A campaign of these rows."""
    return CampaignOutcome(rows, quick=True, seed=1, seconds=12.3, realtime="not permitted here")


def found(folder: Path, events: Sequence[Event], name: str = "clients") -> RowOutcome:
    """What analysis makes of a journal in which that fault came 10 ms before the part."""
    path = folder / "plc.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    row = KNOWN[name]
    shot = Shot(row, round((TRIGGER_MS - 10) * MS), 0, 0, 0)
    segment = Segment(row, 0, 10**12, (shot,))
    return Analysis(Trace((segment,), (), path)).row(segment)


def test_analysis_lays_a_part_to_the_judge_by_name_and_with_both_times(tmp_path: Path) -> None:
    """It counts neither as late nor as silent."""
    row = found(tmp_path, journal(*BY_JUDGE))
    assert (row.late, row.no_verdict, row.in_gap, row.parts) == (0, 0, 0, 1)
    (part,) = row.by_judge
    assert (part["part_id"], part["late_ms"], part["judge_late_ms"]) == (7, 17.0, 75.0)
    assert part["ms_after"] == [("clients", 10.0)]
    assert (row.inconclusive, row.failed, row.clean, row.exit_code) == (True, False, False, 3)


def test_analysis_excuses_no_station_that_was_late(tmp_path: Path) -> None:
    """A judge in time, or one that does not explain it."""
    for events in ((record(1117),), (behind("reply", 1105, 1117), record(1117))):
        row = found(tmp_path, journal(*events))
        assert (row.late, row.no_verdict, row.by_judge) == (1, 1, ())
        assert (row.inconclusive, row.failed, row.exit_code) == (False, True, 2)


def test_analysis_takes_a_gap_that_the_row_allows_first(tmp_path: Path) -> None:
    """The judge is stopped on purpose there: that is the fault, and no lateness."""
    row = found(tmp_path, journal(*BY_JUDGE), "plc-frozen")
    assert (row.in_gap, row.by_judge, row.clean, row.exit_code) == (1, (), True, 0)


@pytest.mark.parametrize(
    "wrong", [{"wrong_accept": 1}, {"late": 1}, {"silent": LATE}, {"doubled": 1}]
)
def test_outcome_is_failed_by_the_station_however_late_the_judge_was(wrong: dict[str, Any]) -> None:
    """In its own row, and in another one."""
    late = RowOutcome("a", "a", parts=5, by_judge=LATE)
    bad = RowOutcome("b", "b", parts=5, **wrong)
    for rows in ((replace(late, **wrong),), (late, bad)):
        campaign = outcome(*rows)
        assert (campaign.passed, campaign.inconclusive, campaign.exit_code) == (False, (), 2)
        assert campaign.word == "NOT passed"


def test_outcome_is_inconclusive_by_the_name_of_its_rows(tmp_path: Path) -> None:
    """In JSON, on the page, and on a terminal with both times."""
    campaign = outcome(
        RowOutcome("good", "good", parts=5),
        RowOutcome("clients", "200 clients", parts=5, by_judge=LATE + LOST, runs=2),
    )
    assert (campaign.passed, campaign.inconclusive) == (False, ("clients",))
    assert campaign.exit_code == 3
    as_json = campaign.as_json()
    assert (as_json["passed"], as_json["inconclusive"]) == (False, ["clients"])
    assert [row["inconclusive"] for row in as_json["rows"]] == [False, True]
    assert as_json["rows"][1]["by_judge"] == [*LATE, *LOST]
    assert as_json["rows"][1]["runs"] == 2
    write_page(campaign, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Fault campaign: INCONCLUSIVE: the judge itself was late in clients" in page


def test_campaign_shows_parts_that_the_judge_missed(capsys: pytest.CaptureFixture[str]) -> None:
    """One a line, with both times."""
    show_campaign(outcome(RowOutcome("clients", "200 clients", by_judge=LATE + LOST)), width=200)
    said = capsys.readouterr().out
    assert "200 clients: part 7 verdict 20.0 ms too late; the judge was away 75.0 ms" in said
    assert "200 clients: part 8 without a verdict; the judge was away 150.0 ms" in said
    assert said.rstrip().endswith("INCONCLUSIVE: the judge itself was late in clients")


def test_outcome_of_clean_rows_passes_with_0() -> None:
    """And one in which nothing ran has proven nothing."""
    assert outcome(RowOutcome("a", "a", parts=5)).exit_code == 0
    assert outcome(RowOutcome("a", "a", why_not="no such device")).exit_code == 2


class Runs:
    """Plays runs: the outcomes of each, by row."""

    def __init__(self, *runs: dict[str, dict[str, Any]]) -> None:
        self._runs = list(runs)
        self.asked: list[list[tuple[str, int]]] = []

    def __call__(self, chosen: Sequence[tuple[CampaignRow, int]]) -> list[RowOutcome]:
        """The next one."""
        self.asked.append([(row.name, phases) for row, phases in chosen])
        run = self._runs.pop(0)
        return [RowOutcome(row.name, row.what, **run.get(row.name, {})) for row, _ in chosen]


CHOSEN = ((KILL, 4), (CLIENTS, 2))


def test_twice_runs_a_row_again_in_which_the_judge_was_late() -> None:
    """That row alone; what the second run finds stands."""
    runs = Runs({"clients": {"by_judge": LATE}}, {"clients": {"parts": 9}})
    rows = twice_where_late(CHOSEN, runs)
    assert runs.asked == [[("engine-kill", 4), ("clients", 2)], [("clients", 2)]]
    assert (rows["clients"].parts, rows["clients"].clean, rows["clients"].runs) == (9, True, 2)
    assert rows["engine-kill"].runs == 1


@pytest.mark.parametrize(
    ("second", "code"), [({"by_judge": LATE}, 3), ({"silent": LATE}, 2), ({"wrong_accept": 1}, 2)]
)
def test_twice_is_not_three_times(second: dict[str, Any], code: int) -> None:
    """Inconclusive again stays so, and a failure of the second run is a failure."""
    rows = twice_where_late(CHOSEN, Runs({"clients": {"by_judge": LATE}}, {"clients": second}))
    assert rows["clients"].exit_code == code


@pytest.mark.parametrize("first", [{}, {"by_judge": LATE, "late": 1}, {"wrong_accept": 1}])
def test_twice_lets_what_is_clear_stand(first: dict[str, Any]) -> None:
    """A row that failed is not asked until it passes."""
    runs = Runs({"clients": first})
    assert twice_where_late(CHOSEN, runs)["clients"].runs == 1
    assert len(runs.asked) == 1
