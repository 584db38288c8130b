"""From an export and folders of images to a bundle, whole or not at all."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import pytest
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static

from gonogo.base.errors import BuildError, NotProven
from gonogo.build.engine import Wanted
from gonogo.build.exports.options import Options
from gonogo.build.forms import TENSORRT
from gonogo.build.images import Folders
from gonogo.build.job import build, work_folder
from gonogo.build.label import Label
from gonogo.build.proof import judge
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.tests.build.exports import made
from gonogo.tests.build.parts import quiet, save_parts
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.build.job import Built

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
KINDS = [made.patchcore, made.padim, made.efficient_ad, made.fastflow, made.ultralytics]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Folders of good and bad parts."""
    return save_parts(tmp_path_factory.mktemp("parts"))


def _build(
    model: Path,
    folders: Folders,
    out: Path,
    *,
    options: Options | None = None,
    progress: Callable[[str, int, int], None] = quiet,
    loss_max: float = 0.005,
    **more: Any,  # noqa: ANN401 - whatever a wanted engine has
) -> Built:
    wanted = Wanted(model, folders, options or Options(), loss_max, **more)
    return build(wanted, Label("bolt", "1.2.0", NOW), out, key=None, progress=progress)


@pytest.mark.parametrize("make", KINDS)
def test_build_makes_a_bundle_of_each_export(
    tmp_path: Path, parts: tuple[Path, Path], make: Callable[[Path], Path]
) -> None:
    """Two proven forms, limits and self-test for each backend, proof, histogram and picture."""
    model, out = make(tmp_path / "model.onnx"), tmp_path / "bolt-1.2.0.gng"
    options = Options(pixels="imagenet") if make is made.padim else Options()
    # of so few parts one pair that changes places is 0.018 of AUROC
    built = _build(model, Folders(parts[0], (parts[1],)), out, options=options, loss_max=0.05)
    assert {"cpu", "tensorrt"} == set(built.engine.proofs)
    with Bundle(out, INSPECTION) as bundle:
        manifest = bundle.manifest
        assert {"onnxruntime", "tensorrt"} <= set(manifest.backends)
        roles = {entry.role for entry in manifest.files}
        assert {"cpu", "tensorrt", "proof", "histogram", "picture", "selftest", "card"} <= roles
        proof = json.loads(bytes(bundle.section("proof")))
        assert bundle.card.method == "build"
        frames = [np.ascontiguousarray(frame) for frame in bundle.self_test_frames()]
        engine = tmp_path / "engine.onnx"
        engine.write_bytes(bytes(bundle.section("cpu")))
    scores = judge(engine, "onnxruntime", frames).scores
    assert manifest.backends["onnxruntime"].passes(scores.tolist())
    figures = proof["forms"]["cpu"]["backends"]["onnxruntime"]
    assert figures["separation_loss"] <= 0.05
    assert figures["rank"] >= 0.98
    assert (
        proof["forms"]["tensorrt"]["remark"]
        == TENSORRT.remark
        == "proven in onnxruntime, not run on TensorRT"
    )
    assert not work_folder(out).exists()


def test_build_without_bad_parts_proves_on_good_ones(
    tmp_path: Path, parts: tuple[Path, Path]
) -> None:
    """Ranking and quantiles of good parts, and defects made of them; no AUROC is claimed."""
    model = made.efficient_ad(tmp_path / "model.onnx")
    built = _build(model, Folders(parts[0]), tmp_path / "bolt.gng")
    agreement = built.engine.proofs["cpu"].agreement["onnxruntime"]
    assert agreement.ok
    assert agreement.auroc is None
    assert built.packed.scored["onnxruntime"].thresholds.escape is None


