"""The chip: one process has it, one frame after another is computed, by ONNX Runtime on the CPU.

Not simulated: 8 bits (it computes as the ONNX model does), time, heat of its own.
"""

from __future__ import annotations

import fcntl
import heapq
import itertools
import os
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from gonogo.tests.vendors.hailo_fake import errors
from gonogo.tests.vendors.hailo_fake.bench import here
from gonogo.tests.vendors.hailo_fake.infer import FakeInferModel
from gonogo.tests.vendors.hailo_fake.terms import SchedulingAlgorithm

if TYPE_CHECKING:
    from gonogo.tests.vendors.hailo_fake.infer import Frame

POLL_S = 0.002
CONTROL_EVERY_S = 0.9  # asked more often than about once a second, parts would wait for it
DEVICE_ID = "0000:01:00.0"
_holder = threading.Lock()  # who has the chip in this process


class VDeviceParams:
    """What a VDevice is asked for; the defaults are HailoRT's."""

    def __init__(self) -> None:
        self.scheduling_algorithm = SchedulingAlgorithm.NONE
        self.group_id = "UNIQUE"
        self.device_ids: list[str] = []
        self.multi_process_service = False


class VDevice:
    """The device of a process."""

    def __init__(
        self, params: VDeviceParams | None = None, *, device_ids: list[str] | None = None
    ) -> None:
        self.bench = here()
        if params is not None and device_ids is not None:
            self.bench.violate("VDevice(params, device_ids=...): the parameters are dropped")
            params = None
        self.params = params or VDeviceParams()
        self._pid = os.getpid()
        self.models: list[FakeInferModel] = []
        self.controls: list[Device] = []
        self._lock_fd = self._have()
        self.frames: list[tuple[int, int, Frame]] = []
        self._count = itertools.count()
        self.changed = threading.Condition()
        self._ended = False
        self._worker = threading.Thread(target=self._work, name="hailo", daemon=True)
        self._worker.start()
        self.bench.note("opened")

    @staticmethod
    def create_params() -> VDeviceParams:
        """The defaults."""
        return VDeviceParams()

    def _have(self) -> int:
        script = self.bench.script
        if script.open_error:
            raise errors.of(script.open_error)
        if self.params.multi_process_service:
            raise errors.HailoRTInvalidOperationException("no service is installed")
        if not script.chip:
            raise errors.of("HAILO_OUT_OF_PHYSICAL_DEVICES")
        if not _holder.acquire(blocking=False):
            self.bench.violate("a second VDevice in one process")
            raise errors.of("HAILO_OUT_OF_PHYSICAL_DEVICES")
        lock = os.open(self.bench.folder / "chip.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            _holder.release()
            raise errors.of("HAILO_OUT_OF_PHYSICAL_DEVICES") from None
        return lock

    def create_infer_model(self, hef_source: str | bytes, name: str = "") -> FakeInferModel:
        """A model out of a path (str) or its bytes."""
        del name
        if os.getpid() != self._pid:
            raise errors.HailoRTException("InferModel can be created only from its process")
        if type(hef_source) not in {str, bytes}:
            self.bench.violate(f"create_infer_model({type(hef_source).__name__})")
            raise TypeError("a path as str, or bytes")
        model = FakeInferModel(self, hef_source)
        self.models.append(model)
        return model

    def get_physical_devices(self) -> list[Device]:
        """A device of its own each time."""
        self.controls.append(Device(DEVICE_ID))
        return [self.controls[-1]]

    def release(self) -> None:
        """Let the chip go."""
        if self._ended:
            return
        if any(model.alive for model in self.models):
            self.bench.violate("the VDevice was released before a model on it was shut down")
        if any(not control.released for control in self.controls):
            self.bench.violate("the VDevice was released before its physical device")
        with self.changed:
            self._ended = True
            self.changed.notify_all()
        self._worker.join()
        os.close(self._lock_fd)
        _holder.release()
        self.bench.note("released")

    # -- the chip's own thread ---------------------------------------------------------------

    def submit(self, frame: Frame, priority: int) -> None:
        """To be computed when its turn comes."""
        with self.changed:
            heapq.heappush(self.frames, (-priority, next(self._count), frame))
            self.changed.notify_all()

    def _work(self) -> None:
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.frames or self._ended)
                if self._ended:
                    return
                frame = self.frames[0][2]
                self._take_out(frame)
            self._compute(frame)

    def _take_out(self, frame: Frame) -> None:
        self.frames = [each for each in self.frames if each[2] is not frame]
        heapq.heapify(self.frames)

    def _compute(self, frame: Frame) -> None:
        end_s = time.monotonic() + self.bench.script.slow_ms / 1000
        while (self.bench.script.hung or time.monotonic() < end_s) and not frame.aborted:
            if self._ended:
                return
            time.sleep(POLL_S)
        frame.finish(lost=self.bench.script.lost)


class Device:
    """One physical device, and its control."""

    def __init__(self, device_id: str) -> None:
        self.device_id = device_id
        self.released = False
        self.bench = here()
        self.control = Control(self)

    @staticmethod
    def scan() -> list[str]:
        """Chips that the box sees, whoever has them."""
        return [DEVICE_ID] if here().script.chip else []

    def release(self) -> None:
        """Let it go."""
        self.released = True


class Control:
    """What a chip is asked; each question at most about once a second."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._asked_s: dict[str, float] = {}

    def get_chip_temperature(self) -> Any:  # noqa: ANN401 - a record
        """Of both sensors, degrees Celsius."""
        script = self._asked("temperature")
        return SimpleNamespace(
            ts0_temperature=script.temperature_c - 1,
            ts1_temperature=script.temperature_c,
            sample_count=1,
        )

    def get_throttling_state(self) -> bool:
        """Whether it protects itself."""
        return bool(self._asked("throttling").throttled)

    def power_measurement(self) -> float:
        """Watts, on a board with a sensor."""
        watts = self._asked("power").power_w
        if watts is None:
            raise errors.of("HAILO_UNSUPPORTED_OPCODE")
        return float(watts)

    def _asked(self, what: str) -> Any:  # noqa: ANN401 - a Script
        if self._device.released:
            self._device.bench.violate(f"{what} asked of a device that was released")
        now_s = time.monotonic()
        if now_s - self._asked_s.get(what, now_s - 10) < CONTROL_EVERY_S:
            self._device.bench.violate(f"{what} asked twice within {CONTROL_EVERY_S} s")
        self._asked_s[what] = now_s
        return self._device.bench.script
