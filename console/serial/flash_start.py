"""`flash start`: the updater is asked to start what is written and waits.

This console is the station's user, and RAUC obeys root alone: a request is left for the updater
(gonogo.build.update.asked), which looks for one every ten seconds. It is waited for; while it lies
there the line has to stay quiet, and whoever leaves takes it back.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from gonogo.base.errors import GonogoError, UpdateRefused, UpdateStartNotTaken
from gonogo.base.runtime_dir import runtime_dir
from gonogo.build.update.asked import GOOD_S, NAME, asked_for, leave, withdraw
from gonogo.build.update.kept import Phase, seen
from gonogo.build.update.places import Places
from gonogo.console.serial.changes import Lasting
from gonogo.console.serial.power import demand_quiet
from gonogo.console.serial.table import GIVE_UP, Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.build.update.asked import Asked
    from gonogo.build.update.kept import Update
    from gonogo.console.serial.table import At

LOOK_S = 0.5
BEGINS_S = 15.0  # from the moment the request is gone to the note that it starts
_ASKED = "asked; the updater looks every 10 s and begins then; Ctrl-C takes it back until it does"
_SEE = "`flash status` says how it stands"


def startable(station: str, places: Places) -> Update:
    """The update that could start now; UpdateRefused, UpdateNotKept, PartsPass."""
    if not places.slots():
        raise UpdateRefused("no slots on this box, so nothing is written that could start")
    update = seen(places.state)
    if update is None or update.phase is not Phase.WAITING:
        said = "there was no update yet" if update is None else update.in_words()
        raise UpdateRefused(f"nothing is written that could start: {said}")
    demand_quiet(station)
    return update


def flash_start(at: At, _: Sequence[str], places: Places | None = None) -> Answer:
    """Told in the trail before it is asked for, and how it ended."""
    places = places or Places(asked=runtime_dir() / NAME)
    update = startable(at.station, places)
    who = f"{at.who.name} ({at.who.role}, {at.port})"
    asked = asked_for(update, places.boot(), time.monotonic(), who, at.why)
    new = {"version": update.version, "slot": update.slot, "id": update.id}
    row = Lasting(at, "flash start", new)
    try:
        leave(places.asked, asked)
    except GonogoError as error:
        row.ended(str(error))
        raise
    value = {"version": update.version, "slot": update.slot}
    return Answer([_ASKED], value, Start(at.station, places, update, asked, row))


class Start:
    """Waits until the updater has begun; an errand."""

    def __init__(
        self, station: str, places: Places, update: Update, asked: Asked, row: Lasting
    ) -> None:
        self._station, self._places, self._update = station, places, update
        self._asked, self._row = asked, row
        self._look_s = self._begun_s = self._gone_s = -1.0
        self._answer: Answer | None = None
        self._error: GonogoError | None = None

    def receive(self, data: bytes, now_s: float) -> None:  # noqa: ARG002 - an errand's
        """Ctrl-C takes it back, as long as the updater has not taken it."""
        if any(key in data for key in GIVE_UP) and withdraw(self._places.asked, self._asked):
            self._fail(UpdateStartNotTaken("taken back at the keyboard; nothing was begun"))

    def tick(self, now_s: float, waiting: int) -> bytes:  # noqa: ARG002 - an errand's
        """Look twice a second; it says nothing until it ends."""
        if self._begun_s < 0:
            self._begun_s = now_s
        if now_s >= self._look_s and self._error is None:
            self._look_s = now_s + LOOK_S
            try:
                self._look(now_s)
            except GonogoError as error:
                self._fail(error)
        return b""

    def finished(self) -> Answer | None:
        """Once it has begun; UpdateStartNotTaken, PartsPass where it has not."""
        if self._error is not None:
            raise self._error
        return self._answer

    def cancel(self) -> bytes:
        """The cable went: nobody would see what becomes of it."""
        if withdraw(self._places.asked, self._asked):
            self._row.ended("taken back: the console was left")
        return b""

    def _look(self, now_s: float) -> None:
        before, update = self._update, seen(self._places.state)
        if update is None or (update.id, update.version) != (before.id, before.version):
            raise UpdateStartNotTaken(f"another update has come meanwhile; {_SEE}")
        if update.phase is Phase.SWITCHED:
            self._row.ended("")
            said = f"{update.version} in slot {update.slot} starts, on trial: the box restarts"
            self._answer = Answer(
                [f"{said}, and this console comes back with it"],
                {"version": update.version, "slot": update.slot},
            )
        elif update.phase is not Phase.WAITING or update.tries > before.tries:
            raise UpdateStartNotTaken(f"not started: {update.in_words()}")
        elif os.path.lexists(self._places.asked):
            self._lies(now_s)
        else:
            self._gone(now_s)

    def _lies(self, now_s: float) -> None:
        """The updater has not looked yet: what held when it was left is to hold on."""
        try:
            demand_quiet(self._station)
        except GonogoError:
            if withdraw(self._places.asked, self._asked):
                raise
        if now_s - self._begun_s > GOOD_S and withdraw(self._places.asked, self._asked):
            raise UpdateStartNotTaken(
                f"not taken within {GOOD_S:.0f} s, and taken back; expected "
                "gonogo-update.service to run; or as root: gonogo update switch"
            )

    def _gone(self, now_s: float) -> None:
        """Taken, and not begun yet."""
        if self._gone_s < 0:
            self._gone_s = now_s
        if now_s - self._gone_s > BEGINS_S:
            raise UpdateStartNotTaken(
                f"the updater took it and has not begun; the journal of gonogo-update.service "
                f"says why; {_SEE}"
            )

    def _fail(self, error: GonogoError) -> None:
        withdraw(self._places.asked, self._asked)
        self._error = error
        self._row.ended(str(error))
