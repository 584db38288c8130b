"""The steps of the CUDA layer that say yes or no."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gonogo.base.shm import PAGE, Segment
from gonogo.base.words import NS_PER_MS
from gonogo.tests.hardware.bench import FRAME_BYTES, frame, settle
from gonogo.tests.hardware.real_rig import WAYS, RealRig, why_not
from gonogo.tests.hardware.report import MissingError
from gonogo.tests.vendors.rigs import SPIN_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.tests.hardware.bench import Bench

ROOT = Path(__file__).parent.parent.parent
_TEGRA = Path("/etc/nv_tegra_release")
_MODEL = Path("/proc/device-tree/model")
HEAD = PAGE  # of the ring: results before the frames
SLOTS = 4


def driver_version() -> int:
    """The CUDA version that the driver is for, 1000 x major + 10 x minor; MissingError."""
    try:
        library = ctypes.CDLL("libcuda.so.1")
    except OSError as error:
        raise MissingError("no NVIDIA driver (libcuda.so.1)") from error
    found = ctypes.c_int()
    assert library.cuDriverGetVersion(ctypes.byref(found)) == 0
    return found.value


def driver_present(_bench: Bench) -> Sequence[str]:
    """Its library, and what board this is."""
    found = driver_version()
    files = [path.read_text(errors="replace") for path in (_MODEL, _TEGRA) if path.exists()]
    board = [text.strip("\0\n ").splitlines()[0] for text in files if text.strip("\0\n ")]
    return [f"for CUDA {found // 1000}.{found % 1000 // 10}", *board]


def device_facts(bench: Bench) -> Sequence[str]:
    """As every engine on it is told."""
    facts = bench.cuda.device
    major, minor = facts.compute_capability
    kind = "integrated, memory shared with the processor" if facts.integrated else "discrete"
    registers = "registers memory of ours" if facts.can_register else "cannot register memory"
    lacks = [f"lacks: {each}" for each in bench.cuda.lacks]
    size = f"{facts.memory_bytes / 2**30:.1f} GiB"
    return [f"{facts.name}, compute {major}.{minor}, {size}, {kind}, {registers}", *lacks]


def ways_present(_bench: Bench) -> Sequence[str]:
    """Each with its version, or why it is not here."""
    driver_version()
    said = []
    for way in WAYS:
        name = way.removeprefix("real ")
        with contextlib.suppress(PackageNotFoundError):
            name = f"{name} {version(name)}"
        said.append(f"{name}: {why_not(way) or 'imports'}")
    return said


def contract(_bench: Bench) -> Sequence[str]:
    """Each way that is here, in a process of its own."""
    if all(map(why_not, WAYS)):
        raise MissingError("; ".join(map(why_not, WAYS)))
    tests = ROOT / "tests/engines/backends/cuda/test_cuda_conformance.py"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "real"]
    ran = subprocess.run(
        [*command, str(tests)], check=False, capture_output=True, text=True, cwd=ROOT
    )
    assert ran.returncode == 0, ran.stdout[-4000:]
    said: str = ran.stdout
    return said.strip().splitlines()[-1:]


def kernel_sees_frame(bench: Bench) -> Sequence[str]:
    """Each byte of it, and writes each byte of another one."""
    cuda, memory, target = bench.cuda, frame(), frame()
    shared, result = cuda.share(memory), cuda.share(target)
    stream, event = cuda.stream(), cuda.event()
    shared.to_device()
    bench.rig.add_one(stream, shared.pointer, result.pointer, memory.nbytes)
    settle(stream, event)
    result.to_host()
    assert np.array_equal(target, memory + 1)
    where = "in place" if shared.in_place else "through a pinned copy"
    for each in (event, stream, result, shared):
        each.close()
    return [f"{memory.nbytes} bytes {where}"]


def two_processes(bench: Bench) -> Sequence[str]:
    """Each maps and registers it by itself: CUDA's own sharing is not there on Jetson."""
    cuda = bench.cuda
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        path = Path(folder) / "ring"
        ring = Segment.create(path, HEAD + SLOTS * FRAME_BYTES)
        memory = np.frombuffer(ring.map, np.uint8)
        memory[HEAD : HEAD + FRAME_BYTES] = frame()
        shared, stream, event = cuda.share(memory), cuda.stream(), cuda.event()
        _second_process(path, 0, 1)
        assert np.array_equal(_slot(memory, 1), _slot(memory, 0) + 1)
        shared.to_device()
        first = shared.pointer + HEAD
        bench.rig.add_one(stream, first + FRAME_BYTES, first + 2 * FRAME_BYTES, FRAME_BYTES)
        settle(stream, event)
        shared.to_host()
        _second_process(path, 2, 3)
        assert np.array_equal(_slot(memory, 3), _slot(memory, 0) + 3)
        for each in (event, stream, shared):
            each.close()
        del memory
        ring.map.close()
    return ["slot 0 -> their kernel -> slot 1 -> ours -> slot 2 -> theirs -> slot 3: as expected"]


