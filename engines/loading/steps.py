"""How an engine is swapped: steps times events, as a table, and nothing else.

    IDLE -> CHECKING -> LOADING -> SHADOW -> REPORTED -> RAISING -> SWITCHING -> TRIAL -> SETTLED
                                                         -> UNLOADING -> IDLE

"The other slot" is the one that does not judge. Every failure before the switch empties
the other slot and leaves the one that judges alone; after it, BACKING has the former
engine judge again, and then the new one is unloaded. A pair that the table does not
name changes nothing.
"""

from __future__ import annotations

from enum import IntEnum


class Step(IntEnum):
    """How far it is."""

    IDLE = 0
    CHECKING = 1  # the registry's copy, before a place is told anything
    LOADING = 2  # the other slot verifies, loads, tests itself
    SHADOW = 3  # it is asked about parts that are judged already
    REPORTED = 4  # what came of that can be read; it waits to be activated
    RAISING = 5  # to real time
    SWITCHING = 6  # the line is asked to judge by it
    TRIAL = 7  # it judges, and is watched; the former one is asked in shadow
    SETTLED = 8  # it judges; the former one is still warm
    BACKING = 9  # the line is asked to judge by the former one
    UNLOADING = 10  # the other slot is emptied


class Event(IntEnum):
    """What happened to it."""

    LOAD = 0  # somebody wants another version
    CHECKED = 1
    REFUSED = 2  # by the registry, or by the host
    READY = 3  # loaded and tested
    READY_AGAIN = 4  # the same, of a version that has judged before
    JUDGED = 5  # enough parts in shadow, or none were wanted, or there is no time for them
    ACTIVATE = 6
    ACTIVATE_WITHOUT_SHADOW = 7  # whatever the shadow says, or without one
    RAISED = 8
    SWITCHED = 9  # it judges
    NOT_READY = 10  # the line answered, and has not changed what judges
    TRIED = 11  # all parts of the trial are judged
    ROLLED_BACK = 12  # the former engine judges again
    DISAPPOINTED = 13  # its scores are not what the shadow promised
    ROLLBACK = 14
    COLD = 15  # kept warm for long enough
    UNLOAD = 16
    EMPTY = 17  # the other slot holds nothing
    LATE = 18  # it takes longer than it may
    LOST = 19  # the process of the other slot ended


class Action(IntEnum):
    """What the loader does about it."""

    NONE = 0
    CHECK = 1
    ORDER = 2  # the other slot shall hold it
    SHADE = 3  # have the line ask it in shadow
    REPORT = 4
    RAISE = 5
    SWITCH = 6  # ask the line to judge by it
    TRY = 7  # watch it
    SETTLE = 8
    BACK = 9  # ask the line to judge by the former one, whatever it was asked before
    EMPTY = 10  # the other slot shall hold nothing
    TELL = 11  # why not


_S, _E, _A = Step, Event, Action

