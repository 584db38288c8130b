"""The compiler's stand-in in use: found here, and by the process that runs it."""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SDK = Path(__file__).with_name("sdk")


@contextmanager
def compiler(how: str = "exact") -> Iterator[None]:
    """`how` it computes: exact, rounded, wrong, fails."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(SDK))
        patch.setenv("GONOGO_FAKE_DFC", how)
        patch.syspath_prepend(str(SDK))
        yield
    importlib.invalidate_caches()
