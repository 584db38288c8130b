"""A change of recipe, step by step between two parts: rules here, the engine in its process.

The PLC asks only while the station is stopped or ready. The new rules are bound
first; then the engine process is asked to begin anew with the new models, and the recipe
is in force once it has scored a live frame. Whatever fails leaves the old recipe.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple, Protocol

from gonogo.base.errors import GonogoError
from gonogo.config.recipe_switch import FIRST

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.plc.handshake.state import Condition
    from gonogo.rules.ruleset import RuleSet
    from gonogo.runtime.decide import Policy
    from gonogo.runtime.engine_client import EngineClient

log = logging.getLogger(__name__)

PATIENCE_NS = 60_000_000_000  # until an engine that does not come is given up


class Judges(NamedTuple):
    """What judges in one recipe."""

    rules: RuleSet
    policy: Policy


class Line(Protocol):
    """The line, as far as a change of recipe touches it."""

    engines: EngineClient
    policy: Policy

    def believe(self, policy: Policy) -> None:
        """Trust the scores of these engines alone, whose limits may come into force."""
        ...

    @property
    def whole(self) -> bool:
        """Whether the mode is FULL: the engine has scored a live frame."""
        ...

    def adopt(self, recipe: int, judges: Judges) -> None:
        """Judge by these from now on."""
        ...


class Changeover:
    """`make` binds what judges in a recipe; `tell` says to the engine process which is wanted."""

    def __init__(
        self, active: int, make: Callable[[int], Judges], tell: Callable[[int], None]
    ) -> None:
        self.active = active
        self.changing = 0  # the recipe on its way; 0: none
        self.failed = 0  # the last one that could not be had
        self._make = make
        self._tell = tell
        self._judges: Judges | None = None
        self._epoch = 0
        self._until_ns = 0

    @classmethod
    def without(cls, judges: Judges) -> Changeover:
        """For a line that knows one recipe alone."""
        return cls(FIRST, {FIRST: judges}.__getitem__, lambda _: None)

    def on(self, condition: Condition) -> Condition:
        """What the PLC is shown, with the recipe on it."""
        return condition._replace(recipe=self.active, changing=self.changing, failed=self.failed)

    def turn(self, line: Line, wanted: int, now_ns: int) -> None:
        """Between two parts; `wanted` is what the PLC asks for, 0 for nothing."""
        if self.changing:
            self._follow(line, now_ns)
        elif wanted and wanted not in {self.active, self.failed}:
            self._begin(line, wanted, now_ns)
        elif not wanted:
            self.failed = 0

    def _begin(self, line: Line, wanted: int, now_ns: int) -> None:
        try:
            self._judges = self._make(wanted)
        except KeyError:
            self._give_up(wanted, "the station file has no [[recipe]] of that number")
            return
        except GonogoError as error:
            self._give_up(wanted, str(error))
            return
        log.info("recipe %d is being loaded", wanted)
        self.changing, self.failed = wanted, 0
        self._epoch, self._until_ns = line.engines.epoch, now_ns + PATIENCE_NS
        line.believe(self._judges.policy)
        self._tell(wanted)

    def _follow(self, line: Line, now_ns: int) -> None:
        if self._judges is None:
            return
        engines = line.engines
        anew = engines.epoch != self._epoch
        if not engines.needed or (anew and line.whole):
            line.adopt(self.changing, self._judges)
            log.info("recipe %d is in force", self.changing)
            self.active, self.changing, self._judges = self.changing, 0, None
        elif (anew and engines.failed) or now_ns > self._until_ns:
            self._tell(self.active)
            line.believe(line.policy)
            engines.shun()  # it may serve yet, with the models of the other recipe
            self._give_up(self.changing, "its engine could not be loaded")

    def _give_up(self, wanted: int, why: str) -> None:
        log.error("recipe %d: %s; recipe %d stays in force", wanted, why, self.active)
        self.changing, self.failed, self._judges = 0, wanted, None
