"""Runtime, engine, contexts, inspector: from a plan to scores."""

from __future__ import annotations

import sys
import weakref
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import onnx
import onnxruntime as ort

from gonogo.tests.vendors.gpu import GpuError
from gonogo.tests.vendors.tensorrt_fake.inspecting import EngineInspector, layers
from gonogo.tests.vendors.tensorrt_fake.logging import ILogger, Speaking

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.tests.vendors.tensorrt_fake.world import World

ALIGN = 256
WORKING_BYTES = 4096  # of working memory that a context wants
_TYPES = {
    onnx.TensorProto.FLOAT: ("FLOAT", np.float32),
    onnx.TensorProto.UINT8: ("UINT8", np.uint8),
    onnx.TensorProto.INT64: ("INT64", np.int64),
}


class Dims(tuple[int, ...]):
    """A shape, as TensorRT gives it."""

    __slots__ = ()


class Tied:
    """Something that came from another, which must outlive it."""

    world: ClassVar[World]

    def __init__(self, parent: Tied | None, name: str) -> None:
        self._name = name
        self._parent = None if parent is None else weakref.ref(parent)
        self._children: weakref.WeakSet[Tied] = weakref.WeakSet()
        if parent is not None:
            parent.children().add(self)

    def children(self) -> weakref.WeakSet[Tied]:
        """What came from it and is still there."""
        return self._children

    def alive(self) -> None:
        """A violation where what it came from is gone."""
        if self._parent is None:
            return
        parent = self._parent()
        if parent is None:
            raise self.world.violation(f"{self._name} is used, and what it came from is gone")
        parent.alive()

    def __del__(self) -> None:
        children = getattr(self, "_children", ())
        # as the interpreter ends things go in any order, sys too, and no test is left to hear of it
        ending = getattr(sys, "is_finalizing", None)
        if children and ending and not ending():
            # recorded only: nobody hears what is raised here
            self.world.violation(f"{self._name} is let go before {len(children)} that came from it")


class Runtime(Tied, Speaking):
    """Reads plans."""

    def __init__(self, logger: ILogger) -> None:
        Tied.__init__(self, None, "the runtime")
        Speaking.__init__(self, logger)
        if not self.world.driver_is_there():
            raise self.world.violation("Runtime without a driver: its next call would segfault")
        self.world.script.constructed.append("Runtime")
        self._host_code = False

    @property
    def engine_host_code_allowed(self) -> bool:
        """Whether a plan may run code of its own on the host."""
        return self._host_code

    @engine_host_code_allowed.setter
    def engine_host_code_allowed(self, _: bool) -> None:
        raise self.world.violation("host code in plans is allowed")

    def deserialize_cuda_engine(self, serialized_engine: bytes) -> ICudaEngine | None:
        """The engine of a plan; None with the reason told to the logger."""
        world = self.world
        world.script.deserialized += 1
        found = world.opened(bytes(serialized_engine))
        if found is None:
            self.say("Error Code 1: Serialization (magicTag mismatch)")
            return None
        facts, model = found
        if facts["version"] != world.version:
            self.say(
                "The engine plan file is not compatible with this version of TensorRT, expecting "
                f"library version {world.version} got {facts['version']}, please rebuild"
            )
            return None
        if facts["gpu"] != world.stamp["gpu"]:
            self.say("The engine plan file is generated on an incompatible device")
            return None
        if world.refused("deserialize_cuda_engine") or world.script.refuses_next > 0:
            world.script.refuses_next -= 1
            self.say("Error Code 2: OutOfMemory (no further information)")
            return None
        made: ICudaEngine = world.classes["ICudaEngine"](self, model, facts)
        return made