TABLE: dict[tuple[Step, Event], tuple[Step, Action]] = {
    (_S.IDLE, _E.LOAD): (_S.CHECKING, _A.CHECK),
    (_S.IDLE, _E.ROLLBACK): (_S.CHECKING, _A.CHECK),  # nothing is warm: load what was before
    (_S.CHECKING, _E.CHECKED): (_S.LOADING, _A.ORDER),
    (_S.CHECKING, _E.REFUSED): (_S.IDLE, _A.TELL),
    (_S.CHECKING, _E.LATE): (_S.IDLE, _A.TELL),
    (_S.CHECKING, _E.UNLOAD): (_S.IDLE, _A.TELL),
    (_S.LOADING, _E.READY): (_S.SHADOW, _A.SHADE),
    (_S.LOADING, _E.READY_AGAIN): (_S.RAISING, _A.RAISE),
    (_S.LOADING, _E.REFUSED): (_S.UNLOADING, _A.EMPTY),
    (_S.LOADING, _E.LATE): (_S.UNLOADING, _A.EMPTY),
    (_S.LOADING, _E.LOST): (_S.UNLOADING, _A.EMPTY),
    (_S.LOADING, _E.UNLOAD): (_S.UNLOADING, _A.EMPTY),
    (_S.SHADOW, _E.JUDGED): (_S.REPORTED, _A.REPORT),
    (_S.SHADOW, _E.ACTIVATE_WITHOUT_SHADOW): (_S.RAISING, _A.RAISE),
    (_S.SHADOW, _E.REFUSED): (_S.UNLOADING, _A.EMPTY),
    (_S.SHADOW, _E.LOST): (_S.UNLOADING, _A.EMPTY),
    (_S.SHADOW, _E.UNLOAD): (_S.UNLOADING, _A.EMPTY),
    (_S.REPORTED, _E.ACTIVATE): (_S.RAISING, _A.RAISE),
    (_S.REPORTED, _E.ACTIVATE_WITHOUT_SHADOW): (_S.RAISING, _A.RAISE),
    (_S.REPORTED, _E.REFUSED): (_S.UNLOADING, _A.EMPTY),
    (_S.REPORTED, _E.LOST): (_S.UNLOADING, _A.EMPTY),
    (_S.REPORTED, _E.UNLOAD): (_S.UNLOADING, _A.EMPTY),
    (_S.RAISING, _E.RAISED): (_S.SWITCHING, _A.SWITCH),
    (_S.RAISING, _E.REFUSED): (_S.UNLOADING, _A.EMPTY),
    (_S.RAISING, _E.LOST): (_S.UNLOADING, _A.EMPTY),
    (_S.RAISING, _E.UNLOAD): (_S.UNLOADING, _A.EMPTY),
    (_S.SWITCHING, _E.SWITCHED): (_S.TRIAL, _A.TRY),
    (_S.SWITCHING, _E.NOT_READY): (_S.UNLOADING, _A.EMPTY),
    (_S.SWITCHING, _E.ROLLED_BACK): (_S.UNLOADING, _A.EMPTY),  # there and back between two ticks
    # an order stands until it is answered: only a later one takes its place
    (_S.SWITCHING, _E.LATE): (_S.BACKING, _A.BACK),
    (_S.SWITCHING, _E.LOST): (_S.BACKING, _A.BACK),
    (_S.SWITCHING, _E.REFUSED): (_S.BACKING, _A.BACK),
    (_S.SWITCHING, _E.UNLOAD): (_S.BACKING, _A.BACK),
    (_S.TRIAL, _E.TRIED): (_S.SETTLED, _A.SETTLE),
    (_S.TRIAL, _E.ROLLED_BACK): (_S.UNLOADING, _A.EMPTY),
    (_S.TRIAL, _E.DISAPPOINTED): (_S.BACKING, _A.BACK),
    (_S.TRIAL, _E.ROLLBACK): (_S.BACKING, _A.BACK),
    (_S.SETTLED, _E.ROLLED_BACK): (_S.UNLOADING, _A.EMPTY),
    (_S.SETTLED, _E.ROLLBACK): (_S.BACKING, _A.BACK),
    (_S.SETTLED, _E.COLD): (_S.UNLOADING, _A.EMPTY),
    (_S.SETTLED, _E.UNLOAD): (_S.UNLOADING, _A.EMPTY),
    (_S.BACKING, _E.ROLLED_BACK): (_S.UNLOADING, _A.EMPTY),
    (_S.BACKING, _E.NOT_READY): (_S.SETTLED, _A.SETTLE),  # there is nothing to go back to
    (_S.UNLOADING, _E.LOAD): (_S.CHECKING, _A.CHECK),
    (_S.UNLOADING, _E.ROLLBACK): (_S.CHECKING, _A.CHECK),
    (_S.UNLOADING, _E.EMPTY): (_S.IDLE, _A.NONE),
    (_S.UNLOADING, _E.LATE): (_S.IDLE, _A.NONE),
}


def advance(step: Step, event: Event) -> tuple[Step, Action]:
    """The next step, and what to do on the way there."""
    return TABLE.get((step, event), (step, Action.NONE))
