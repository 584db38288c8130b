"""A small campaign, whole: a running station is broken, and the PLC simulator judges it.

One for all tests: each of its stations is made once.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from gonogo.proving.campaign.command import CampaignOrder, carry_out

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.proving.campaign.outcome import CampaignOutcome

SORTS = (
    "engine-kill", "engine-old-id", "bundle-wrong", "camera-black", "trigger-double",
    "overrate", "line-kill", "supervisor-kill",
)  # fmt: skip
CAMERAS = ("camera-late", "camera-of-two", "camera-reset", "camera-region", "camera-starved")


class Found(NamedTuple):
    """What came of it, where its report lies, and what was told meanwhile."""

    outcome: CampaignOutcome
    report: Path
    told: list[tuple[str, int, int]]

    def rows(self, *names: str) -> dict[str, dict[str, Any]]:
        """These in the report; none of them has cost a part."""
        found = json.loads((self.report / "campaign.json").read_text(encoding="utf-8"))
        rows = {row["row"]: row for row in found["rows"] if row["row"] in names}
        if any(row["inconclusive"] for row in rows.values()):
            pytest.skip(f"run twice, and {self.outcome.word}")
        assert not [row for row in self.outcome.rows if row.row in names and row.failed], rows
        return rows


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """A row of every sort, on every ground, twice."""
    report, told = tmp_path_factory.mktemp("campaign"), list[tuple[str, int, int]]()
    # the supervisor last, as in a whole campaign: whoever comes next would have to wait for it
    order = CampaignOrder(quick=True, rows=CAMERAS + SORTS, phases=2, seed=5)
    outcome = carry_out(order, report, lambda *_: None, lambda *words: told.append(words))
    return Found(outcome, report, told)


def test_campaign_breaks_a_station_and_no_part_pays_for_it(campaign: Found) -> None:
    """No wrong part; what was to be noticed was."""
    by_row = campaign.rows(*SORTS)
    assert tuple(by_row) == SORTS
    assert by_row["engine-kill"]["injections"] == 2
    assert by_row["engine-kill"]["recover_s_p50"] > 0
    for row in ("engine-kill", "engine-old-id", "camera-black", "overrate", "line-kill"):
        assert by_row[row]["detect_ms_p50"] is not None, row


def test_campaign_breaks_cameras_and_no_part_pays_for_it(campaign: Found) -> None:
    """Late pictures, one of two, and what befalls one in a network; skipped by name without it."""
    by_row = campaign.rows(*CAMERAS)
    ran = [row for row in CAMERAS if by_row[row]["ran"]]
    assert ran[:2] == ["camera-late", "camera-of-two"]
    for row in ran:
        assert by_row[row]["injections"] == (2 if row == "camera-late" else 1)
        if row != "camera-starved":  # its frames may come in time all the same
            assert by_row[row]["detect_ms_p50"] is not None, row


def test_campaign_says_how_it_ended(campaign: Found) -> None:
    """In its exit code, on its page, and row by row meanwhile."""
    outcome = campaign.outcome
    if outcome.inconclusive:
        pytest.skip(f"run twice, and {outcome.word}")
    assert outcome.passed
    assert campaign.told[0] == ("camera-late", 1, 2)
    page = (campaign.report / "campaign.html").read_text(encoding="utf-8")
    assert "Fault campaign: passed" in page
