"""What came of a switch, read of what the health gate of the box keeps (docs/the-box.md)."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import UpdateNotKept
from gonogo.build.update.kept import Phase

if TYPE_CHECKING:
    from gonogo.build.update.kept import Update
    from gonogo.build.update.places import Places, Running

TRIES = 2  # switches of one update that end without a word of the gate
_HEALTH = "health.json"


def health_digest(places: Places) -> str:
    """What the gate has said last, as something to be told apart from what it says next."""
    try:
        return hashlib.sha256((places.state / _HEALTH).read_bytes()).hexdigest()
    except OSError:
        return ""


def is_good(places: Places, running: Running) -> bool:
    """Whether the health gate has found the image that runs good, in its slot."""
    try:
        kept = (places.state / f"good-{running.slot}").read_text(encoding="ascii")
    except OSError:
        return False
    return kept.strip() == running.image


def settled(update: Update, places: Places, *, patient: bool) -> Update:
    """A switched update once it is known what came of it; the same while it is not.

    `patient`: the box has just started, and the gate may not have said it yet.
    """
    if places.boot() == update.boot:
        return update  # it has not restarted yet
    running = places.running()
    if running.slot == update.slot:
        return _on_trial(update, places, running)
    reason = _gave_up(update, places)
    if reason:
        return update.at(Phase.FAILED, reason)
    if patient:
        return update
    if update.tries < TRIES:  # the power went between our note and RAUC's
        return update.at(Phase.WAITING, f"slot {update.slot} was not started")
    return update.at(
        Phase.FAILED, f"slot {update.slot} was switched to {TRIES} times, and did not start"
    )


def _on_trial(update: Update, places: Places, running: Running) -> Update:
    """Of the slot that runs: good once the gate knows its image."""
    if not is_good(places, running):
        return update.at(Phase.SWITCHED, "on trial: the health gate has not found it good yet")
    said = _health(places)
    reason = said.get("reason") if said.get("slot") == running.slot else None
    return update.at(Phase.GOOD, str(reason or "found good by the health gate"))


def _gave_up(update: Update, places: Places) -> str:
    """Why the gate gave the slot up since the switch; empty where it did not."""
    said = _health(places)
    if said.get("slot") != update.slot or said.get("word") == "good":
        return ""
    if health_digest(places) == update.health:
        return ""  # of an earlier update
    return f"the box went back: {said.get('reason')}"


def gate_said(places: Places) -> dict[str, Any] | None:
    """What the gate has decided last; None where it has not yet. UpdateNotKept, damaged too."""
    path = places.state / _HEALTH
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UpdateNotKept(f"{path}: {error.strerror}") from error
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise UpdateNotKept(f"{path}: damaged; the gate writes it anew when it decides next")
    return found


def _health(places: Places) -> dict[str, Any]:
    try:
        return gate_said(places) or {}
    except UpdateNotKept:
        return {}
