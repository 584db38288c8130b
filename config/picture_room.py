"""How many slots a frame ring needs, so that no frame is overwritten before it is copied.

    slots = ceil((budget + poll + copying) / pitch) + IN_USE

A part is chosen by its verdict, at most a budget after its trigger; then the journal is looked at,
and the frames of all views are copied. Meanwhile a part comes every pitch.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gonogo.base.errors import RingShort
from gonogo.records.pictures.follower import WAITING_MAX_BYTES, WAITING_MIN

if TYPE_CHECKING:
    from gonogo.config.station import Station

IN_USE = 2  # one that the camera writes into, and the one that it has been handed for the next part
MB = 1 << 20


def slots_needed(station: Station, copy_ms: float) -> int:
    """`copy_ms`: from a verdict until all frames of its part are copied, at worst."""
    line = station.station
    pitch_ms = min(line.pitch_ms, station.trigger.least_pitch_ms(line.pitch_ms))
    return math.ceil((line.budget_ms + copy_ms) / pitch_ms) + IN_USE


def in_words(station: Station, copy_ms: float, encode_ms: float) -> str:
    """For whoever checks a station file; `encode_ms`: of the pictures of one part."""
    line = station.station
    frame_bytes = max(view.camera.geometry.nbytes for view in station.view)
    waiting = max(WAITING_MIN, WAITING_MAX_BYTES // frame_bytes)
    said = (
        f"pictures: copied within {copy_ms:.1f} ms of a verdict, "
        f"{slots_needed(station, copy_ms)} of {line.frame_slots} frame_slots are needed for that; "
        f"written in {encode_ms:.1f} ms a part"
    )
    if encode_ms > line.pitch_ms:
        rows = math.floor(waiting / (1 - line.pitch_ms / encode_ms) / len(station.view))
        said += (
            f", slower than parts come: of more than some {rows} rejects in a row some have none"
        )
    return said


def warning(station: Station, copy_ms: float) -> RingShort | None:
    """What is to be raised, where the ring is too short."""
    needed, slots = slots_needed(station, copy_ms), station.station.frame_slots
    if needed <= slots:
        return None
    return RingShort(
        f"station.frame_slots: expected at least {needed} for pictures of parts (a frame is copied "
        f"within {station.station.budget_ms + copy_ms:.0f} ms of its trigger), got {slots}; parts "
        "are judged all the same, and some pictures will be missed"
    )
