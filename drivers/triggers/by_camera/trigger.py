"""Parts that the first view's camera has found, as the line waits for them.

The process of the camera looks at the belt, also while a part is judged, and keeps the frame of the
part that came last. Here its finds are fetched and numbered, and the process is told which of them
the line has taken: that one's frame alone it gives away.
"""

from __future__ import annotations

import select
import time
from collections import deque
from typing import TYPE_CHECKING

from gonogo.base.doorbell import open_bell, quiet
from gonogo.base.words import NS_PER_MS, Reason, TriggerEvent
from gonogo.drivers.triggers.numbers import Numbers
from gonogo.ipc.part_finds import BELL, KEPT, FindsTaken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.drivers.triggers.by_camera.section import CameraTriggerSection

BLIND_NS = 1000 * NS_PER_MS  # without a look for so long: the camera is away
SLEEP_MAX_S = 3600.0  # select refuses what a far deadline would ask for
_WHERE = "trigger: the first view's camera"


def open_by_camera(
    section: CameraTriggerSection, last_part_id: int, _refused: object
) -> CameraTrigger:
    """As the catalogue opens it; the camera's own process may come up later."""
    return CameraTrigger(section, last_part_id)


class CameraTrigger:
    """Of finds that waited the newest alone is inspected: of the others no frame is left."""

    def __init__(self, section: CameraTriggerSection, last_part_id: int) -> None:
        self._finds = FindsTaken.attach(section.station)
        self._bell_fd = open_bell(section.station, BELL)
        pitch_ns = round((section.min_pitch_ms or 0.0) * NS_PER_MS)
        self._numbers = Numbers(pitch_ns, last_part_id)
        # what came since a line before us took one: nobody has judged them, and they get a number
        self._seen, self._missed = self._finds.taken, 0
        # never more than KEPT and one: the next are fetched when it is the last one's turn
        self._parts: deque[tuple[int, TriggerEvent]] = deque()
        self._closed = False
        self._was_ready = True
        self._told = self._finds.doubts

    def wait(self, until_ns: int) -> TriggerEvent | None:
        """The part that waits or comes, or None when `until_ns` (absolute monotonic) passes."""
        while not self._closed:
            self._fetch()
            if self._parts:
                number, part = self._parts.popleft()
                self._finds.take(number, part.part_id)
                return part
            left_ns = until_ns - time.monotonic_ns()
            if left_ns <= 0:
                return None
            if select.select((self._bell_fd,), (), (), min(left_ns * 1e-9, SLEEP_MAX_S))[0]:
                quiet(self._bell_fd)
        return None

    def _fetch(self) -> None:
        """Number what was found since; all but the newest have been passed by another."""
        last = self._finds.number
        if last == self._seen or len(self._parts) > 1:  # of several, all but the last are refused
            return
        if last - self._seen > KEPT:
            self._missed += last - self._seen - KEPT
            self._seen = last - KEPT
        if self._parts:
            self._pass_by(-1)
        for number in range(self._seen + 1, last + 1):
            find = self._finds.find(number)
            part = self._numbers.part(find.at_ns, Reason.TRIGGER if find.unsure else Reason.OK)
            self._parts.append((number, part))
            if number < last:
                self._pass_by(-1)
        self._seen = last

    def _pass_by(self, at: int) -> None:
        number, part = self._parts[at]
        if part.reject is Reason.OK:
            self._parts[at] = number, part._replace(reject=Reason.OVERRATE)

    @property
    def ready(self) -> bool:
        """Whether frames are being looked at."""
        return time.monotonic_ns() - self._finds.looked_ns < BLIND_NS

    @property
    def missed(self) -> int:
        """How many times so far a part was missed, or may have been."""
        return self._finds.doubts + self._missed

    def messages(self) -> Iterator[str]:
        """What there is to tell since the last call."""
        ready, doubts = self.ready, self.missed
        if ready is not self._was_ready:
            self._was_ready = ready
            yield (
                f"{_WHERE} looks at the belt again"
                if ready
                else f"{_WHERE} does not look at the belt: no part is found, and none accepted"
            )
        if doubts != self._told:
            yield f"{_WHERE}: parts may have come unseen; the next one is rejected"
            self._told = doubts

    def close(self) -> None:
        """Nobody waits any more; idempotent."""
        if not self._closed:
            self._closed = True
            self._parts.clear()
            self._finds.close()
