"""A whole station on the chip's stand-in: both engine places in one process, and its faults.

The PLC simulator judges every run: whatever happens to the chip, each part has one timely verdict.
"""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.words import Mode
from gonogo.engines.backends.hailo.device import PRIORITY_JUDGES, PRIORITY_WAITS
from gonogo.ipc.chip_health import ChipView
from gonogo.ipc.control_socket import ask
from gonogo.ipc.engine_slot import Phase
from gonogo.tests.hotstation import NAME, HotStation, bundle, model
from gonogo.tests.judged import assert_timely
from gonogo.tests.vendors.hailo_fake.fixture import chip_for_children
from gonogo.tests.vendors.hailo_fake.hef import compiled
from gonogo.watchdog.rowstate import RowState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gonogo.engines.bundles.manifest import BackendName
    from gonogo.ipc.process_table import OtherRow
    from gonogo.proving.plcsim.judge import Judgement
    from gonogo.tests.vendors.hailo_fake.bench import Bench

PATIENCE_S = 60.0


def hailo_bundle(
    folder: Path,
    version: str,
    backend: BackendName = "hailo",
    **header: Any,  # noqa: ANN401 - what the compiler says
) -> Path:
    """A bundle for the chip alone; the same model as that of the CPU's station."""
    file = model(folder / f"{NAME}-{version}.onnx", version)
    hef = compiled(file, net=f"v{version}", **header)
    return bundle(folder, version, file=file, backend=backend, further={"hailo": hef})


class HailoStation(HotStation):
    """A station whose engine runs on the chip."""

    bundle = staticmethod(hailo_bundle)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "hailo")

    def wait(self, done: Callable[[], bool]) -> None:
        """Until something is so."""
        end_s = time.monotonic() + PATIENCE_S
        while not done():
            assert time.monotonic() < end_s, "it never came to that"
            self.running.wait(0.05)

    @property
    def row(self) -> OtherRow:
        """Of the process of the engines."""
        (row,) = self.running.rows["engine A"]
        return self.running.beats.rows[row]

    @property
    def pid(self) -> int:
        """The process of the engines."""
        return self.row.pid

    def temperature_c(self, place: int) -> float | None:
        """What the chip says at a place."""
        chip = ChipView.attach(self.running.name, place)
        reading = chip.reading(time.monotonic_ns())
        chip.close()
        return None if reading is None else reading.temperature_c

    def phase(self, place: int) -> Phase:
        """How far a place is."""
        assert self.running.slots is not None
        return self.running.slots.places[place].phase


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """The chip, for all processes of a station."""
    with chip_for_children(tmp_path / "bench") as made:
        yield made


def assert_clean(judged: Judgement, least: int = 5) -> None:
    """Every part had one timely verdict of its own; parts did flow."""
    assert judged.parts >= least
    assert_timely(judged)


def flowing(hot: HailoStation) -> None:
    """Until parts are judged, and some more of them pass than before."""
    before = hot.judged().kinds.get("accept", 0)
    hot.wait(lambda: hot.judged().kinds.get("accept", 0) > before + 2)


def test_hailo_station_exchanges_engines_within_one_process(tmp_path: Path, bench: Bench) -> None:
    """Loaded behind the one that judges, activated, taken back: one process, one device.

    What the chip does not take is refused, and a load that keeps the interpreter to itself costs
    parts their score for as long, and nothing else.
    """
    with HailoStation(tmp_path) as hot:
        flowing(hot)
        assert "engine B" not in hot.running.rows
        pid = hot.pid
        hot.install(hailo_bundle(tmp_path, "2.0.0", arch="hailo8l"))
        hot.install(hailo_bundle(tmp_path, "1.1.0"))
        assert hot.done("load", name=NAME, version="2.0.0", shadow=0, keep=False)["number"] == 385
        hot.until(lambda status: status["step"] == "idle")
        bench.play(configure_ms=400.0, temperature_c=77.5)
        loaded = hot.done("load", name=NAME, version="1.1.0", shadow=None, keep=False)
        assert loaded["number"] == 0, loaded
        activated = hot.done("activate", without_shadow=False)
        assert activated["number"] == 0, activated
        hot.wait(lambda: hot.temperature_c(1) == 77.5)
        back = hot.done("rollback", name=None)
        assert back["number"] == 0, back
        hot.wait(lambda: hot.phase(1) is Phase.EMPTY)
        flowing(hot)
        assert hot.pid == pid
    assert [each for each in bench.events if each == "opened"] == ["opened"]
    assert bench.priorities("v1.0.0") == [PRIORITY_WAITS, PRIORITY_JUDGES] * 2
    assert bench.priorities("v1.1.0")[:3] == [PRIORITY_WAITS, PRIORITY_WAITS, PRIORITY_JUDGES]
    assert_clean(hot.judged())


def test_hailo_station_outlives_the_loss_of_its_chip(tmp_path: Path, bench: Bench) -> None:
    """None at the start, its process killed, hanging, failing: rules alone, and back to FULL."""
    bench.play(chip="")
    with HailoStation(tmp_path) as hot:
        hot.wait(lambda: hot.phase(0) is Phase.REFUSED)
        assert hot.running.slots is not None
        assert hot.running.slots.places[0].error == 383
        hot.wait(lambda: hot.judged().parts > 3)
        assert hot.running.heartbeat.mode is Mode.RULES_ONLY
        hot.wait(lambda: hot.row.state == RowState.LATCHED)
        bench.play(chip="hailo8")
        ask(hot.running.name, do="acknowledge")
        flowing(hot)
        hot.install(hailo_bundle(tmp_path, "1.1.0"))
        hot.done("load", name=NAME, version="1.1.0", shadow=0, keep=False)
        pid = hot.pid
        os.kill(pid, signal.SIGKILL)
        hot.wait(lambda: hot.pid not in {0, pid})
        hot.wait(lambda: (hot.phase(0), hot.phase(1)) == (Phase.READY, Phase.EMPTY))
        flowing(hot)
        bench.play(hung=True)
        hot.wait(lambda: hot.running.heartbeat.mode is Mode.RULES_ONLY)
        bench.play(hung=False)
        hot.wait(lambda: hot.phase(0) is Phase.READY)
        flowing(hot)
        pid = hot.pid
        bench.play(lost=True)
        hot.wait(lambda: hot.pid != pid)
        bench.play(lost=False)
        # three ends within a minute are enough to be left alone until somebody has looked
        ask(hot.running.name, do="acknowledge")
        hot.wait(lambda: hot.phase(0) is Phase.READY)
        flowing(hot)
    assert_clean(hot.judged())
