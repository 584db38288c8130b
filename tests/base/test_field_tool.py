"""What the field tool has not, and what it says of that."""

from __future__ import annotations

import sys

import pytest

from gonogo.base.errors import FieldToolOnly
from gonogo.base.field_tool import JUDGES, demand_whole, is_field_tool, without
from gonogo.commands.cli import main


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As PyInstaller marks a Python that it has packed."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)


def missing(name: str) -> ModuleNotFoundError:
    """As an import raises it."""
    return ModuleNotFoundError(f"No module named {name!r}", name=name)


def test_a_whole_installation_refuses_nothing() -> None:
    """What is missing there is missing for another reason."""
    assert not is_field_tool()
    demand_whole("run")
    assert without(missing("onnxruntime")) is None


@pytest.mark.usefixtures("packed")
def test_the_field_tool_says_what_it_has_not() -> None:
    """A command that judges, a package of one that comes to it; and where that is done."""
    with pytest.raises(FieldToolOnly, match=r"GN689.*gonogo run is not in it; do that on the stat"):
        demand_whole("run")
    demand_whole("check")
    said = without(missing("onnxruntime.quantization"))
    assert said is not None
    assert "this is the field tool: onnxruntime is not in it" in str(said)
    assert without(missing("mistyped")) is None


def test_what_it_refuses_are_commands_that_there_are() -> None:
    """By the names that somebody types."""
    assert set(main.commands) >= JUDGES
