"""One camera behind a GenTL producer: ours to control, and its features by name."""

from __future__ import annotations

import logging
import signal
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from genicam import genapi as library
from genicam import gentl
from harvesters.core import Harvester, ParameterKey, ParameterSet

from gonogo.base.errors import CameraError, CameraHeld
from gonogo.drivers.cameras.genapi import await_ready

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gonogo.drivers.cameras.genicam.section import GenicamSection

# of the library, which would write to the console by itself; it says much
log = logging.getLogger("gonogo.harvesters")
log.setLevel(logging.WARNING)

LIBRARY_ERRORS = (gentl.GenericException, library.GenericException)
_HELD = (gentl.AccessDeniedException, gentl.ResourceInUseException, gentl.BusyException)
_ASK_AGAIN_NS = 1_000_000_000  # a camera that answered so lately is there
_READABLE = {library.EAccessMode.RO, library.EAccessMode.RW}
_WRITABLE = {library.EAccessMode.WO, library.EAccessMode.RW}


class Device:
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
        self._nodes = self.acquirer.remote_device.node_map
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

    @contextmanager
    def saying(self, what: str) -> Iterator[None]:
        """Errors of the library as ours."""
        try:
            yield
        except LIBRARY_ERRORS as error:
            raise CameraError(f"{self.name}: {what}: {plain(str(error))}") from error

    # -- its features, by name -------------------------------------------------------------

    def has(self, feature: str) -> bool:
        """Whether there is one of that name, and it can be read or written now."""
        return self._mode(feature) in _READABLE | _WRITABLE

    def writable(self, feature: str) -> bool:
        """Whether it can be written now."""
        return self._mode(feature) in _WRITABLE

    def _mode(self, feature: str) -> int:
        there = self._nodes.has_node(feature)
        return int(self._node(feature).get_access_mode() if there else library.EAccessMode.NI)

    def values(self, feature: str) -> Sequence[str]:
        """What an enumeration may be set to now."""
        with self.saying(feature):
            entries = self._node(feature).entries
            return tuple(each.symbolic for each in entries if each.get_access_mode() in _READABLE)

    def read(self, feature: str) -> str | float:
        """What it is, from the camera itself."""
        with self.saying(feature):
            node = self._node(feature)
            if isinstance(node, library.IEnumeration):
                value: str | float = node.to_string(False, True)  # noqa: FBT003 - not from the cache
                return value
            number: str | float = node.get_value(ignore_cache=True)
            return number

    def write(self, feature: str, value: str | float) -> None:
        """Set it; a whole number where it takes no other."""
        with self.saying(f"{feature} {value}"):
            node = self._node(feature)
            whole = isinstance(node, library.IInteger)
            node.value = round(value) if whole and not isinstance(value, str) else value

    def _node(self, feature: str) -> Any:  # noqa: ANN401 - the library has no types
        return self._nodes.get_node(feature)

    # -- what a frame takes ------------------------------------------------------------------

    @property
    def ticks(self) -> bool:
        """Whether the stamps of its frames are times: the producer brings them in ns, or none."""
        return True

    def run(self, command: str) -> None:
        """Carry out a command."""
        with self.saying(command):
            self._node(command).execute()

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


def plain(text: str) -> str:
    """In the producer's own words, where it has any."""
    _, between, told = text.partition("(Message from the source: ")
    said = told.partition(") (ID:")[0] if between else text
    return (said or text).split(" : ", maxsplit=1)[0].strip().rstrip(".")
