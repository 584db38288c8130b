"""Exposure and gain of a camera: what it says of them, and whether it takes others on trial.

A value that the camera would not take is refused before anything changes. Whether it has taken one
is seen when its process has opened it anew; where it has not, that is taken back at once.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import GonogoError, LightRefused
from gonogo.base.log.logger import get_logger
from gonogo.config.live_light import light_of
from gonogo.console.serial.table import GIVE_UP, Answer
from gonogo.ipc.camera_port import CameraState, PortView
from gonogo.ipc.control_socket import ask

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gonogo.config.live_light import Light
    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection
    from gonogo.console.serial.table import At
    from gonogo.ipc.camera_port import Light as OfCamera

log = get_logger(__name__)

UNITS = {"exposure_us": "us", "gain_db": "dB"}
OPENS_S = 40.0  # until a camera is open anew; it begins 2 s after the answer


def lights_of(new: Station, changes: Iterable[str]) -> list[Light]:
    """Which of the keys that differ are exposure or gain of a camera that takes them."""
    found = (light_of(new, key) for key in changes)
    return [light for light in found if light is not None]


def looked(station: str, view: int, key: str) -> OfCamera | None:
    """As the camera of a view was opened; None: it is not open, or no process holds it."""
    try:
        port = PortView.look(station, view)
    except (GonogoError, OSError):
        return None
    with contextlib.closing(port):
        return port.light(key) if port.state is CameraState.READY else None


def refuse_beyond(station: str, new: Station, lights: Iterable[Light]) -> None:
    """LightRefused unless each camera is open and takes its value, by its own word."""
    for light in lights:
        view = new.view[light.view]
        wanted, unit = getattr(view.camera, light.key), UNITS[light.key]
        found = looked(station, light.view, light.key)
        if found is None:
            raise LightRefused(
                f"view '{view.name}': its camera is not open, so what {light.key} it takes is not "
                "known; nothing was changed"
            )
        if found.bounded and not found.least <= wanted <= found.most:
            raise LightRefused(
                f"view '{view.name}': {light.key}: expected {found.least:g} to {found.most:g} "
                f"{unit}, which the camera takes, got {wanted:g} {unit}; nothing was changed"
            )


def learnt_before(old: Station, lights: Iterable[Light]) -> list[str]:
    """What the station has learnt under the light of before, in words."""
    numbers = dict.fromkeys(light.view for light in lights)
    found = [line for number in numbers for line in _learnt(old.view[number])]
    if numbers and old.records.drift is not None:
        found.append("drift: a chart of the new exposure begins, with a reference of its own")
    return found


def _learnt(view: ViewSection) -> Iterator[str]:
    head = f"view '{view.name}'"
    if view.trust is not None:
        yield (
            f"{head}: {view.trust.learnt.name} was learnt under the light of before, and goes on "
            "judging frames by it; `gonogo learn-view` learns it anew"
        )
    yield f"{head}: its {_judged_by(view)} are of that light, too: try known parts"


def _judged_by(view: ViewSection) -> str:
    return "rules" if view.engine is None else "engine, limits and rules"


def tell_log(lights: Sequence[Light], new: Station, lines: Sequence[str]) -> None:
    """Into the station's log: what was learnt before is not of this light."""
    for light in lights:
        view = new.view[light.view]
        log.warning(
            "camera_light_changed",
            text="view '%(view)s': %(key)s is %(value)g now: %(learnt)s",
            view=view.name,
            key=light.key,
            value=getattr(view.camera, light.key),
            learnt="; ".join(line.strip() for line in lines) or "nothing was learnt under another",
        )


class Opening:
    """Waits until the cameras of a change are open anew; one that is not takes the change back."""

    def __init__(self, at: At, new: Station, lights: Sequence[Light], before: Answer) -> None:
        self._at, self._before = at, before
        self._names = {light.view: new.view[light.view].name for light in lights}
        self._ports = {view: PortView.look(at.station, view) for view in self._names}
        self._epochs = {view: port.epoch for view, port in self._ports.items()}
        self._end_s = time.monotonic() + OPENS_S
        self._given_up = False

    def receive(self, data: bytes, now_s: float) -> None:  # noqa: ARG002 - an errand's
        """Nothing but the end of it is listened to."""
        self._given_up = self._given_up or any(key in data for key in GIVE_UP)

    def tick(self, now_s: float, waiting: int) -> bytes:  # noqa: ARG002 - an errand's
        """It says nothing until it ends."""
        return b""

    def finished(self) -> Answer | None:
        """Once all are open; LightRefused where one does not open, after it was taken back."""
        for view, why in self._closed():
            if why or time.monotonic() > self._end_s:
                self._take_back(view, why or f"not open after {OPENS_S:.0f} s")
            if not self._given_up:
                return None
        said = "not waited for" if self._given_up else "open anew with it"
        self.cancel()
        lines = [f"{', '.join(self._names.values())}: {said}; 'commit' keeps it"]
        return Answer(lines, self._before.value)

    def cancel(self) -> bytes:
        """Nobody waits any more: the trial has a time of its own."""
        for port in self._ports.values():
            port.close()
        self._ports = {}
        return b""

    def _closed(self) -> list[tuple[int, str]]:
        """Views whose camera is not open anew, and why, '' where that is not known yet."""
        found = []
        for view, port in self._ports.items():
            begun = port.epoch != self._epochs[view]
            if not begun or port.state is not CameraState.READY:
                tried = begun and port.state is CameraState.OPENING
                found.append((view, port.message if tried else ""))
        return found

    def _take_back(self, view: int, why: str) -> None:
        self.cancel()
        said = f"view '{self._names[view]}': {why}"
        with contextlib.suppress(GonogoError):  # it has a time of its own
            ask(self._at.station, do="take-back", id=self._at.bench.trial, why=said)
        self._at.bench.trial = ""
        raise LightRefused(f"{said}; taken back: it is opened anew with the old value")


def on_trial(at: At, new: Station, lights: Sequence[Light], answer: Answer) -> Answer:
    """The answer to a change on trial, and what goes on from it: the cameras are waited for."""
    if not lights:
        return answer
    value: dict[str, Any] = {**answer.value, "views": [new.view[each.view].name for each in lights]}
    opening = Opening(at, new, lights, answer._replace(value=value))
    said = "parts of these views are rejected until their cameras are open anew; Ctrl-C: no wait"
    return answer._replace(lines=[*answer.lines, said], value=value, errand=opening)
