"""The catalogue of the campaign agrees with itself and with what a station can show."""

from __future__ import annotations

import pytest

from gonogo.proving.campaign.command import lacking
from gonogo.proving.campaign.grounds import GROUNDS
from gonogo.proving.campaign.rows import NOT_RUN, ROWS, CampaignRow


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_row_can_be_run(row: CampaignRow) -> None:
    """On a ground that there is, timed in a way that analysis knows, at least once in a while."""
    assert row.ground in GROUNDS
    assert row.detect in {"mode", "part", "refused", "permit", ""}
    assert row.every >= 1
    assert row.what
    assert (row.bound_ms is None) or row.detect, "a bound of nothing that is timed"


def test_rows_have_names_of_their_own() -> None:
    """By which they are asked for, and reported; what is not run is none of them."""
    names = [row.name for row in ROWS]
    assert len(set(names)) == len(names)
    assert not set(names) & set(NOT_RUN)
    assert len({row.what for row in ROWS}) == len(ROWS)


def test_row_that_needs_a_program_of_others_says_so_where_it_is_not() -> None:
    """And no other row does."""
    for row in ROWS:
        why = lacking(row._replace(realtime=False), ["arv-fake-gv-camera-0.8"])
        assert bool(why) is (row.ground == "network camera")
        assert not why or "not installed: arv-fake-gv-camera-0.8" in why
        assert lacking(row._replace(realtime=False), []) == ""
