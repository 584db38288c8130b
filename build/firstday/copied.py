"""The pictures that a station is made from, copied beside it: it is replayed and taught from these.

A station that points to somebody's folder of pictures is another one tomorrow: what cannot be read
there, what is a copy, what comes later.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from gonogo.base.picture_folder import Found

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.firstday.pictures import Kind, Pictures, Progress

FOLDERS = {"--good": "good", "--bad": "bad"}


def copy_pictures(pictures: Pictures, room: Path, progress: Progress) -> Pictures:
    """The same pictures in room/good and room/bad, in the order of their names there; OSError."""
    kinds = [_copied(kind, room / FOLDERS[kind.option], progress) for kind in pictures.kinds]
    return pictures._replace(good=kinds[0], bad=kinds[1] if len(kinds) > 1 else None)


def _copied(kind: Kind, folder: Path, progress: Progress) -> Kind:
    folder.mkdir(parents=True)
    names: dict[str, Path] = {}
    for path in kind.found.paths:
        below = path.relative_to(kind.found.folder)
        # scratch/1.png and dent/1.png are two parts
        names[_free("_".join(below.parts), names)] = path
    copies = []
    for done, (name, path) in enumerate(sorted(names.items())):
        progress("copying", done, len(names))
        # contents alone: rights and times are those of somebody else's folder
        copies.append(shutil.copyfile(path, folder / name))
    progress("copying", len(names), len(names))
    return kind._replace(found=Found(folder, tuple(copies), (), ()))


def _free(name: str, taken: dict[str, Path]) -> str:
    """The name, or one like it that is free; hidden files are no pictures (base/images.py)."""
    name = name.lstrip(".")
    while name in taken:
        name = f"_{name}"
    return name
