"""What loading an engine may take, and what it took; and why it failed, as a number and words."""

from __future__ import annotations

import contextlib
import resource
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import BundleTooLarge, GonogoError, MissingExtra
from gonogo.engines.backends.catalogue import BACKENDS
from gonogo.engines.bundles.manifest import MB

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What runtimes say when the memory that they ask for is refused.
_NO_MEMORY = (
    "bad_alloc",
    "bad allocation",
    "allocate memory",
    "out of memory",
    "failed to allocate",
)


@contextlib.contextmanager
def bounded(memory_mb: int, backends: Iterable[str]) -> Iterator[None]:
    """Let this process take no more than `memory_mb` over what it has (RLIMIT_DATA).

    BundleTooLarge, whatever the runtime makes of it. The runtimes of `backends` themselves are
    loaded before: they are not the engine's.
    """
    _load(backends)
    # RLIMIT_DATA counts private writable memory, mapped or not, since Linux 4.7 (getrlimit(2)); the
    # ring and other shared memory do not count
    before = resource.getrlimit(resource.RLIMIT_DATA)
    limit = _kilobytes("VmData") * 1024 + memory_mb * MB
    if before[1] != resource.RLIM_INFINITY:  # a hard limit of the service stays
        limit = min(limit, before[1])
    resource.setrlimit(resource.RLIMIT_DATA, (limit, before[1]))
    try:
        yield
    except Exception as error:
        # first: the message itself needs memory
        resource.setrlimit(resource.RLIMIT_DATA, before)
        if not _no_memory(error):
            raise
        raise BundleTooLarge(
            f"loading it takes more than {memory_mb} MB ([engines] memory_mb); a smaller model, "
            f"or a higher limit on a box that has the memory ({_line(error)})"
        ) from error
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


@contextlib.contextmanager
def measured(memory_mb: int, backends: Iterable[str]) -> Iterator[None]:
    """As bounded, where another place of this process judges: seen afterwards, and then refused.

    A limit for the whole process would take from the one that judges what this one asks for.
    """
    _load(backends)
    before_kb = _kilobytes("VmData")
    yield
    took_mb = (_kilobytes("VmData") - before_kb) // 1024
    if took_mb > memory_mb:
        raise BundleTooLarge(
            f"loading it took {took_mb} MB, expected at most {memory_mb} MB ([engines] memory_mb); "
            "a smaller model, or a higher limit on a box that has the memory"
        )


def _load(backends: Iterable[str]) -> None:
    for name in backends:
        with contextlib.suppress(MissingExtra):  # what is not installed takes nothing
            BACKENDS.load(name)


def resident_kb() -> int:
    """Resident memory of this process."""
    return _kilobytes("VmRSS")


def refusal(error: Exception) -> tuple[str, int]:
    """Why an engine cannot be had: in words, and the number of the error."""
    if isinstance(error, GonogoError):
        return str(error), error.code
    # a runtime's own error: the number that stands for all that has none of its own
    plain = GonogoError(f"loading the engine failed: {type(error).__name__}: {_line(error)}")
    return str(plain), plain.code


def _no_memory(error: BaseException) -> bool:
    text = str(error).lower()
    # a refused allocation seldom arrives as MemoryError: runtimes wrap it, and so do our backends
    if isinstance(error, MemoryError) or any(each in text for each in _NO_MEMORY):
        return True
    return error.__cause__ is not None and _no_memory(error.__cause__)


def _line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _kilobytes(name: str) -> int:
    """A line of /proc/self/status (proc(5))."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    return 0
