"""What the station file says of engines: bounds, and what does not go together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gonogo.base.errors import ModelError
from gonogo.engines.section import EngineSection, EnginesSection, PrepareSection

MODEL, FOLDER = Path("bolt.onnx"), Path("engines")


def refused(section: type[Any], **keys: object) -> str:
    """Why these keys are not taken."""
    with pytest.raises(ValidationError) as caught:
        section.model_validate(keys)
    return str(caught.value)


def test_engine_is_a_model_or_a_bundle() -> None:
    """One of them, and the other one's keys not."""
    assert EngineSection(model=MODEL).file == MODEL
    assert "got neither" in refused(EngineSection)
    assert "got both" in refused(EngineSection, model=MODEL, bundle="bolt")
    for key in ("reject_above", "recheck_above"):
        said = refused(EngineSection, bundle="bolt", **{key: 1.0})
        assert f"{key}: expected none with bundle" in said
    made = {"method": "teach"}
    assert "prepare: expected none with bundle" in refused(
        EngineSection, bundle="bolt", prepare=made
    )


def test_engine_of_a_bundle_has_no_file() -> None:
    """Who wants one is told what it is instead."""
    with pytest.raises(ModelError, match="bundle 'bolt' is an installed engine"):
        _ = EngineSection(bundle="bolt").file


@pytest.mark.parametrize("name", ["..", ".hidden", "a/b", "", "x" * 41, "bo\nlt"])
def test_engine_s_bundle_is_the_name_of_a_folder(name: str) -> None:
    """No path, nothing hidden, no line break: it is put behind the folder of engines."""
    assert "bundle" in refused(EngineSection, bundle=name)


def test_engine_names_a_backend_that_there_is() -> None:
    """Or leaves the choice to a measurement."""
    assert EngineSection(model=MODEL).backend == "auto"
    assert EngineSection(model=MODEL, backend="openvino").backend == "openvino"
    assert "onnxruntime" in refused(EngineSection, model=MODEL, backend="abacus")


@pytest.mark.parametrize(
    ("key", "low", "high"),
    [
        ("memory_mb", 50, 1_000_000),
        ("load_limit_s", 5.0, 3600.0),
        ("shadow_parts", 1, 100_000),
        ("trial_parts", 1, 100_000),
        ("keep_warm_s", 1.0, 86_400.0),
    ],
)
def test_engines_have_bounds(key: str, low: float, high: float) -> None:
    """At the bound is inside."""
    for value in (low, high):
        section = EnginesSection.model_validate({"folder": FOLDER, key: value})
        assert getattr(section, key) == value
    for value in (low - 1, high + 1):
        assert key in refused(EnginesSection, folder=FOLDER, **{key: value})


def test_engines_trust_nobody_who_is_not_named() -> None:
    """Nor an unsigned one, unless that is said."""
    section = EnginesSection(folder=FOLDER)
    assert (section.trust, section.allow_unsigned) == ((), False)


def test_prepare_by_quantizing_needs_the_file() -> None:
    """By teaching it does not."""
    assert PrepareSection(method="teach").source is None
    assert "expected the FP32 ONNX file" in refused(PrepareSection, method="quantize")
