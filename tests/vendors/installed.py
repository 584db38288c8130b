"""A vendor's package that is found for one test: a stand-in, or a real one in its own folder."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from importlib import invalidate_caches
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

HERE = Path(__file__).parent
CUDA_BINDINGS, PYCUDA = HERE / "cuda_bindings", HERE / "pycuda_fake"

VENDORS = Path(sys.prefix) / "vendors"  # real ones, for this Python


def folder_of(name: str) -> Path:
    """Where tests/vendors/install.sh put it."""
    folder = VENDORS / name
    if not (folder / ".installed").exists():
        pytest.skip(f"{name} is not installed (tests/vendors/install.sh)")
    return folder


def compiled(folder: Path, *options: str) -> Path:
    """A folder with a driver of ours."""
    source, target = HERE / "stub_driver" / "libcuda.c", folder / "libcuda.so.1"
    always = ["-O2", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-Wl,-soname,libcuda.so.1"]
    try:
        subprocess.run(["gcc", *always, *options, "-o", target, source, "-ldl"], check=True)
    except FileNotFoundError:
        pytest.skip("no C compiler (gcc)")
    return folder


@contextmanager
def found_in(*folders: Path) -> Iterator[None]:
    """What lies in these folders is imported first, and forgotten at the end."""
    names = {each.stem for folder in folders for each in folder.iterdir()}
    before = _taken_out(names)
    sys.path[:0] = map(str, folders)
    invalidate_caches()
    try:
        yield
    finally:
        for folder in folders:
            sys.path.remove(str(folder))
        _taken_out(names)
        sys.modules.update(before)
        invalidate_caches()


def _taken_out(names: set[str]) -> dict[str, ModuleType]:
    found = {name for name in sys.modules if name.partition(".")[0] in names}
    return {name: sys.modules.pop(name) for name in found}
