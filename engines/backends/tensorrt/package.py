"""TensorRT's Python package, as the box has it: imported late, and its version looked at.

It comes with JetPack, never by pip. Where a library of it is missing the import ends in
ImportError or in OSError, whose text says which. Names move between versions and enum integers
with them, so that nothing of it is written down here as a number.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import TensorRtMissing, TensorRtVersion

if TYPE_CHECKING:
    from collections.abc import Callable

OLDEST, BEYOND = (10, 3), (12, 0)
# what is called of it, without what is asked for by getattr because 10.3 has it not
NEEDED = (
    "Builder", "DataType", "ExecutionContextAllocationStrategy", "ICudaEngine",
    "IExecutionContext", "ILogger", "IProgressMonitor", "LayerInformationFormat",
    "NetworkDefinitionCreationFlag", "OnnxParser", "ProfilingVerbosity", "Runtime",
    "TensorIOMode", "TensorLocation",
)  # fmt: skip


def package(load: Callable[[str], Any] = import_module) -> Any:  # noqa: ANN401 - a module
    """The package `tensorrt`; TensorRtMissing, TensorRtVersion."""
    try:
        trt = load("tensorrt")
    except (ImportError, OSError) as error:  # a library that is missing is either of them
        raise TensorRtMissing(
            f"TensorRT cannot be imported: {error}; on Jetson it comes with JetPack (sudo apt "
            "install nvidia-jetpack python3-libnvinfer; the environment made with python3 -m venv "
            "--system-site-packages), for a card by pip; `gonogo board` says what this box lacks"
        ) from error
    check_version(str(getattr(trt, "__version__", "")))
    absent = [name for name in NEEDED if not hasattr(trt, name)]
    if absent:
        raise TensorRtMissing(
            f"TensorRT {trt.__version__} has no {', '.join(absent)}: expected the package "
            "python3-libnvinfer of JetPack, whole; install it anew"
        )
    return trt


def check_version(text: str) -> None:
    """TensorRtVersion unless it is 10.3 or newer, and not of a line that is not known yet."""
    found = re.match(r"(\d+)\.(\d+)", text)
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    if not OLDEST <= version < BEYOND:
        raise TensorRtVersion(
            f"TensorRT {text or 'without a version'}: expected {OLDEST[0]}.{OLDEST[1]} or newer, "
            f"below {BEYOND[0]}.{BEYOND[1]}; JetPack 6.1 is the oldest that has it"
        )
