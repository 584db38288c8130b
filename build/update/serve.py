"""The updater as a service of the box: goes on with what is under way, and asks the server."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gonogo.base.errors import GonogoError, UpdateServerAway, UpdateStartRefused
from gonogo.build.update.asked import taken
from gonogo.build.update.ddi.http import Http
from gonogo.build.update.ddi.poll import Poll
from gonogo.build.update.settings import settings
from gonogo.build.update.updater import Updater

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.build.update.places import Places

TICK_S = 10.0
_FIRST_S, _LONGEST_S = 30.0, 3600.0


class Serve:
    """`tell`: a line for people, said once until another is. `due_s`: when the server is asked."""

    def __init__(
        self,
        places: Places,
        tell: Callable[[str], None],
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._places, self._tell, self._now_s = places, tell, now_s
        self._updater = Updater(places, tell, now_s)
        self._said = ""
        self.due_s = now_s()
        self._pause_s = _FIRST_S

    def run(self) -> None:
        """Until the process is ended."""
        while True:
            self.tick()
            time.sleep(TICK_S)

    def tick(self) -> None:
        """What is due now; an error is said, and does not end the service."""
        self._guarded(self._step)
        if self._now_s() >= self.due_s:
            self._guarded(self._look)

    def _step(self) -> None:
        if not self._started():
            self._updater.step()

    def _started(self) -> bool:
        """Whether this turn went to what the console asks for; what is refused takes none."""
        try:
            asked = taken(self._places.asked, self._places.user)
            if asked is not None:
                self._updater.switch(asked)
        except UpdateStartRefused as error:
            self._say(error)
            return False
        return asked is not None

    def _look(self) -> None:
        """Errors put the next look off: longer each time, up to an hour."""
        self.due_s = self._now_s() + self._pause_s
        try:
            server = settings(self._places.state)
            if server is None:
                return
            poll = Poll(server, Http(server), self._updater, self._places)
            self.due_s = self._now_s() + poll.look()
        except GonogoError as error:
            asked_s = error.wait_s if isinstance(error, UpdateServerAway) else 0.0
            self.due_s = self._now_s() + max(self._pause_s, asked_s)
            self._pause_s = min(2 * self._pause_s, _LONGEST_S)
            raise
        self._pause_s = _FIRST_S

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except GonogoError as error:
            self._say(error)

    def _say(self, error: GonogoError) -> None:
        if str(error) != self._said:
            self._said = str(error)
            self._tell(self._said)
