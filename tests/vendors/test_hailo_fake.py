"""The stand-in notices: for each rule of HailoRT somebody breaks it, and it is written down."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.tests.engines import tiny
from gonogo.tests.vendors.hailo_fake import errors
from gonogo.tests.vendors.hailo_fake.bench import VARIABLE, Bench
from gonogo.tests.vendors.hailo_fake.chip import VDevice
from gonogo.tests.vendors.hailo_fake.hef import compiled
from gonogo.tests.vendors.hailo_fake.terms import FormatType, SchedulingAlgorithm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gonogo.tests.vendors.hailo_fake.infer import Bindings, FakeConfigured, FakeInferModel

WAIT_MS = 20_000


class Rig:
    """A device with a model on it, used as it should be; a test does one thing otherwise."""

    def __init__(self, folder: Path, bench: Bench, scheduler: int) -> None:
        self.bench = bench
        params = VDevice.create_params()
        params.scheduling_algorithm = scheduler
        self.device = VDevice(params)
        self.hef = compiled(tiny.brightest(folder / "m.onnx"))
        self.model, self.configured = self.another()
        self.image = np.zeros((16, 16, 3), np.uint8)
        self.outputs = {each.name: np.zeros(each.shape, np.float32) for each in self.model.outputs}
        self.bindings = self.configured.create_bindings()
        self.set(self.bindings)

    def another(self) -> tuple[FakeInferModel, FakeConfigured]:
        """One more model on the device."""
        model = self.device.create_infer_model(str(self.hef))
        model.input().set_format_type(FormatType.UINT8)
        for output in model.outputs:
            output.set_format_type(FormatType.FLOAT32)
        return model, model.configure()

    def set(self, bindings: Bindings) -> None:
        """Name all buffers."""
        bindings.input().set_buffer(self.image)
        for name, array in self.outputs.items():
            bindings.output(name).set_buffer(array)

    def fly(self) -> None:
        """A job that stays on its way, and whoever ends the test lets it land."""
        self.bench.play(hung=True)
        self.configured.run_async([self.bindings])

    def land(self) -> None:
        """Until all jobs are done."""
        self.bench.play(hung=False)
        while self.configured.flying:
            time.sleep(0.002)

    def end(self) -> None:
        """In order."""
        self.land()
        for model in self.device.models:
            for configured in model.configured:
                configured.shutdown()
        for control in self.device.controls:
            control.release()
        self.device.release()


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A bench whose book of violations the test reads."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return Bench(tmp_path)


@pytest.fixture
def rig(tmp_path: Path, bench: Bench) -> Iterator[Rig]:
    """One that has broken no rule yet."""
    made = Rig(tmp_path, bench, SchedulingAlgorithm.ROUND_ROBIN)
    yield made
    made.end()


def run(rig: Rig) -> None:
    """One frame."""
    rig.configured.run([rig.bindings], WAIT_MS)


def test_fake_finds_nothing_wrong_with_what_is_right(rig: Rig) -> None:
    """Set, run, set anew, run; and the chip computes what the model does."""
    for shade in (7, 9):
        rig.image[:] = shade
        rig.set(rig.bindings)
        run(rig)
        assert rig.outputs["net/score"][0] == shade
    rig.end()
    assert rig.bench.violations == []


def _not_anew(rig: Rig) -> None:
    run(rig)
    run(rig)


def _no_list(rig: Rig) -> None:
    with pytest.raises(TypeError):
        rig.configured.run_async(rig.bindings)


def _dtype(rig: Rig) -> None:
    rig.bindings.output("net/score").set_buffer(np.zeros(1, np.float64))
    run(rig)


def _size(rig: Rig) -> None:
    rig.bindings.input().set_buffer(np.zeros((15, 16, 3), np.uint8))
    run(rig)


def _again(rig: Rig) -> None:
    rig.fly()
    rig.set(rig.bindings)
    rig.configured.run_async([rig.bindings])


def _freed(rig: Rig) -> None:
    rig.fly()
    rig.outputs.clear()
    rig.bindings = rig.configured.create_bindings()
    rig.land()


def _rewritten(rig: Rig) -> None:
    rig.fly()
    rig.image[:] = 9
    rig.land()


def _raises(rig: Rig) -> None:
    def callback(completion_info: object) -> None:
        raise ValueError(completion_info)

    rig.configured.run_async([rig.bindings], callback).wait(WAIT_MS)


def _format_late(rig: Rig) -> None:
    rig.model.output("net/score").set_format_type(FormatType.UINT8)


def _path(rig: Rig) -> None:
    hef: Any = rig.hef
    with pytest.raises(TypeError):
        rig.device.create_infer_model(hef)


def _second_device(rig: Rig) -> None:
    with pytest.raises(errors.HailoRTException, match="HAILO_OUT_OF_PHYSICAL_DEVICES"):
        VDevice(rig.device.params)


def _batch(rig: Rig) -> None:
    rig.model.set_batch_size(8)


def _asked_twice(rig: Rig) -> None:
    control = rig.device.get_physical_devices()[0].control
    control.get_chip_temperature()
    control.get_chip_temperature()


def _released_early(rig: Rig) -> None:
    rig.device.get_physical_devices()
    rig.device.release()


def _after_shutdown(rig: Rig) -> None:
    rig.configured.shutdown()
    with pytest.raises(errors.HailoRTInvalidOperationException):
        rig.configured.create_bindings()


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        (_not_anew, "net/score: not set anew"),
        (_no_list, "run_async takes a list"),
        (_dtype, "net/score: 8 bytes float64, wanted 4 of float32"),
        (_size, "net/input_layer1: 720 bytes uint8, wanted 768"),
        (_again, "a buffer of a job that is on its way was given again"),
        (_freed, "a buffer was let go while its job was on its way"),
        (_rewritten, "an input was written while the chip was reading it"),
        (_raises, "a callback raised ValueError"),
        (_format_late, "set_format_type of net/score after configure()"),
        (_path, "create_infer_model(PosixPath)"),
        (_second_device, "a second VDevice in one process"),
        (_batch, "a batch of 8"),
        (_asked_twice, "temperature asked twice"),
        (_released_early, "the VDevice was released before a model on it was shut down"),
        (_released_early, "the VDevice was released before its physical device"),
        (_after_shutdown, "a model was used after it was shut down"),
    ],
)
def test_fake_writes_down_what_hailort_does_not_say(
    rig: Rig, wrong: Callable[[Rig], None], found: str
) -> None:
    """Each of these passes without a word on a chip, or ends the process."""
    assert rig.bench.violations == []
    wrong(rig)
    rig.land()
    assert any(found in each for each in rig.bench.violations), rig.bench.violations


def test_fake_drops_parameters_that_go_with_device_ids(bench: Bench) -> None:
    """As HailoRT does: the scheduler that was asked for is not there."""
    params = VDevice.create_params()
    params.scheduling_algorithm = SchedulingAlgorithm.ROUND_ROBIN
    device = VDevice(params, device_ids=["0000:01:00.0"])
    assert device.params.scheduling_algorithm == SchedulingAlgorithm.NONE
    device.release()
    assert "the parameters are dropped" in bench.violations[0]


def test_fake_has_models_take_turns_only_by_a_scheduler(tmp_path: Path, bench: Bench) -> None:
    """HailoRT's Python package asks for none by itself."""
    rig = Rig(tmp_path, bench, SchedulingAlgorithm.NONE)
    rig.another()
    with pytest.raises(errors.HailoRTInvalidOperationException):
        rig.configured.set_scheduler_priority(4)
    rig.end()
    assert bench.violations == ["two models on a device without a scheduler"]


