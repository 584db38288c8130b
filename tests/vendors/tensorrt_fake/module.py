"""The module itself: the names and enum integers of a version, over one world."""

from __future__ import annotations

import enum
from types import ModuleType
from typing import Any, cast

from gonogo.tests.vendors.tensorrt_fake import building, inspecting, logging, running
from gonogo.tests.vendors.tensorrt_fake.world import Script, World

# JetPack 6.1 and 6.2, JetPack 7.2, and the line after it
VERSIONS = ("10.3.0", "10.16.1", "11.4.0")


class _Numbered(enum.Enum):
    """int() gives the number of a member, as of those of pybind11; there is no order of them."""

    def __int__(self) -> int:
        number: int = self.value
        return number


# methods of the stand-in's own, which no TensorRT has
OURS = frozenset(
    {"addresses", "alive", "children", "compute", "measured", "needed", "say", "value", "world"}
)
_DATA_TYPE = {
    "FLOAT": 0, "HALF": 1, "INT8": 2, "INT32": 3, "BOOL": 4, "UINT8": 5, "FP8": 6, "BF16": 7,
    "INT64": 8, "INT4": 9,
}  # fmt: skip
_BOTH = {
    "TensorIOMode": {"NONE": 0, "INPUT": 1, "OUTPUT": 2},
    "TensorLocation": {"DEVICE": 0, "HOST": 1},
    "LayerInformationFormat": {"ONELINE": 0, "JSON": 1},
    "ProfilingVerbosity": {"LAYER_NAMES_ONLY": 0, "NONE": 1, "DETAILED": 2},
    "ExecutionContextAllocationStrategy": {
        "STATIC": 0, "ON_PROFILE_CHANGE": 1, "USER_MANAGED": 2,
    },
}  # fmt: skip
_TEN = _BOTH | {
    "NetworkDefinitionCreationFlag": {"EXPLICIT_BATCH": 0, "STRONGLY_TYPED": 1},
    "BuilderFlag": {"FP16": 0, "INT8": 1, "DEBUG": 2, "TF32": 6, "BF16": 17},
    "DataType": _DATA_TYPE,
}
_ENUMS: dict[str, dict[str, dict[str, int]]] = {
    "10.3.0": _TEN,
    "10.16.1": _TEN | {"DataType": _DATA_TYPE | {"FP4": 10, "E8M0": 11}},
    "11.4.0": _BOTH
    | {
        "NetworkDefinitionCreationFlag": {"STRONGLY_TYPED": 0},
        "BuilderFlag": {"DEBUG": 2, "TF32": 6},
        "DataType": _DATA_TYPE | {"FP4": 10, "E8M0": 11},
    },
}
_CLASSES: tuple[type, ...] = (
    building.Builder,
    building.IBuilderConfig,
    building.INetworkDefinition,
    building.ITimingCache,
    building.OnnxParser,
    running.Runtime,
    running.ICudaEngine,
    running.IExecutionContext,
    inspecting.EngineInspector,
)
_PLAIN: tuple[type, ...] = (
    building.IHostMemory,
    building.ITensor,
    building.ParserError,
    logging.ILogger,
    logging.IProgressMonitor,
    running.Dims,
)


def make(version: str = VERSIONS[0], script: Script | None = None) -> ModuleType:
    """The package in that version; `script` of it: faults on order."""
    world = World(version, script or Script())
    module = ModuleType("tensorrt", __doc__)
    names: dict[str, object] = {"__version__": version, "script": world.script, "world": world}
    for name, members in _ENUMS.get(version, _TEN).items():
        kind: Any = cast("Any", _Numbered)(name, members)
        names[name] = world.enums[name] = kind
    for base in _CLASSES:
        kind_of = type(base.__name__, (base,), {"world": world})
        names[base.__name__] = world.classes[base.__name__] = kind_of
    names |= {each.__name__: each for each in _PLAIN}
    module.__dict__.update(names)
    return module
