"""The steps on real hardware: what they report, and that they run, on a driver of ours at least."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gonogo.tests.hardware.real_rig import WAYS_HERE
from gonogo.tests.hardware.report import MissingError, Step, run_all
from gonogo.tests.hardware.steps import STEPS, main
from gonogo.tests.vendors.installed import compiled, folder_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HERE = f"{__name__}:"
# without the contract, which tests/vendors/test_cuda_signatures.py puts the package through
RUN = """
import contextlib, sys
from gonogo.tests.hardware.bench import Bench
from gonogo.tests.hardware.report import run_all
from gonogo.tests.hardware.steps import STEPS
steps = [each for each in STEPS if "cuda" in each.function and "contract" not in each.function]
with contextlib.closing(Bench(quick=True)) as bench:
    print(len(steps), "steps")
    sys.exit(run_all(steps, bench, print))
"""


def says(bench: object) -> Sequence[str]:
    """A step that is done."""
    return [f"said to {bench}"]


def misses(_bench: object) -> Sequence[str]:
    """A step that lacks something."""
    raise MissingError("no such device")


def fails(_bench: object) -> Sequence[str]:
    """A step that does not hold."""
    raise ValueError("went wrong here")


@pytest.mark.parametrize(
    ("names", "code", "counted"),
    [
        (["says", "misses", "says"], 0, "2 done, 1 skipped, 0 FAILED, of 3"),
        (["fails", "says"], 1, "1 done, 0 skipped, 1 FAILED, of 2"),
        (["misses"], 3, "0 done, 1 skipped, 0 FAILED, of 1"),
        (["nothing_of_that_name", "says"], 1, "1 done, 0 skipped, 1 FAILED, of 2"),
    ],
)
def test_run_all_goes_on_and_counts(names: list[str], code: int, counted: str) -> None:
    """One that fails does not hide the next; where nothing could be run that is no success."""
    said: list[str] = []
    steps = [Step(f"step {name}", HERE + name) for name in names]
    assert run_all(steps, "a bench", said.append) == code
    text = "\n".join(said)
    assert counted in text
    for state, word in (
        ("says", "said to a bench"),
        ("misses", "no such"),
        ("fails", "went wrong"),
    ):
        assert (word in text) == (state in names)


def test_report_is_kept_where_there_is_no_device(tmp_path: Path) -> None:
    """Every step by its name, each with what is missing."""
    if WAYS_HERE:
        pytest.skip("there is a device here: `make hardware`")
    assert main([str(tmp_path / "of" / "hardware.txt"), "--quick"]) == 3
    text = (tmp_path / "of" / "hardware.txt").read_text(encoding="utf-8")
    assert text.count("no NVIDIA driver") >= 10
    assert f"0 done, {len(STEPS)} skipped, 0 FAILED" in text


def test_steps_run_on_a_driver_of_ours(tmp_path: Path) -> None:
    """All steps of the CUDA layer, by the real package; its figures say nothing of a device."""
    folder, stub = folder_of("cuda-bindings-12"), compiled(tmp_path)
    found = {"PYTHONPATH": str(folder), "LD_LIBRARY_PATH": str(stub)}
    command = [sys.executable, "-c", RUN]
    ran = subprocess.run(
        command, check=False, capture_output=True, text=True, env=os.environ | found
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    count = int(ran.stdout.split()[0])
    assert count >= 11
    assert f"{count} done, 0 skipped, 0 FAILED" in ran.stdout
