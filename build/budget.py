"""How long a search may take."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

S_PER_MIN = 60


class Budget:
    """Time from now on; `minutes` is infinite where none was set. `now_s` is a monotonic clock."""

    def __init__(
        self, minutes: float = math.inf, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._now_s = now_s
        self._end_s = now_s() + minutes * S_PER_MIN

    @property
    def spent(self) -> bool:
        """Whether it is over."""
        return self._now_s() >= self._end_s

    def share(self, of: int) -> Budget:
        """One of so many equal parts of what is left, beginning now."""
        left_s = max(0.0, self._end_s - self._now_s())
        return Budget(left_s / of / S_PER_MIN, self._now_s)
