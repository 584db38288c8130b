"""A stand-in for the package `tensorrt`: it computes with ONNX Runtime on the simulated GPU.

It answers as TensorRT does (None, False, lists of names, words to the logger alone), and calls a
violation what TensorRT does not forgive: a runtime without a driver, an object that is used after
the one that it came from, an execution after a refusal that nobody looked at, addresses that are
not aligned, not the device's or too short, precision flags, a network that is not strongly typed,
waits without a deadline. Enum integers, and which names there are, are those of each version.

It does not simulate: what TensorRT computes (rounding, fusing), how long anything takes, dynamic
shapes, plugins, refitting, DLA, more than one optimization profile.
"""

from __future__ import annotations

from gonogo.tests.vendors.tensorrt_fake.module import VERSIONS, make
from gonogo.tests.vendors.tensorrt_fake.world import Script

__all__ = ["VERSIONS", "Script", "make"]
