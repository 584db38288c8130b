"""The INT8 forms in which an engine is packed, a row each: a further form is one more row.

    form      made by        its file        proven here in      loaded from the bundle by
    cpu       ASYMMETRIC     cpu.onnx        every CPU backend   onnxruntime, openvino
    tensorrt  SYMMETRIC      tensorrt.onnx   onnxruntime         tensorrt, on another box

All are made of one calibration. The search for what stays float (gonogo.build.int8), the
engine, the bundle and the table of models go through FORMS. What a bundle may hold is said
in gonogo.engines.bundles.manifest: a further form has its role and its backends there. The file
for Hailo is no such form: it is compiled for one kind of chip, and no runtime here opens it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.build.proof import REFERENCE
from gonogo.build.qdq import ASYMMETRIC, SYMMETRIC
from gonogo.engines.bundles.manifest import ROLES

if TYPE_CHECKING:
    from collections.abc import Callable

    import onnx

    from gonogo.build.calibrate import Ranges
    from gonogo.engines.bundles.manifest import BackendName, Role

    Make = Callable[[onnx.ModelProto, frozenset[str], Ranges], bytes]

TOLERANCE = 0.02  # of a self-test score: another processor has other instructions
TOLERANCE_ELSEWHERE = 0.10  # of one that was computed by another runtime than the one it is for


class Use(NamedTuple):
    """A backend that loads a form from the bundle, and what computes that form on this box."""

    backend: BackendName
    computed_in: str

    @property
    def is_here(self) -> bool:
        """Whether this box computes it as the station will."""
        return self.backend == self.computed_in

    @property
    def tolerance(self) -> float:
        """How far a self-test score may be off at the station, as a share."""
        return TOLERANCE if self.is_here else TOLERANCE_ELSEWHERE


class Form(NamedTuple):
    """A row: what it is called, how it is made, what proves it, who loads it.

    `name` is its role in the bundle. `make` takes the prepared FP32 model, the names of the
    convolutions that stay float, and the calibrated ranges. `proved_in`: backends on this
    box; None stands for every one that is installed, so that a slow or a wrong one is
    known. `remark`: what people are told of it.
    """

    name: Role
    make: Make
    proved_in: tuple[str, ...] | None
    uses: tuple[Use, ...]
    remark: str = ""

    @property
    def file(self) -> str:
        """The name of its file, in the bundle and in the work folder."""
        return ROLES[self.name].name

    @property
    def runs_here(self) -> bool:
        """Whether its speed on this box says anything of the station's."""
        return any(use.is_here for use in self.uses)


CPU = Form(
    "cpu",
    ASYMMETRIC.quantized,
    None,
    (Use(REFERENCE, REFERENCE), Use("openvino", "openvino")),
)
TENSORRT = Form(
    "tensorrt",
    SYMMETRIC.quantized,
    (REFERENCE,),
    (Use("tensorrt", REFERENCE),),
    "proven in onnxruntime, not run on TensorRT",
)
# the first is the engine's own: its scores give card and histogram, its file gives the id
FORMS = (CPU, TENSORRT)
