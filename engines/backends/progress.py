"""What a backend says while a load takes minutes, to whoever waits for it; else to the log."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from gonogo.base.log.logger import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

log = get_logger(__name__)

_told: ContextVar[Callable[[str], object] | None] = ContextVar("told", default=None)


@contextmanager
def told_to(say: Callable[[str], object]) -> Iterator[None]:
    """Within the block what a load says goes to `say`; a backend is loaded in one thread."""
    token = _told.set(say)
    try:
        yield
    finally:
        _told.reset(token)


def say(text: str) -> None:
    """One line of a load: how far it is, or what it does without."""
    teller()(text)


def teller() -> Callable[[str], object]:
    """Whom `say` tells here and now: for threads of a library, which know nothing of the block."""
    return _told.get() or _to_log


def _to_log(text: str) -> None:
    log.info("backend_says", text="%(words)s", words=text)
