"""What the words of a view are pinned with: each read by its name where another process writes it.

Import it as `gonogo.tests.ipc.layout`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable


def index_of(view: object, name: str, words: memoryview[int]) -> list[int]:
    """Which words change what a view reads under a name; `words` are zeroed."""
    found = []
    for at in range(len(words)):
        words[:] = memoryview(bytes(words.nbytes)).cast("q")
        before = getattr(view, name)
        words[at] = 1
        if getattr(view, name) != before:
            found.append(at)
    return found


def cannot_write(view: object, names: Iterable[str], words: memoryview[int]) -> None:
    """A view has no setter for these, and its memory takes no store."""
    for name in names:
        with pytest.raises(AttributeError):
            setattr(view, name, 1)
    with pytest.raises(TypeError):
        words[0] = 1
