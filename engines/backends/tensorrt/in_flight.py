"""What the device has been given to do, and who may let go of what it works on.

There is one event behind the last work of the stream. Whoever gives up waiting for it, or is
refused halfway, leaves work that still reads and writes memory: nothing of that is released, and
nothing is given again, before the event has come.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from gonogo.base.errors import AcceleratorLost, BackendError, TensorRtRefused
from gonogo.base.log.logger import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

    from gonogo.engines.backends.cuda.contract import Event, Stream

log = get_logger(__name__)

NS_PER_S = 1_000_000_000


class InFlight:
    """The work of one stream; `hung_s`: what is so late never ends, and the process begins anew."""

    def __init__(self, stream: Stream, event: Event, hung_s: float) -> None:
        self._stream, self._event, self._hung_s = stream, event, hung_s
        self._given_ns = 0
        self._at_work = self._recorded = False

    def give(self, launch: Callable[[], None]) -> None:
        """Let `launch` give the stream work, with the event behind it."""
        self._given_ns = time.monotonic_ns()
        # from here on, whatever is refused: what was given before the refusal is at work
        self._at_work, self._recorded = True, False
        try:
            launch()
        except TensorRtRefused:
            # no more than False is said of a device that is lost: CUDA knows (AcceleratorLost)
            self.ended(in_s(self._hung_s))
            raise
        self._record()

    def _record(self) -> None:
        self._event.record(self._stream)
        self._recorded = True

    def ended(self, deadline_ns: int) -> bool:
        """Whether it has all been done by then (absolute monotonic, ns); else it is late."""
        if not self._recorded:
            self._record()
        self._at_work = not self._event.wait(deadline_ns)
        return not self._at_work

    @property
    def taken_ms(self) -> float:
        """Since the last work was given."""
        return (time.monotonic_ns() - self._given_ns) / 1e6

    def settle(self, deadline_ns: int) -> None:
        """Late work ends first, by then; BackendError, AcceleratorLost once it never will."""
        if not self._at_work or self.ended(deadline_ns):
            return
        if self.taken_ms > self._hung_s * 1000:
            raise AcceleratorLost(
                f"TensorRT: the device has not ended its work for {self.taken_ms:.0f} ms; it "
                "hangs: look at the kernel's messages (dmesg), clocks and power"
            )
        raise BackendError(
            f"TensorRT: the device still works on an earlier frame, for {self.taken_ms:.0f} ms now"
        )

    def hangs(self) -> bool:
        """Whether the device is at work still, after a wait."""
        if not self._at_work:
            return False
        try:
            return not self.ended(in_s(self._hung_s))
        except AcceleratorLost:  # it writes no more
            self._at_work = False
            return False
        except BackendError:  # nobody can say
            return True


class Held(ExitStack):
    """Things to be let go in order, unless the device works on them: then they stay for good.

    The process ends soon where that happens. `work` is set once there is any.
    """

    def __init__(self) -> None:
        super().__init__()
        self.work: InFlight | None = None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        if self.work is not None and self.work.hangs():
            # memory under a device that writes to it is not given back
            _at_work.append(self.pop_all())
            log.error(
                "tensorrt_never_ends",
                text="TensorRT: the device does not end its work; nothing of it is released",
            )
            return False
        return super().__exit__(kind, error, trace)

    def pop_all(self) -> Self:
        """All that it holds, in another one."""
        taken = super().pop_all()
        taken.work = self.work
        return taken


_at_work: list[Held] = []


def in_s(seconds: float) -> int:
    """A deadline (absolute monotonic, ns)."""
    return time.monotonic_ns() + round(seconds * NS_PER_S)
