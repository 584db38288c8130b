"""Exposure and gain of a camera that a process of its own holds: changed while the station runs.

That process is told, and opens its camera anew with them: parts of the view are rejected until it
has. So is the process that charts drift, whose references are of one exposure each. The line reads
neither of the two (gonogo.drivers.camera_section: what it asks of a camera).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import ChangeNotLive

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection

_KEY = re.compile(r"view\[(\d{1,3})\]\.camera\.(\w+)")
_WAIT_S = 0.1  # so much longer may a call into the device take: less than its process may be silent


class Light(NamedTuple):
    """A key of [view.camera] of that view, by its number."""

    view: int
    key: str


def light_of(station: Station, key: str) -> Light | None:
    """What a key of the station file is of; None: no light that is changed while it runs."""
    found = _KEY.fullmatch(key)
    if found is None or int(found[1]) >= len(station.view):
        return None
    light = Light(int(found[1]), found[2])
    return light if light.key in station.view[light.view].camera.light_keys else None


def row_of(view: ViewSection) -> str:
    """The row of the process table that holds its camera."""
    return f"camera {view.name}"


def is_row_of_light(name: str) -> bool:
    """Whether a row of the process table is told of such a change."""
    return name == "drift" or name.startswith("camera ")


def steps_of(
    old: Station, new: Station, lights: Iterable[Light]
) -> Iterator[tuple[str, list[str | int], Any]]:
    """By row, the key of its argument and its new value; ChangeNotLive where it cannot be."""
    for light in lights:
        before, after = old.view[light.view], new.view[light.view]
        if after.camera.blocks_s > before.camera.blocks_s + _WAIT_S:
            raise ChangeNotLive(
                f"view[{light.view}].camera.{light.key}: with it a call into the camera may take "
                f"{after.camera.blocks_s:.1f} s, and its process counts as hung after "
                f"{before.camera.blocks_s:.1f} s; `commit at-next-start` writes it"
            )
        value = getattr(after.camera, light.key)
        yield row_of(after), ["camera", light.key], value
        if light.key == "exposure_us" and new.records.drift is not None:
            yield "drift", ["views", light.view, light.key], value


def without_light(station: Station) -> Station:
    """The station with what is changed so as if it were something else: the same of any two."""
    return station.model_copy(
        update={"view": tuple(_without(view) for view in station.view)},
    )


def _without(view: ViewSection) -> ViewSection:
    nought = dict.fromkeys(view.camera.light_keys, 0.0)
    return view.model_copy(update={"camera": view.camera.model_copy(update=nought)})
