"""Compile the model of this folder with Hailo's Dataflow Compiler, and score it in its emulator.

    python run.py

It needs the compiler's own Python environment and nothing of gonogo. It writes hailo.hef,
scores.npy (float64, a score for each of frames.npy) and result.json beside this file.
Not yet run with the compiler itself: only with a stand-in of its interface.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from hailo_sdk_client import ClientRunner, InferenceContext

HERE = Path(__file__).parent
NAME = "engine"


def main() -> None:
    """Translate, optimize, emulate, compile."""
    about = json.loads((HERE / "about.json").read_text())
    model = HERE / "model.onnx"
    if _sha256(model) != about["model_sha256"]:
        raise SystemExit(f"{model} is not the one that this folder was made for; copy it again")
    runner = ClientRunner(hw_arch=about["target"])
    runner.translate_onnx_model(str(model), NAME)
    runner.load_model_script(str(HERE / "model.alls"))
    runner.optimize(np.load(HERE / "calibration.npy"))
    # before it is compiled: a model that does not rank parts any more need not be
    frames = np.load(HERE / "frames.npy").astype(np.float32)
    with runner.infer_context(InferenceContext.SDK_QUANTIZED) as context:
        scores = _scores(runner.infer(context, frames), len(frames))
    np.save(HERE / "scores.npy", scores)
    hef = HERE / "hailo.hef"
    hef.write_bytes(runner.compile())
    # last: who finds it has all of them
    result = {"target": about["target"], "hef_sha256": _sha256(hef), "how": "SDK_QUANTIZED"}
    (HERE / "result.json").write_text(json.dumps(result, indent=1))


def _scores(outputs: Any, count: int) -> Any:  # noqa: ANN401 - one array or several
    """The output that has one number a frame."""
    several = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    found = [each for each in map(np.asarray, several) if each.size == count]
    if len(found) != 1:
        sizes = ", ".join(str(np.asarray(each).shape) for each in several)
        raise SystemExit(f"expected one output with a score a frame, got {sizes}")
    return found[0].reshape(-1).astype(np.float64)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
