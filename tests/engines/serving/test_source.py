"""From a bundle to what a runtime opens: nothing that changes on the disk gets in between."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import BundleDamaged, EngineNotInstalled
from gonogo.base.frame_shape import FrameShape
from gonogo.base.handover import sealed
from gonogo.engines.backends.catalogue import open_backend
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.card import read_card
from gonogo.engines.serving.source import Sources
from gonogo.tests.engines.bundles.parcels import frames
from gonogo.tests.engines.serving.places import bolt, section, view
from gonogo.tests.stations import tiny_engine

if TYPE_CHECKING:
    from pathlib import Path


def sources(folder: Path, path: Path) -> Sources:
    """Of one view that is judged by this bundle."""
    return Sources([view()], {"bolt": path}, policy_of(section(folder)))


def test_source_is_the_model_that_was_bundled(tmp_path: Path) -> None:
    """Its very bytes, its id, facts and frames; a runtime loads it from memory."""
    path = bolt(tmp_path)
    with sources(tmp_path, path) as found:
        source = found.of(view())
        assert source.path.read_bytes() == (tmp_path / "bolt.onnx").read_bytes()
        assert source is found.of(view(view=1)), "one model in memory for two views"
        assert (source.proven, found.unsigned) == (["onnxruntime"], False)
        assert source.facts["onnxruntime"].reject_above == 252.0
        np.testing.assert_array_equal(source.frames, np.array(frames()))
        assert found.named(f"{source.path}: no") == f"{path}: no"
        backend = open_backend("onnxruntime", source.path, FrameShape(32, 48, 1), 1)
    assert backend.shapes.embedding == 3


def test_source_of_a_model_file_is_the_file_with_its_card(tmp_path: Path) -> None:
    """Views with a model file may stand beside those with a bundle."""
    model = tiny_engine(tmp_path / "top.onnx")
    plan = view(model=model, bundle=None)
    checked = model.read_bytes()
    with Sources([plan], {}, None) as found:
        source = found.of(plan)
        model.write_bytes(b"another file, a moment after it was checked")
        assert source.path.read_bytes() == checked
        assert found.named(f"{source.path}: wrong") == f"{model}: wrong"
    model.write_bytes(checked)
    assert source.engine_id == read_card(model).engine_id
    assert (dict(source.facts), source.frames) == ({}, None)


def test_source_notices_bytes_that_change_between_check_and_use(tmp_path: Path) -> None:
    """Written into the checked file: what is taken is checked again as it is taken."""
    path = bolt(tmp_path)
    with sources(tmp_path, path) as found:
        raw = path.read_bytes()
        at = raw.index((tmp_path / "bolt.onnx").read_bytes()) + 40
        with path.open("r+b") as file:
            file.seek(at)
            file.write(bytes([raw[at] ^ 1]))
        with pytest.raises(BundleDamaged, match=r"cpu\.onnx was changed or damaged"):
            found.of(view())


def test_source_does_not_notice_a_file_that_takes_its_place(tmp_path: Path) -> None:
    """Another file under that path between check and use: the checked one is what is loaded."""
    path = bolt(tmp_path)
    with sources(tmp_path, path) as found:
        (tmp_path / "other").write_bytes(b"something else")
        (tmp_path / "other").replace(path)
        source = found.of(view())
        assert source.path.read_bytes() == (tmp_path / "bolt.onnx").read_bytes()


def test_sealed_content_cannot_be_changed() -> None:
    """Not written, not cut off, not by this process either."""
    fd = sealed("bolt", b"content")
    path = f"/proc/self/fd/{fd}"
    with pytest.raises(PermissionError):
        os.pwrite(fd, b"C", 0)
    with pytest.raises(PermissionError):
        os.truncate(path, 0)
    with open(path, "rb") as file:  # noqa: PTH123 - a kernel file
        assert file.read() == b"content"
    os.close(fd)


def test_sources_close_what_they_opened(tmp_path: Path) -> None:
    """No descriptor is left, neither after use nor after a refusal."""
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names only
    with sources(tmp_path, bolt(tmp_path)) as found:
        found.of(view())
    with pytest.raises(EngineNotInstalled, match="bundle 'nut' is not among those ordered"):
        Sources([view(), view(bundle="nut")], {"bolt": tmp_path / "bolt.gng"},
                policy_of(section(tmp_path)))  # fmt: skip
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
