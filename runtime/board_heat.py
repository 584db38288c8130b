"""Whether the box is too hot for its engine, as the line sees it between two parts.

The process that watches the box says so in shared memory (gonogo.ipc.board_health); nothing here
is a system call. One that has said nothing for STALE_NS is silent, and the PLC is warned. What it
said last then holds for HOLD_NS: silence brings no engine back that was shed, and sheds none. After
that the box is unknown, and the engine's own trial decides: silence sheds none for ever either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.log.logger import get_logger
from gonogo.ipc.board_health import HOLD_NS, STALE_NS, Heat

if TYPE_CHECKING:
    from gonogo.ipc.board_health import BoardView

log = get_logger(__name__)


class BoardHeat:
    """`hot`: the engine is to rest; `silent`: nobody watches the box. Without a view: neither."""

    def __init__(self, view: BoardView | None, now_ns: int) -> None:
        self._view = view
        self._from_ns = now_ns  # a process that has not begun yet is silent since then
        # of a line that takes over: what was said before it came
        self.hot = view is not None and view.heat is Heat.HOT
        self.silent = False

    def look(self, now_ns: int) -> None:
        """At what was said last, and when."""
        view = self._view
        if view is None:
            return
        silent_ns = now_ns - (view.said_ns or self._from_ns)
        if (silent_ns > STALE_NS) is not self.silent:
            self.silent = not self.silent
            log.warning(
                "board_process_silent",
                text="the process that watches the box %(what)s",
                what=_SAYS[self.silent],
            )
        if silent_ns > HOLD_NS:
            self.hot = False
        elif not self.silent:
            self.hot = view.heat is Heat.HOT


_SAYS = {
    True: "is silent: how hot it is, is unknown; what it said last holds for a minute",
    False: "says again how hot it is",
}
