"""From a bundle to what a runtime opens: nothing that changes on the disk gets in between."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import BundleDamaged, EngineNotInstalled, MissingExtra, ModelError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.handover import sealed
from gonogo.engines.backends.catalogue import open_backend
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.card import read_card, write_card
from gonogo.engines.serving.source import Sources
from gonogo.tests.descriptors import nothing_left_open
from gonogo.tests.engines.bundles.parcels import frames
from gonogo.tests.engines.serving.accelerators import catalogue
from gonogo.tests.engines.serving.places import RED, bolt, facts, section, view
from gonogo.tests.stations import tiny_engine

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.engines.serving.source import Source


def sources(folder: Path, path: Path) -> Sources:
    """Of one view that is judged by this bundle."""
    return Sources([view()], {"bolt": path}, policy_of(section(folder)))


def opened_by(source: Source, backend: str = "onnxruntime") -> Path:
    """The file in memory that a backend opens."""
    return source.model.file_of(backend)


def test_source_is_the_model_that_was_bundled(tmp_path: Path) -> None:
    """Its very bytes, its id, facts and frames; a runtime loads it from memory."""
    path = bolt(tmp_path)
    with sources(tmp_path, path) as found:
        source = found.of(view())
        assert opened_by(source).read_bytes() == (tmp_path / "bolt.onnx").read_bytes()
        assert source is found.of(view(view=1)), "one model in memory for two views"
        assert (source.model.proven, found.unsigned) == (["onnxruntime"], False)
        assert source.facts["onnxruntime"].reject_above == 252.0
        np.testing.assert_array_equal(source.frames, np.array(frames()))
        assert found.named(f"{opened_by(source)}: no") == f"{path}: no"
        backend = open_backend("onnxruntime", opened_by(source), FrameShape(32, 48, 1), 1)
    assert backend.shapes.embedding == 3


def test_source_of_a_model_file_is_the_file_with_its_card(tmp_path: Path) -> None:
    """Views with a model file may stand beside those with a bundle."""
    model = tiny_engine(tmp_path / "top.onnx")
    plan = view(model=model, bundle=None)
    checked = model.read_bytes()
    with Sources([plan], {}, None) as found:
        source = found.of(plan)
        model.write_bytes(b"another file, a moment after it was checked")
        assert opened_by(source).read_bytes() == checked
        assert found.named(f"{opened_by(source)}: wrong") == f"{model}: wrong"
    model.write_bytes(checked)
    assert source.engine_id == read_card(model).engine_id
    assert (dict(source.facts), source.frames) == ({}, None)


@pytest.mark.parametrize(
    ("proven", "opens", "found"),
    [
        ((), "Accelerator", ["onnxruntime"]),
        ((), "OtherDevice", ["onnxruntime"]),
        ((), "Silent", ["onnxruntime", "device"]),
        ((), "gonogo.no_such_runtime:It", ["onnxruntime", "device"]),
        (("device",), "OtherDevice", ["device"]),
    ],
)
def test_source_of_a_model_file_is_for_cpus_unless_its_card_says_otherwise(
    tmp_path: Path, proven: tuple[str, ...], opens: str, found: list[str]
) -> None:
    """It is one file, of one form: a backend for an accelerator is not given another one's."""
    model = tiny_engine(tmp_path / "top.onnx")
    write_card(model, read_card(model).model_copy(update={"proven": proven}))
    plan = view(model=model, bundle=None)
    with Sources([plan], {}, None, catalogue(opens, "device")) as sources:
        assert list(sources.of(plan).model.proven) == found
        assert sources.backends(plan) == ["onnxruntime", "device"]
        assert sources.backends(view(model=model, bundle=None, backend="device")) == ["device"]
    with Sources([plan], {}, None, catalogue(opens)) as sources:
        if not proven:
            assert list(sources.of(plan).model.proven) == ["onnxruntime"], "ours, by its name"


def for_both(folder: Path) -> Path:
    """A bundle with a file for CPUs and one for an accelerator."""
    form = folder / "symmetric.onnx"
    form.write_bytes(b"the form for the accelerator")
    its = dict.fromkeys(("onnxruntime", "tensorrt"), facts(RED))
    return bolt(folder, further={"tensorrt": form}, backends=its)


def sources_with(opens: str, folder: Path, path: Path) -> Sources:
    """As `sources`, where "tensorrt" is a backend of another package."""
    policy = policy_of(section(folder))
    return Sources([view()], {"bolt": path}, policy, catalogue(opens))


def test_source_gives_each_backend_the_file_that_it_names(tmp_path: Path) -> None:
    """Of one bundle; messages about either file name the bundle."""
    path = for_both(tmp_path)
    with sources_with("Accelerator", tmp_path, path) as found:
        source = found.of(view())
        assert opened_by(source).read_bytes() == (tmp_path / "bolt.onnx").read_bytes()
        assert opened_by(source, "tensorrt").read_bytes() == b"the form for the accelerator"
        told = f"{opened_by(source)}, {opened_by(source, 'tensorrt')}"
        assert found.named(told) == f"{path}, {path}"


def test_source_gives_a_backend_that_names_no_file_the_one_for_cpus(tmp_path: Path) -> None:
    """It was written before there were others; the file is in memory once for both."""
    with sources_with("Silent", tmp_path, for_both(tmp_path)) as found:
        source = found.of(view())
        assert opened_by(source, "tensorrt") == opened_by(source)


def test_source_has_no_file_for_a_device_that_the_bundle_was_not_made_for(tmp_path: Path) -> None:
    """Said by the bundle's name, where that backend is opened; the other one has its file."""
    path = for_both(tmp_path)
    with sources_with("OtherDevice", tmp_path, path) as found:
        source = found.of(view())
        assert opened_by(source).read_bytes()
        with pytest.raises(ModelError, match=rf"{path}: it holds no file of role device9, which "):
            opened_by(source, "tensorrt")


def test_source_asks_no_backend_that_is_not_wanted_for_its_role(tmp_path: Path) -> None:
    """That would import its runtime: one that is missing matters only where it may serve."""
    with sources_with("gonogo.no_such_runtime:It", tmp_path, for_both(tmp_path)) as found:
        either, only = found.of(view()), found.of(view(backend="onnxruntime"))
        with pytest.raises(MissingExtra, match=r"pip install 'gonogo\[jetson\]'"):
            opened_by(either, "tensorrt")
        assert list(only.model.files) == ["onnxruntime"]
        assert list(only.model.proven) == ["onnxruntime", "tensorrt"]
        assert opened_by(only) == opened_by(either)


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
        assert opened_by(source).read_bytes() == (tmp_path / "bolt.onnx").read_bytes()


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
    with nothing_left_open():
        with sources(tmp_path, bolt(tmp_path)) as found:
            found.of(view())
        with pytest.raises(EngineNotInstalled, match="bundle 'nut' is not among those ordered"):
            Sources([view(), view(bundle="nut")], {"bolt": tmp_path / "bolt.gng"},
                    policy_of(section(tmp_path)))  # fmt: skip
