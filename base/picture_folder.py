"""A folder of pictures of parts: which files are read, which are left out, and why, by name.

Nothing is left out in silence: what is no picture by its ending, what cannot be read, a copy of
another picture where copies would count twice, and what is too much to be looked at.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ImageFileError
from gonogo.base.evenly import evenly
from gonogo.base.images import (
    ENDINGS,
    MASKS_FOLDER,
    header_of,
    list_images,
    other_files,
    read_image,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.base.images import Fit

    Progress = Callable[[str, int, int], None]

TURNED = (
    "ask to be turned (EXIF orientation): they are taken as the sensor delivered them, here as in "
    "the station"
)
SHOWN = 5  # names in one line; the others are counted


class LeftOut(NamedTuple):
    """A file that is not read, by its name below the folder, and why."""

    name: str
    why: str

    def __str__(self) -> str:
        """As it stands in a line."""
        return f"{self.name} {self.why}"


class Found(NamedTuple):
    """What lies in a folder: `paths` to be read.

    `digests`: the SHA-256 of their content, where copies are left out; else none.
    """

    folder: Path
    paths: tuple[Path, ...]
    digests: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


class Read(NamedTuple):
    """A picture that could be read: uint8 of the geometry that was asked for."""

    path: Path
    frame: NDArray[np.uint8]


def find_pictures(folder: Path, most: int, *, once: bool = False) -> Found:
    """The pictures below a folder, at most so many spread evenly over it; `once`: no copies.

    CameraError where there is none.
    """
    paths, more = spread(list_images(folder), most)
    left_out = [*no_pictures(folder), *more]
    if not once:
        return Found(folder, tuple(paths), (), tuple(left_out))
    kept: dict[str, Path] = {}
    for path in paths:
        first = kept.setdefault(content(path), path)
        if first is not path:
            left_out.append(LeftOut(_name(path, folder), f"is a copy of {_name(first, folder)}"))
    return Found(folder, tuple(kept.values()), tuple(kept), tuple(left_out))


def no_pictures(folder: Path) -> list[LeftOut]:
    """The files below a folder that are no pictures by their ending, and folders of masks."""
    why = f"ends in none of {' '.join(ENDINGS)}"
    masks = sorted(path for path in folder.rglob(MASKS_FOLDER) if path.is_dir())
    return [
        *(LeftOut(_name(path, folder), why) for path in other_files(folder)),
        *(LeftOut(_name(path, folder), "holds masks of defects, no parts") for path in masks),
    ]


def spread(paths: Sequence[Path], most: int) -> tuple[list[Path], list[LeftOut]]:
    """At most so many of them, and what that leaves out."""
    kept = list(evenly(paths, most))
    if len(kept) == len(paths):
        return kept, []
    why = f"because {len(paths)} are more than the {most} that are looked at, spread evenly"
    return kept, [LeftOut(f"{len(paths) - len(kept)} pictures", why)]


def read_pictures(
    found: Found, geometry: FrameShape, fit: Fit, left_out: list[LeftOut]
) -> Iterator[Read]:
    """Each that can be read, in the order of their names; the others go into `left_out`."""
    for path in found.paths:
        try:
            frame = read_image(path, geometry, fit)
        except ImageFileError as error:
            left_out.append(LeftOut(_name(path, found.folder), reason(path, error)))
            continue
        yield Read(path, frame)


def reason(path: Path, error: ImageFileError) -> str:
    """Why a picture cannot be read, without its path: "has 16 bits a channel, expected 8; ..."."""
    return str(error.args[0]).removeprefix(f"image {path} ")


def content(path: Path) -> str:
    """SHA-256 of what is in a file; of one that cannot be read, its path: it is told when read."""
    try:
        # a named pipe would never end
        if path.is_file():
            return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        pass
    return f"unreadable {path}"


def oddities(paths: Sequence[Path]) -> list[str]:
    """Sentences about pictures that are read, and may not be what somebody thinks they are."""
    headers = [header for header in map(header_of, paths) if header is not None]
    sizes = Counter((header.width_px, header.height_px) for header in headers)
    turned = sum(header.turned for header in headers)
    lines = []
    if turned:
        lines.append(f"{turned} of {len(headers)} pictures {TURNED}")
    if len(sizes) > 1:
        named = ", ".join(f"{count} of {w}x{h}" for (w, h), count in sizes.most_common(SHOWN))
        lines.append(
            f"the pictures have {len(sizes)} sizes ({named} px): a station's camera has one"
        )
    return lines


def left_out_words(left_out: Sequence[LeftOut]) -> list[str]:
    """A line for each reason, with the names of those that have it."""
    return [f"left out: {line}" for line in by_reason(left_out)]


def by_reason(left_out: Sequence[LeftOut]) -> list[str]:
    """Names and reason of all that have the same one: "a.png, b.png is empty (0 bytes)"."""
    by_why: dict[str, list[str]] = {}
    for each in left_out:
        by_why.setdefault(each.why, []).append(each.name)
    return [f"{_names(names)} {why}" for why, names in by_why.items()]


def _names(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()
