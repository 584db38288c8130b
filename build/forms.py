"""The INT8 forms in which an engine is packed, a row each: a further form is one more row.

    form      made by        its file        proven here in           loaded from the bundle by
    cpu       ASYMMETRIC     cpu.onnx        every CPU backend        onnxruntime, openvino
    tensorrt  SYMMETRIC      tensorrt.onnx   onnxruntime              tensorrt, on another box
    hailo     its compiler   hailo.hef       the compiler's emulator  hailo, on another box

Those that are quantized here are made of one calibration: the search for what stays float
(gonogo.build.int8) and the table of models go through QUANTIZED. The one for Hailo is quantized
and compiled by the chip's own compiler (gonogo.build.hailo), of the same FP32 model and frames.
What a bundle may hold is said in gonogo.engines.bundles.manifest: a further form has its role and
its backends there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.build.proof import REFERENCE
from gonogo.build.qdq import ASYMMETRIC, SYMMETRIC
from gonogo.engines.backends.onnxruntime import OrtAsWritten
from gonogo.engines.bundles.manifest import ROLES

if TYPE_CHECKING:
    from collections.abc import Callable

    import onnx

    from gonogo.build.calibrate import Ranges
    from gonogo.build.judging import Open
    from gonogo.engines.bundles.manifest import BackendName, Role

    Make = Callable[[onnx.ModelProto, frozenset[str], Ranges], bytes]

EMULATOR = "emulator"  # of Hailo's compiler
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
    convolutions that stay float, and the calibrated ranges; None: a compiler of its own makes it.
    `proved_in`: backends on this box; None stands for every one that is installed, so that a slow
    or a wrong one is known. `remark`: what people are told of it. `how`: how the reference opens
    it; left out, as a station does.
    """

    name: Role
    make: Make | None
    proved_in: tuple[str, ...] | None
    uses: tuple[Use, ...]
    remark: str = ""
    how: Open | None = None

    @property
    def file(self) -> str:
        """The name of its file, in the bundle and in the work folder."""
        return ROLES[self.name].name

    @property
    def runs_here(self) -> bool:
        """Whether its speed on this box says anything of the station's."""
        return any(use.is_here for use in self.uses)

    def how_in(self, use: Use) -> Open | None:
        """How what computes it here opens it; None: as a station does."""
        return self.how if use.computed_in == REFERENCE else None

    def quantized(self, prepared: onnx.ModelProto, floats: frozenset[str], ranges: Ranges) -> bytes:
        """Made by `make`; only of a form that is quantized here."""
        if self.make is None:
            raise TypeError(f"the {self.name} form is made by a compiler of its own")
        return self.make(prepared, floats, ranges)


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
    OrtAsWritten,
)
HAILO = Form(
    "hailo",
    None,
    (EMULATOR,),
    (Use("hailo", EMULATOR),),
    "proven in the compiler's emulator, not run on the chip",
)
# of those that are proven the first is the engine's own: its scores give card and histogram, its
# file gives the id
FORMS = (CPU, TENSORRT, HAILO)
QUANTIZED = tuple(form for form in FORMS if form.make is not None)
