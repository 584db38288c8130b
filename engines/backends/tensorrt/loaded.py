"""A plan that is loaded: runtime, engine, what it reads and writes, and contexts of one slot each.

TensorRT keeps nothing alive: the engine is used through the runtime that made it, a context
through its engine, all of them through the logger. They are held here together, and let go in the
opposite order, also after an error.

A context is for one slot: the addresses that a CUDA graph was captured with are then never
changed, which is what TensorRT asks for. The contexts run one after another in one stream, and
share their working memory. Source: TensorRT, "CUDA Graphs".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gonogo.base.errors import PlanMismatch, PlanRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gonogo.engines.backends.cuda.contract import Buffer, Cuda
    from gonogo.engines.backends.model import Contract
    from gonogo.engines.backends.tensorrt.words import Words

_LEAST_BYTES = 256  # of working memory: an engine that wants none is given some all the same
# by the names that TensorRT has for them: its integers move
_NUMPY = {"FLOAT": np.float32, "UINT8": np.uint8}


class Loaded:
    """One engine and its contexts; CUDA is open, and stays so for longer than this."""

    def __init__(self, trt: Any, words: Words, plan: bytes, cuda: Cuda) -> None:  # noqa: ANN401 - the module
        self._trt, self._words = trt, words
        self._engine: Any = None
        self._memory: Buffer | None = None
        self._contexts: list[Any] = []
        # only where CUDA is open: without a driver it is made, and its first call ends the process
        self._runtime = trt.Runtime(words.logger)
        try:
            self._engine = self._deserialized(plan)
            self._memory = cuda.buffer(max(int(self._engine.device_memory_size_v2), _LEAST_BYTES))
        except BaseException:
            self.close()
            raise

    def _deserialized(self, plan: bytes) -> Any:  # noqa: ANN401 - TensorRT's
        # what a plan may do stays as it is: host code in plans is not allowed (the default)
        engine = self._runtime.deserialize_cuda_engine(plan)
        if engine is None:
            raise PlanRefused(
                f"TensorRT {self._trt.__version__} does not take a plan: {self._words.said()}; it "
                "is built anew at the next start; where that does not help, install JetPack anew: "
                "driver and libraries do not fit"
            )
        return engine

    def check(self, contract: Contract) -> None:
        """PlanMismatch unless its inputs and outputs are those of the model."""
        found = self._tensors()
        wanted = {contract.image.name: ("INPUT", contract.dtype, contract.image.shape)}
        for value in contract.outputs:
            wanted[value.name] = ("OUTPUT", np.float32, value.shape)
        # one more than these would be written somewhere, as it has no address
        for name in {**wanted, **found}:
            if found.get(name) != wanted.get(name):
                raise PlanMismatch(
                    f"{contract.path}: the plan has '{name}' as {_shown(found.get(name))}, "
                    f"expected {_shown(wanted.get(name))}; remove the folder of plans, and start "
                    "again"
                )

    def _tensors(self) -> dict[str, tuple[str, Any, tuple[int, ...]]]:
        """Direction, numpy type and shape of each that lies on the device."""
        engine, found = self._engine, {}
        for k in range(engine.num_io_tensors):
            name = engine.get_tensor_name(k)
            if engine.get_tensor_location(name) != self._trt.TensorLocation.DEVICE:
                continue
            mode, dtype = engine.get_tensor_mode(name).name, engine.get_tensor_dtype(name).name
            shape = tuple(int(size) for size in engine.get_tensor_shape(name))
            found[name] = (mode, _NUMPY.get(dtype, dtype), shape)
        return found

    def context(self, addresses: Mapping[str, int]) -> Any:  # noqa: ANN401 - TensorRT's
        """A context that uses these addresses of the device for ever; TensorRtRefused."""
        words, strategy = self._words, self._trt.ExecutionContextAllocationStrategy
        context = words.checked(
            self._engine.create_execution_context(strategy.USER_MANAGED),
            "create_execution_context",
        )
        assert self._memory is not None  # noqa: S101 - of the constructor
        context.set_device_memory(self._memory.pointer, self._memory.nbytes)
        for name, address in addresses.items():
            words.checked(
                context.set_tensor_address(name, address), f"set_tensor_address('{name}')"
            )
        words.nothing_missing(context.infer_shapes(), "infer_shapes")
        self._contexts.append(context)
        return context

    def drop(self, context: Any) -> None:  # noqa: ANN401 - TensorRT's
        """Let a context go: the caller holds it no more."""
        self._contexts = [each for each in self._contexts if each is not context]

    def layers(self) -> str:
        """What each layer computes in, as JSON of TensorRT's own."""
        inspector = self._words.checked(
            self._engine.create_engine_inspector(), "create_engine_inspector"
        )
        text: str = inspector.get_engine_information(self._trt.LayerInformationFormat.JSON)
        return text

    def close(self) -> None:
        """Contexts, engine, runtime, working memory, in this order; idempotent."""
        self._contexts.clear()
        self._engine = None
        self._runtime = None
        if self._memory is not None:
            self._memory.close()
            self._memory = None


def _shown(facts: tuple[str, Any, tuple[int, ...]] | None) -> str:
    if facts is None:
        return "none on the device"
    mode, dtype, shape = facts
    kind = getattr(dtype, "__name__", str(dtype).lower())
    return f"{mode.lower()} {kind} {' x '.join(map(str, shape)) or 'a scalar'}"
