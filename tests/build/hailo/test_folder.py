"""What the compiler is given: the engine's own numbers, in the compiler's layout."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from gonogo.base.errors import BuildError
from gonogo.build.hailo.folder import (
    COMPILER,
    commands,
    compile_here,
    compiler_is_here,
    folder_of,
    ordered,
)
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.card import sha256_of
from gonogo.tests.vendors.hailo_fake.compiler import compiler

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.tests.build.hailo.conftest import Made


def test_folder_holds_what_gives_the_scores_that_it_holds(made_for_hailo: Made) -> None:
    """Model, frames and FP32 scores fit together: ONNX Runtime gets the latter from the former."""
    folder = made_for_hailo.folder
    frames, fp32 = np.load(folder / "frames.npy"), np.load(folder / "fp32.npz")
    session = ort.InferenceSession(str(folder / "model.onnx"))
    (image,) = session.get_inputs()
    assert image.type == "tensor(float)"
    expected = np.concatenate([fp32[kind] for kind in ("good", "variants", "defaced", "bad")])
    assert len(fp32["bad"]) > 0
    for k in range(0, len(expected), 7):
        tensor = frames[k].astype(np.float32).transpose(2, 0, 1)[None]
        assert session.run(["score"], {image.name: tensor})[0].max() == pytest.approx(
            expected[k], rel=1e-4
        )


def test_folder_ends_with_the_frames_of_the_bundle_s_self_test(made_for_hailo: Made) -> None:
    """Red first, as the chip gets them; and the engine is that of the bundle."""
    about = json.loads((made_for_hailo.folder / "about.json").read_text())
    frames = np.load(made_for_hailo.folder / "frames.npy")
    with Bundle(made_for_hailo.bundle, INSPECTION) as bundle:
        own = bundle.self_test_frames()
        assert about["engine_sha256"] == bundle.manifest.model.sha256
    assert np.array_equal(frames[-about["self_test"] :], own[..., ::-1])
    calibration = np.load(made_for_hailo.folder / "calibration.npy")
    assert (calibration.dtype, calibration.shape[1:]) == (np.float32, frames.shape[1:])
    assert about["model_sha256"] == sha256_of(made_for_hailo.folder / "model.onnx")
    onnx.checker.check_model(onnx.load(str(made_for_hailo.folder / "model.onnx")))


def test_compiler_s_last_words_are_told(made_for_hailo: Made, tmp_path: Path) -> None:
    """And all of them are kept, beside what it was given."""
    folder = tmp_path / "copy"
    shutil.copytree(made_for_hailo.folder, folder)
    with compiler("fails"), pytest.raises(BuildError, match=r"Unsupported layer.*run\.log"):
        compile_here(folder)
    assert "Traceback" in (folder / "run.log").read_text()


def test_compiler_is_found_without_being_imported() -> None:
    """It takes half a minute to import, and may not be there."""
    assert not compiler_is_here()
    with compiler():
        assert compiler_is_here()


def test_commands_name_the_folder_and_the_way_back(tmp_path: Path) -> None:
    """As they are typed."""
    out = tmp_path / "bolt-1.2.0.gng"
    first, second = commands(folder_of(out, "hailo8l"), out)
    assert "cd bolt-1.2.0.hailo8l && python run.py" in first
    assert f"gonogo bundle add-hef {out}" in second
    assert COMPILER == "hailo_sdk_client"


@pytest.mark.parametrize(
    ("shape", "channels", "first"),
    [((2, 2, 3), 3, [30, 20, 10]), ((2, 2), 1, [7]), ((2, 2, 3), 1, [22])],
)
def test_ordered_is_what_the_chip_gets(
    shape: tuple[int, ...], channels: int, first: list[int]
) -> None:
    """Red, green, blue; grey; or luma."""
    frame = np.full(shape, 7, np.uint8)
    if len(shape) == 3:
        frame[:] = (10, 20, 30)
    assert ordered(frame, channels)[0, 0].tolist() == first
