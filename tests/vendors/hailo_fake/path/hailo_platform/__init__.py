"""A stand-in for HailoRT's Python package: what gonogo uses of it, under the names it has there.

Put this folder's parent on the path, and GONOGO_FAKE_HAILO into the environment.
"""

import numpy as np

from gonogo.tests.vendors.hailo_fake.bench import here
from gonogo.tests.vendors.hailo_fake.chip import Device, VDevice
from gonogo.tests.vendors.hailo_fake.declared import takes_numpy_2
from gonogo.tests.vendors.hailo_fake.errors import HailoRTException, HailoRTStreamAbortedByUser
from gonogo.tests.vendors.hailo_fake.terms import FormatType
from gonogo.tests.vendors.hailo_fake.terms import SchedulingAlgorithm as HailoSchedulingAlgorithm

if here().script.import_error:
    raise ImportError(here().script.import_error)
if int(np.__version__.partition(".")[0]) >= 2 and not takes_numpy_2():
    here().violate("imported beside numpy 2: it would have crashed, or said something else")
    raise ImportError("numpy.core.multiarray failed to import")

__version__ = "4.23.0"
__all__ = [
    "Device",
    "FormatType",
    "HailoRTException",
    "HailoRTStreamAbortedByUser",
    "HailoSchedulingAlgorithm",
    "VDevice",
]
