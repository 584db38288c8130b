"""A lamp that ages: the light over many parts, warned of before a part is rejected for it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gonogo.rules.image_trust.learnt_file import Trusted

PARTS = 1000  # the mean is over about so many
WARN, REARM = 0.5, 0.35  # of the way from the mean of good pictures to the limit


class Lamp:
    """Of one view. `seen` is for the cycle, `warning` for the time between two parts."""

    def __init__(self, learnt: Trusted) -> None:
        self._learnt = self._mean = learnt.light_mean
        self._low = learnt.limits.get("too dark", -math.inf)
        self._high = learnt.limits.get("too bright", math.inf)
        self._warned = False

    def seen(self, light: float) -> None:
        """The light of one more part whose frame is trusted, in grey levels."""
        self._mean += (light - self._mean) / PARTS

    def warning(self) -> str:
        """What a person should see to, once each time it comes to that; '' for nothing."""
        limit = self._low if self._mean < self._learnt else self._high
        way = (self._mean - self._learnt) / ((limit - self._learnt) or math.inf)
        # two bounds: a mean that stays at one of them would be warned of for ever
        if self._warned or way < WARN:
            self._warned = self._warned and way > REARM
            return ""
        self._warned = True
        word = "below" if limit == self._low else "above"
        return (
            f"the light has gone from {self._learnt:.4g} to {self._mean:.4g} grey levels (mean of "
            f"some {PARTS} parts); {word} {limit:.4g} parts are rejected: clean or renew the lamp"
        )
