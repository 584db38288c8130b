"""Candidates by presence: something at each place of a grid, and objects that are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gonogo.build.firstday.candidate import Candidate, roi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.base.frame_shape import FrameShape
    from gonogo.build.firstday.candidate import Keys
    from gonogo.build.firstday.look import Box, Look

GRIDS = (2, 3)  # places along the shorter side; half of each overlaps the next one
WINDOW = 0.3  # of a place's side: what is looked for
CELL_LEAST_PX = 24
ON_PART = 0.6  # of a place, on the average of the good pictures
WORK_PX = 80
OBJECT = (0.0004, 0.004)  # of the place: the least area of an object that is counted
BEYOND = 6  # grey levels beyond the darkest and lightest of any good part
_WORDS = {"dark": "dark", "light": "bright"}


def places(look: Look, place: Box, geometry: FrameShape) -> list[Candidate]:
    """Something darker, brighter or of another colour at every place of several grids.

    Where the part has an outline, at places on it: what lies beside it says nothing of it.
    """
    channels = ("blue_red", "grey", "saturation") if geometry.channels > 1 else ("grey",)
    return [
        _intensity(cell, channel, kind)
        for cell in _cells(place)
        if _on_part(look, cell)
        for channel in channels
        for kind in _WORDS
    ]


def _on_part(look: Look, cell: Box) -> bool:
    if not look.ways:
        return True
    left, top, width, height = (round(edge / look.factor) for edge in cell)
    inside = look.ways[0].cover[top : top + max(height, 1), left : left + max(width, 1)]
    return float(inside.mean()) >= ON_PART


def _cells(place: Box) -> Iterator[Box]:
    left, top, width, height = place
    for parts in GRIDS:
        side = min(width, height) // parts
        if side < CELL_LEAST_PX:
            return
        for y in _starts(height, side):
            for x in _starts(width, side):
                yield place._replace(left=left + x, top=top + y, width=side, height=side)


def _starts(length: int, side: int) -> list[int]:
    """From end to end, half a side apart at most."""
    count = -(-2 * (length - side) // side)
    return [round(k * (length - side) / max(count, 1)) for k in range(count + 1)]


def _intensity(cell: Box, channel: str, kind: str) -> Candidate:
    x, y = cell.left + cell.width // 2, cell.top + cell.height // 2
    keys = {
        "kind": "presence", "name": f"{_WORDS[kind]} {channel} at {x},{y}", "method": "intensity",
        "roi": roi(*cell), "channel": channel, "object_is": kind,
        "window_px": round(WINDOW * cell.width), "work_px": WORK_PX,
    }  # fmt: skip
    why = f"something {_WORDS[kind]} in {channel} at this place, against what is around it"
    return Candidate(keys, why, str(keys["name"]), holds=False)


def objects(look: Look, place: Box, where: Keys) -> list[Candidate]:
    """Objects by Otsu's threshold, and such as are darker or lighter than any good part."""
    grey = [frame if frame.ndim == 2 else frame.mean(axis=2) for frame in look.small]  # noqa: PLR2004 - rows and columns
    dark = round(min(np.quantile(each, 0.0005) for each in grey)) - BEYOND
    light = round(max(np.quantile(each, 0.9995) for each in grey)) + BEYOND
    area_px = place.width * place.height
    found = [
        _blobs(kind, None, max(round(share * area_px), 4), where)
        for kind in _WORDS
        for share in OBJECT
    ]
    for kind, level in (("dark", dark), ("light", light)):
        if 1 <= level <= 254:  # noqa: PLR2004 - grey levels that a threshold can have
            found.append(_blobs(kind, level, max(round(OBJECT[0] * area_px / 4), 4), where))
    return found


def _blobs(kind: str, level: int | None, area_px: int, where: Keys) -> Candidate:
    segment: Keys = {"object_is": kind, "area_min_px": area_px}
    if level is not None:
        segment |= {"threshold": level}
    name = f"{_WORDS[kind]} {'objects' if level is None else 'spots'} from {area_px} px2"
    why = (
        f"how many {_WORDS[kind]} objects there are"
        if level is None
        else f"spots that are {_WORDS[kind]}er than anything on good parts"
    )
    keys = {
        "kind": "presence", "name": name, "method": "blobs", **where, "segment": segment,
        "work_px": 320,
    }  # fmt: skip
    return Candidate(keys, why, f"{kind} {level is None}", holds=level is not None)
