"""Builder, network, parser, configuration: from an ONNX file to a plan."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any, ClassVar

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from gonogo.tests.vendors.tensorrt_fake.logging import ILogger, IProgressMonitor, Speaking

if TYPE_CHECKING:
    from gonogo.tests.vendors.tensorrt_fake.world import World

_PHASES = (("Building Engine", None, 4), ("Timing", "Building Engine", 3))
_PRECISION_FLAGS = {"FP16", "INT8", "BF16", "FP8"}


class IHostMemory(bytes):
    """Bytes that TensorRT made."""

    __slots__ = ()

    @property
    def nbytes(self) -> int:
        """How many."""
        return len(self)


class ITensor:
    """A tensor of a network."""

    def __init__(self, name: str) -> None:
        self.name = name


class INetworkDefinition:
    """What is parsed, and then built."""

    world: ClassVar[World]

    def __init__(self) -> None:
        self.model: onnx.ModelProto | None = None
        self.kept: list[ITensor] = []

    @property
    def num_outputs(self) -> int:
        """That are marked."""
        return len(self.kept)

    def get_output(self, index: int) -> ITensor | None:
        """One of them."""
        return self.kept[index] if 0 <= index < len(self.kept) else None

    def unmark_output(self, tensor: ITensor) -> None:
        """No output any more."""
        if tensor not in self.kept:
            raise self.world.violation(f"'{tensor.name}' is no output, and unmarked")
        self.kept.remove(tensor)


class ParserError:
    """One thing that the parser does not take."""

    def __init__(self, index: int, node: onnx.NodeProto | None, text: str) -> None:
        self._index, self._node, self._text = index, node, text

    def node(self) -> int:
        """Its number in the graph."""
        return self._index

    def node_name(self) -> str:
        """Its name, or nothing."""
        return self._node.name if self._node is not None else ""

    def node_operator(self) -> str:
        """Its operator."""
        return self._node.op_type if self._node is not None else ""

    def desc(self) -> str:
        """What is wrong with it."""
        return self._text


class OnnxParser(Speaking):
    """Reads an ONNX file into a network."""

    def __init__(self, network: INetworkDefinition, logger: ILogger) -> None:
        super().__init__(logger)
        if not isinstance(network, INetworkDefinition):
            raise TypeError("expected an INetworkDefinition")
        self._network = network
        self._errors: list[ParserError] = []

    @property
    def num_errors(self) -> int:
        """Since it was made."""
        return len(self._errors)

    def get_error(self, index: int) -> ParserError:
        """One of them."""
        return self._errors[index]

    def parse(self, model: bytes, path: str | None = None) -> bool:  # noqa: ARG002 - of weights elsewhere
        """Whether it was taken whole."""
        if not isinstance(model, (bytes, bytearray, memoryview)):
            raise TypeError("expected a buffer")
        try:
            found = onnx.load_from_string(bytes(model))
        except DecodeError:
            self._errors.append(ParserError(-1, None, "Failed to parse the model"))
            return False
        self._errors += _refused(found, self.world)
        for error in self._errors:
            self.say(f"In node {error.node()}: UNSUPPORTED_NODE: {error.desc()}")
        if self._errors:
            return False
        self._network.model = found
        self._network.kept = [ITensor(value.name) for value in found.graph.output]
        return True


def _refused(model: onnx.ModelProto, world: World) -> list[ParserError]:
    """Operators on order; and what no TensorRT takes: quantization to unsigned bytes."""
    held = {tensor.name: tensor for tensor in model.graph.initializer}
    found = []
    for k, node in enumerate(model.graph.node):
        zero = held.get(node.input[2]) if len(node.input) > 2 else None
        if node.op_type in world.script.unsupported:
            found.append(ParserError(k, node, f"No importer registered for op: {node.op_type}"))
        elif node.op_type == "QuantizeLinear" and (
            zero is not None and zero.data_type == onnx.TensorProto.UINT8
        ):
            found.append(
                ParserError(k, node, "TensorRT only supports symmetric quantization (INT8)")
            )
    return found


class ITimingCache:
    """What builds have measured."""

    world: ClassVar[World]

    def __init__(self, data: bytes) -> None:
        self.data = data

    def serialize(self) -> IHostMemory | None:
        """As bytes."""
        if self.world.refused("serialize"):
            return None
        return IHostMemory(self.data)


class IBuilderConfig(Speaking):
    """How a plan is built; it takes no other attributes, as a class of pybind11."""

    _ATTRIBUTES = frozenset(
        {"profiling_verbosity", "progress_monitor", "_logger", "_cache", "_monitor"}
    )

    def __init__(self, logger: ILogger) -> None:
        super().__init__(logger)
        self.profiling_verbosity = self.world.enums["ProfilingVerbosity"].LAYER_NAMES_ONLY
        self._monitor: weakref.ref[IProgressMonitor] | None = None
        self._cache: ITimingCache | None = None

    def __setattr__(self, name: str, value: object) -> None:
        if name not in self._ATTRIBUTES:
            raise AttributeError(f"'IBuilderConfig' object has no attribute '{name}'")
        super().__setattr__(name, value)

    @property
    def progress_monitor(self) -> IProgressMonitor | None:
        """Whom a build tells how far it is; held by whoever made it."""
        if self._monitor is None:
            return None
        monitor = self._monitor()
        if monitor is None:
            raise self.world.violation("the progress monitor is gone, and is to be told")
        return monitor

    @progress_monitor.setter
    def progress_monitor(self, monitor: IProgressMonitor) -> None:
        self._monitor = weakref.ref(monitor)

    def set_flag(self, flag: Any) -> None:  # noqa: ANN401 - an enum of the version
        """A strongly typed network has no use for a precision flag."""
        if flag.name in _PRECISION_FLAGS:
            raise self.world.violation(f"flag {flag.name} with a strongly typed network")

    def create_timing_cache(self, serialized_timing_cache: bytes) -> ITimingCache | None:
        """From bytes of a former one, or from none."""
        data = bytes(serialized_timing_cache)
        if data and not self.world.is_timing(data):
            self.say("Failed to deserialize timing cache")
            return None
        made: ITimingCache = self.world.classes["ITimingCache"](data)
        return made

    def set_timing_cache(self, cache: ITimingCache, ignore_mismatch: bool) -> bool:  # noqa: FBT001
        """Whether it is of this box, or that is no matter."""
        if ignore_mismatch:
            raise self.world.violation("timings of another device are used")
        if not self.world.fits(cache.data):
            return False
        self._cache = cache
        return True

    def get_timing_cache(self) -> ITimingCache | None:
        """The one that was set, with what the build has added."""
        return self._cache

    def measured(self) -> None:
        """A build has been."""
        if self._cache is not None:
            self._cache.data = self.world.timing()


class Builder(Speaking):
    """Makes networks, configurations and plans."""

    def __init__(self, logger: ILogger) -> None:
        super().__init__(logger)
        if not self.world.driver_is_there():
            raise self.world.violation("Builder without a driver: its next call ends the process")
        self.world.script.constructed.append("Builder")
        self._held = logger

    def create_network(self, flags: int = 0) -> INetworkDefinition | None:
        """One whose types are the file's own; no other builds on all versions."""
        flag = self.world.enums["NetworkDefinitionCreationFlag"].STRONGLY_TYPED
        if flags != 1 << int(flag):
            raise self.world.violation(f"create_network({flags}): not strongly typed")
        if self.world.refused("create_network"):
            return None
        made: INetworkDefinition = self.world.classes["INetworkDefinition"]()
        return made

    def create_builder_config(self) -> IBuilderConfig | None:
        """With defaults."""
        if self.world.refused("create_builder_config"):
            return None
        made: IBuilderConfig = self.world.classes["IBuilderConfig"](self._held)
        return made

    def build_serialized_network(
        self, network: INetworkDefinition, config: IBuilderConfig
    ) -> IHostMemory | None:
        """The plan, or None with the reason told to the logger."""
        if network.model is None:
            raise self.world.violation("a network is built that was not parsed")
        self.world.script.builds += 1
        if self.world.refused("build_serialized_network"):
            self.say("Error Code 10: Internal Error (Could not find any implementation for node)")
            return None
        if not self._measured(config.progress_monitor):
            self.world.script.cancelled = True
            return None
        config.measured()
        detailed = config.profiling_verbosity == self.world.enums["ProfilingVerbosity"].DETAILED
        kept = [tensor.name for tensor in network.kept]
        model = onnx.ModelProto()
        model.CopyFrom(network.model)
        for value in [value for value in model.graph.output if value.name not in kept]:
            model.graph.output.remove(value)
        return IHostMemory(self.world.plan(model.SerializeToString(), detailed=detailed))

    def _measured(self, monitor: IProgressMonitor | None) -> bool:
        """Phases and steps, told from a thread of TensorRT's; whether it was to go on."""
        if monitor is None:
            return True
        monitor.needed()
        goes_on: list[bool] = []

        def build() -> None:
            for name, parent, steps in _PHASES:
                monitor.phase_start(name, parent, steps)
            for name, _, steps in reversed(_PHASES):
                goes_on.extend(monitor.step_complete(name, step) for step in range(steps))
                monitor.phase_finish(name)

        thread = threading.Thread(target=build)
        thread.start()
        thread.join()
        steps = sum(steps for _, _, steps in _PHASES)
        return goes_on == [True] * steps