def test_fake_leaves_a_job_on_its_way_when_waiting_is_over(rig: Rig) -> None:
    """And writes its buffers when it comes to that."""
    rig.image[:] = 5
    rig.bench.play(hung=True)
    job = rig.configured.run_async([rig.bindings])
    with pytest.raises(errors.HailoRTTimeout):
        job.wait(5)
    assert rig.outputs["net/score"][0] == 0
    rig.land()
    job.wait(WAIT_MS)
    assert rig.outputs["net/score"][0] == 5


def test_fake_takes_no_more_frames_than_its_queue_holds(rig: Rig) -> None:
    """Whoever waits for room in it gets a timeout."""
    arrays = []
    rig.bench.play(hung=True)
    for _ in range(4):
        rig.image, rig.outputs = rig.image.copy(), {k: v.copy() for k, v in rig.outputs.items()}
        rig.bindings = rig.configured.create_bindings()
        rig.set(rig.bindings)
        arrays.append((rig.image, rig.outputs, rig.bindings))
        rig.configured.run_async([rig.bindings])
    with pytest.raises(errors.HailoRTTimeout):
        rig.configured.wait_for_async_ready(timeout_ms=5)
    rig.land()
    rig.configured.wait_for_async_ready(timeout_ms=WAIT_MS)
