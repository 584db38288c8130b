"""`make hardware`: from "driver present" on, in a numbered order; the report is kept in a file.

    python -m gonogo.tests.hardware.steps var/hardware.txt [--quick]

A step that lacks something is skipped by its name. A new one is a function and a row in STEPS.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

from gonogo.tests.hardware.bench import Bench
from gonogo.tests.hardware.report import Step, run_all

_CUDA = "gonogo.tests.hardware.cuda_steps"
_FIGURES = "gonogo.tests.hardware.cuda_figures"
_TRT = "gonogo.tests.hardware.trt_steps"
_HAILO = "gonogo.tests.hardware.hailo_steps"

STEPS = (
    Step("NVIDIA driver present", f"{_CUDA}:driver_present"),
    Step("device facts", f"{_CUDA}:device_facts"),
    Step("ways to CUDA present", f"{_CUDA}:ways_present"),
    Step("what every way must do (test_cuda_conformance.py)", f"{_CUDA}:contract"),
    Step("device pointer of a registered frame seen by a kernel", f"{_CUDA}:kernel_sees_frame"),
    Step("one ring in shared memory, registered by two processes", f"{_CUDA}:two_processes"),
    Step("graph captured and launched", f"{_CUDA}:graph"),
    Step("event deadline, while a kernel does not end", f"{_CUDA}:event_deadline"),
    Step("priority of our stream over other work", f"{_FIGURES}:priority"),
    Step("10,000 cycles without growth", f"{_FIGURES}:no_growth"),
    Step("figure: ring in place against copies", f"{_FIGURES}:in_place_against_copies"),
    Step("figure: from launch to event, with a graph and without", f"{_FIGURES}:launch_to_event"),
    Step("TensorRT present", f"{_TRT}:tensorrt_present"),
    Step("plan built on the box, its layers told", f"{_TRT}:plan_built"),
    Step("scores as ONNX Runtime's", f"{_TRT}:scores_alike"),
    Step("1,000 parts in zero-copy, p99 within the budget", f"{_TRT}:parts_in_zero_copy"),
    Step("HailoRT and a chip present", f"{_HAILO}:chip_present"),
    Step("how the chip fares", f"{_HAILO}:chip_fares"),
    Step("a HEF loads, and scores the same twice", f"{_HAILO}:hef_loads"),
    Step("1,000 parts on the chip, p99 within the budget", f"{_HAILO}:parts_in_time"),
    Step("figure: parts while a second engine is loaded on the chip", f"{_HAILO}:loads_beside"),
    Step("10,000 runs on the chip without growth", f"{_HAILO}:no_growth"),
)


def main(arguments: list[str]) -> int:
    """Run all; what is said goes to the terminal and into the file."""
    quick = "--quick" in arguments
    path = Path(next((each for each in arguments if each != "--quick"), "var/hardware.txt"))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:

        def say(line: str) -> None:
            print(line, flush=True)  # noqa: T201 - its output
            print(line, file=file, flush=True)

        with contextlib.closing(Bench(quick=quick)) as bench:
            return run_all(STEPS, bench, say)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