class ICudaEngine(Tied):
    """A plan that was read."""

    def __init__(self, runtime: Runtime, model: bytes, facts: dict[str, Any]) -> None:
        super().__init__(runtime, "the engine")
        self.runtime = weakref.ref(runtime)
        self.facts = facts
        self.model = onnx.load_from_string(model)
        whole = onnx.shape_inference.infer_shapes(self.model).graph
        held = {tensor.name for tensor in whole.initializer}
        self.inputs = [value for value in whole.input if value.name not in held]
        self.outputs = list(whole.output)
        self.shapes = {
            value.name: Dims(dim.dim_value for dim in value.type.tensor_type.shape.dim)
            for value in (*self.inputs, *self.outputs)
        }
        self.types = {
            value.name: _TYPES[value.type.tensor_type.elem_type]
            for value in (*self.inputs, *self.outputs)
        }
        self.sizes = {
            name: int(np.prod(shape, dtype=np.int64)) * np.dtype(self.types[name][1]).itemsize
            for name, shape in self.shapes.items()
        }
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def value(self, name: str) -> Any:  # noqa: ANN401 - onnx.ValueInfoProto
        """One of its tensors; a violation where there is none of that name."""
        for each in (*self.inputs, *self.outputs):
            if each.name == name:
                return each
        raise self.world.violation(f"'{name}' is no tensor of the engine")

    @property
    def num_io_tensors(self) -> int:
        """Inputs and outputs."""
        self.alive()
        return len(self.inputs) + len(self.outputs)

    @property
    def device_memory_size_v2(self) -> int:
        """Working memory of a context."""
        self.alive()
        return WORKING_BYTES

    def get_tensor_name(self, index: int) -> str:
        """By its number."""
        name: str = (*self.inputs, *self.outputs)[index].name
        return name

    def get_tensor_shape(self, name: str) -> Dims:
        """Static."""
        self.alive()
        self.value(name)
        return self.shapes[name]

    def get_tensor_mode(self, name: str) -> Any:  # noqa: ANN401 - an enum of the version
        """Input or output."""
        modes = self.world.enums["TensorIOMode"]
        return modes.INPUT if self.value(name) in self.inputs else modes.OUTPUT

    def get_tensor_dtype(self, name: str) -> Any:  # noqa: ANN401 - an enum of the version
        """The type of its elements."""
        self.value(name)
        kind = self.types[name][0]
        if self.world.refused("half outputs") and self.value(name) in self.outputs:
            kind = "HALF"
        return self.world.enums["DataType"][kind]

    def get_tensor_location(self, name: str) -> Any:  # noqa: ANN401 - an enum of the version
        """On the device, all of them."""
        self.value(name)
        return self.world.enums["TensorLocation"].DEVICE

    def create_engine_inspector(self) -> EngineInspector | None:
        """What tells of layers."""
        self.alive()
        if self.world.refused("create_engine_inspector"):
            return None
        made: EngineInspector = self.world.classes["EngineInspector"](
            layers(self.model, detailed=self.facts["detailed"])
        )
        return made

    def create_execution_context(self, strategy: Any = None) -> IExecutionContext | None:  # noqa: ANN401 - an enum
        """Something that runs; None where there is no room for it."""
        self.alive()
        runtime = self.runtime()
        if self.world.refused("create_execution_context"):
            assert runtime is not None
            runtime.say("Error Code 2: OutOfMemory (Requested size was 4096 bytes.)")
            return None
        kinds = self.world.enums["ExecutionContextAllocationStrategy"]
        managed = strategy is kinds.USER_MANAGED
        made: IExecutionContext = self.world.classes["IExecutionContext"](self, managed)
        return made


