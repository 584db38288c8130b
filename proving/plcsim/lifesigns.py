"""Whether the station is there, by what stands in block D alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.proving.plcsim.wire import D_HEART, D_STATUS, MAGIC, PERMIT_BIT, VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.proving.plcsim.diary import Tell


class LifeSigns:
    """A valid image, a heart that beats, and the permit, which needs both.

    `heart` is the last DEV_HEART seen, None before the first; it is echoed to the station.
    """

    def __init__(self, heart_limit_ns: int, tell: Tell) -> None:
        self._limit_ns, self._tell = heart_limit_ns, tell
        self.power_up()

    def power_up(self) -> None:
        """Know nothing, as before the first scan."""
        self.valid = self.alive = self.permit = False
        self.heart: int | None = None
        # when the heart last changed: the first value proves nothing, a frozen image has one too
        self._beat_ns: int | None = None

    def watch(self, words: Sequence[int], now_ns: int) -> None:
        """Judge the words of this scan (of the last one that could be read) at `now_ns`."""
        # the heart and the permit of an image that is not ours would be anybody's words
        self._set_valid(words[0] == MAGIC and words[1] == VERSION, now_ns)
        if self.valid and words[D_HEART] != self.heart:
            # that it has changed is the proof, by how much is not: a poll may have missed some
            self._beat_ns = now_ns if self.heart is not None else None
            self.heart = words[D_HEART]
        # by the PLC's own timer, so that words that are not read any more count as no beat
        self._set_alive(
            self._beat_ns is not None and now_ns - self._beat_ns <= self._limit_ns, now_ns
        )
        permit = self.valid and self.alive and bool(words[D_STATUS] & PERMIT_BIT)
        if permit != self.permit:
            self.permit = permit
            self._tell("permit", now_ns, on=permit)

    def _set_valid(self, valid: bool, now_ns: int) -> None:  # noqa: FBT001 - a state, not an option
        if valid != self.valid:
            self.valid = valid
            self._tell("link", now_ns, what="image valid" if valid else "image invalid")

    def _set_alive(self, alive: bool, now_ns: int) -> None:  # noqa: FBT001 - as above
        if alive != self.alive:
            self.alive = alive
            self._tell("link", now_ns, what="heart beats" if alive else "heart stands still")
