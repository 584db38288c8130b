"""A whole station whose engine comes out of a bundle, against the PLC simulator as judge."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.ipc.engine_queue import HostState
from gonogo.ipc.engine_slot import Phase, SlotOrder
from gonogo.launch.running_station import RunningStation
from gonogo.tests.engines.bundles.parcels import contents
from gonogo.tests.engines.serving.places import bolt, install, section
from gonogo.tests.judged import rehearsed
from gonogo.tests.records.months import joined
from gonogo.tests.stations import bundled_station, remains_of
from gonogo.watchdog.rowstate import RowState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PARTS = 16


def test_station_judges_by_an_installed_engine(tmp_path: Path) -> None:
    """Parts have a score of that engine, all a verdict in time; nothing is left behind."""
    engines = section(tmp_path)
    install(engines, bolt(tmp_path))
    station = bundled_station(tmp_path, engines)
    found = rehearsed(station, PARTS)
    assert found["verdicts"] == found["parts"] == PARTS
    assert (found["late"], found["missing"], found["wrong_part"]) == (0, 0, 0)
    assert found["modes"]["FULL"] > PARTS // 2  # the others: a score too late on a busy box
    with closing(joined(tmp_path / "records.sqlite")) as db:
        rows = db.execute(
            "SELECT engine_id, COUNT(*) FROM view WHERE score_fault = 'OK' GROUP BY 1"
        ).fetchall()
    assert rows == [(f"{contents(tmp_path).card.engine_id:016x}", found["modes"]["FULL"])]
    assert found["engine_backend"] == "onnxruntime"
    assert remains_of(station) == []


def test_station_holds_a_second_engine_beside_the_one_that_judges(tmp_path: Path) -> None:
    """B empty at first, then ready, then refused: A judges on, and no row is struck."""
    engines = section(tmp_path)
    path = bolt(tmp_path)
    install(engines, path)
    with RunningStation(bundled_station(tmp_path, engines)) as running:
        assert running.slots is not None
        first, second = running.slots.places

        def until(done: Callable[[], bool]) -> None:
            for _ in range(400):
                if done():
                    return
                running.wait(0.05)
            pytest.fail("it never came to that")

        until(lambda: first.phase is Phase.READY and first.realtime)
        until(lambda: running.mailboxes[1].state is HostState.EMPTY)
        epoch = running.mailboxes[0].epoch
        second.order(SlotOrder(bundles={"bolt": path}))
        until(lambda: second.phase is Phase.READY)
        assert second.limits(0) == first.limits(0)
        assert not second.realtime
        second.order(SlotOrder(bundles={"bolt": tmp_path / "nothing.gng"}))
        until(lambda: running.mailboxes[1].state is HostState.EMPTY)
        assert (second.phase, second.error) == (Phase.REFUSED, 320)
        assert running.mailboxes[0].epoch == epoch
        row = running.beats.rows[running.rows["engine B"][0]]
        until(lambda: row.state == RowState.UP)
