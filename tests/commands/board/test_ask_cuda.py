"""The driver's own library asked in a child: a stand-in in C that keeps the driver's contract."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gonogo.commands.board import ask_cuda
from gonogo.commands.board.ask_import import ANSWER
from gonogo.commands.board.box import run_child
from gonogo.commands.board.cuda import Device

SCRIPT = Path(ask_cuda.__file__)
SOURCE = """
#include <string.h>
int cuDriverGetVersion(int *v) { *v = 12060; return 0; }
int cuInit(unsigned flags) { INIT; }
static int ready(void) { return 0; }
int cuDeviceGetCount(int *n) { *n = 1; return ready(); }
int cuDeviceGet(int *d, int n) { *d = n + 40; return 0; }
int cuDeviceGetName(char *s, int n, int d) { if (d != 40) return 101; strncpy(s, "Orin", n); return 0; }
int cuDeviceGetAttribute(int *v, int a, int d) {
    if (d != 40) return 101;
    *v = a == 75 ? 8 : a == 76 ? 7 : a == 18 ? 1 : -1; return 0; }
int cuGetErrorName(int e, const char **s) { *s = e == 803 ? "CUDA_ERROR_X" : 0; return *s ? 0 : 1; }
int cuGetErrorString(int e, const char **s) { *s = e == 803 ? "unlike" : 0; return *s ? 0 : 1; }
"""  # noqa: E501 - C


def library(folder: Path, init: str) -> Path:
    """A libcuda whose cuInit does that."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler (cc) is installed")
    path = folder / "libcuda.so.1"
    source = SOURCE.replace("INIT", init)
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-x", "c", "-", "-o", str(path)],
        input=source, text=True, check=True, timeout=120,
    )  # fmt: skip
    return path


def asked(path: Path | str) -> dict[str, Any]:
    """What the child says of it."""
    ran = run_child([sys.executable, "-I", str(SCRIPT), str(path)], 60.0)
    assert ran.status == 0, ran
    answer: dict[str, Any] = json.loads(ran.out.splitlines()[-1].removeprefix(ANSWER))
    return answer


def test_driver_tells_its_version_and_devices(tmp_path: Path) -> None:
    """By handles, which are not numbers."""
    found = asked(library(tmp_path, "return 0"))
    device = {"name": "Orin", "compute_capability": "8.7", "integrated": True}
    assert found == {"version": 12060, "devices": [device]}
    assert Device(**found["devices"][0]).integrated


def test_driver_that_does_not_start_is_told_with_its_text(tmp_path: Path) -> None:
    """And its version, which it says before that."""
    found = asked(library(tmp_path, "return 803"))
    assert found["error"] == "cuInit: error 803 CUDA_ERROR_X: unlike"
    assert found["version"] == 12060


def test_error_without_a_name_has_its_number(tmp_path: Path) -> None:
    """From a driver that is newer than its own list."""
    assert asked(library(tmp_path, "return 999"))["error"].startswith("cuInit: error 999")


def test_driver_that_crashes_ends_the_child_alone(tmp_path: Path) -> None:
    """By its signal."""
    path = library(tmp_path, "return *(volatile int *)0")
    assert run_child([sys.executable, "-I", str(SCRIPT), str(path)], 60.0).ended_by == "SIGSEGV"


def test_library_that_is_no_driver_is_told() -> None:
    """Another library under its name."""
    assert "cuDriverGetVersion" in asked("libc.so.6")["error"]


def test_driver_that_is_absent_is_no_error() -> None:
    """Most boxes have none."""
    assert set(asked("libgonogo-no-such.so.1")) == {"absent"}