class IExecutionContext(Tied):
    """Runs an engine with the addresses that it was given."""

    def __init__(self, engine: ICudaEngine, managed: bool) -> None:  # noqa: FBT001 - of ours
        super().__init__(engine, "a context")
        self._engine = weakref.ref(engine)
        self._addresses: dict[str, int] = {}
        self._working = (0, 0) if managed else None
        self._unheard: list[str] = []  # refusals; whoever executes after one has not looked

    @property
    def _its(self) -> ICudaEngine:
        self.alive()
        engine = self._engine()
        assert engine is not None
        return engine

    def _refuse(self, call: str, text: str) -> bool:
        self._unheard.append(call)
        self._say(text)
        return False

    def _say(self, text: str) -> None:
        runtime = self._its.runtime()
        assert runtime is not None
        runtime.say(text)

    def set_device_memory(self, memory: int, size: int) -> None:
        """Working memory, of whoever wants to manage it."""
        if self._working is None:
            raise self.world.violation("set_device_memory of a context that has memory of its own")
        if size < WORKING_BYTES or memory % ALIGN:
            raise self.world.violation(f"set_device_memory({memory:#x}, {size})")
        self.world.gpu.view(memory, size, write=True)
        self._working = (memory, size)

    def set_tensor_address(self, name: str, memory: int) -> bool:
        """Where a tensor lies for the device."""
        if type(memory) is not int:
            raise TypeError("set_tensor_address(): incompatible function arguments")
        if self.world.refused("set_tensor_address"):
            return self._refuse("set_tensor_address", f"setTensorAddress: no tensor '{name}'")
        engine = self._its
        if memory % ALIGN:
            raise self.world.violation(f"'{name}' at {memory:#x}: expected a multiple of {ALIGN}")
        is_output = engine.value(name) in engine.outputs
        self.world.gpu.view(memory, engine.sizes[name], write=is_output)
        self._addresses[name] = memory
        return True

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        """Of an input; a tuple, and no array."""
        if not isinstance(shape, (tuple, list)):
            raise TypeError("set_input_shape(): incompatible function arguments")
        if tuple(shape) != tuple(self._its.get_tensor_shape(name)):
            return self._refuse("set_input_shape", f"setInputShape: '{name}' is static")
        return True

    def infer_shapes(self) -> list[str]:
        """Names of what is not known yet."""
        if self.world.refused("infer_shapes"):
            self._unheard.append("infer_shapes")
            return ["image"]
        return []

    def execute_v2(self, bindings: list[int]) -> bool:
        """It waits until the device is done."""
        raise self.world.violation(f"execute_v2({bindings}) blocks, and has no deadline")

    def execute_async_v3(self, stream_handle: int) -> bool:
        """Give a stream one inference."""
        if self._unheard:
            raise self.world.violation(f"executed after a refusal: {', '.join(self._unheard)}")
        engine, gpu = self._its, self.world.gpu
        names = [value.name for value in (*engine.inputs, *engine.outputs)]
        if missing := [name for name in names if name not in self._addresses]:
            self._say(f"enqueueV3: no address of {', '.join(missing)}")
            return False
        if self._working == (0, 0):
            raise self.world.violation("executed without working memory")
        stream = gpu.streams.get(stream_handle)
        capturing = stream is not None and stream.captured is not None
        if self.world.refused("execute_async_v3") or (capturing and self.world.script.no_capture):
            self._say(
                "Error Code 1: Cuda Runtime (operation not permitted when stream is capturing)"
            )
            return False
        me, addresses = weakref.ref(self), dict(self._addresses)
        world = self.world

        def work() -> None:
            context = me()
            if context is None:
                raise world.violation("a context is gone before its work is done")
            context.compute(addresses)

        def current() -> tuple[int, ...]:
            context = me()
            if context is None:
                raise world.violation("a graph is launched whose context is gone")
            return context.addresses()

        try:
            gpu.enqueue(stream_handle, work, tuple(addresses.values()), current=current)
        except GpuError as error:
            self._say(f"Error Code 1: Cuda Runtime (error {error.code})")
            return False
        return True

    def addresses(self) -> tuple[int, ...]:
        """As they are now."""
        return tuple(self._addresses.values())

    def compute(self, addresses: dict[str, int]) -> None:
        """What the device does: read, compute, write, through these addresses."""
        engine = self._its
        feeds = {
            value.name: self._seen(value.name, addresses, write=False).copy()
            for value in engine.inputs
        }
        if self._working is not None:
            self.world.gpu.view(*self._working, write=True)[:] = 0x5A
        names = [value.name for value in engine.outputs]
        for name, value in zip(names, engine.session.run(names, feeds), strict=True):
            if not (self.world.script.writes_no_score and name == "score"):
                self._seen(name, addresses, write=True)[...] = value

    def _seen(self, name: str, addresses: dict[str, int], *, write: bool) -> NDArray[Any]:
        engine = self._its
        raw = self.world.gpu.view(addresses[name], engine.sizes[name], write=write)
        return raw.view(engine.types[name][1]).reshape(engine.shapes[name])
