"""How long to wait before the next connection: not at all first, then longer, never in step."""

from __future__ import annotations

import random

FIRST_S, MOST_S = 0.2, 2.0
_DOUBLINGS = 10  # more are beyond MOST_S anyway


class Backoff:
    """0 after the first failure, then 0.2 s doubling to 2 s, spread by a quarter."""

    def __init__(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        """Another connection was lost, or could not be made."""
        self._failures += 1

    def worked(self) -> None:
        """The peer is really there."""
        self._failures = 0

    @property
    def delay_s(self) -> float:
        """The pause before the next try."""
        # one that was good is worth one try at once: `worked` has set the count to 0
        if self._failures <= 1:
            return 0.0
        delay_s = min(FIRST_S * 2.0 ** min(self._failures - 2, _DOUBLINGS), MOST_S)
        return delay_s * random.uniform(0.75, 1.0)  # noqa: S311 - jitter, not a secret
