"""What a test has left open, whatever other tests' garbage lets go of meanwhile.

Import as `gonogo.tests.descriptors`. A count before and after is no measure in a process that has
run a thousand tests: the collector may close their descriptors in between.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_OWN = Path("/proc/self/fd")


def descriptors() -> set[int]:
    """What this process has open, by number; not what it takes to look."""
    return {int(path.name) for path in _OWN.iterdir() if path.is_symlink()}


@contextmanager
def nothing_left_open() -> Iterator[None]:
    """Whatever is opened within is closed by its end."""
    gc.collect()  # what is collected within could hide one that is left, under its number
    before = descriptors()
    yield
    assert descriptors() - before == set()
