"""A HEF comes into its bundle with the proof of its scores, or not at all."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import BuildError, NotProven
from gonogo.base.frame_shape import FrameShape
from gonogo.build.hailo.adopt import add_hef, read_folder
from gonogo.build.hailo.folder import compile_here
from gonogo.build.label import Label
from gonogo.engines.backends.catalogue import open_backend
from gonogo.engines.backends.fit import Fit
from gonogo.engines.backends.hailo.trailer import without_fit
from gonogo.engines.backends.model import open_model
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.serving.golden import prove
from gonogo.tests.vendors.hailo_fake.compiler import compiler
from gonogo.tests.vendors.hailo_fake.fixture import chip_here

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.tests.build.hailo.conftest import Made

LATER = Label("bolt", "1.2.1", datetime(2026, 3, 2, 12, tzinfo=timezone.utc))


@pytest.fixture
def folder(made_for_hailo: Made, tmp_path: Path) -> Path:
    """A copy of what the compiler has left."""
    copy = tmp_path / "bolt.hailo8"
    shutil.copytree(made_for_hailo.folder, copy)
    return copy


def test_hef_comes_into_the_bundle_and_runs_on_the_chip(
    made_for_hailo: Made, folder: Path, tmp_path: Path
) -> None:
    """With limits of its own; all else stays; the chip gives the scores that were proven."""
    out = tmp_path / "bolt-1.2.1.gng"
    manifest, compiled = add_hef(made_for_hailo.bundle, folder, LATER, out, key=None)
    assert compiled.agreement.rank > 0.999
    with Bundle(made_for_hailo.bundle, INSPECTION) as before, Bundle(out, INSPECTION) as bundle:
        assert set(manifest.backends) == {*before.manifest.backends, "hailo"}
        hef, fit = without_fit(bundle.section("hailo"))
        assert hef == (folder / "hailo.hef").read_bytes()
        # said by the export, an Ultralytics classification, and by every form of it
        assert fit == open_model(folder / "model.onnx").fit == Fit("centre-crop")
        for role in ("cpu", "tensorrt", "card", "selftest", "histogram", "picture"):
            assert bundle.section(role) == before.section(role), role
        assert manifest.engine_id == before.manifest.engine_id
        said = bundle.document("proof")
        assert said["forms"] == before.document("proof")["forms"]
        assert said["hailo"]["computed_in"] == "SDK_QUANTIZED"
        frames, facts = bundle.self_test_frames(), manifest.backends["hailo"]
    (tmp_path / "bench").mkdir()
    with chip_here(tmp_path / "bench"):
        size = FrameShape(*frames.shape[1:4])
        backend = open_backend("hailo", folder / "hailo.hef", size, 1)
        assert len(prove(backend, 0, frames, facts)) == len(frames)
        backend.close()


def test_hef_that_ranks_parts_otherwise_is_refused(
    made_for_hailo: Made, folder: Path, tmp_path: Path
) -> None:
    """Compiled without a fault, and of no use."""
    with compiler("wrong"):
        compile_here(folder)
    out = tmp_path / "bolt-1.2.1.gng"
    with pytest.raises(NotProven, match=r"GN301: .*hailo\.hef.*rank correlation"):
        add_hef(made_for_hailo.bundle, folder, LATER, out, key=None)
    assert not out.exists()


def other_engine(folder: Path) -> None:
    """Made for another bundle."""
    about = json.loads((folder / "about.json").read_text())
    (folder / "about.json").write_text(json.dumps(about | {"engine_sha256": "0" * 64}))


def too_few(folder: Path) -> None:
    """Scores of other frames."""
    np.save(folder / "scores.npy", np.load(folder / "scores.npy")[:-1])


def no_number(folder: Path) -> None:
    """One of them is none."""
    scores = np.load(folder / "scores.npy")
    scores[3] = np.nan
    np.save(folder / "scores.npy", scores)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (other_engine, "another engine"),
        (too_few, "expected .* scores that are numbers"),
        (no_number, "scores that are numbers"),
        (
            lambda folder: (folder / "hailo.hef").write_bytes(b"\x01HEF"),
            "not the one that was scored",
        ),
        (lambda folder: (folder / "hailo.hef").unlink(), "hailo.hef: No such file"),
        (lambda folder: (folder / "result.json").unlink(), "after run.py"),
        (lambda folder: (folder / "result.json").write_text("{"), "after run.py"),
        (lambda folder: (folder / "scores.npy").write_bytes(b"x"), "run run.py again"),
    ],
)
def test_folder_that_does_not_fit_is_refused(
    made_for_hailo: Made, folder: Path, spoil: Callable[[Path], object], says: str
) -> None:
    """A HEF without the proof of its scores is none for a bundle."""
    with Bundle(made_for_hailo.bundle, INSPECTION) as bundle:
        engine = bundle.manifest.model.sha256
    read_folder(folder, engine)
    spoil(folder)
    with pytest.raises(BuildError, match=says):
        read_folder(folder, engine)
