"""How often one event is said: so many lines a minute, the rest are counted and told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

BURST = 60  # of one event in a window: more is no news
WINDOW_S = 60.0
EVENTS = 256  # that are followed at a time; the one that began first is told and let go


class Held(NamedTuple):
    """Lines of one event that were held back, since its window began."""

    event: str
    lines: int
    span_s: float


class _Window:
    def __init__(self, since_s: float) -> None:
        self.since_s = since_s
        self.count = 0


class RateLimit:
    """Of one handler; nothing in it grows without a bound."""

    def __init__(
        self, burst: int = BURST, window_s: float = WINDOW_S, events: int = EVENTS
    ) -> None:
        self._burst, self._window_s, self._events = burst, window_s, events
        # in the order in which they began: the first is the first to be over
        self._windows: dict[str, _Window] = {}

    def over(self, now_s: float) -> Iterator[Held]:
        """What is to be told of windows that are over."""
        while self._windows:
            event, window = next(iter(self._windows.items()))
            full = len(self._windows) > self._events
            if now_s - window.since_s < self._window_s and not full:
                return
            del self._windows[event]
            yield from self._told(event, window, now_s)

    def takes(self, event: str, now_s: float) -> bool:
        """Whether one more line of an event is said; else it is counted."""
        window = self._windows.setdefault(event, _Window(now_s))
        window.count += 1
        return window.count <= self._burst

    def rest(self, now_s: float) -> Iterator[Held]:
        """At the end: what has not been told yet."""
        windows, self._windows = self._windows, {}
        for event, window in windows.items():
            yield from self._told(event, window, now_s)

    def _told(self, event: str, window: _Window, now_s: float) -> Iterator[Held]:
        more = window.count - self._burst
        if more > 0:
            yield Held(event, more, now_s - window.since_s)
