"""The kept log and the charts of drift in a support bundle: the newest, bounded, without people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gonogo.commands.support.kept_items import LOG_BYTES, NEWEST_HOURS, drift, kept_log
from gonogo.commands.support.source import Absent, source
from gonogo.tests.commands.support.planted import SUPERVISOR, plant, station_text

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("wrong", [False, True])
def test_log_is_that_of_all_files_in_their_order(tmp_path: Path, *, wrong: bool) -> None:
    """Also where the station file is wrong, as far as it says where it lies."""
    lines = kept_log(source(plant(tmp_path, wrong=wrong))).splitlines()
    assert json.loads(lines[0])["event"] == "login"
    assert lines[2] == "2026-11-30 cell line: part 7 rejected"


def test_log_is_the_newest_of_a_large_one(tmp_path: Path) -> None:
    """From a whole line on; older files are not read."""
    file = plant(tmp_path)
    log = file.with_name("cell.log")
    log.write_text("".join(f"line {k:>9}\n" for k in range(LOG_BYTES // 10)))
    text = kept_log(source(file))
    assert LOG_BYTES - 20 < len(text) <= LOG_BYTES
    assert text.startswith("line ")
    assert text.endswith(f"line {LOG_BYTES // 10 - 1:>9}\n")


def test_log_that_is_not_there_is_named(tmp_path: Path) -> None:
    """One that a station does not keep, and one whose files are gone."""
    file = plant(tmp_path)
    for name in ("cell.log", "cell.log.1"):
        file.with_name(name).unlink()
    with pytest.raises(Absent, match=r"cell\.log: no such file"):
        kept_log(source(file))
    file.write_text(station_text().replace('path = "cell.log"', ""))
    with pytest.raises(Absent, match="keeps no log"):
        kept_log(source(file))


def test_drift_is_what_a_person_reads_of_the_charts(tmp_path: Path) -> None:
    """The newest hours without their embeddings; who began them anew is left out."""
    text = drift(source(plant(tmp_path)))
    found = json.loads(text)
    (watched,) = found["watched"]
    assert watched["conditions"] == ["top", "bolt", 1, 2.0]
    assert [hour["number"] for hour in watched["recent"]] == list(range(100 - NEWEST_HOURS, 100))
    assert watched["recent"][0]["accepted"] == "(left out: 400 characters)"
    assert SUPERVISOR not in text
    assert found["restarts"][0]["why"].startswith("(left out: ")
