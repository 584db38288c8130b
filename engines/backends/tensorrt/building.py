"""A plan, built on the box from an ONNX file with explicit Q/DQ.

The one recipe that every version from 10.3 to 11.x takes: a strongly typed network, whose types
are the file's own, without a calibrator and without a precision flag (both are gone in 11).
Source: TensorRT, "Strongly Typed Networks", "Timing Cache".
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import LayersUnsupported, PlanNotBuilt
from gonogo.engines.backends import progress

if TYPE_CHECKING:
    from gonogo.engines.backends.model import Contract
    from gonogo.engines.backends.tensorrt.plan_cache import PlanCache
    from gonogo.engines.backends.tensorrt.plan_key import Box
    from gonogo.engines.backends.tensorrt.words import Words

_SAY_EVERY_S = 2.0  # a build has thousands of steps
_NAMED = 20  # layers in a message; the rest is counted


class Bench(NamedTuple):
    """What a build needs of the box: the module, its logger, and the folder of timings."""

    trt: Any
    words: Words
    cache: PlanCache
    box: Box


def build_plan(contract: Contract, model: bytes, bench: Bench) -> bytes:
    """The plan of a model (its bytes) for the outputs of its contract.

    LayersUnsupported, PlanNotBuilt.
    """
    trt, words = bench.trt, bench.words
    progress.say(f"building the plan for {bench.box.in_words}: this takes minutes, once")
    began_s = time.monotonic()
    builder = trt.Builder(words.logger)
    network = _parsed(contract, model, builder, bench)
    monitor = _monitor(trt)  # held as long as it may be called: nothing else does
    config = _config(builder, monitor, bench)
    # its bytes are copied: what it gives is its own memory, and goes with it
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise PlanNotBuilt(
            f"{contract.path}: TensorRT {trt.__version__} builds no plan of it: "
            f"{words.said()}; look at the memory of the box, or use another backend"
        )
    made = bytes(memoryview(plan))
    _keep_timing(config, bench)
    del monitor
    taken_s = time.monotonic() - began_s
    progress.say(f"plan built: {len(made)} bytes in {taken_s:.0f} s")
    return made


def _parsed(
    contract: Contract,
    model: bytes,
    builder: Any,  # noqa: ANN401 - TensorRT's
    bench: Bench,
) -> Any:  # noqa: ANN401 - TensorRT's
    flag = 1 << int(bench.trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED)
    network = bench.words.checked(builder.create_network(flag), "create_network")
    parser = bench.trt.OnnxParser(network, bench.words.logger)
    if not parser.parse(model):
        raise LayersUnsupported(
            f"{contract.path}: TensorRT {bench.trt.__version__} does not take it: "
            f"{_refused(parser, bench)}; export the model without these layers, or use another "
            "backend"
        )
    # each output of a plan is computed, and wants memory: those that nobody reads are taken off
    wanted = {value.name for value in contract.outputs}
    for tensor in [network.get_output(k) for k in range(network.num_outputs)]:
        if tensor.name not in wanted:
            network.unmark_output(tensor)
    return network


def _refused(parser: Any, bench: Bench) -> str:  # noqa: ANN401 - TensorRT's
    """Every error of the parser, each with the layer that it is about."""
    found = [_named(parser.get_error(k)) for k in range(parser.num_errors)]
    if not found:
        return bench.words.said()
    more = len(found) - _NAMED
    return "; ".join(found[:_NAMED]) + (f"; and {more} more" if more > 0 else "")


def _named(error: Any) -> str:  # noqa: ANN401 - TensorRT's
    """One error: node, operator, what is wrong with it."""
    name, operator = error.node_name(), error.node_operator()
    where = f"layer '{name}' ({operator})" if name or operator else f"layer {error.node()}"
    return f"{where}: {str(error.desc()).strip()}"


def _config(builder: Any, monitor: Any, bench: Bench) -> Any:  # noqa: ANN401 - TensorRT's
    trt, words = bench.trt, bench.words
    config = words.checked(builder.create_builder_config(), "create_builder_config")
    # so that `gonogo engine inspect` can say of each layer what it computes in
    config.profiling_verbosity = trt.ProfilingVerbosity.DETAILED
    config.progress_monitor = monitor
    known = config.create_timing_cache(bench.cache.timing(bench.box))
    # of another version, GPU or driver it is refused: then one that is empty
    if known is None or not config.set_timing_cache(known, False):  # noqa: FBT003 - by place
        empty = words.checked(config.create_timing_cache(b""), "create_timing_cache")
        words.checked(config.set_timing_cache(empty, False), "set_timing_cache")  # noqa: FBT003
    return config


def _keep_timing(config: Any, bench: Bench) -> None:  # noqa: ANN401 - TensorRT's
    measured = config.get_timing_cache()
    memory = None if measured is None else measured.serialize()
    if memory is not None:
        bench.cache.keep_timing(bench.box, bytes(memoryview(memory)))


def _monitor(trt: Any) -> Any:  # noqa: ANN401 - the module
    """How far the build is, now and then; called from TensorRT's threads, and never raises."""
    told = Told()

    class Monitor(trt.IProgressMonitor):  # type: ignore[misc]  # known when it is imported
        def __init__(self) -> None:
            trt.IProgressMonitor.__init__(self)

        def phase_start(self, phase_name: str, parent_phase: str | None, num_steps: int) -> None:
            told.start(phase_name, parent_phase, num_steps)

        def phase_finish(self, phase_name: str) -> None:
            told.finish(phase_name)

        def step_complete(self, phase_name: str, step: int) -> bool:
            told.step(phase_name, step)
            return True  # go on

    return Monitor()


