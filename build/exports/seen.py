"""What an export gives out, as seen in trial runs on a few pictures.

One picture alone would mislead: of a black one a segmentation has one class everywhere,
and a head of logits may by chance sum up to 1. Real parts are not at hand here; noise,
blocks and a ramp excite every plane that a model has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper

from gonogo.build.exports.graph import node, rename

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gonogo.build.exports.graph import Graph, Node
    from gonogo.build.exports.metadata import Said
    from gonogo.build.exports.options import Options

_TYPES: dict[int, type[np.generic]] = {
    TensorProto.FLOAT: np.float32,
    TensorProto.FLOAT16: np.float16,
    TensorProto.DOUBLE: np.float64,
    TensorProto.UINT8: np.uint8,
}
_MAP_RANKS = (3, 4)
_PLANES = 4  # rank of a stack of planes
_SILENT = 4
_FIRST = (0, 3, 1, 2)  # axes, with planes brought to the front
REALS = {"float", "float16", "double", "bfloat16"}


class Output(NamedTuple):
    """One output as it came out of a trial run; `varies`: its shape is not always the same."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    varies: bool = False

    def __str__(self) -> str:
        # how many there were of a black picture says nothing
        sizes = [str(size) for size in self.shape]
        if self.varies:
            # behind the batch, where there is one
            place = int(len(sizes) >= _MAP_RANKS[0])
            sizes[place] = "any"
        return f"'{self.name}' ({self.dtype} {' x '.join(sizes) or 'a scalar'})"

    @property
    def is_map(self) -> bool:
        """A number for each place of one image."""
        return len(self.shape) in _MAP_RANKS and self.shape[0] == 1 and min(self.shape[-2:]) > 1

    @property
    def is_number(self) -> bool:
        """One value."""
        return set(self.shape) <= {1} and not self.varies

    @property
    def is_real(self) -> bool:
        """Whether it holds real numbers, no labels and no masks."""
        return self.dtype in REALS

    @property
    def classes(self) -> int:
        """How many classes it has one value for each; 0 when it is something else."""
        wide = [size for size in self.shape if size > 1]
        one_part = len(wide) == 1 and self.shape[0] == 1 and not self.varies
        return wide[0] if one_part else 0

    @property
    def planes(self) -> int:
        """How many planes of height and width it has one upon another; 0 when it has none."""
        is_stack = len(self.shape) == _PLANES and self.is_map
        return self.shape[1] if is_stack else 1 if self.is_map else 0


class Seen(NamedTuple):
    """An export, `size_px` (height, width) of its image, and what it gave out for each picture."""

    model: onnx.ModelProto
    size_px: tuple[int, int]
    outputs: tuple[Output, ...]
    runs: tuple[Mapping[str, NDArray[Any]], ...]

    @property
    def graph(self) -> Graph:
        """Its nodes."""
        return self.model.graph

    def values(self, name: str) -> list[NDArray[Any]]:
        """What one output held, for each picture."""
        return [run[name] for run in self.runs if name in run]

    def flat(self, name: str) -> NDArray[np.float64]:
        """All of it in one row."""
        found = [np.ravel(one) for one in self.values(name)]
        return np.concatenate(found).astype(np.float64) if found else np.zeros(0)

    def operators_before(self, name: str) -> list[Node]:
        """Every node that a tensor is made of, nearest first."""
        makers = {made: node for node in self.graph.node for made in node.output}
        found: dict[int, Node] = {}
        waiting = [name]
        for tensor in waiting:
            node = makers.get(tensor)
            if node is not None and id(node) not in found:
                found[id(node)] = node
                waiting.extend(node.input)
        return list(found.values())


def planes_first(seen: Seen) -> Seen:
    """The same with planes in front of rows and columns, where an output has them behind.

    Keras and TensorFlow write 1 x rows x columns x classes. The graph gets a Transpose.
    """
    graph, outputs = seen.model.graph, list(seen.outputs)
    runs = [dict(run) for run in seen.runs]
    for place, output in enumerate(outputs):
        if not _has_planes_last(output, seen.size_px):
            continue
        inner = f"{output.name}_planes_last"
        rename(graph, output.name, inner)
        graph.node.append(node("Transpose", [inner], output.name, perm=_FIRST))
        for value in graph.output:
            if value.name == inner:
                # its declared shape is that of before
                value.CopyFrom(helper.make_empty_tensor_value_info(output.name))
        for run in runs:
            run[output.name] = run[output.name].transpose(_FIRST)
        outputs[place] = output._replace(shape=runs[0][output.name].shape)
    return seen._replace(outputs=tuple(outputs), runs=tuple(runs))


