"""Where most of HailoRT's errors are, and nowhere else."""

from gonogo.tests.vendors.hailo_fake.errors import (
    HailoRTException,
    HailoRTInvalidArgumentException,
    HailoRTInvalidHEFException,
    HailoRTInvalidOperationException,
    HailoRTNotFoundException,
    HailoRTPCIeDriverException,
    HailoRTStreamAbortedByUser,
    HailoRTTimeout,
    HailoStatusInvalidValueException,
)

__all__ = [
    "HailoRTException",
    "HailoRTInvalidArgumentException",
    "HailoRTInvalidHEFException",
    "HailoRTInvalidOperationException",
    "HailoRTNotFoundException",
    "HailoRTPCIeDriverException",
    "HailoRTStreamAbortedByUser",
    "HailoRTTimeout",
    "HailoStatusInvalidValueException",
]
