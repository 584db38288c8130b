"""A small campaign, whole: a running station is broken, and the PLC simulator judges it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gonogo.proving.campaign.command import CampaignOrder, carry_out

if TYPE_CHECKING:
    from pathlib import Path


def test_campaign_breaks_a_station_and_no_part_pays_for_it(tmp_path: Path) -> None:
    """A row of every sort, on every ground: no wrong part."""
    rows = (
        "engine-kill", "engine-old-id", "bundle-wrong", "camera-black", "trigger-double",
        "overrate", "line-kill", "supervisor-kill",
    )  # fmt: skip
    told: list[tuple[str, int, int]] = []
    outcome = carry_out(
        CampaignOrder(quick=True, rows=rows, phases=2, seed=5),
        tmp_path,
        lambda *_: None,
        lambda *words: told.append(words),
    )
    found = json.loads((tmp_path / "campaign.json").read_text(encoding="utf-8"))
    if outcome.inconclusive:
        pytest.skip(f"run twice, and {outcome.word}")
    assert outcome.passed, found
    by_row = {row["row"]: row for row in found["rows"]}
    assert list(by_row) == list(rows)
    assert by_row["engine-kill"]["injections"] == 2
    assert by_row["engine-kill"]["recover_s_p50"] > 0
    for row in ("engine-kill", "engine-old-id", "camera-black", "overrate", "line-kill"):
        assert by_row[row]["detect_ms_p50"] is not None, row
    assert told[0] == ("engine-kill", 1, 2)
    assert "Fault campaign: passed" in (tmp_path / "campaign.html").read_text(encoding="utf-8")


def test_campaign_breaks_cameras_and_no_part_pays_for_it(tmp_path: Path) -> None:
    """Late pictures, one of two, and what befalls one in a network; skipped by name without it."""
    rows = ("camera-late", "camera-of-two", "camera-reset", "camera-region", "camera-starved")
    order = CampaignOrder(quick=True, rows=rows, phases=1, seed=5)
    outcome = carry_out(order, tmp_path, lambda *_: None, lambda *_: None)
    found = json.loads((tmp_path / "campaign.json").read_text(encoding="utf-8"))
    if outcome.inconclusive:
        pytest.skip(f"run twice, and {outcome.word}")
    assert outcome.passed, found
    by_row = {row["row"]: row for row in found["rows"]}
    ran = [row for row in rows if by_row[row]["ran"]]
    assert ran[:2] == ["camera-late", "camera-of-two"]
    for row in ran:
        assert by_row[row]["injections"] == 1
        if row != "camera-starved":  # its frames may come in time all the same
            assert by_row[row]["detect_ms_p50"] is not None, row
