"""A vendor's package that is found for one test: a stand-in, or a real one in its own folder."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib import invalidate_caches
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

HERE = Path(__file__).parent
CUDA_BINDINGS, PYCUDA = HERE / "cuda_bindings", HERE / "pycuda_fake"


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
