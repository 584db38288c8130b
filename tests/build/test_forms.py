"""The forms in which an engine is packed: what each row says of itself."""

from __future__ import annotations

import onnx
import pytest

from gonogo.build.forms import (
    CPU,
    FORMS,
    HAILO,
    QUANTIZED,
    TENSORRT,
    TOLERANCE,
    TOLERANCE_ELSEWHERE,
    Form,
    Use,
)
from gonogo.build.proof import REFERENCE
from gonogo.engines.bundles.manifest import FILE_OF, ROLES


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_form_is_loaded_from_the_file_that_the_manifest_says(form: Form) -> None:
    """A bundle's backends find the form under its role, and its file has that role's name."""
    assert {FILE_OF[use.backend] for use in form.uses} == {form.name}
    assert form.file == ROLES[form.name].name


def test_forms_serve_each_backend_of_a_bundle_once() -> None:
    """No backend would have limits of two files, and none is left without a form."""
    served = [use.backend for form in FORMS for use in form.uses]
    assert sorted(served) == sorted(FILE_OF)


@pytest.mark.parametrize("form", QUANTIZED, ids=lambda form: form.name)
def test_form_is_proven_in_what_computes_it_here(form: Form) -> None:
    """Limits come from scores of a backend that the form was proven in, the reference always."""
    if form.proved_in is not None:
        assert REFERENCE in form.proved_in
        assert {use.computed_in for use in form.uses} <= set(form.proved_in)


def test_use_elsewhere_is_given_more_room() -> None:
    """Another runtime than the one that scored the self-test here rounds otherwise."""
    assert Use("openvino", "openvino").tolerance == TOLERANCE
    assert Use("tensorrt", "onnxruntime").tolerance == TOLERANCE_ELSEWHERE > TOLERANCE


def test_forms_that_run_elsewhere_say_so() -> None:
    """Their speed on this box counts for nothing, and people are told what was not run."""
    assert CPU.runs_here
    assert not CPU.remark
    assert not TENSORRT.runs_here
    assert TENSORRT.remark == "proven in onnxruntime, not run on TensorRT"


def test_form_for_a_chip_is_made_by_its_compiler_alone() -> None:
    """The search goes past its row, and whoever asks it to be quantized is told."""
    assert HAILO not in QUANTIZED
    with pytest.raises(TypeError, match="hailo form"):
        HAILO.quantized(onnx.ModelProto(), frozenset(), {})
