"""What may be asked of the loader over the station's local socket "engines".

    {"do": "status"}                                    gonogo.engines.loading.status
    {"do": "load", "name": .., "version": .., "shadow": parts or null, "keep": false}
    {"do": "activate", "without_shadow": false}
    {"do": "rollback", "name": .. or null}
    {"do": "unload"}

All but status answer at once with the ticket of what has begun; `outcome` of the status
bears that ticket once it has ended. What cannot be had now is refused with its number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gonogo.base.errors import (
    ControlError,
    EngineChangeError,
    EngineNotInstalled,
    ShadowMissing,
    SwitchRefused,
)
from gonogo.engines.installed.registry import Registry
from gonogo.engines.loading.checks import versions_of
from gonogo.engines.loading.pairs import KEPT
from gonogo.engines.loading.status import status_of
from gonogo.engines.loading.steps import Action, Event, Step, advance
from gonogo.engines.loading.task import LoadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.engines.loading.resources import Resources
    from gonogo.engines.loading.swap_controller import Standing, SwapController

MOST_PARTS = KEPT  # of a shadow: with more it could never be seen to have judged them all
Request = dict[str, Any]


class RequestHandler:
    """Takes requests for a swap; `bundles` are the engines that the station judges by."""

    def __init__(self, swap: SwapController, at: Resources, bundles: tuple[str, ...]) -> None:
        self._swap = swap
        self._at = at
        self._bundles = bundles
        self._table: dict[str, tuple[Callable[[Request], Request], frozenset[str]]] = {
            "status": (self._status, frozenset()),
            "load": (self._load, frozenset({"name", "version", "shadow", "keep"})),
            "activate": (self._activate, frozenset({"without_shadow"})),
            "rollback": (self._rollback, frozenset({"name"})),
            "unload": (self._unload, frozenset()),
        }

    def handle(self, request: Request) -> Request:
        """The answer to a request; GonogoError says why there is none."""
        do = request.get("do")
        # a list or a dict would be no key at all: asked for its type first
        if not isinstance(do, str) or do not in self._table:
            raise ControlError(f"expected one of {', '.join(self._table)}, got {do!r}")
        command, keys = self._table[do]
        unknown = sorted(set(request) - keys - {"do"})
        if unknown:
            known = ", ".join(sorted(keys)) or "nothing else"
            raise ControlError(f"{do}: expected {known}, got {', '.join(unknown)}")
        return command(request)

    def _status(self, _: Request) -> Request:
        return status_of(self._swap.standing(), self._at)

    def _load(self, request: Request) -> Request:
        section = self._at.section
        name, version = self._name(request), request.get("version")
        if not isinstance(version, str):
            raise ControlError(f"version: expected text, as in 1.2.0, got {version!r}")
        self._expect_free(Event.LOAD)  # before what judges is compared: that may be changing
        if versions_of(section, self._at.judging).get(name) == version:
            raise EngineChangeError(f"{name} {version} judges already; nothing is to be loaded")
        keep = _truth(request, "keep")
        parts = _parts(request) if request.get("shadow") is not None else None
        if parts is None or (keep and parts == 0):  # to be kept in shadow, it must be in one
            parts = section.shadow_parts
        wish = LoadRequest(name, version, parts, keep=keep)
        return {"ticket": self._swap.command(Event.LOAD, wish), "parts": parts}

    def _activate(self, request: Request) -> Request:
        without_shadow = _truth(request, "without_shadow")
        now = self._swap.standing()
        if now.step not in {Step.SHADOW, Step.REPORTED}:
            raise EngineChangeError(
                f"there is nothing to activate: {_where(now)}; load a version first: "
                "`gonogo swap load NAME VERSION`"
            )
        if without_shadow:
            return {"ticket": self._swap.command(Event.ACTIVATE_WITHOUT_SHADOW)}
        # a load may have asked for fewer parts than the station wants before it changes engines
        judged, needed = len(self._at.pairs.pairs), self._at.section.shadow_parts
        if now.step is not Step.REPORTED or judged < needed:
            raise ShadowMissing(
                f"{now.label} has judged {judged} of {needed} parts in shadow "
                f"({now.counted.no_window} parts had no idle window); wait, or say --without-shadow"
            )
        return {"ticket": self._swap.command(Event.ACTIVATE)}

    def _rollback(self, request: Request) -> Request:
        if self._swap.standing().step in {Step.TRIAL, Step.SETTLED}:
            # the line would refuse it, too, but only after the order; until then none else is taken
            if not self._at.warm:
                raise SwitchRefused(
                    "the former engine is not ready "
                    f"({self._at.other.phase.name.lower()}); try again in a moment"
                )
            return {"ticket": self._swap.command(Event.ROLLBACK)}
        self._expect_free(Event.ROLLBACK)
        # which version that is the check finds out, in its thread
        wish = LoadRequest(self._before(request), "(the version before)", 0, again=True)
        return {"ticket": self._swap.command(Event.ROLLBACK, wish)}

    def _before(self, request: Request) -> str:
        """The engine whose version before is to be loaded."""
        if request.get("name") is not None:
            return self._name(request)
        if len(self._bundles) == 1:
            return self._bundles[0]
        # the one place where a request reads the disk itself: small files, one an engine
        registry = Registry(self._at.section.folder)
        found = [name for name in self._bundles if registry.selection(name).previous]
        if not found:
            raise EngineNotInstalled(
                f"{registry.root}: no version of {' or '.join(self._bundles)} was active before"
            )
        if len(found) > 1:
            raise ControlError(f"name: expected one of {', '.join(found)}: each had one before")
        return found[0]

    def _unload(self, _: Request) -> Request:
        now = self._swap.standing()
        if _ignores(now.step, Event.UNLOAD):
            raise EngineChangeError(f"there is nothing to unload now: {_where(now)}")
        return {"ticket": self._swap.command(Event.UNLOAD)}

    def _name(self, request: Request) -> str:
        name = request.get("name")
        if not isinstance(name, str) or name not in self._bundles:
            raise EngineNotInstalled(
                f"this station judges by {', '.join(self._bundles) or 'no bundle'}, "
                f"and has no place for {name!r}"
            )
        return name

    def _expect_free(self, event: Event) -> None:
        now = self._swap.standing()
        if _ignores(now.step, event):
            raise EngineChangeError(f"one at a time: {_where(now)}; wait, or `gonogo swap unload`")
        # a check that was given up still holds its thread: one a hung disk, not one a request
        if now.checking:
            raise EngineChangeError(
                f"an earlier check of {now.label} still waits for the disk of "
                f"{self._at.section.folder}; check that disk"
            )


def _ignores(step: Step, event: Event) -> bool:
    """Whether the table has nothing for it: nothing would come of such a command."""
    # asked of the table itself, so that a new row there needs no second list here
    return advance(step, event) == (step, Action.NONE)


def _where(now: Standing) -> str:
    """What is under way, for people."""
    return _WORDS[now.step].format(now.label)


_WORDS = {
    Step.IDLE: "nothing is under way",
    Step.CHECKING: "{} is being checked",
    Step.LOADING: "{} is being loaded",
    Step.SHADOW: "{} judges in shadow",
    Step.REPORTED: "{} is loaded and waits to be activated",
    Step.RAISING: "{} is about to judge",
    Step.SWITCHING: "{} is about to judge",
    Step.TRIAL: "{} is on trial, with the former engine ready to judge again",
    Step.SETTLED: "{} judges, and the former engine is still warm",
    Step.BACKING: "the former engine shall judge again instead of {}",
    Step.UNLOADING: "the other place is being emptied",
}


def _truth(request: Request, key: str) -> bool:
    value = request.get(key, False)
    if not isinstance(value, bool):
        raise ControlError(f"{key}: expected true or false, got {value!r}")
    return value


def _parts(request: Request) -> int:
    value = request["shadow"]
    # True is an int to Python, and would be one part
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_PARTS:
        raise ControlError(f"shadow: expected 0 to {MOST_PARTS} parts or null, got {value!r}")
    return value
