"""What looks at a part: a graph from pixels to features, in INT8 before anything is taught.

The eyes are quantized first, and the engine is taught on what they see in INT8. The other
way round, a head that was taught on float features judges quantized ones: on real parts
that took AUROC from 0.99 to 0.58. Conv, Clip and Add are held in INT8 together;
everything behind the features stays float.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime as ort

from gonogo.build.calibrate import calibrate
from gonogo.build.qdq import ASYMMETRIC
from gonogo.engines.backends.model import Contract, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.build.goodparts import Progress

FEATURES = "features"
_FORM = ASYMMETRIC._replace(following=("Clip", "Add"))


class Eyes:
    """A session of a model from `image` to `features`; the constructor opens it."""

    def __init__(self, model: bytes) -> None:
        self.model = model
        options = ort.SessionOptions()
        # threads that spin between two calls would take the CPU from whatever runs beside
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def see(self, frame: NDArray[np.uint8], output: str = FEATURES) -> NDArray[np.float32]:
        """Features float32 (channels, G, G) of one frame, uint8 (S, S, 3) blue-green-red."""
        planes = np.ascontiguousarray(frame[:, :, ::-1].transpose(2, 0, 1)[None])
        return np.asarray(self._session.run([output], {"image": planes})[0][0], np.float32)


def quantized(model: bytes, frames: Sequence[NDArray[np.uint8]], progress: Progress) -> bytes:
    """The same eyes in INT8, with ranges from these frames, uint8 (S, S, 3)."""
    with tempfile.TemporaryDirectory(prefix="gonogo-eyes-") as folder:
        path = Path(folder) / "eyes.onnx"
        path.write_bytes(model)
        graph = onnx.load_from_string(model)
        side_px = len(frames[0])
        image = Value("image", (1, 3, side_px, side_px))
        contract = Contract(path, image, np.uint8, Value(FEATURES, ()), None, None)
        ranges = calibrate(path, contract, frames, progress, ("Conv", *_FORM.following))
    return _FORM.quantized(graph, frozenset(), ranges)
