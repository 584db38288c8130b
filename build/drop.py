"""Good parts that a person has looked at and dropped."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from gonogo.base.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def without(drop: Sequence[Path], *sets: Sequence[Path]) -> list[list[Path]]:
    """Each set of image files without those of `drop`, which are named by path or by name alone.

    BuildError for one that is in no set: what was to be left out would be learnt from.
    """
    for dropped in drop:
        if not any(_is(path, dropped) for paths in sets for path in paths):
            near = _near(dropped, sets)
            raise BuildError(f"--drop {dropped}: expected one of the good parts, {near}")
    return [[path for path in paths if not any(_is(path, one) for one in drop)] for paths in sets]


def _is(path: Path, dropped: Path) -> bool:
    # as it is named on the terminal and on the sheet
    if dropped.parent.name == "" and not dropped.is_absolute():
        return path.name == dropped.name
    return path.resolve() == dropped.resolve()


def _near(dropped: Path, sets: Sequence[Sequence[Path]]) -> str:
    names = [path.name for paths in sets for path in paths]
    near = difflib.get_close_matches(dropped.name, names, 1)
    return f"as {near[0]}" if near else "by its path or its name"
