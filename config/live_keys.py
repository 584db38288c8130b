"""Which keys of the station file are changed while parts pass: who is told of them, and what.

Everything else is told to the processes that judge, which read it at their start alone; a process
begins or ends with its section, also at a start alone. Exposure and gain of cameras:
gonogo.config.live_light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gonogo.base.errors import ChangeNotLive
from gonogo.config.live_light import Light, light_of, steps_of, without_light

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gonogo.config.station import Station

# section: the rows of the process table that are told of it, and under which key of their argument
LIVE: dict[str, tuple[tuple[str, str], ...]] = {
    "console": (("console", "console"),),
    "screen": (("screen", "screen"),),
    "metrics": (("metrics", "metrics"),),
    "access": (("console", "access"), ("screen", "access")),
    "dispositions": (("screen", "dispositions"),),
}
# a key of an argument, as a path, and its new value
Step = tuple[list[str | int], Any]


def without_live(station: Station) -> Station:
    """The station with all of these sections as if they were left out, and no light of cameras."""
    fields = type(station).model_fields
    dark = without_light(station)
    return dark.model_copy(update={name: fields[name].default for name in LIVE})


def retold(old: Station, new: Station, keys: Iterable[str]) -> dict[str, list[Step]]:
    """By row, what its argument has to say instead; ChangeNotLive where that is not all of it.

    `keys`: all that differ, as gonogo.config.key_changes names them.
    """
    lights: dict[str, Light] = {}
    for key in keys:
        light = light_of(new, key)
        if light is not None:
            lights[key] = light
    others = [key for key in keys if _section(key) not in LIVE and key not in lights]
    if others:
        raise ChangeNotLive(
            f"{', '.join(others)}: the processes that judge parts read this at their start alone; "
            "expected keys of " + ", ".join(f"[{name}]" for name in LIVE) + ", or exposure_us and "
            "gain_db of a camera that takes them. "
            "`commit at-next-start` writes all of it, to hold from the next start on"
        )
    steps: dict[str, list[Step]] = {}
    for row, path, value in steps_of(old, new, lights.values()):
        steps.setdefault(row, []).append((path, value))
    for name in dict.fromkeys(_section(key) for key in keys if key not in lights):
        before, after = getattr(old, name), getattr(new, name)
        if before is None or after is None:
            raise ChangeNotLive(
                f"{name}: its process begins or ends with this section, at a start alone; "
                "`commit at-next-start` writes it"
            )
        for row, field in LIVE[name]:
            found = list(_steps([field], _plain(before), _plain(after)))
            if found and getattr(new, row) is not None:
                steps.setdefault(row, []).extend(found)
    return steps


def _section(key: str) -> str:
    return key.partition(".")[0].partition("[")[0]


def _plain(section: Any) -> Any:  # noqa: ANN401 - what JSON can hold
    return section.model_dump(mode="json")


def _steps(path: list[str | int], old: Any, new: Any) -> Iterator[Step]:  # noqa: ANN401 - as above
    """What differs, as deep as both have the same keys."""
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        for key in new:
            yield from _steps([*path, key], old[key], new[key])
    elif old != new:
        yield path, new