def _slot(memory: NDArray[np.uint8], number: int) -> NDArray[np.uint8]:
    start = HEAD + number * FRAME_BYTES
    return memory[start : start + FRAME_BYTES]


def _second_process(path: Path, source: int, target: int) -> None:
    # a new one, never a fork: a context does not survive that
    code = "from gonogo.tests.hardware.cuda_steps import second; second()"
    command = [sys.executable, "-c", code, str(path), str(source), str(target)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, env=os.environ)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def second() -> None:
    """The second process: from one slot of the ring to another, by a kernel."""
    path, source, target = sys.argv[1:]
    ring = Segment.attach(Path(path))
    rig = RealRig(WAYS[0])
    with contextlib.closing(rig.open()) as cuda:
        shared = cuda.share(np.frombuffer(ring.map, np.uint8))
        stream, event = cuda.stream(), cuda.event()
        first = shared.pointer + HEAD
        shared.to_device()
        start, end = first + int(source) * FRAME_BYTES, first + int(target) * FRAME_BYTES
        rig.add_one(stream, start, end, FRAME_BYTES)
        settle(stream, event)
        shared.to_host()
        shared.close()
    ring.map.close()


def graph(bench: Bench) -> Sequence[str]:
    """Launched again and again, with what the frame holds then."""
    cuda, memory = bench.cuda, frame(2 * PAGE)
    shared, stream, event = cuda.share(memory), cuda.stream(), cuda.event()
    stream.begin_capture()
    bench.rig.add_one(stream, shared.pointer, shared.pointer + PAGE, PAGE)
    captured = stream.end_capture()
    launches = bench.times(1000)
    for number in range(launches):
        memory[:PAGE] = number % 251
        shared.to_device()
        captured.launch(stream)
        settle(stream, event)
        shared.to_host()
        assert set(memory[PAGE:]) == {number % 251 + 1}, f"launch {number}"
    for each in (captured, event, stream, shared):
        each.close()
    return [f"{launches} launches"]


def event_deadline(bench: Bench) -> Sequence[str]:
    """Given up in time, and then waited for: the device does not stop for it."""
    stream, event = bench.cuda.stream(), bench.cuda.event()
    bench.rig.spin(stream)
    event.record(stream)
    start_ns = time.monotonic_ns()
    assert not event.wait(start_ns + 5 * NS_PER_MS), "a kernel that spins has ended"
    gave_up_ms = (time.monotonic_ns() - start_ns) / NS_PER_MS
    settle(stream, event)
    came_ms = (time.monotonic_ns() - start_ns) / NS_PER_MS
    event.close()
    stream.close()
    gave_up = f"given up after {gave_up_ms:.2f} ms, came after {came_ms:.1f} ms"
    return [f"kernel of {SPIN_MS} ms, deadline 5 ms: {gave_up}"]