def _has_planes_last(output: Output, size_px: tuple[int, int]) -> bool:
    if len(output.shape) != _PLANES or output.shape[0] != 1 or output.varies:
        return False
    _, rows, columns, planes = output.shape
    behind = min(rows, columns) > planes and like_the_picture((rows, columns), size_px)
    return behind and not like_the_picture((columns, planes), size_px)


def like_the_picture(sides: tuple[int, ...], size_px: tuple[int, int]) -> bool:
    """Whether rows and columns have the picture's own proportions, as those of a map."""
    return abs(sides[0] * size_px[1] - sides[1] * size_px[0]) <= max(size_px)


class Export(NamedTuple):
    """All that is known of an export: what it gave out, what its file says, what was asked for."""

    seen: Seen
    said: Said
    options: Options


def look(model: onnx.ModelProto, extra: Sequence[str] = ()) -> Seen:
    """Run it on a few pictures; its one input has a fixed size. `extra`: tensors to see as well.

    Raises what ONNX Runtime raises when it does not take the model.
    """
    image = model.graph.input[0]
    dtype = image.type.tensor_type.elem_type
    shape = tuple(dim.dim_value for dim in image.type.tensor_type.shape.dim)
    session = _session(model, extra)
    made = session.get_outputs()
    names = [one.name for one in made]
    pictures = _pictures(shape[-2:], dtype)
    runs = [
        dict(zip(names, session.run(None, {image.name: _planes(one, shape[1])}), strict=True))
        for one in pictures
    ]
    fixed = _fixed_sizes(model)
    kinds = [one.type.removeprefix("tensor(").rstrip(")") for one in made]
    outputs = tuple(
        Output(name, kind, np.shape(runs[0][name]), _varies([r[name] for r in runs], name in fixed))
        for name, kind in zip(names, kinds, strict=True)
    )
    return Seen(model, (shape[-2], shape[-1]), outputs, tuple(runs))


def _session(model: onnx.ModelProto, extra: Sequence[str]) -> ort.InferenceSession:
    settings = ort.SessionOptions()
    settings.log_severity_level = _SILENT  # the message comes with the error
    if extra:
        shown = onnx.ModelProto()
        shown.CopyFrom(model)
        shown.graph.output.extend(
            helper.make_empty_tensor_value_info(name)
            for name in extra
            if all(name != value.name for value in model.graph.output)
        )
        model = shown
    return ort.InferenceSession(
        model.SerializeToString(), settings, providers=["CPUExecutionProvider"]
    )


def _fixed_sizes(model: onnx.ModelProto) -> set[str]:
    """Outputs whose shape follows from the graph, the same for every picture."""
    try:
        whole = onnx.shape_inference.infer_shapes(model, data_prop=True)
    except onnx.shape_inference.InferenceError:
        return set()
    return {
        value.name
        for value in whole.graph.output
        if all(dim.WhichOneof("value") == "dim_value" for dim in value.type.tensor_type.shape.dim)
    }


def _varies(found: Sequence[NDArray[Any]], fixed: bool) -> bool:  # noqa: FBT001 - by place
    shapes = {np.shape(one) for one in found}
    return len(shapes) > 1 or any(0 in shape for shape in shapes) or (not fixed and _lists(found))


def _lists(found: Sequence[NDArray[Any]]) -> bool:
    """Whether it may be a list of what was found: of one column or of rows of a few."""
    shape = np.shape(found[0])
    return len(shape) in {1, 2} and set(shape) != {1} and shape[0] != 1


def _pictures(size_px: tuple[int, ...], dtype: int) -> list[NDArray[np.generic]]:
    """(height, width, 3) in the type of the input; for real numbers in 0..1 and in 0..255."""
    rows, columns = np.mgrid[0 : size_px[0], 0 : size_px[1]]
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (*size_px, 3))
    blocks = np.stack([(rows // 16 * 53 + columns // 16 * 97 + 80 * k) % 256 for k in range(3)], 2)
    ramp = np.stack([rows * 255 // size_px[0], columns * 255 // size_px[1], rows * 0 + 128], 2)
    kind = _TYPES.get(dtype, np.float32)
    whole = [np.zeros_like(noise), noise, blocks]
    if kind is np.uint8:
        return [one.astype(kind) for one in (*whole, ramp)]
    # which range it expects is not known yet
    return [*((one / 255).astype(kind) for one in whole), ramp.astype(kind)]


def _planes(picture: NDArray[np.generic], planes: int) -> NDArray[np.generic]:
    """1 x planes x height x width."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None, :planes])
