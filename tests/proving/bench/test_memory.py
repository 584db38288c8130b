"""What disturbs a station in that row: it must have been at work, and it must end."""

from __future__ import annotations

import io
import os
import sys
import time
from pathlib import Path

import pytest

from gonogo.base.realtime import may_schedule
from gonogo.proving.bench.bystander import Stood
from gonogo.proving.bench.memory import (
    LIMIT,
    NAMES,
    Sides,
    _bystander,
    _row,
    at_work,
    disturbances,
)
from gonogo.tests.children import children
from gonogo.tests.records.export.labelled import usual, write
from gonogo.tests.stations import small_station

WAIT_S = 30.0


@pytest.mark.parametrize("name", ["holder", "export"])
def test_readers_read_and_end(tmp_path: Path, name: str) -> None:
    """Each says how many parts it has read, or pictures written; nothing of it is left."""
    station = small_station(tmp_path)
    path = write(tmp_path, usual(lots=3))
    records = station.records.model_copy(update={"path": path})
    station = station.model_copy(update={"records": records})
    work: list[str] = []
    before = children()
    with disturbances(station)[name](work) as said:
        assert isinstance(said, io.BufferedRandom)
        end_s = time.monotonic() + WAIT_S
        while os.fstat(said.fileno()).st_size == 0:
            assert time.monotonic() < end_s
            time.sleep(0.02)
        assert children() != before
    assert children() == before
    assert int(work[0].split()[-1]) > 0


def test_station_keeps_pictures_and_serves_figures_on_one_side_alone(tmp_path: Path) -> None:
    """All else is the same."""
    station = small_station(tmp_path)
    assert at_work(station, kept=False) is station
    busy = at_work(station, kept=True)
    assert busy.records.images is not None
    assert busy.metrics is not None
    same = busy.model_copy(update={"metrics": None, "records": station.records})
    assert same == station


def test_row_compares_the_same_percentile_of_both_sides() -> None:
    """In ms, with a limit where a real-time rank is to be had."""
    sides = Sides([2.0, 4.0], [1.0, 2.0], [], Stood([], []), Stood([], []))
    row = _row(NAMES[1], sides, 50, LIMIT if may_schedule() else None, "note")
    assert (row.value, row.control, row.ratio, row.unit) == (3.0, 1.5, 2.0, "ms")
    seen = sides._replace(
        beside_with=Stood([0.1, 3.0], [4.0, 6.0]), beside_without=Stood([0.1], [0.0])
    )
    beside = _bystander(seen)
    assert (beside.control, beside.limit) == (0.1, None)
    assert "took 5.0 % of the processors with it, 0.0 % without" in beside.note
    none = _row(NAMES[0], None, 99, None, "not run: because")
    assert (none.value, none.ratio, none.met) == (None, None, True)
    assert set(disturbances(small_station(Path(sys.prefix)))) == {"holder", "export"}
