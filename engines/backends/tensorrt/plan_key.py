"""What a plan is good for: these very bytes, this TensorRT, this GPU, this power mode."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gonogo.engines.backends.cuda.contract import DeviceFacts


class Box(NamedTuple):
    """What a plan, and the times that its builder measured, are bound to beside the model."""

    tensorrt: str  # its version, whole: plans of 10.3.0 are none of 10.3.1
    device: str
    compute_capability: tuple[int, int]
    power_mode: str

    @classmethod
    def of(cls, version: str, device: DeviceFacts, power_mode: str) -> Box:
        """This one."""
        return cls(version, device.name, device.compute_capability, power_mode)

    @property
    def key(self) -> str:
        """A name for files: of two boxes that differ in anything, two."""
        return hashlib.sha256(repr(tuple(self)).encode()).hexdigest()[:16]

    @property
    def in_words(self) -> str:
        """For people."""
        major, minor = self.compute_capability
        mode = f", power mode {self.power_mode}" if self.power_mode != "none" else ""
        return f"TensorRT {self.tensorrt} on {self.device} (compute {major}.{minor}{mode})"


class PlanKey(NamedTuple):
    """One plan: of a model, by the SHA-256 of its bytes, on a box."""

    model_sha256: str
    box: Box

    @property
    def name(self) -> str:
        """Its file."""
        return f"{self.model_sha256}-{self.box.key}.plan"


def key_of(model: bytes, box: Box) -> PlanKey:
    """By the bytes: where they lie may be a path in memory that says nothing."""
    return PlanKey(hashlib.sha256(model).hexdigest(), box)