def test_build_makes_the_tensorrt_form_symmetric(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    """INT8 activations around zero, weights per channel, no quantized bias, Relu before Q."""
    model = tiny.filters(tmp_path / "model.onnx")
    built = _build(model, Folders(parts[0]), tmp_path / "bolt.gng", loss_max=0.2, accept_weak=True)
    graph = onnx.load_from_string(built.engine.proofs["tensorrt"].model).graph
    held = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    zeros = [held[n.input[2]] for n in graph.node if n.op_type == "QuantizeLinear"]
    assert zeros
    assert all(zero.dtype == np.int8 and not zero.any() for zero in zeros)
    assert not any(values.dtype == np.int32 for values in held.values())
    made_by = {output: node.op_type for node in graph.node for output in node.output}
    quantized = [made_by[n.input[0]] for n in graph.node if n.op_type == "QuantizeLinear"]
    assert "Conv" not in quantized
    weights = [v for v in held.values() if v.dtype == np.int8 and v.ndim == 4]
    scales = [held[n.input[1]] for n in graph.node if n.input and n.input[0] in held]
    assert {len(v) for v in weights} <= {scale.size for scale in scales}


def test_build_refuses_with_the_table(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    """A loss that cannot be kept: every set of layers that was tried stands in the message."""
    model = made.unprovable(tmp_path / "m.onnx")
    out = tmp_path / "bolt.gng"
    with pytest.raises(NotProven) as refused:
        _build(model, Folders(parts[0], (parts[1],)), out, accept_weak=True)
    lines = str(refused.value).splitlines()
    assert lines[0].startswith("GN301: no INT8 form of the model (cpu)")
    assert any(line.startswith("no INT8 form of the model (tensorrt)") for line in lines)
    assert "0 of 1 in float" in lines[1]
    assert "AUROC of bad parts lost" in lines[1]
    assert not out.exists()


def test_build_keeps_the_form_that_is_proven(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    """And says of the other one why it is not there; who requires it is refused."""
    model, out = _for_cpus_only(tmp_path / "m.onnx"), tmp_path / "bolt.gng"
    folders = Folders(parts[0], (parts[1],))
    with pytest.raises(
        NotProven, match=r"--require tensorrt: proven is cpu\. the model is in INT8"
    ):
        _build(model, folders, out, require=("tensorrt",))
    with pytest.raises(BuildError, match="--target hailo8: the model is in INT8 already"):
        _build(model, folders, out, target="hailo8")
    assert not out.exists()
    built = _build(model, folders, out)
    assert list(built.engine.proofs) == ["cpu"]
    assert any("the tensorrt form is not in the bundle" in note for note in built.engine.notes)
    with Bundle(out, INSPECTION) as bundle:
        assert "tensorrt" not in bundle.manifest.backends
        assert "INT8 already" in bundle.document("proof")["not_proven"]["tensorrt"]
        assert "taken as it is" in bundle.card.note


def test_build_for_an_accelerator_alone(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    """The bundle's engine is then that form, and the box's CPU has none."""
    model, out = made.efficient_ad(tmp_path / "m.onnx"), tmp_path / "bolt.gng"
    built = _build(model, Folders(parts[0], (parts[1],)), out, forms=("tensorrt",))
    with Bundle(out, INSPECTION) as bundle:
        assert list(bundle.manifest.backends) == ["tensorrt"]
        assert bundle.manifest.model.role == "tensorrt"
        assert bundle.card.proven == ("tensorrt",)
        assert bytes(bundle.section("tensorrt")) == built.engine.proofs["tensorrt"].model


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"forms": ("hailo",), "target": "hailo8"}, "--forms hailo: expected cpu or tensorrt"),
        ({"forms": ("cpu", "hailo")}, "say for which chip"),
        ({"require": ("hailo",), "target": "hailo8"}, "compiler is not installed here"),
    ],
)
def test_build_refuses_forms_that_cannot_be_had(
    tmp_path: Path, more: dict[str, Any], message: str
) -> None:
    """Before anything is read."""
    wanted = Wanted(tmp_path / "nowhere.onnx", Folders(tmp_path), Options(), **more)
    with pytest.raises(BuildError, match=message):
        build(wanted, Label("bolt", "1.0.0", NOW), tmp_path / "b.gng", key=None, progress=quiet)


def _for_cpus_only(path: Path) -> Path:
    """An export that came in INT8, with zero points."""
    model = made.efficient_ad(path)
    quantize_static(
        model,
        model,
        _Pictures(),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["Conv"],
        nodes_to_quantize=["/teacher"],
    )
    return model


