"""The folder that Hailo's Dataflow Compiler is given: everything, and the command that runs it.

The compiler is proprietary, needs an x86-64 box with much memory and a Python of its own, and is
seldom installed where engines are built. So all that it needs lies in one folder that can be
copied to where it is:

    model.onnx         FP32, one float32 image 1 x planes x height x width, pixels 0..255
    calibration.npy    float32 (frames, height, width, planes), red, green, blue, 0..255
    frames.npy         uint8, the same layout: what the compiled model must score
    fp32.npz           what the FP32 model scores on them, and what each of them is
    model.alls         the compiler's model script; yours to change
    about.json         digests, the chip, the engine
    run.py             compiles, and scores the frames in the compiler's emulator

What it leaves there: hailo.hef, scores.npy, result.json (gonogo.build.hailo.adopt).
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from gonogo.base.errors import BuildError
from gonogo.build.exports.float_input import with_float_input
from gonogo.engines.backends.model import load_model
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.card import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from gonogo.build.engine import Engine

COMPILER = "hailo_sdk_client"
TARGETS = ("hailo8", "hailo8l", "hailo8r")
KINDS = ("good", "variants", "defaced", "bad")  # of the proof set, in this order (build/proof.py)
SCRIPT = """\
# Hailo Dataflow Compiler, model script; its guide lists all commands.
# Pixels go in as they are: what the model does to them stands in its first layers.
model_optimization_flavor(optimization_level=2, compression_level=0)
model_optimization_config(calibration, batch_size=8, calibset_size={calibration})
"""


def folder_of(out: Path, target: str) -> Path:
    """Beside the bundle."""
    return out.with_name(f"{out.stem}.{target}")


def write_folder(engine: Engine, out: Path, target: str) -> Path:
    """Everything for the compiler, for the bundle `out`; what an earlier build left is replaced."""
    folder = folder_of(out, target)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    channels = engine.contract.image.shape[1]
    model = with_float_input(load_model(engine.source))
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    _save(folder / "calibration.npy", engine.images.calibrate, channels, np.float32)
    proof, good = engine.images.proof, engine.images.good
    with Bundle(out, INSPECTION) as bundle:
        self_test = list(bundle.self_test_frames())
    frames = [*(frame for kind in proof for frame in kind), *good, *self_test]
    _save(folder / "frames.npy", frames, channels, np.uint8)
    fp32: dict[str, Any] = dict(zip(KINDS, engine.fp32[:4], strict=True))
    np.savez(folder / "fp32.npz", **fp32)
    script = SCRIPT.format(calibration=len(engine.images.calibrate))
    (folder / "model.alls").write_text(script, encoding="ascii")
    about = {
        "target": target,
        "model_sha256": sha256_of(folder / "model.onnx"),
        "engine_sha256": sha256_of(engine.main_file),
        "loss_max": engine.wanted.loss_max,
        "rank_min": engine.wanted.rank_min,
        "good": len(good),
        "self_test": len(self_test),
    }
    (folder / "about.json").write_text(json.dumps(about, indent=1), encoding="ascii")
    shutil.copyfile(Path(__file__).with_name("run_dfc.py"), folder / "run.py")
    return folder


def compiler_is_here() -> bool:
    """Whether this Python has the compiler; it is not imported for that."""
    return importlib.util.find_spec(COMPILER) is not None


def compile_here(folder: Path) -> None:
    """Run it, in a process of its own; BuildError with what it says last."""
    ran = subprocess.run(
        [sys.executable, "run.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    (folder / "run.log").write_text(ran.stdout + ran.stderr, encoding="utf-8")
    if ran.returncode != 0:
        last = ran.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise BuildError(
            f"{folder}: Hailo's compiler ended with {ran.returncode}: {last[0]}; all that it said "
            "is in run.log there; change model.alls, or the model, and run it again"
        )


def _save(
    path: Path, frames: Iterable[NDArray[np.uint8]], channels: int, dtype: type[np.generic]
) -> None:
    """As the compiler takes images, and as the engine on the chip gets them."""
    np.save(path, np.stack([ordered(frame, channels) for frame in frames]).astype(dtype))


def ordered(frame: NDArray[np.uint8], channels: int) -> NDArray[np.uint8]:
    """(height, width, channels): red, green, blue out of blue, green, red; grey as luma."""
    if frame.ndim == len("HW"):
        return frame[:, :, None]
    if channels == 1:
        return np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)[:, :, None]
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8)


def commands(folder: Path, out: Path) -> Sequence[str]:
    """What to type where the compiler is, and when it is done."""
    return (
        f"cd {folder.name} && python run.py        where Hailo's Dataflow Compiler is installed",
        f"gonogo bundle add-hef {out} {folder} --out NEW{out.suffix} --key KEY",
    )
