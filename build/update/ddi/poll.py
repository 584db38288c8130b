"""One look at the update server: tell it what became of its last action, and take the next one.

An image comes in slices, between which the server is asked again: a cancel is heard while it comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gonogo.base.errors import (
    GonogoError,
    UpdateBusy,
    UpdateError,
    UpdateNotKept,
    UpdateRefused,
    UpdateSame,
    UpdateServerAway,
)
from gonogo.build.update.ddi import words
from gonogo.build.update.ddi.download import SPARE_BYTES, Download, clear, place_of
from gonogo.build.update.kept import Phase, Update, exchange
from gonogo.build.update.trial import is_good
from gonogo.build.update.updater import Offer

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.update.ddi.http import Http
    from gonogo.build.update.ddi.words import Deployment
    from gonogo.build.update.places import Places
    from gonogo.build.update.settings import ServerSection
    from gonogo.build.update.updater import Updater

SLICE_S = 60.0
_OVER = (404, 409, 410)  # the server has closed that action itself
_RESULT = {Phase.GOOD: ("closed", "success"), Phase.FAILED: ("closed", "failure")}


class Poll:
    """The server of this box. `slice_s`: for how long an image comes before it is asked again."""

    def __init__(self, server: ServerSection, http: Http, updater: Updater, places: Places) -> None:
        self._http, self._updater, self._places = http, updater, places
        self._base = f"/{quote(server.tenant, safe='')}/controller/v1/{quote(server.id, safe='')}"
        self.slice_s = SLICE_S
        self.spare_bytes = SPARE_BYTES

    def look(self) -> float:
        """Seconds until the next look; UpdateServerAway, UpdateServerRefused, UpdateNotKept."""
        self._report()
        base = self._http.json("GET", self._base).demand("the update server")
        if words.wants_config(base):
            self._http.json("PUT", f"{self._base}/configData", _box(self._places)).demand(
                "configData"
            )
        cancelled = words.action_of(base, "cancelAction")
        if cancelled is not None:
            self._cancel(cancelled)
            return words.SHORTEST_S
        action = words.action_of(base, "deploymentBase")
        wait_s = words.sleep_s(base)
        if action is None or not self._is_free():
            return wait_s
        return 0.0 if self._take(action) else wait_s

    def _is_free(self) -> bool:
        """Whether something is to be begun, or gone on with; an update of others goes first."""
        now = self._updater.last()
        if now is None or now.ended:
            return True
        return now.phase is Phase.FETCHING

    def _take(self, action: str) -> bool:
        """Whether to go on at once."""
        said = self._http.json("GET", f"{self._base}/deploymentBase/{action}")
        try:
            deployment = words.deployment_of(action, said.demand(f"action {action}"))
        except UpdateServerAway:
            raise
        except UpdateError as error:
            if said.status < 300:  # noqa: PLR2004 - of HTTP: an action that cannot be carried out
                self._end(action, Phase.FAILED, str(error))
                return True
            raise
        if not deployment.allowed:
            return False
        return self._fetch(deployment)

    def _fetch(self, deployment: Deployment) -> bool:
        action = deployment.action
        place = place_of(self._places.downloads, action, deployment.artifact)
        download = Download(self._http, deployment.artifact, place, self.spare_bytes)
        before = self._updater.last()
        if before is None or before.action != action or before.ended:
            clear(self._places.downloads, but=place)
            self._note(before, Update(phase=Phase.FETCHING, source="server", action=action))
            self._report()
        try:
            if not download.fetch(self.slice_s):
                self._progress(download.done_bytes, deployment.artifact.size_bytes)
                return True
        except (UpdateServerAway, UpdateNotKept):
            raise
        except UpdateError as error:
            self._end(action, Phase.FAILED, str(error))
            return True
        return self._install(action, place.whole)

    def _install(self, action: str, path: Path) -> bool:
        try:
            self._updater.install(Offer(path, "server", action=action))
            self._report()
        except (UpdateBusy, UpdateNotKept):
            raise
        except UpdateSame as error:
            # asked for what runs, and which the health gate has to have found good, too
            if not is_good(self._places, self._places.running()):
                raise UpdateBusy("what runs is on trial itself") from error
            self._end(action, Phase.GOOD, str(error))
        except GonogoError as error:
            self._end(action, Phase.FAILED, str(error))
        return True

    def _end(self, action: str, phase: Phase, says: str) -> None:
        now = self._updater.last()
        mine = now if now is not None and now.action == action else None
        fresh = mine or Update(phase=phase, source="server", action=action)
        if mine is None or fresh.phase is not phase:
            self._note(now, fresh.at(phase, says))
        clear(self._places.downloads)
        self._report()

    def _progress(self, done_bytes: int, of_bytes: int) -> None:
        now = self._updater.last()
        if now is not None and now.phase is Phase.FETCHING:
            says = f"{100 * done_bytes // of_bytes} % of {of_bytes / 1e6:.0f} MB"
            self._note(now, now.at(Phase.FETCHING, says))

    def _cancel(self, action: str) -> None:
        """Given up where it was not switched to; refused where it was."""
        now = self._updater.last()
        execution, finished, says = "closed", "success", "given up; what ran goes on"
        if now is not None and now.action == action and not now.ended:
            try:
                self._updater.cancel("cancelled by the update server")
                clear(self._places.downloads)
            except UpdateRefused as error:
                execution, finished, says = "rejected", "none", str(error)
        fed = words.feedback(action, execution, finished, says)
        answer = self._http.json("POST", f"{self._base}/cancelAction/{action}/feedback", fed)
        if answer.status not in _OVER:
            answer.demand("feedback of a cancel")
        now = self._updater.last()
        if now is not None and now.action == action and now.ended:
            self._note(now, now.model_copy(update={"told": now.phase.value}))

    def _report(self) -> None:
        """Tell the server a phase that it does not know yet."""
        now = self._updater.last()
        if now is None or not now.action or now.told == now.phase.value:
            return
        execution, finished = _RESULT.get(now.phase, ("proceeding", "none"))
        fed = words.feedback(now.action, execution, finished, now.in_words())
        answer = self._http.json("POST", f"{self._base}/deploymentBase/{now.action}/feedback", fed)
        if answer.status not in _OVER:
            answer.demand("feedback")
        self._note(now, now.model_copy(update={"told": now.phase.value}))
        if now.ended:
            clear(self._places.downloads)

    def _note(self, old: Update | None, new: Update) -> None:
        if not exchange(self._places.state, old, new):
            raise UpdateBusy("another update was begun meanwhile")


def _box(places: Places) -> dict[str, Any]:
    """What this box is: hawkBit shows it, gooseBit goes by its hw_boardname and sw_version."""
    running = places.running()
    data = {
        "hw_boardname": running.compatible, "hw_revision": "default",
        "sw_version": running.version, "slot": running.slot,
    }  # fmt: skip
    return {"mode": "merge", "data": data}
