"""A whole station on the stand-ins for CUDA and TensorRT, engines exchanged and the device broken.

The PLC simulator judges: whatever the device does, each part has one timely verdict of its own.
"""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.maintenance_key import lock_of
from gonogo.ipc.control_socket import asked_with
from gonogo.proving.plcsim.judge import judge
from gonogo.tests.hotstation import NAME, HotStation, bundle
from gonogo.tests.judged import assert_timely
from gonogo.tests.records.months import joined
from gonogo.tests.vendors.environment import python_with
from gonogo.tests.vendors.installed import CUDA_BINDINGS, HERE, PYCUDA
from gonogo.watchdog.section import MaintenanceSection

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class TrtStation(HotStation):
    """On a simulated Jetson; `orders` is what its GPU obeys."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, backend="tensorrt")
        key = MaintenanceSection(key_scrypt=lock_of("let me"))
        self.station = self.station.model_copy(update={"maintenance": key})
        self.orders = folder / "orders"

    def judged_full(self) -> int:
        """Parts with a score until now."""
        with closing(joined(self.folder / "records.sqlite")) as db:
            found: int = db.execute(
                "SELECT COUNT(*) FROM view WHERE score_fault = 'OK'"
            ).fetchone()[0]
        return found

    def scores_again(self) -> None:
        """Wait for some more parts with a score."""
        before = self.judged_full()
        self.until(lambda _: self.judged_full() > before + 5)

    def begins_anew(self, starts: int) -> None:
        """Wait for another start of place A than the first `starts`."""
        self.until(lambda _: self.rows_of_a() > starts)

    def engine_rows(self) -> list[tuple[int, ...]]:
        """The rows of both places."""
        return [self.running.rows[f"engine {place}"] for place in "AB"]

    def begun_since(self, starts: list[int]) -> bool:
        """Whether the process of either place has been started anew since."""
        now = [self.running.beats.rows[row].starts for (row,) in self.engine_rows()]
        return any(one > before for one, before in zip(now, starts, strict=True))

    def rows_of_a(self) -> int:
        """How often place A was started."""
        (row,) = self.running.rows["engine A"]
        return self.running.beats.rows[row].starts


@pytest.fixture
def station(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[TrtStation]:
    """Its processes find the stand-ins; none of them has seen a violation at the end."""
    way = getattr(request, "param", CUDA_BINDINGS)
    python = python_with(tmp_path / "python", way, HERE / "tensorrt_fake" / "site")
    monkeypatch.setattr(sys, "executable", str(python))
    violations = tmp_path / "violations"
    monkeypatch.setenv("GONOGO_VIOLATIONS", str(violations))
    monkeypatch.setenv("GONOGO_GPU_ORDERS", str(tmp_path / "orders"))
    monkeypatch.setenv("GONOGO_PLANS", str(tmp_path / "plans"))
    yield TrtStation(tmp_path)
    assert not violations.exists(), violations.read_text()


def test_station_exchanges_engines_on_tensorrt(station: TrtStation, tmp_path: Path) -> None:
    """Plans are built while parts flow, each once; the faults of accelerators are shown as well."""
    with station as hot:
        hot.install(bundle(tmp_path, "1.1.0", backend="tensorrt"))
        loaded = hot.done("load", name=NAME, version="1.1.0", shadow=None, keep=False)
        assert loaded["number"] == 0, loaded
        agreement = hot.ask("status")["shadow"]["agreement"]
        assert agreement["agree"] == agreement["parts"] >= 10
        assert hot.running.engine_backend == "tensorrt"
        assert hot.done("activate", without_shadow=False)["number"] == 0
        assert hot.done("rollback", name=None)["number"] == 0
        station.scores_again()
        for fault in ({"kind": "engine-slow", "amount": 120.0}, {"kind": "engine-lost"}):
            asked_with(hot.running.name, "let me", do="inject", for_s=0.5, **fault)
            hot.running.wait(1.0)
            station.scores_again()
    assert_timely(hot.judged())
    assert len(list((tmp_path / "plans").glob("*.plan"))) == 2


def test_station_outlives_a_device_that_is_broken(station: TrtStation) -> None:
    """Hung, then lost: rules decide meanwhile, the engine process begins anew and scores again."""
    with station as hot:
        station.scores_again()
        for order in ("stalled", "lost"):
            starts = station.rows_of_a()
            station.orders.write_text(order)
            station.begins_anew(starts)
            station.orders.unlink()
            station.scores_again()
    judged = hot.judged()
    assert_timely(judged)
    assert judged.parts > 10


@pytest.mark.parametrize("station", [PYCUDA], indirect=True)
def test_station_reaches_its_gpu_by_pycuda_where_that_is_all_there_is(
    station: TrtStation, tmp_path: Path
) -> None:
    """Without graphs, by copies; an engine is exchanged, the device lost and found again."""
    with station as hot:
        hot.install(bundle(tmp_path, "1.1.0", backend="tensorrt"))
        loaded = hot.done("load", name=NAME, version="1.1.0", shadow=None, keep=False)
        assert loaded["number"] == 0, loaded
        assert hot.done("activate", without_shadow=False)["number"] == 0
        station.scores_again()
        starts = [hot.running.beats.rows[row].starts for (row,) in station.engine_rows()]
        station.orders.write_text("lost")
        hot.until(lambda _: station.begun_since(starts))
        station.orders.unlink()
        station.scores_again()
    assert_timely(hot.judged())


def test_station_without_a_driver_runs_on_rules(
    station: TrtStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No engine can be had; parts have their verdicts all the same, each in time."""
    monkeypatch.setenv("GONOGO_SIMULATED_GPU", '{"init_code": 100}')
    with station as hot:
        hot.until(lambda _: judge(hot.journal).parts > 10)
    judged = hot.judged()
    assert_timely(judged)
    assert station.judged_full() == 0
    assert judged.kinds["accept"] > 5, judged.kinds
