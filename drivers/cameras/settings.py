"""The settings of a camera: all are written, then all are read back.

A camera that has lost its power comes back with settings of its own, and some round or refuse a
value without a word. What was found differs from what was wanted: CameraError with both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import CameraError

if TYPE_CHECKING:
    from collections.abc import Callable

NEAR_PCT = 1.0  # what a camera may round a time or a rate by
EXPOSURE_STEP_US, GAIN_STEP_DB, DELAY_STEP_US = 2.0, 0.15, 2.0


class Setting(NamedTuple):
    """One, with the way to write it and to read it back."""

    name: str
    wanted: Any
    write: Callable[[], object]
    read: Callable[[], Any]
    step: float = 0.0
    """What the camera may round a number by, beside NEAR_PCT; 0: it must be the same."""


def carry_out(name: str, settings: list[Setting]) -> None:
    """Write all, then read all back: what is written late may change what came before."""
    for setting in settings:
        setting.write()
    check(name, settings)


def check(name: str, settings: list[Setting]) -> None:
    """Read them back; CameraError names each that differs."""
    differ = [
        f"{setting.name}: wanted {setting.wanted}, found {found}"
        for setting in settings
        if not _near(setting, found := setting.read())
    ]
    if differ:
        raise CameraError(f"{name}: it does not keep what it is told: {'; '.join(differ)}")


def _near(setting: Setting, found: object) -> bool:
    if not setting.step:
        return bool(found == setting.wanted)
    return near(float(str(found)), float(setting.wanted), setting.step)


def near(found: float, wanted: float, step: float) -> bool:
    """Whether a camera may have made the one of the other."""
    return abs(found - wanted) <= max(step, wanted * NEAR_PCT / 100)
