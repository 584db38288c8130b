"""A whole station on the chip's stand-in: both engine places in one process, and what may befall it.

The PLC simulator judges every run: whatever happens to the chip, each part has one timely verdict.
"""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.words import Mode
from gonogo.ipc.engine_slot import Phase
from gonogo.tests.hotstation import NAME, HotStation, bundle, model
from gonogo.tests.judged import assert_timely
from gonogo.tests.vendors.hailo_fake.fixture import chip_for_children
from gonogo.tests.vendors.hailo_fake.hef import compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gonogo.proving.plcsim.judge import Judgement
    from gonogo.tests.vendors.hailo_fake.bench import Bench

PATIENCE_S = 60.0


def hailo_bundle(folder: Path, version: str, **header: Any) -> Path:  # noqa: ANN401 - what the compiler says
    """A bundle for the chip alone; the same model as that of the CPU's station."""
    file = model(folder / f"{NAME}-{version}.onnx", version)
    hef = compiled(file, net=f"v{version}", **header)
    return bundle(folder, version, file=file, backend="hailo", further={"hailo": hef})


class HailoStation(HotStation):
    """A station whose engine runs on the chip."""

    backend = "hailo"
    bundle = staticmethod(hailo_bundle)

    def wait(self, done: Callable[[], bool]) -> None:
        """Until something is so."""
        end_s = time.monotonic() + PATIENCE_S
        while not done():
            assert time.monotonic() < end_s, "it never came to that"
            self.running.wait(0.05)

    @property
    def pid(self) -> int:
        """The process of the engines."""
        (row,) = self.running.rows["engine A"]
        return self.running.beats.rows[row].pid

    def phase(self, place: int) -> Phase:
        """How far a place is."""
        assert self.running.slots is not None
        return self.running.slots.places[place].phase


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """The chip, for all processes of a station."""
    with chip_for_children(tmp_path / "bench") as made:
        yield made


def test_hailo_station_exchanges_engines_within_one_process(tmp_path: Path, bench: Bench) -> None:
    """Loaded behind the one that judges, activated, taken back: one process, one device."""
    with HailoStation(tmp_path) as hot:
        assert "engine B" not in hot.running.rows
        pid = hot.pid
        hot.install(hailo_bundle(tmp_path, "1.1.0"))
        loaded = hot.done("load", name=NAME, version="1.1.0", shadow=None, keep=False)
        assert loaded["number"] == 0, loaded
        activated = hot.done("activate", without_shadow=False)
        assert activated["number"] == 0, activated
        back = hot.done("rollback", name=None)
        assert back["number"] == 0, back
        hot.wait(lambda: hot.phase(1) is Phase.EMPTY)
        assert hot.pid == pid
        assert [each for each in bench.events if each == "opened"] == ["opened"]
    assert_clean(hot.judged())


def assert_clean(judged: Judgement, least: int = 5) -> None:
    """Every part had one timely verdict of its own; parts did flow."""
    assert judged.parts >= least
    assert_timely(judged)


def mode(hot: HailoStation, wanted: Mode) -> None:
    """Until the station stands on that."""
    hot.wait(lambda: hot.running.heartbeat.mode is wanted)


def flowing(hot: HailoStation) -> None:
    """Until parts are judged, and some more of them pass than before."""
    before = hot.judged().kinds.get("accept", 0)
    hot.wait(lambda: hot.judged().kinds.get("accept", 0) > before + 2)


def again(hot: HailoStation, stop: Callable[[], object]) -> None:
    """Out of FULL by what is done, and back to it with another process."""
    pid = hot.pid
    stop()
    hot.wait(lambda: hot.pid not in {0, pid})
    flowing(hot)


def test_hailo_station_outlives_the_loss_of_both_places(tmp_path: Path, bench: Bench) -> None:
    """Killed, or the driver fails: rules alone, then both places again as they were."""
    with HailoStation(tmp_path) as hot:
        flowing(hot)
        hot.install(hailo_bundle(tmp_path, "1.1.0"))
        hot.done("load", name=NAME, version="1.1.0", shadow=0, keep=False)
        again(hot, lambda: os.kill(hot.pid, signal.SIGKILL))
        hot.wait(lambda: (hot.phase(0), hot.phase(1)) == (Phase.READY, Phase.EMPTY))
        pid = hot.pid
        bench.play(lost=True)
        hot.wait(lambda: hot.pid != pid)
        bench.play(lost=False)
        hot.wait(lambda: hot.phase(0) is Phase.READY)
        flowing(hot)
    assert_clean(hot.judged())


def test_hailo_station_stands_on_rules_while_the_chip_hangs(tmp_path: Path, bench: Bench) -> None:
    """Parts without a score are rejected in time; a chip that answers again is trusted again."""
    with HailoStation(tmp_path) as hot:
        flowing(hot)
        bench.play(hung=True)
        mode(hot, Mode.RULES_ONLY)
        bench.play(hung=False)
        hot.wait(lambda: hot.phase(0) is Phase.READY)
        flowing(hot)
    assert_clean(hot.judged())


def test_hailo_station_refuses_what_the_chip_does_not_take(tmp_path: Path, bench: Bench) -> None:
    """Another chip's HEF, wrong scores, a load that keeps the interpreter: what judges goes on."""
    with HailoStation(tmp_path) as hot:
        flowing(hot)
        pid = hot.pid
        for version, arch, number in (("2.0.0", "hailo8l", 385), ("2.1.0", "hailo8", 0)):
            hot.install(hailo_bundle(tmp_path, version, arch=arch))
            bench.play(configure_ms=400.0)
            done = hot.done("load", name=NAME, version=version, shadow=0, keep=False)
            assert done["number"] == number, done
            hot.until(lambda status: status["step"] in {"idle", "reported"})
        assert hot.pid == pid
        assert hot.phase(0) is Phase.READY
        flowing(hot)
    assert_clean(hot.judged())


def test_hailo_station_without_a_chip_stands_on_rules(tmp_path: Path, bench: Bench) -> None:
    """The engine is refused with its number; parts flow, and none is passed by rules alone."""
    bench.play(chip="")
    with HailoStation(tmp_path) as hot:
        hot.wait(lambda: hot.phase(0) is Phase.REFUSED)
        assert hot.running.slots is not None
        assert hot.running.slots.places[0].error == 383
        hot.wait(lambda: hot.judged().parts > 5)
        assert hot.running.heartbeat.mode is Mode.RULES_ONLY
    assert_clean(hot.judged())
