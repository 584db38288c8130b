"""Loggers and monitors: what a station writes classes of, and TensorRT calls."""

from __future__ import annotations

import enum
import weakref
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from gonogo.tests.vendors.tensorrt_fake.world import World


class Severity(enum.Enum):
    """ILogger.Severity."""

    INTERNAL_ERROR = 0
    ERROR = 1
    WARNING = 2
    INFO = 3
    VERBOSE = 4


class Overridable:
    """As pybind11 has it: a class of Python's whose __init__ does not call this one is none."""

    def __new__(cls, *_: Any) -> Any:  # noqa: ANN401 - of any subclass
        """Not made yet."""
        made = super().__new__(cls)
        made.__dict__["_made"] = False
        return made

    def __init__(self) -> None:
        self.__dict__["_made"] = True

    def needed(self) -> None:
        """TypeError unless its own __init__ was called."""
        if not self.__dict__["_made"]:
            raise TypeError(f"{type(self).__name__}.__init__() must be called when overriding")


class ILogger(Overridable):
    """Told of what goes wrong."""

    Severity = Severity

    def log(self, severity: enum.Enum, msg: str) -> None:
        """Written by whoever makes a class of it."""
        raise NotImplementedError


class IProgressMonitor(Overridable):
    """Told how far a build is; called from TensorRT's threads."""

    def phase_start(self, phase_name: str, parent_phase: str | None, num_steps: int) -> None:
        """A phase begins."""

    def phase_finish(self, phase_name: str) -> None:
        """It ends."""

    def step_complete(self, phase_name: str, step: int) -> bool:
        """A step is done; False ends the build."""
        raise NotImplementedError


class Speaking:
    """Something that holds a logger as C++ does: without keeping it alive."""

    world: ClassVar[World]

    def __init__(self, logger: ILogger) -> None:
        if not isinstance(logger, ILogger):
            raise TypeError("expected an ILogger")
        logger.needed()
        self._logger = weakref.ref(logger)

    def say(self, text: str, severity: Severity = Severity.ERROR) -> None:
        """To the logger."""
        logger = self._logger()
        if logger is None:
            raise self.world.violation(f"the logger is gone, and told: {text}")
        logger.log(severity, text)
