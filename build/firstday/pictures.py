"""Which pictures a new station is made from, and as what camera it sees them.

Nothing is left out in silence: what is no picture, what cannot be read, a copy, what has another
shape, and what is more than is looked at, is named with the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import PicturesUnfit
from gonogo.base.frame_shape import FrameShape
from gonogo.base.good_and_bad import (
    BAD,
    GOOD,
    apart,
    listed,
    named_otherwise,
    one_kind,
    too_few,
)
from gonogo.base.images import header_of, list_images
from gonogo.base.picture_folder import LeftOut, oddities, read_pictures
from gonogo.build.firstday.sizes import SIDE_LEAST_PX, misfits, size_of, usable
from gonogo.build.goodparts import MAX_PARTS, MIN_PARTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.base.image_header import Header
    from gonogo.base.picture_folder import Found, Read
    from gonogo.build.firstday.sizes import Side, Size

    Progress = Callable[[str, int, int], None]

MOST = MAX_PARTS  # of each kind, spread evenly: an engine is taught from no more


class Kind(NamedTuple):
    """The pictures of one kind of parts that are used, by their option."""

    option: str
    found: Found

    def frames(self, size: Size, channels: int) -> Iterator[Read]:
        """Each as the station's camera will show it; all of them have been read before."""
        geometry = FrameShape(size.height_px, size.width_px, channels)
        return read_pictures(self.found, geometry, size.fit, [])


class Pictures(NamedTuple):
    """What a station is made from. `notes` and `left_out` are for people, each with its option.

    `channels`: 1 where every picture is grey. `offered`: how many files there were of each kind.
    """

    good: Kind
    bad: Kind | None
    size: Size
    channels: int
    notes: tuple[str, ...]
    left_out: tuple[tuple[str, LeftOut], ...]

    @property
    def geometry(self) -> FrameShape:
        """Of the station's camera."""
        return FrameShape(self.size.height_px, self.size.width_px, self.channels)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The good ones, and the bad ones where there are any."""
        return (self.good,) if self.bad is None else (self.good, self.bad)


def find(good: Path, bad: Path | None, progress: Progress) -> Pictures:
    """Look at every picture once; PicturesUnfit says what is in the way."""
    if bad is not None and bad.resolve() == good.resolve():
        raise PicturesUnfit(f"--good and --bad are both {good}: expected two folders")
    if doubt := named_otherwise(good, bad):
        raise PicturesUnfit(f"{doubt} Nothing was made")
    found = [_below(listed(GOOD, good, MOST), bad)]
    if bad is not None:
        found.append(_below(listed(BAD, bad, MOST), good))
    one_kind(found[0])
    if bad is not None:
        # also those that are not looked at, but for the bad ones that lie below the good ones
        below = bad.resolve()
        others = set(list_images(good)) - set(found[0].paths)
        apart(
            found[0],
            found[1],
            [path for path in others if not path.resolve().is_relative_to(below)],
        )
    return _looked_at(list(zip((GOOD, BAD), found, strict=False)), progress)


def _below(found: Found, other: Path | None) -> Found:
    """Without what lies in the folder of the other kind, where that is below this one."""
    if other is None:
        return found
    inside = [path.resolve().is_relative_to(other.resolve()) for path in found.paths]
    if not any(inside) or found.folder.resolve().is_relative_to(other.resolve()):
        return found
    kept = [k for k, within in enumerate(inside) if not within]
    why = LeftOut(f"{sum(inside)} pictures", f"lie in {other}, the folder of the other kind")
    return found._replace(
        paths=tuple(found.paths[k] for k in kept),
        digests=tuple(found.digests[k] for k in kept),
        left_out=(*found.left_out, why),
    )


def _looked_at(kinds: Sequence[tuple[str, Found]], progress: Progress) -> Pictures:
    headers = [{_name(path, of): header_of(path) for path in of.paths} for _, of in kinds]
    sides = [_sides(each) for each in headers]
    if not sides[0]:
        left_out: list[LeftOut] = []
        _all_read(kinds[0][1], None, left_out)
        option, found = kinds[0]
        raise too_few(option, found.folder, 0, MIN_PARTS, [*found.left_out, *left_out])
    size = size_of(sides[0], sides[1] if len(sides) > 1 else ())
    if min(size.width_px, size.height_px) < SIDE_LEAST_PX:
        raise PicturesUnfit(
            f"--good: the pictures have {size.width_px}x{size.height_px} px, expected at least "
            f"{SIDE_LEAST_PX} px each way; photograph parts with the station's camera"
        )
    used, said, coloured = [], [], False
    for (option, of), its in zip(kinds, headers, strict=True):
        kept, left_out, colour = _usable(option, of, size, its, progress)
        coloured |= colour
        used.append(Kind(option, kept))
        said += [(option, each) for each in left_out]
    notes = [*size.notes, *(f"{kind.option}: {line}" for kind in used for line in _turned(kind))]
    bad = used[1] if len(used) > 1 else None
    return Pictures(used[0], bad, size, 3 if coloured else 1, tuple(notes), tuple(said))


def _sides(headers: dict[str, Header | None]) -> list[Side]:
    return [
        (header.width_px, header.height_px)
        for header in headers.values()
        if header is not None and usable(header)
    ]


def _turned(kind: Kind) -> list[str]:
    """That pictures ask to be turned; their sizes are told elsewhere."""
    return [line for line in oddities(kind.found.paths) if "EXIF" in line]


def _usable(
    option: str, of: Found, size: Size, headers: dict[str, Header | None], progress: Progress
) -> tuple[Found, list[LeftOut], bool]:
    """Those that can be read at this size; what was left out; whether any has colours."""
    out = misfits(size, headers)
    odd = {each.name for each in out}
    fits = of._replace(paths=tuple(path for path in of.paths if _name(path, of) not in odd))
    unread: list[LeftOut] = []
    kept: list[Path] = []
    coloured = False
    for picture in _all_read(fits, size, unread):
        progress(f"reading {option}", len(kept), len(of.paths))
        kept.append(picture.path)
        coloured = coloured or _has_colours(picture.frame)
    progress(f"reading {option}", len(of.paths), len(of.paths))
    left_out = [*of.left_out, *out, *unread]
    least = MIN_PARTS if option == GOOD else 1
    if len(kept) < least:
        raise too_few(option, of.folder, len(kept), least, left_out)
    return of._replace(paths=tuple(kept)), left_out, coloured


def _all_read(of: Found, size: Size | None, left_out: list[LeftOut]) -> Iterator[Read]:
    geometry = FrameShape(1, 1, 3) if size is None else FrameShape(size.height_px, size.width_px, 3)
    found = read_pictures(of, geometry, "resize" if size is None else size.fit, left_out)
    # without a size nothing can be read: why not is all that is asked for
    return iter(list(found)) if size is None else found


def _has_colours(frame: NDArray[np.uint8]) -> bool:
    """A grey file comes in three equal planes; of a JPEG they may differ by its rounding."""
    some = frame[::8, ::8].astype(np.int16)
    return int(np.ptp(some, axis=2).max()) > 4  # noqa: PLR2004 - grey levels


def _name(path: Path, of: Found) -> str:
    return path.relative_to(of.folder).as_posix()