class _Pictures(CalibrationDataReader):  # type: ignore[misc]  # untyped base
    """Pictures of good parts, as the export takes them."""

    def __init__(self) -> None:
        self._rest = iter(made.tensors(count=4))

    def get_next(self) -> dict[str, Any] | None:
        """The next one, or None."""
        picture = next(self._rest, None)
        return None if picture is None else {"input": picture[None]}


@pytest.mark.parametrize(
    ("stage", "finished"),
    [
        ("calibrating", {"scoring in FP32"}),
        ("proving: tensorrt form", {"scoring in FP32", "calibrating"}),
        ("scoring all parts", {"scoring in FP32", "calibrating"}),
    ],
)
def test_build_goes_on_after_a_kill(
    tmp_path: Path,
    parts: tuple[Path, Path],
    stage: str,
    finished: set[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed without a word, the same command does not do again what was finished."""
    model = made.efficient_ad(tmp_path / "model.onnx")
    out, whole = tmp_path / "bolt.gng", tmp_path / "whole.gng"
    command = [sys.executable, "-I", "-m", "gonogo.tests.build.killed", stage]
    killed = subprocess.run([*command, model, *parts, out], check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not out.exists()
    tried = len(list(work_folder(out).glob("tried-*.json")))
    way = _way_taken(work_folder(out))
    stages: list[str] = []
    folders = Folders(parts[0], (parts[1],))
    built = _build(model, folders, out, progress=lambda what, _d, _t: stages.append(what))
    assert built.resumed
    assert not finished & set(stages)
    assert tried > 0 or stage == "calibrating"
    # each build measures which way of preprocessing is faster: another one is another model
    monkeypatch.setattr("gonogo.build.engine._faster", lambda _ways, _work: (way, "as the other"))
    straight = _build(model, folders, whole)
    assert not straight.resumed
    assert built.engine.proofs["tensorrt"].model == straight.engine.proofs["tensorrt"].model


def _way_taken(work: Path) -> str:
    """How the model's preprocessing was written, in a build that is not ended."""
    taken = (work / "source.onnx").read_bytes()
    ways = {path.stem.removeprefix("way-"): path for path in work.glob("way-*.onnx")}
    (way,) = [way for way, path in ways.items() if path.read_bytes() == taken]
    return way


def test_build_starts_anew_with_other_inputs(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    """What was finished for other images is not taken for these."""
    model, out = made.efficient_ad(tmp_path / "model.onnx"), tmp_path / "bolt.gng"
    command = [sys.executable, "-I", "-m", "gonogo.tests.build.killed", "scoring all parts"]
    subprocess.run([*command, model, *parts, out], check=False, capture_output=True)
    assert work_folder(out).is_dir()
    stages: list[str] = []
    built = _build(model, Folders(parts[0]), out, progress=lambda what, *_: stages.append(what))
    assert not built.resumed
    assert {"scoring in FP32", "calibrating"} <= set(stages)


@pytest.mark.parametrize(
    ("label", "out", "message"),
    [
        (Label("bolt", "1.0.0", NOW), "bolt.zip", r"--out .* ends in \.gng"),
        (Label(".bolt", "1.0.0", NOW), "bolt.gng", "--name '.bolt'"),
        (Label("bolt", "1.0", NOW), "bolt.gng", "--version '1.0': expected one as 1.2.0"),
        (Label("bolt", "1.0.0", NOW, NOW - timedelta(days=1)), "bolt.gng", "--expires 2026-02-28"),
        (Label("bolt", "1.0.0", NOW, note="two\nlines"), "bolt.gng", "--note: expected one line"),
    ],
)
def test_build_checks_the_label_first(tmp_path: Path, label: Label, out: str, message: str) -> None:
    """What would be refused at the end is refused before any image is read."""
    wanted = Wanted(tmp_path / "nowhere.onnx", Folders(tmp_path), Options())
    with pytest.raises(BuildError, match=message):
        build(wanted, label, tmp_path / out, key=None, progress=quiet)


def test_build_names_an_output_folder_that_cannot_be_written(
    tmp_path: Path, parts: tuple[Path, Path]
) -> None:
    """Said before anything is computed."""
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    model = tiny.filters(tmp_path / "model.onnx")
    with pytest.raises(BuildError, match="the work folder cannot be written: Not a directory"):
        _build(model, Folders(parts[0]), blocked / "bolt.gng")
