"""What all objects of one stand-in share: its version, its faults on order, the simulated GPU."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gonogo.tests.vendors.gpu import GpuError, current_gpu

if TYPE_CHECKING:
    from gonogo.tests.vendors.gpu import Gpu, ViolationError

_PLAN, _TIMING = b"fake plan\n", b"fake timing\n"
NEVER_MADE = {3, 100, 803}  # CUresult: not initialized, no device, driver that does not fit


@dataclass
class Script:
    """Faults on order. A call named in `refuses` answers None, False or a name from now on."""

    refuses: set[str] = field(default_factory=set)
    unsupported: set[str] = field(default_factory=set)  # operators that the parser does not take
    refuses_next: int = 0  # so many plans are not taken
    no_capture: bool = False  # an execution that is being captured is refused
    builds: int = 0  # counted
    cancelled: bool = False  # the progress monitor has asked a build to end
    deserialized: int = 0  # counted
    constructed: list[str] = field(default_factory=list)
    writes_no_score: bool = False


class World:
    """One version of TensorRT on the simulated GPU of the test."""

    def __init__(self, version: str, script: Script) -> None:
        self.version, self.script = version, script
        self.enums: dict[str, Any] = {}
        self.classes: dict[str, Any] = {}

    @property
    def gpu(self) -> Gpu:
        """The device of this test, or of this process."""
        return current_gpu()

    def violation(self, text: str) -> ViolationError:
        """Record one; the caller raises it, where it may."""
        return self.gpu.violation(text)

    def refused(self, call: str) -> bool:
        """Whether this call is to fail."""
        return call in self.script.refuses

    def driver_is_there(self) -> bool:
        """Whether anything of CUDA can be called; a device that is lost is there."""
        try:
            self.gpu.current()
        except GpuError as error:
            return error.code not in NEVER_MADE
        return True

    @property
    def stamp(self) -> dict[str, Any]:
        """What plans and timings are bound to."""
        gpu = self.gpu
        return {"version": self.version, "gpu": [gpu.name, *gpu.compute_capability]}

    def plan(self, onnx: bytes, **facts: Any) -> bytes:  # noqa: ANN401 - of the plan
        """A plan of this version and GPU."""
        return _PLAN + json.dumps(self.stamp | facts).encode() + b"\n" + onnx

    def opened(self, plan: bytes) -> tuple[dict[str, Any], bytes] | None:
        """The facts and the model of a plan; None where it is none."""
        if not plan.startswith(_PLAN):
            return None
        head, _, onnx = plan[len(_PLAN) :].partition(b"\n")
        facts: dict[str, Any] = json.loads(head)
        return facts, onnx

    def timing(self) -> bytes:
        """What a build has measured."""
        return _TIMING + json.dumps(self.stamp).encode()

    def is_timing(self, data: bytes) -> bool:
        """Whether TensorRT would read it at all."""
        return data.startswith(_TIMING)

    def fits(self, data: bytes) -> bool:
        """Whether it was measured on this box."""
        return not data or data == self.timing()
