"""The one Hailo device of a process, which all of its models share.

A second process cannot open the chip, and a second VDevice in this one would be refused as well:
so it is opened with the first model, and released with the last. Models take turns by HailoRT's
own scheduler, which is off unless it is asked for; what is asked for stands in the parameters,
for a VDevice that is given anything beside them drops them without a word.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any, ClassVar

from gonogo.base.errors import GonogoError
from gonogo.base.log.logger import get_logger
from gonogo.engines.backends.hailo.health import ChipSense
from gonogo.engines.backends.hailo.runtime import load_runtime, of_loading, of_opening, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gonogo.engines.backends.backend import DeviceHealth

log = get_logger(__name__)

# 0 .. 31 of HailoRT's scheduler; bigger goes first (its default is 16)
PRIORITY_JUDGES, PRIORITY_WAITS = 20, 4
_GROUP = "gonogo"


class Chip:
    """The device; `take` and `release` go together, from whichever thread."""

    _lock: ClassVar = threading.Lock()
    _open: ClassVar[Chip | None] = None

    def __init__(self) -> None:
        self.runtime = load_runtime()
        self.users = 0
        self._device = self._opened()
        self._sense = ChipSense(self._device)

    @classmethod
    def take(cls) -> Chip:
        """The one of this process, opened if nobody has it; MissingExtra, BackendError."""
        with cls._lock:
            chip = cls._open = cls._open or cls()
            chip.users += 1
            return chip

    @classmethod
    def opened(cls) -> Chip | None:
        """The one that this process has, if it has one."""
        return cls._open

    def release(self) -> None:
        """One of those who took it needs it no more; the last one closes it."""
        with self._lock:
            self.users -= 1
            if self.users > 0:
                return
            # first: whoever takes it next opens it anew, also where closing it fails
            Chip._open = None
            self._sense.close()
            with told("the device cannot be released"):
                self._device.release()

    def create(self, hef: bytes, model: Path) -> Any:  # noqa: ANN401 - without types
        """A model out of its bytes, nothing of it set yet; HefError, HailoFailed."""
        try:
            return self._device.create_infer_model(hef)
        except Exception as error:
            raise of_loading(error, model) from error

    def health(self) -> DeviceHealth | None:
        """What the chip says of itself, asked at most once a second; None: nothing new."""
        return self._sense.read()

    def _opened(self) -> Any:  # noqa: ANN401 - a VDevice, without types
        runtime = self.runtime
        try:
            params = runtime.VDevice.create_params()
            params.scheduling_algorithm = runtime.HailoSchedulingAlgorithm.ROUND_ROBIN
            params.group_id = _GROUP
            return runtime.VDevice(params)
        except Exception as error:
            raise of_opening(error, self._found()) from error

    def _found(self) -> Sequence[str] | None:
        """Chips that the box sees, whoever has them; None where even that cannot be asked."""
        try:
            return list(self.runtime.Device.scan())
        except Exception:  # noqa: BLE001 - without a driver it fails, too
            return None


@contextlib.contextmanager
def told(what: str) -> Iterator[None]:
    """On the way out: what a runtime that is broken says then is said, and stops nobody."""
    try:
        yield
    except GonogoError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it raises
        log.warning(
            "hailo_refused", text="hailo: %(what)s: %(why)s", what=what, why=one_line(error)
        )
