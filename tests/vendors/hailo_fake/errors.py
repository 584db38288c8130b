"""Errors of HailoRT as its Python package raises them: few classes, the rest in the text.

Source: hailo_platform/pyhailort/pyhailort.py of HailoRT 4 (MIT); numbers of hailort.h.
"""

from __future__ import annotations


class HailoRTException(Exception):
    """The base of most of them."""


class HailoRTTimeout(HailoRTException):
    """Not in the package itself, as most others are not."""


class HailoRTInvalidOperationException(HailoRTException):
    """What is asked for at the wrong time."""


class HailoRTInvalidArgumentException(HailoRTException):
    """What is asked for wrongly."""


class HailoRTInvalidHEFException(HailoRTException):
    """What is no HEF."""


class HailoRTPCIeDriverException(HailoRTException):
    """The driver says no."""


class HailoRTNotFoundException(HailoRTException):
    """No stream of that name."""


class HailoRTStreamAbortedByUser(HailoRTException):
    """A model was shut down while a frame was on its way."""


class HailoStatusInvalidValueException(Exception):
    """Not a HailoRTException, though everything else is."""


_NUMBERS = {
    "HAILO_INVALID_DRIVER_VERSION": 76,
    "HAILO_OUT_OF_PHYSICAL_DEVICES": 74,
    "HAILO_DEVICE_IN_USE": 73,
    "HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE": 93,
    "HAILO_UNSUPPORTED_OPCODE": 33,
}


def of(status: str) -> HailoRTException:
    """The error of a status that has no class of its own."""
    return HailoRTException(f"libhailort failed with error: {_NUMBERS.get(status, 8)} ({status})")
