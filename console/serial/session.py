"""One console: bytes in, bytes out, and the time as a number; the port lies elsewhere.

Noise cannot act: a line in which a byte came that no keyboard sends is thrown away with all that
comes until the cable is quiet, what was begun and not ended dies after 30 s, and a change wants
the code that it shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.console.serial.answering import ended
from gonogo.console.serial.keys import Key, Keys
from gonogo.console.serial.trying import cable_out

if TYPE_CHECKING:
    from gonogo.console.serial.conversation import Conversation

HALF_S = 30.0  # what was begun and not ended was nobody
QUIET_S = 0.5  # without a byte: the noise is over
BUSY_BYTES = 4096  # that wait to be sent: until then of all keys Ctrl-C alone counts


class Session:
    """Keys, noise and time of one conversation. Times in s, of one clock that never goes back."""

    def __init__(self, said: Conversation, now_s: float, idle_s: float = 600.0) -> None:
        self.said = said
        self._keys = Keys()
        self._idle_s = idle_s
        self._last_s, self._deaf_until_s = now_s, now_s
        self._came_s: float | None = None  # when whoever is there signed in

    @property
    def out(self) -> bytearray:
        """Bytes for the terminal; whoever sends them takes them out."""
        return self.said.screen.out

    def receive(self, data: bytes, now_s: float) -> None:
        """Take what came from the terminal."""
        self.tick(now_s)
        if self.said.errand is not None:
            self._last_s = now_s
            self.said.errand.errand.receive(data, now_s)
            self._go_on(now_s)
            return
        keys = list(self._keys.feed(data))
        if self._is_noise(keys, now_s):
            return
        self._last_s = now_s
        for key in keys:
            if self._is_busy:
                break  # what was typed ahead is not for what was begun meanwhile
            if len(self.out) < BUSY_BYTES:
                self._press(key)
            elif key is Key.CANCEL:
                self.out.clear()
                self.said.give_up("", "(the rest was left out)")

    def tick(self, now_s: float) -> None:
        """Let die what is too old, and show what came meanwhile."""
        said = self.said
        if said.errand is not None:
            self._last_s = now_s  # it has a limit of its own
            self._go_on(now_s)
        if now_s - self._last_s > HALF_S:
            self._keys.forget()
            if said.begun:
                said.give_up("", f"dropped: nothing was typed for {HALF_S:.0f} s")
        said.settle()
        self._send_away(now_s)
        if said.follow.on and said.takes_messages:
            lines = said.follow.lines(len(self.out))
            if lines:
                said.screen.above(lines)

    def hang_up(self) -> None:
        """The other end is gone: signed out, and nothing is left that nobody has confirmed."""
        self.out.clear()
        self._keys.forget()
        cable_out(self.said.guest.at())
        self.said.begin()

    def end_errand(self) -> None:
        """What was begun and has not ended, ends."""
        begun, self.said.errand = self.said.errand, None
        if begun is not None:
            self.out.extend(begun.errand.cancel())

    @property
    def _is_busy(self) -> bool:
        return self.said.errand is not None

    def _go_on(self, now_s: float) -> None:
        """A turn of what has the terminal; at its end its answer, and the prompt."""
        begun = self.said.errand
        if begun is None:
            return
        self.out.extend(begun.errand.tick(now_s, len(self.out)))
        said = ended(begun)
        if said is not None:
            self.said.say(said)

    def _send_away(self, now_s: float) -> None:
        """Whoever does nothing, or has been there for too long."""
        said, stays_s = self.said, self.said.guest.stays_s
        if stays_s is None:
            self._came_s = None
            if said.follow.on and now_s - self._last_s > self._idle_s:
                said.begin("ended: nothing was typed for a long time")
            return
        self._came_s = now_s if self._came_s is None else self._came_s
        idle_s, longest_s = stays_s
        if now_s - self._last_s > idle_s:
            said.begin("signed out: nothing was typed for a long time")
        elif now_s - self._came_s > longest_s:
            said.begin("signed out: sign in again, after so long a time")

    def _press(self, key: Key | str) -> None:
        typed = self.said.screen.press(key)
        if typed is not None:
            self.said.typed(typed)

    def _is_noise(self, keys: list[Key | str], now_s: float) -> bool:
        deaf = now_s < self._deaf_until_s
        if not deaf and Key.NOISE not in keys:
            return False
        self._deaf_until_s = now_s + QUIET_S
        self._keys.forget()
        if not deaf:
            self.said.give_up("", "noise on the line: what was typed is dropped")
        return True
