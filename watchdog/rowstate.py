"""What becomes of a supervised process: states times events, as a table, and nothing else.

    OFF -> STARTING -> UP -> (ended) -> BACKOFF -> STARTING ...
                             (ended too often) -> LATCHED until somebody acknowledges it
    HELD: a warm spare that is up and waits for its turn

A pair that the table does not name changes nothing.
"""

from __future__ import annotations

from enum import IntEnum


class RowState(IntEnum):
    """Where a process stands."""

    OFF = 0
    STARTING = 1
    UP = 2
    HELD = 3
    BACKOFF = 4
    LATCHED = 5
    STOPPING = 6


class RowEvent(IntEnum):
    """What happened to it."""

    START = 0  # its turn has come
    BEAT = 1  # it beat for the first time
    READY = 2  # a spare beat for the first time
    TURN = 3  # the spare takes over
    OVERDUE = 4  # it has not beaten for longer than it may
    ENDED = 5
    SPENT = 6  # it ended, once too often
    DUE = 7  # the pause is over
    ACKNOWLEDGED = 8
    STOP = 9
    GROWN = 10  # it has lost so much memory that it shall be exchanged


class RowAction(IntEnum):
    """What the supervisor does about it."""

    NONE = 0
    SPAWN = 1
    KILL = 2
    ASK = 3  # SIGTERM
    PAUSE = 4  # note when to try again
    LATCH = 5  # say so, loudly
    PROMOTE = 6


_S, _E, _A = RowState, RowEvent, RowAction

# a killed process stays where it was until the kernel says that it has ended
TABLE: dict[tuple[RowState, RowEvent], tuple[RowState, RowAction]] = {
    (_S.OFF, _E.START): (_S.STARTING, _A.SPAWN),
    (_S.STARTING, _E.BEAT): (_S.UP, _A.NONE),
    (_S.STARTING, _E.READY): (_S.HELD, _A.NONE),
    (_S.STARTING, _E.OVERDUE): (_S.STARTING, _A.KILL),
    (_S.STARTING, _E.ENDED): (_S.BACKOFF, _A.PAUSE),
    (_S.STARTING, _E.SPENT): (_S.LATCHED, _A.LATCH),
    (_S.STARTING, _E.STOP): (_S.STOPPING, _A.ASK),
    (_S.UP, _E.OVERDUE): (_S.UP, _A.KILL),
    (_S.UP, _E.ENDED): (_S.BACKOFF, _A.PAUSE),
    (_S.UP, _E.SPENT): (_S.LATCHED, _A.LATCH),
    (_S.UP, _E.STOP): (_S.STOPPING, _A.ASK),
    (_S.UP, _E.GROWN): (_S.STOPPING, _A.ASK),
    (_S.HELD, _E.TURN): (_S.STARTING, _A.PROMOTE),
    (_S.HELD, _E.OVERDUE): (_S.HELD, _A.KILL),
    (_S.HELD, _E.ENDED): (_S.BACKOFF, _A.PAUSE),
    (_S.HELD, _E.SPENT): (_S.LATCHED, _A.LATCH),
    (_S.HELD, _E.STOP): (_S.STOPPING, _A.ASK),
    (_S.BACKOFF, _E.DUE): (_S.STARTING, _A.SPAWN),
    (_S.BACKOFF, _E.STOP): (_S.OFF, _A.NONE),
    (_S.LATCHED, _E.ACKNOWLEDGED): (_S.STARTING, _A.SPAWN),
    (_S.LATCHED, _E.STOP): (_S.OFF, _A.NONE),
    (_S.STOPPING, _E.OVERDUE): (_S.STOPPING, _A.KILL),
    (_S.STOPPING, _E.ENDED): (_S.OFF, _A.NONE),
    (_S.STOPPING, _E.SPENT): (_S.OFF, _A.NONE),
}

RUNNING = (RowState.STARTING, RowState.UP, RowState.HELD, RowState.STOPPING)


def advance(state: RowState, event: RowEvent) -> tuple[RowState, RowAction]:
    """The next state, and what to do on the way there."""
    return TABLE.get((state, event), (state, RowAction.NONE))