class Told:
    """What a build has said of its phases; a line every two seconds at most.

    A phase within another is a part of one step of that: only the outermost are told, with what
    those within them add.
    """

    def __init__(self) -> None:
        self._say = progress.teller()
        self._lock = threading.Lock()  # phases are told from several threads
        self._phases: dict[str, tuple[str | None, int, int]] = {}  # parent, steps, done
        self._next_s = time.monotonic()

    def start(self, phase: str, parent: str | None, steps: int) -> None:
        """A phase of so many steps begins, within another or not."""
        with self._lock:
            self._phases[phase] = (parent or None, max(int(steps), 1), 0)

    def step(self, phase: str, step: int) -> None:
        """A step of it is done, counted from 0."""
        with self._lock:
            line = self._counted(phase, int(step))
        # whoever listens may have gone: raised in a thread of TensorRT's, that ends the process
        with contextlib.suppress(Exception):
            if line:
                self._say(line)

    def _counted(self, phase: str, step: int) -> str:
        """What to say of it, if it is time to."""
        if phase not in self._phases:
            return ""
        parent, steps, _ = self._phases[phase]
        self._phases[phase] = (parent, steps, step + 1)
        if time.monotonic() < self._next_s:
            return ""
        self._next_s = time.monotonic() + _SAY_EVERY_S
        outer = self._outermost(phase)
        return f"building the plan: {outer}, {100 * self.share(outer):.0f} %"

    def finish(self, phase: str) -> None:
        """It is over, with its steps or without."""
        with self._lock:
            self._phases.pop(phase, None)

    def share(self, phase: str) -> float:
        """How much of a phase is done, 0 to 1."""
        _, steps, done = self._phases[phase]
        within = [name for name, (parent, _, _) in self._phases.items() if parent == phase]
        inner = max((self.share(name) for name in within), default=0.0)
        return min((done + inner) / steps, 1.0)

    def _outermost(self, phase: str) -> str:
        for _ in range(len(self._phases)):
            parent = self._phases[phase][0]
            if parent is None or parent not in self._phases:
                break
            phase = parent
        return phase
