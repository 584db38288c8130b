"""By which package CUDA is reached: what the station file says, for a load to be done by."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_WANTED: ContextVar[str] = ContextVar("wanted", default="auto")


@contextmanager
def reached_by(way: str) -> Iterator[None]:
    """Within the block a backend opens its device so: one of probe.WAYS, or "auto"."""
    token = _WANTED.set(way)
    try:
        yield
    finally:
        _WANTED.reset(token)


def wanted() -> str:
    """What the block around this one says, here and in this thread."""
    return _WANTED.get()
