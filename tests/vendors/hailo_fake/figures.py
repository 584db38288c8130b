"""What the host does for one inference, measured on the stand-in: for `make bench`.

The value is a whole run of the backend: the frame into the chip's input, the job, score and map
where the line reads them. The control is a bare job of the stand-in on the same model, in turns
with it: given by HailoRT's own calls and waited for, with buffers that are filled already.
"""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gonogo.base.frame_shape import FrameShape
from gonogo.engines.backends.hailo.backend import HailoBackend
from gonogo.engines.backends.hailo.jobs import SlotJob
from gonogo.testing.backends import bound, noise
from gonogo.tests.vendors.hailo_fake.fixture import chip_here
from gonogo.tests.vendors.hailo_fake.hef import compiled
from gonogo.tests.vendors.tensorrt_fake.figures import SIDE_PX, HostSide, in_turns, model

if TYPE_CHECKING:
    from collections.abc import Callable

_READY_MS = 1000


def host_side(runs: int = 200) -> HostSide:
    """Both, taken in turns."""
    frame = FrameShape(SIDE_PX, SIDE_PX, 3)
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name, chip_here(Path(name)):
        backend = HailoBackend(compiled(model(Path(name) / "m.onnx")), frame, 1)
        bound(backend, noise(1, frame))
        try:
            return in_turns(lambda: backend.run(0), _bare(backend), runs)
        finally:
            backend.close()


def _bare(backend: HailoBackend) -> Callable[[], None]:
    """A job without anything of ours around it."""
    configured: Any = backend._configured
    buffers = SlotJob(configured, backend._streams)
    bindings, done = configured.create_bindings(), threading.Lock()
    bindings.input().set_buffer(buffers.image)

    def once() -> None:
        for name, array in buffers.raw.items():
            bindings.output(name).set_buffer(array)
        configured.wait_for_async_ready(timeout_ms=_READY_MS)
        done.acquire()
        configured.run_async([bindings], lambda **_: done.release())
        with done:
            pass

    return once
