"""The plan that was kept is used; in every doubt it is built anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import LayersUnsupported, PlanMismatch, PlanRefused
from gonogo.engines.backends.progress import told_to
from gonogo.testing import tiny_models
from gonogo.tests.engines.backends.tensorrt.boxes import trt_box
from gonogo.tests.vendors.tensorrt_fake import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gonogo.tests.engines.backends.tensorrt.boxes import TrtBox


@pytest.fixture
def box(tmp_path: Path) -> Iterator[TrtBox]:
    """A Jetson."""
    with trt_box(tmp_path) as made:
        yield made


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A small one."""
    return tiny_models.brightest(tmp_path / "m.onnx")


def builds(box: TrtBox, model: Path) -> int:
    """How many plans opening it builds."""
    before = box.script.builds
    box.open(model).close()
    return box.script.builds - before


def test_plan_is_built_once(box: TrtBox, model: Path, tmp_path: Path) -> None:
    """For its bytes, wherever they lie."""
    assert builds(box, model) == 1
    assert builds(box, model) == 0
    copy = tmp_path / "copy.onnx"
    copy.write_bytes(model.read_bytes())
    assert builds(box, copy) == 0


def other_tensorrt(box: TrtBox) -> None:
    """JetPack was upgraded."""
    box.other(VERSIONS[1])


def other_power_mode(box: TrtBox) -> None:
    """Nvpmodel -m 2."""
    box.power_mode = "0002"


def other_gpu(box: TrtBox) -> None:
    """The disk was put into another box."""
    box.gpu.compute_capability = (8, 6)


def other_name(box: TrtBox) -> None:
    """The same capability, and other clocks."""
    box.gpu.name = "Simulated Orin Nano"


@pytest.mark.parametrize("change", [other_tensorrt, other_power_mode, other_gpu, other_name])
def test_plan_is_built_anew_when_the_box_changes(
    box: TrtBox, model: Path, change: Callable[[TrtBox], None]
) -> None:
    """Anything that it is bound to."""
    builds(box, model)
    change(box)
    assert builds(box, model) == 1


def test_plan_that_is_damaged_is_never_deserialized(box: TrtBox, model: Path) -> None:
    """It would run."""
    builds(box, model)
    (path,) = box.plans.folder.glob("*.plan")
    raw = bytearray(path.read_bytes())
    raw[5] ^= 4
    path.write_bytes(raw)
    before = box.script.deserialized
    assert builds(box, model) == 1
    assert box.script.deserialized == before + 1, "the new one alone"


def test_kept_plan_that_tensorrt_does_not_take_is_built_anew(box: TrtBox, model: Path) -> None:
    """Whole, ours, of this box by all that is known of it, and refused all the same."""
    builds(box, model)
    said: list[str] = []
    box.script.refuses_next = 1
    with told_to(said.append):
        assert builds(box, model) == 1
    assert any("built anew: GN375" in line for line in said)


def test_plan_that_was_built_now_and_is_refused_is_told(box: TrtBox, model: Path) -> None:
    """Driver and libraries do not fit; the next start builds it anew."""
    box.script.refuses.add("deserialize_cuda_engine")
    with pytest.raises(PlanRefused, match=r"GN375: .*OutOfMemory.*JetPack"):
        box.open(model)
    box.script.refuses.clear()
    assert builds(box, model) == 1


def test_plan_of_other_outputs_is_refused(box: TrtBox, model: Path) -> None:
    """Halves where floats are read: the bytes would be taken for scores."""
    box.script.refuses.add("half outputs")
    with pytest.raises(PlanMismatch, match=r"GN376: .*m\.onnx.*half.*expected output float32"):
        box.open(model)


def test_model_with_unsupported_layers_leaves_no_plan(box: TrtBox, model: Path) -> None:
    """And nothing open."""
    box.script.unsupported.add("Cast")
    with pytest.raises(LayersUnsupported):
        box.open(model)
    assert list(box.plans.folder.glob("*.plan")) == []
    assert box.gpu.leaks == []
