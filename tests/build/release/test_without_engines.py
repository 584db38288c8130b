"""What a technician's laptop does without a package that judges: in a Python that has none."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gonogo.base.field_tool import LEFT_OUT
from gonogo.tests.engines.bundles import parcels
from gonogo.tests.house import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# each import of such a package is refused, as where it is not installed
BLOCK = f"""
import importlib.abc, sys

class Refused(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {LEFT_OUT}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Refused())
"""
COMMAND = f"{BLOCK}sys.frozen = True\nfrom gonogo.commands.cli import main\nmain()\n"
MODULES = (
    "gonogo.commands.cli", "gonogo.commands.check", "gonogo.commands.plc_probe",
    "gonogo.commands.console", "gonogo.console.serial.cable", "gonogo.console.serial.port",
    "gonogo.commands.engine_files",
    "gonogo.engines.bundles.read", "gonogo.build.flash.job", "gonogo.build.release.read",
    "gonogo.commands.doctor.command", "gonogo.commands.board.command",
)  # fmt: skip


def python(code: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """A Python of its own."""
    return subprocess.run(
        [sys.executable, "-I", "-c", code, *words], check=False, capture_output=True, text=True
    )


@pytest.mark.parametrize("module", MODULES)
def test_what_the_field_tool_does_imports_nothing_that_judges(module: str) -> None:
    """The module is imported where such a package cannot be."""
    done = python(f"{BLOCK}import {module}\nprint('here')")
    assert done.stdout == "here\n", done.stderr


def test_the_block_refuses_what_judges() -> None:
    """Else the tests beside it would prove nothing."""
    for name in ("onnx", "onnxruntime"):
        assert f"No module named '{name}'" in python(f"{BLOCK}import {name}").stderr


def test_a_station_is_checked_all_but_its_engine() -> None:
    """Cameras, rules, PLC and time; of the engine it says who tries it."""
    done = python(COMMAND, "check", ROOT / "stations" / "demo.toml")
    assert "camera opens; 20 of 20 frames" in done.stdout
    assert "not tried, and not in the time below: GN689: this is the field tool" in done.stdout
    assert "rule hole6:" in done.stdout
    assert "decision point:" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("words", [("run", "x.toml"), ("rehearse", "x.toml"), ("teach",)])
def test_a_command_that_judges_says_where_that_is_done(words: tuple[str, ...]) -> None:
    """One line with its number."""
    done = python(COMMAND, *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"GN689: this is the field tool: gonogo {words[0]} is not in it; do that on the station, "
        "or in a whole installation (pip install gonogo)\n"
    )


def test_a_command_that_comes_to_an_engine_on_its_way_says_so_too(tmp_path: Path) -> None:
    """By the name of the package, and without a traceback."""
    code = (
        f"{BLOCK}sys.frozen = True\nimport click\nfrom gonogo.commands.cli import main\n"
        "@main.command()\ndef late():\n    import onnxruntime.quantization\nmain()\n"
    )
    done = python(code, "late")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert done.stderr.startswith("GN689: this is the field tool: onnxruntime is not in it")
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_is_verified(tmp_path: Path) -> None:
    """Every byte, and who signed it."""
    bundle = parcels.make(tmp_path)
    done = python(COMMAND, "bundle", "verify", bundle)
    assert done.returncode == 0, done.stderr
    assert "whole" in done.stdout
