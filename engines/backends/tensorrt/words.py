"""What TensorRT says of itself: kept, so that a None or False of its has a reason.

It answers a failure with None, False or a list of names, and says why to its logger alone.
The logger is called from its own threads while it builds, and must never raise.
"""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import TensorRtRefused
from gonogo.base.log.logger import get_logger

if TYPE_CHECKING:
    from collections.abc import Sequence

log = get_logger(__name__)

_KEPT = 8  # of its last errors: the first of them has the cause, the others follow from it
_LEVELS = {
    "INTERNAL_ERROR": logging.ERROR,
    "ERROR": logging.ERROR,
    "WARNING": logging.WARNING,
}


class Words:
    """Its last errors; `logger` is what TensorRT is given, and is held as long as it is used."""

    def __init__(self, trt: Any) -> None:  # noqa: ANN401 - the module
        self._errors: deque[str] = deque(maxlen=_KEPT)
        self.logger = _logger(trt, self._take)

    def _take(self, severity: object, text: str) -> None:
        level = _LEVELS.get(getattr(severity, "name", ""), logging.DEBUG)
        if level == logging.ERROR:
            self._errors.append(text)
        # a driver that is slow to say something holds up the build, never a part
        log.log(level, "tensorrt_says", text="TensorRT: %(words)s", words=text)

    def said(self) -> str:
        """The errors since it was asked last, in their order; a word of ours where it said none."""
        text = "; ".join(self._errors) or "it did not say why"
        self._errors.clear()
        return text

    def checked(self, answer: Any, call: str) -> Any:  # noqa: ANN401 - of TensorRT
        """What a call gave, unless it is None or False; TensorRtRefused with what was said."""
        if answer is None or answer is False:
            raise TensorRtRefused(f"TensorRT answers {call} with {answer}: {self.said()}")
        self._errors.clear()  # what it said and did all the same is no reason of a later refusal
        return answer

    def nothing_missing(self, names: Sequence[str], call: str) -> None:
        """TensorRtRefused unless the list of names that a call gave is empty."""
        if names:
            raise TensorRtRefused(
                f"TensorRT answers {call} with {', '.join(map(str, names))}: {self.said()}"
            )


def _logger(trt: Any, take: Any) -> Any:  # noqa: ANN401 - the module, and what it calls
    """A logger of TensorRT's own class: it takes no other."""

    class Logger(trt.ILogger):  # type: ignore[misc]  # a class that is known when it is imported
        def __init__(self) -> None:
            # by name: through super() its C++ side is not made on every version
            trt.ILogger.__init__(self)

        def log(self, severity: object, msg: str) -> None:
            take(severity, msg)

    return Logger()
