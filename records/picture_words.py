"""The words of a part's picture: why there is to be one, and what became of it."""

from __future__ import annotations

from enum import IntEnum


class PictureKind(IntEnum):
    """Why a part has a picture."""

    REJECT = 1  # it was not accepted, or the PLC was not told so in time
    AUDIT = 2  # of the random sample of accepted parts of a shift
    NTH = 3  # one in every so many good ones


class PictureState(IntEnum):
    """What became of it; everything but KEPT means that there is none (any more)."""

    KEPT = 0
    NO_FRAME = 1  # no frame of the part came
    OVERWRITTEN = 2  # the ring had come round before it was copied
    BEHIND = 3  # too many waited to be written
    NOT_WRITTEN = 4  # the disk took no file: full, read-only, or all that is kept there is held
    TOO_OLD = 10  # evicted: older than max_age_days
    NO_ROOM = 11  # evicted: the oldest, where max_mb was reached or the disk got full
    REPLACED = 12  # of an audit sample: a part that came later in the shift was drawn instead


MISSED = (
    PictureState.NO_FRAME,
    PictureState.OVERWRITTEN,
    PictureState.BEHIND,
    PictureState.NOT_WRITTEN,
)
