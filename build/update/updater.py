"""The one place that carries out an update of this box, step by step, each kept before it is done.

A power cut at any of them goes on or begins anew: what is written does not start before it is
switched to, and what was switched to goes back by itself (docs/updates.md).
"""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from gonogo.base.errors import GonogoError, StickGone, UpdateBusy, UpdateRefused
from gonogo.build.update import rauc
from gonogo.build.update.asked import meant
from gonogo.build.update.checked import checked
from gonogo.build.update.kept import Phase, Update, held, load, save
from gonogo.build.update.line import line_of
from gonogo.build.update.trial import TRIES, health_digest, settled

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.build.update.asked import Asked
    from gonogo.build.update.places import Places

STANDS_S = 10.0  # a line that is stopped for a moment alone is not stopped
PATIENCE_S = 120.0  # in which the health gate says what became of the other slot


class Offer(NamedTuple):
    """An image that somebody has for this box; `action`: the server's number of it."""

    path: Path
    source: Literal["file", "stick", "server"]
    older: bool = False
    action: str = ""


class Updater:
    """`tell`: a line for people."""

    def __init__(
        self,
        places: Places,
        tell: Callable[[str], None],
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._places, self._tell, self._now_s = places, tell, now_s
        self._begun_s = now_s()
        self._stands_since_s: float | None = None

    def last(self) -> Update | None:
        """How far the last update is; UpdateNotKept."""
        return load(self._places.state)

    def install(self, offer: Offer) -> Update:
        """Check an image and write it, in the idle class; it then waits for its switch.

        Nothing is kept of one that is refused. UpdateBusy, UpdateRefused, UpdateNotWritten,
        StickGone, and the errors of an image.
        """
        with held(self._places.state):
            _demand_free(self.last())
            image = checked(offer.path, self._places, older=offer.older)
            update = Update(
                phase=Phase.WRITING, source=offer.source, version=image.version,
                path=str(offer.path), slot=self._places.running().other,
                action=offer.action,
            )  # fmt: skip
            return self._write(update)

    def switch(self, asked: Asked | None = None) -> Update:
        """Start what was written, whatever the line does; UpdateRefused, UpdateNotWritten.

        `asked`: only the very update that the console asks for; else UpdateStartRefused.
        """
        with held(self._places.state):
            update = self.last()
            if asked is not None:
                update = meant(asked, update, self._places.boot(), self._now_s())
                return self._switch(update, f"; {asked.in_words()}")
            if update is None or update.phase is not Phase.WAITING:
                raise UpdateRefused(
                    "nothing is written that could start; `gonogo update status` says how far it is"
                )
            return self._switch(update)

    def cancel(self, why: str) -> Update:
        """Give up what has not been switched to; UpdateRefused."""
        with held(self._places.state):
            update = self.last()
            if update is None or update.ended or update.phase is Phase.SWITCHED:
                raise UpdateRefused("nothing is under way that could be given up")
            if update.phase in {Phase.WRITING, Phase.WAITING}:
                rauc.give_up_other()
            return self._keep(update.at(Phase.FAILED, why))

    def step(self) -> Update | None:
        """What is to be done now of the update that is under way; GonogoError."""
        with held(self._places.state):
            update = self.last()
            if update is None:
                return None
            if update.phase is Phase.WRITING:
                return self._again(update)
            if update.phase is Phase.WAITING:
                return self._when_it_stands(update)
            if update.phase is Phase.SWITCHED:
                return self._settle(update)
            return update

    def _write(self, update: Update) -> Update:
        self._keep(update)
        try:
            rauc.install(update.path)
        except GonogoError as error:
            self._keep(update.at(Phase.FAILED, str(error)))
            raise
        self._stands_since_s = None
        written = update.at(
            Phase.WAITING, "written; waits until the line stands", id=secrets.token_hex(8)
        )
        return self._keep(written)

    def _again(self, update: Update) -> Update:
        """The power went while it was written: its slot does not start, so it begins anew."""
        if not Path(update.path).exists():
            gone = StickGone(f"{update.path}: not there any more, and not written to its end")
            return self._keep(update.at(Phase.FAILED, str(gone)))
        try:
            checked(Path(update.path), self._places, older=True)
        except GonogoError as error:
            self._keep(update.at(Phase.FAILED, str(error)))
            raise
        return self._write(update)

    def _when_it_stands(self, update: Update) -> Update:
        line = line_of(self._places)
        now_s = self._now_s()
        if not line.stands:
            self._stands_since_s = None
            says = f"written; waits until the line stands: {line.says}"
            return update if update.says == says else self._keep(update.at(Phase.WAITING, says))
        if self._stands_since_s is None:
            self._stands_since_s = now_s
        if now_s - self._stands_since_s < STANDS_S:
            return update
        return self._switch(update)

    def _switch(self, update: Update, said: str = "") -> Update:
        noted = update.at(
            Phase.SWITCHED, f"it starts next, on trial{said}", boot=self._places.boot(),
            health=health_digest(self._places), tries=update.tries + 1,
        )  # fmt: skip
        self._keep(noted)
        try:
            rauc.switch_to_other()
            rauc.reboot()
        except GonogoError as error:
            last = Phase.WAITING if noted.tries < TRIES else Phase.FAILED
            self._keep(update.at(last, str(error), tries=noted.tries))
            raise
        return noted

    def _settle(self, update: Update) -> Update:
        if self._places.boot() == update.boot:
            if self._now_s() - self._begun_s < PATIENCE_S:
                return update
            # this process was started anew between the note and the restart
            self._begun_s = self._now_s()
            return self._switch(update)
        patient = self._now_s() - self._begun_s < PATIENCE_S
        found = settled(update, self._places, patient=patient)
        return update if found == update else self._keep(found)

    def _keep(self, update: Update) -> Update:
        self._tell(update.in_words())
        return save(self._places.state, update)


def _demand_free(now: Update | None) -> None:
    """Whether another one may be begun; UpdateBusy."""
    if now is None or now.ended or now.phase in {Phase.WRITING, Phase.FETCHING}:
        return  # a write that nobody holds was cut; what is here comes before what is fetched
    raise UpdateBusy(
        f"another update is under way: {now.in_words()}; `gonogo update switch` starts it, "
        "`gonogo update cancel` gives it up"
    )
