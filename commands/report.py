"""What a check says, line by line, and how much of it is wrong."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Report:
    """Prints what is found on the way and remembers what is wrong."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        # counted at the end: the exit code follows from them
        self.findings: list[str] = []

    def wrong(self, message: str) -> None:
        """Something to be mended before parts flow."""
        self.findings.append(message)
        self.say(f"  WRONG  {message}")


def span(low: float, high: float) -> str:
    """Limits in words; a side without a limit is left out."""
    if math.isinf(low):
        return f"at most {high:g}"
    return f"at least {low:g}" if math.isinf(high) else f"{low:g} to {high:g}"
