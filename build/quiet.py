"""Libraries that tell the terminal about their work, kept from it."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def no_chatter() -> Iterator[None]:
    """Drop what is logged by nobody: by `logging.info` itself, as ONNX Runtime's tools do.

    Our own loggers have names, and are heard as before.
    """
    root = logging.getLogger()
    root.addFilter(_nothing)
    try:
        yield
    finally:
        root.removeFilter(_nothing)


def _nothing(_record: logging.LogRecord) -> bool:
    # a logger's filter sees only what is logged by that very one, not what comes up from others
    return False
