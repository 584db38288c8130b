"""One camera behind a GenTL producer: ours to control, and its features by name."""

from __future__ import annotations

import logging
import signal
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from genicam import gentl
from harvesters.core import Harvester, ParameterKey, ParameterSet

from gonogo.base.errors import CameraError, CameraHeld
from gonogo.drivers.cameras.genapi import await_ready
from gonogo.drivers.cameras.genicam.nodes import LIBRARY_ERRORS, Nodes, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.drivers.cameras.genicam.section import GenicamSection

# of the library, which would write to the console by itself; it says much
log = logging.getLogger("gonogo.harvesters")
log.setLevel(logging.WARNING)

_HELD = (gentl.AccessDeniedException, gentl.ResourceInUseException, gentl.BusyException)
_ASK_AGAIN_NS = 1_000_000_000  # a camera that answered so lately is there


class Device(Nodes):
    """Opened and under our control; CameraError says which camera, and what it refused."""

    def __init__(self, view: str, section: GenicamSection) -> None:
        self.name = f"view '{view}': camera {section.camera_id}"
        if not section.producer.is_file():
            raise CameraError(
                f"{self.name}: producer: expected a GenTL producer, a file that ends in .cti, "
                f"got none at {section.producer}"
            )
        config = ParameterSet({ParameterKey.LOGGER: log})
        self._harvester = Harvester(config=config)
        try:
            self.acquirer = self._opened(section)
        except CameraError:
            self._harvester.reset()
            raise
        super().__init__(self.name, self.acquirer.remote_device.node_map)
        self._answered_ns = time.monotonic_ns()

    def _opened(self, section: GenicamSection) -> Any:  # noqa: ANN401 - the library has no types
        try:
            self._harvester.add_file(str(section.producer))
            self._harvester.update()
            listed = {_ids(each): each for each in self._harvester.device_info_list}
            found = [each for ids, each in listed.items() if section.camera_id in ids]
            if len(found) != 1:
                raise CameraError(
                    f"{self.name}: camera_id: expected one of those that {section.producer.name} "
                    f"lists, which is {', '.join(ids[0] for ids in listed) or 'none'}; "
                    "check cable and power"
                )
            with _interrupts_kept():
                return self._harvester.create(found[0])
        except _HELD as error:
            raise CameraHeld(
                f"{self.name}: held by another client ({plain(str(error))}); "
                "it is free once that one has ended and its heartbeat time is over"
            ) from error
        except LIBRARY_ERRORS as error:
            raise CameraError(f"{self.name}: {plain(str(error))}; check cable and power") from error

    def refuse_lost(self) -> None:
        """CameraError where it does not answer: a register is read, once a second at most."""
        if time.monotonic_ns() - self._answered_ns > _ASK_AGAIN_NS:
            self.read("Width")
            self._answered_ns = time.monotonic_ns()

    @property
    def ticks(self) -> bool:
        """Whether the stamps of its frames are times: the producer brings them in ns, or none."""
        return True

    def fire(self, deadline_ns: int) -> int:
        """Trigger it once it is ready, as far as it says so; the time just before."""
        await_ready(self, deadline_ns)
        fired_ns = time.monotonic_ns()
        self.run("TriggerSoftware")
        return fired_ns

    def stop(self) -> None:
        """It exposes no more."""
        self.run("AcquisitionStop")

    def close(self) -> None:
        """Leave the control, and the producer; once."""
        self.acquirer.destroy()
        self._harvester.reset()


@contextmanager
def _interrupts_kept() -> Iterator[None]:
    """The library takes SIGINT for itself, and would destroy the camera on it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, ours)


def _ids(info: Any) -> tuple[str, ...]:  # noqa: ANN401 - the library has no types
    """What a camera may be named by; its id first."""
    found = [str(info.id_)]
    for name in ("serial_number", "user_defined_name"):
        with suppress(*LIBRARY_ERRORS):  # this producer does not say
            found.append(str(getattr(info, name) or ""))
    return tuple(each for each in found if each)
