"""The layout: what the wheel holds, and which process imports what."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gonogo.console.show.codes import PAGE
from gonogo.tests.house import FOLDERS, PROCESSES, loaded_by

ROOT = Path(__file__).parent.parent
BESIDE = r"[^/]+\.(dist-info|data/data/share)/"  # of a wheel: what it says, and for man and shells
INFERENCE = ("onnxruntime", "openvino", "onnx", "tensorrt", "hailo_platform")


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """File names in a wheel built from this tree."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


@pytest.mark.parametrize("folder", FOLDERS)
def test_wheel_holds_folder(wheel_names: list[str], folder: str) -> None:
    """Every source folder is in the wheel as gonogo/<folder>: build/ is easily lost."""
    assert f"gonogo/{folder}/__init__.py" in wheel_names


def test_wheel_holds_nothing_outside_the_package(wheel_names: list[str]) -> None:
    """A flat `watchdog` or `build` in site-packages would collide with other packages."""
    tops = {name.split("/")[0] for name in wheel_names if not re.match(BESIDE, name)}
    assert tops == {"gonogo"}


def test_wheel_holds_the_manual_page_and_the_completion_of_three_shells(
    wheel_names: list[str],
) -> None:
    """Where man and the shells look below the prefix of an install."""
    shared = {name.partition(".data/data/")[2] for name in wheel_names} - {""}
    assert shared == {
        "share/man/man1/gonogo.1",
        "share/bash-completion/completions/gonogo",
        "share/zsh/site-functions/_gonogo",
        "share/fish/vendor_completions.d/gonogo.fish",
    }


def test_wheel_holds_example_stations(wheel_names: list[str]) -> None:
    """The example station files travel with the program."""
    assert "gonogo/stations/demo.toml" in wheel_names


def test_wheel_holds_what_the_console_says_of_error_codes(wheel_names: list[str]) -> None:
    """A box has no network: the page is where the program looks for it, and no other page is."""
    pages = [name for name in wheel_names if name.startswith("gonogo/docs/")]
    assert pages == [f"gonogo/docs/{PAGE.name}"]


def imported_by(module: str) -> set[str]:
    """Top-level packages that importing `module` loads, in a fresh interpreter."""
    code = f"import sys, {module}; print(*sorted({{m.split('.')[0] for m in sys.modules}}))"
    command = [sys.executable, "-I", "-c", code]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return set(found.stdout.split())


def test_line_process_imports_no_inference_library() -> None:
    """Whatever may crash on its own stays out of the process that speaks to the PLC."""
    assert not imported_by("gonogo.runtime.line") & set(INFERENCE)


def test_records_process_imports_no_inference_library() -> None:
    """Records need no model."""
    assert not imported_by("gonogo.records.process") & set(INFERENCE)


def test_loader_process_imports_no_inference_library() -> None:
    """It orders and watches; models are loaded by the host of their place."""
    assert not imported_by("gonogo.engines.loading.process") & set(INFERENCE)


def test_console_process_imports_no_inference_library() -> None:
    """It shows what others made of a model."""
    assert not imported_by("gonogo.console.serial.process") & set(INFERENCE)


def test_supervising_process_imports_no_inference_library() -> None:
    """A vendor runtime's crash must not take the parent with it."""
    assert not imported_by("gonogo.launch.running_station") & set(INFERENCE)


@pytest.mark.parametrize(
    "module", ["gonogo.runtime.line", "gonogo.records.process", "gonogo.engines.loading.process"]
)
def test_processes_exchange_nothing_by_pickle(module: str) -> None:
    """Frames, requests and verdicts travel in shared memory; multiprocessing is not even loaded."""
    assert "multiprocessing" not in imported_by(module)


@pytest.mark.parametrize("name", sorted(set(PROCESSES) - {"line", "screen"}))
def test_process_loads_nothing_from_outside_its_floor(name: str) -> None:
    """Its own folder, what processes share, and the ground; people are shown what others know."""
    folder = PROCESSES[name].split(".")[1]
    loaded = {each.split(".")[1] for each in loaded_by(PROCESSES[name])}
    shown = {"config", "records", "engines", "drivers", "plc"}
    assert loaded <= {"base", "ipc", folder} | (shown if folder == "console" else set())


def test_screen_process_loads_what_it_reads_and_nothing_of_the_line() -> None:
    """The console and the records below it; of the station file its own section alone."""
    loaded = loaded_by(PROCESSES["screen"])
    assert {each.split(".")[1] for each in loaded} == {
        "base",
        "config",
        "console",
        "ipc",
        "records",
    }
    assert {each for each in loaded if each.startswith("gonogo.config.")} == {
        "gonogo.config.access",
        "gonogo.config.screen",
    }
    assert not imported_by(PROCESSES["screen"]) & set(INFERENCE)


def test_line_process_loads_no_driver_before_its_plan_names_one() -> None:
    """Contracts, catalogues and sections of the station file; the drivers come with the plan."""
    loaded = loaded_by("gonogo.runtime.line")
    folders = {each.split(".")[1] for each in loaded}
    assert not folders & {"build", "commands", "console", "launch", "proving"}
    beside = {e for e in loaded if e.split(".")[1] in {"records", "engines", "watchdog"}}
    assert {each for each in beside if each.count(".") > 1} == {
        "gonogo.records.section",
        "gonogo.records.drift",
        "gonogo.records.drift.section",
        "gonogo.records.metrics",
        "gonogo.records.metrics.section",
        "gonogo.records.dispositions",
        "gonogo.records.dispositions.section",
        "gonogo.records.dispositions.words",
        "gonogo.engines.section",
        "gonogo.engines.backends",
        "gonogo.engines.backends.catalogue",  # the names alone
        "gonogo.watchdog.section",
    }
    assert not any("modbus" in each or ".s7" in each for each in loaded)
    assert "gonogo.drivers.cameras.replay" not in loaded
    assert "gonogo.drivers.triggers.timer" not in loaded
