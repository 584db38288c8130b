"""Whether parts may flow at this box: its station is asked as `gonogo status` asks it."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.build.flash.heard import flows

if TYPE_CHECKING:
    from gonogo.build.update.places import Places

_ASK_S = 60.0
_BY_COMMAND = "`gonogo update switch` does not wait for it"


class Line(NamedTuple):
    """Whether it stands, and why that is thought."""

    stands: bool
    says: str


def line_of(places: Places) -> Line:
    """Asked now. What is not known counts as a line that runs."""
    if not (places.station / "station.toml").exists():
        return Line(stands=True, says="no station file yet: no part is judged here")
    status = _status(places)
    if status is None:
        return Line(stands=False, says=f"the station does not answer; {_BY_COMMAND}")
    return judged(status)


def judged(status: dict[str, Any]) -> Line:
    """Of what a station says of itself: stopped by the PLC, and nothing on its way to it."""
    runs, link = flows(status), status.get("link") or {}
    if runs is None:
        return Line(stands=False, says=f"nothing is heard of the PLC; {_BY_COMMAND}")
    if runs:
        return Line(stands=False, says="the PLC lets parts flow")
    if link.get("res_seq") != link.get("ack_seq"):
        return Line(stands=False, says="the PLC has not acknowledged the last part")
    return Line(stands=True, says="the PLC has stopped the line")


def _status(places: Places) -> dict[str, Any] | None:
    try:
        done = subprocess.run(
            places.as_user("status", "--json"),
            capture_output=True, text=True, timeout=_ASK_S, check=False,
        )  # fmt: skip
        found = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return found if isinstance(found, dict) else None
