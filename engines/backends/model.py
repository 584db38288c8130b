"""What a model file promises: opened once at load, checked, stated as a contract.

A model that can judge parts has

    input   one, uint8 or float32, static 1 x {1, 3} x height x width; colour planes are
            red, green, blue; a float32 input is fed 0 .. 255
    score   `score`, `pred_score` or `class_score`, float32; of several values (classes)
            the largest counts: higher is worse
    map     optional `anomaly_map` or `defect_map`, float32 [1, classes, rows, columns] or
            [1, rows, columns]; of several classes the largest counts
    embedding  optional `embedding`, float32, for drift; left out when longer than EMBED_MAX

Other outputs are ignored and not computed where the runtime allows it.

How a frame is brought to the size of its input stands in the file's `metadata_props`, under the
keys of gonogo.engines.backends.fit; a file without them is squeezed into.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import TensorProto

from gonogo.base.errors import ModelError
from gonogo.engines.backends.backend import Shapes
from gonogo.engines.backends.fit import SQUEEZE, fit_of
from gonogo.engines.backends.placing import Sight
from gonogo.ipc.frame_ring import EMBED_MAX, MAP_MAX

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from gonogo.base.frame_shape import FrameShape
    from gonogo.engines.backends.fit import Fit

# the first of these that a model has; pred_score is anomalib's name, class_score that of
# classifiers, whose largest value is the worst
SCORES = ("score", "pred_score", "class_score")
MAPS = ("anomaly_map", "defect_map")
EMBEDDING = "embedding"
MAX_BYTES = 1 << 30  # as a bundle's: protobuf reads at most 2 GB, and all of it into memory
_MAP_SIDE = math.isqrt(MAP_MAX)  # cells of the result area, each way
_INPUTS: dict[int, type[np.uint8 | np.float32]] = {
    TensorProto.UINT8: np.uint8,
    TensorProto.FLOAT: np.float32,
}
_WANTED = "uint8 or float32, 1 x 1 or 3 x height x width"


class Value(NamedTuple):
    """One named tensor of the model with its static shape."""

    name: str
    shape: tuple[int, ...]


class Contract(NamedTuple):
    """The promises of one model file; `dtype` is that of the input, `fit` how frames get there."""

    path: Path
    image: Value
    dtype: type[np.uint8 | np.float32]
    score: Value
    map: Value | None
    embedding: Value | None
    fit: Fit = SQUEEZE

    @property
    def outputs(self) -> tuple[Value, ...]:
        """Score, map and embedding, as far as it has them."""
        found = (self.score, self.map, self.embedding)
        return tuple(value for value in found if value is not None)

    @property
    def classes(self) -> int:
        """How many maps one upon another the map output holds."""
        return 1 if self.map is None or len(self.map.shape) == 3 else self.map.shape[1]  # noqa: PLR2004 - [1, rows, columns]

    @property
    def pool(self) -> int:
        """Side of the square of map cells that shares one cell of the result area."""
        if self.map is None:
            return 1
        # rounded up, and one for both axes: cells stay as square as they were
        return max(-(-side // _MAP_SIDE) for side in self.map.shape[-2:])

    @property
    def cells(self) -> tuple[float, float]:
        """Rows and columns of the result area's map over all that the model sees; 0 without one.

        No whole numbers where cells are shared and the last ones reach over the edge.
        """
        rows, columns = (0, 0) if self.map is None else self.map.shape[-2:]
        return rows / self.pool, columns / self.pool

    def sight(self, geometry: FrameShape) -> Sight:
        """What it sees of frames of this geometry."""
        height_px, width_px = self.image.shape[2:]
        return Sight(geometry, (height_px, width_px), self.fit, self.cells)

    @property
    def shapes(self) -> Shapes:
        """What a backend writes beside the score."""
        rows, columns = (0, 0) if self.map is None else self.map.shape[-2:]
        length = 0 if self.embedding is None else math.prod(self.embedding.shape)
        return Shapes(-(-rows // self.pool), -(-columns // self.pool), length)


def open_model(path: Path) -> Contract:
    """Read and check `path`; ModelError says what is wrong and what was expected."""
    model = load_model(path)
    # before IR version 4 weights had to be listed as inputs too (ONNX IR, "Graphs")
    held = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in held]
    if len(inputs) != 1:
        raise ModelError(
            f"{path}: {len(inputs)} inputs ({_names(inputs) or 'none'}), expected one image; "
            "export the model with the image as its only input"
        )
    image = _static(path, inputs[0])
    dtype = _INPUTS.get(inputs[0].type.tensor_type.elem_type)
    if dtype is None or not _one_image(image.shape):
        raise ModelError(
            f"{path}: input '{image.name}' is {_type(inputs[0])} {_cross(image.shape)}, "
            f"expected {_WANTED}; export the model for single images in that layout"
        )
    return _with_outputs(path, model, image, dtype)


def _one_image(shape: Sequence[int]) -> bool:
    """Whether it is 1 x {1, 3} x height x width."""
    return len(shape) == len("NCHW") and shape[0] == 1 and shape[1] in {1, 3}


def _with_outputs(
    path: Path, model: onnx.ModelProto, image: Value, dtype: type[np.uint8 | np.float32]
) -> Contract:
    outputs = {value.name: value for value in _inferred(path, model)}
    score = _first(path, outputs, SCORES)
    if score is None:
        raise ModelError(
            f"{path}: no score among the outputs ({_names(outputs.values()) or 'none'}), "
            f"expected one named {', '.join(SCORES)}; rename it or export the model with a score"
        )
    anomaly = _first(path, outputs, MAPS)
    if anomaly is not None and (len(anomaly.shape) not in {3, 4} or anomaly.shape[0] != 1):
        raise ModelError(
            f"{path}: output '{anomaly.name}' is {_cross(anomaly.shape)}, expected "
            "1 x classes x rows x columns or 1 x rows x columns; export it in that layout"
        )
    # too long for the result area: it is for drift alone, and no reason to refuse the model
    embedding = _first(path, outputs, (EMBEDDING,))
    if embedding is not None and math.prod(embedding.shape) > EMBED_MAX:
        embedding = None
    return Contract(path, image, dtype, score, anomaly, embedding, _fit(path, model, image))


def _fit(path: Path, model: onnx.ModelProto, image: Value) -> Fit:
    """How frames get to its size; ModelError for what no fit of ours is."""
    try:
        fit = fit_of({entry.key: entry.value for entry in model.metadata_props})
    except ValueError as error:
        raise ModelError(
            f"{path}: its metadata say how a frame is brought to its size, but {error}; build it "
            "again, or take a gonogo that knows it"
        ) from error
    return checked_cut(path, fit, image)


def checked_cut(path: Path, fit: Fit, image: Value) -> Fit:
    """The fit, whose cut lies inside of the input; ModelError."""
    cut, (height_px, width_px) = fit.cut, image.shape[2:]
    if cut is not None and not (
        cut.height_px > 0
        and cut.width_px > 0
        and cut.top_px + cut.height_px <= height_px
        and cut.left_px + cut.width_px <= width_px
    ):
        raise ModelError(
            f"{path}: gonogo.cut {tuple(cut)}: expected a rectangle inside of its input, "
            f"{width_px}x{height_px} px; build it again"
        )
    return fit


def load_model(path: Path) -> onnx.ModelProto:
    """One whole ONNX file with its weights in it; ModelError says what is wrong with it."""
    try:
        size = path.stat().st_size  # before it is read
        if size > MAX_BYTES:
            raise ModelError(
                f"{path}: {size} bytes, expected at most {MAX_BYTES}; use a smaller model"
            )
        # no external data: it names files by path, which no checksum of this one covers
        model = onnx.load(str(path), load_external_data=False)
    except DecodeError as error:
        raise ModelError(
            f"{path} is not a whole ONNX file ({error}); copy it again and compare its checksum"
        ) from error
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}; check the path in the station file") from error
    if not model.graph.node:  # an empty file is a whole protobuf message, and says nothing
        raise ModelError(f"{path} is not an ONNX file: it holds no graph; export the model as ONNX")
    outside = [t.name for t in model.graph.initializer if t.data_location == TensorProto.EXTERNAL]
    if outside:
        raise ModelError(
            f"{path}: weights lie in another file ('{outside[0]}' and {len(outside) - 1} more), "
            "expected one file; save it with onnx.save_model(save_as_external_data=False)"
        )
    return model


def _inferred(path: Path, model: onnx.ModelProto) -> Sequence[onnx.ValueInfoProto]:
    """The outputs, with shapes that exporters leave open worked out from the static input."""
    try:
        # before a runtime sees it, so that a broken graph is told alike for each of them
        onnx.checker.check_model(model)
        whole = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        first = str(error).strip().splitlines()[0]
        raise ModelError(f"{path} is not a valid ONNX graph: {first}; export it again") from error
    outputs: Sequence[onnx.ValueInfoProto] = whole.graph.output
    return outputs


def _first(
    path: Path, outputs: dict[str, onnx.ValueInfoProto], names: Sequence[str]
) -> Value | None:
    for name in names:
        if name in outputs:
            if outputs[name].type.tensor_type.elem_type != TensorProto.FLOAT:
                raise ModelError(
                    f"{path}: output '{name}' is {_type(outputs[name])}, expected float32; "
                    "add a cast to float32 when exporting"
                )
            return _static(path, outputs[name])
    return None


def _static(path: Path, value: onnx.ValueInfoProto) -> Value:
    sizes = []
    for axis, dim in enumerate(value.type.tensor_type.shape.dim):
        # buffers are made once, before the first frame: a size that varies has none
        if dim.WhichOneof("value") != "dim_value" or dim.dim_value < 1:
            shown = f"'{dim.dim_param}'" if dim.dim_param else "of unknown size"
            raise ModelError(
                f"{path}: dimension {axis} of '{value.name}' is {shown}, expected a fixed size "
                "of at least 1; export the model without dynamic axes"
            )
        sizes.append(dim.dim_value)
    return Value(value.name, tuple(sizes))


def _type(value: onnx.ValueInfoProto) -> str:
    name: str = TensorProto.DataType.Name(value.type.tensor_type.elem_type)
    return name.lower()


def _cross(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape)) or "a scalar"


def _names(values: Iterable[onnx.ValueInfoProto]) -> str:
    return ", ".join(value.name for value in values)
