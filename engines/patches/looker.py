"""An engine that is looked into: what it gives out, and one tensor on the way there.

For questions after the fact, in a process that may be slow. No part is judged by what is seen
here: with a tensor that is kept, a runtime may join other layers than where it is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import onnx
import onnxruntime as ort

from gonogo.base.errors import BackendError, PatchBankUnusable
from gonogo.engines.backends.model import open_model
from gonogo.engines.backends.preprocess import Preprocesses, aligned, geometry_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.engines.backends.placing import Sight

_FATAL = 4  # of the library's log: what goes wrong comes as an error of ours


class Seen(NamedTuple):
    """Of one frame: `features` by the names of their tensors, float32 (channels, rows, columns).

    `map`: the engine's own, float32 (rows, columns), None of one that makes none.
    """

    features: dict[str, NDArray[np.float32]]
    map: NDArray[np.float32] | None


class Looker:
    """One session of a model file, on one thread; ModelError, PatchBankUnusable.

    `tensors` are float [1, channels, rows, columns] in its graph.
    """

    def __init__(self, model: Path, tensors: Sequence[str]) -> None:
        self._contract = open_model(model)
        self._tensors = tuple(tensors)
        map_value = self._contract.map
        self._wanted = [*self._tensors, *([map_value.name] if map_value else [])]
        self._session = _session(model, self._tensors)
        self._preprocesses = Preprocesses(self._contract)
        self._image = aligned(self._contract.image.shape, self._contract.dtype)

    @property
    def size_px(self) -> tuple[int, int]:
        """Height and width of what it looks at, in px of its input."""
        cut = self._contract.fit.cut
        if cut is not None:
            return cut.height_px, cut.width_px
        height_px, width_px = self._contract.image.shape[2:]
        return height_px, width_px

    def sight(self, geometry: FrameShape, grid: tuple[int, int]) -> Sight:
        """Where each cell of a grid (rows, columns) over all that it sees lies on a frame."""
        rows, columns = grid
        return self._contract.sight(geometry)._replace(cells=(float(rows), float(columns)))

    def prepared(self, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A frame as it sees it, uint8 of `size_px`, a copy."""
        resized = self._preprocesses.of(geometry_of(frame)).resize(frame)
        cut, (height_px, width_px) = self._contract.fit.cut, self.size_px
        top, left = (0, 0) if cut is None else (cut.top_px, cut.left_px)
        return np.array(resized[top : top + height_px, left : left + width_px], np.uint8)

    def see(self, frame: NDArray[np.uint8]) -> Seen:
        """Of a frame of any geometry, uint8 (height, width[, 3]) blue-green-red; BackendError."""
        self._preprocesses.of(geometry_of(frame)).into(frame, self._image)
        try:
            found = self._session.run(self._wanted, {self._contract.image.name: self._image})
        except Exception as error:  # its errors have no class in common but this
            raise BackendError(f"ONNX Runtime: {error}") from error
        features = {
            name: np.asarray(values[0], np.float32)
            for name, values in zip(self._tensors, found, strict=False)
        }
        return Seen(features, None if self._contract.map is None else _worst_class(found[-1]))


def _worst_class(values: NDArray[Any]) -> NDArray[np.float32]:
    """A map (rows, columns) of [1, classes, rows, columns] or [1, rows, columns]."""
    return np.asarray(values.reshape(-1, *values.shape[-2:]).max(axis=0), np.float32)


def _session(model: Path, tensors: Sequence[str]) -> ort.InferenceSession:
    """Of the model with these tensors as outputs beside its own."""
    graph = onnx.load(str(model), load_external_data=False)
    known = {value.name for value in graph.graph.output}
    made = {name for node in graph.graph.node for name in node.output}
    missing = [name for name in tensors if name not in made]
    if missing:
        raise PatchBankUnusable(
            f"{model.name}: no tensor {missing[0]!r} in its graph; have it built again"
        )
    # without a type: the runtime infers it
    graph.graph.output.extend(
        onnx.ValueInfoProto(name=name) for name in tensors if name not in known
    )
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(
            graph.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        raise PatchBankUnusable(f"{model.name}: cannot be looked into: {error}") from error
