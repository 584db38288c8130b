"""`camera VIEW exposure US`, `camera VIEW gain DB`: a change of one key, on trial at once.

The same as `configure`, `set view[N].camera.exposure_us US`, `diff` and `commit confirm`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import CommandUnknown
from gonogo.console.serial import configuring
from gonogo.console.serial.camera import number_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.console.serial.table import Answer, At

_KEYS = {"exposure": "exposure_us", "gain": "gain_db"}


def set_light(at: At, given: Sequence[str]) -> Answer:
    """VIEW, which of the two, and its value; a candidate that somebody works on is left alone."""
    if at.bench.candidate is not None:
        raise CommandUnknown(
            "a candidate of the station file is open: `set` the key there, or `discard` it first"
        )
    configuring.configure(at, ())
    try:
        return _tried(at, *given)
    finally:
        at.bench.candidate = None


def _tried(at: At, name: str, word: str, value: str) -> Answer:
    candidate = at.bench.candidate
    if candidate is None:
        raise ValueError("a candidate that was opened is not there")
    view, key = number_of(candidate.old.view, name), _KEYS[word]
    camera = candidate.old.view[view].camera
    if key not in camera.light_keys:
        raise CommandUnknown(f"view '{name}': the driver '{camera.driver}' sets no {key}")
    differs = configuring.set_key(at, (f"view[{view}].camera.{key}", value))
    answer = configuring.commit_confirm(at, ())
    return answer._replace(lines=[*differs.lines, *answer.lines])
