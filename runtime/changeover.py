"""A change of recipe, step by step between two parts: rules here, the engine in its process.

The PLC asks only while the station is stopped or ready. The new rules are bound
first; then the engine process is asked to begin anew with the new models, and the recipe
is in force once it has scored a live frame. Whatever fails leaves the old recipe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import GonogoError
from gonogo.base.log.logger import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.plc.handshake.state import Condition
    from gonogo.runtime.decide import Policy
    from gonogo.runtime.engine_client import EngineClient
    from gonogo.runtime.engine_host import EngineHost
    from gonogo.runtime.judging import Judging

log = get_logger(__name__)

PATIENCE_NS = 60_000_000_000  # until an engine that does not come is given up


class _Coming(NamedTuple):
    """What shall judge, once its engine has come."""

    judging: Judging
    epoch: int  # of the engine process that must not be the one of the new recipe
    until_ns: int


class Changeover:
    """`make` binds what judges in a recipe; `tell` says to the engine processes which is wanted.

    `clients`: those of all of them, whether they judge or not.
    """

    def __init__(
        self,
        make: Callable[[int], Judging],
        tell: Callable[[int], None],
        clients: Sequence[EngineClient] = (),
    ) -> None:
        self.changing = 0  # the recipe on its way; 0: none
        self.failed = 0  # the last one that could not be had
        self._make = make
        self._tell = tell
        self._clients = clients
        self._next: _Coming | None = None

    @classmethod
    def without(cls, judging: Judging) -> Changeover:
        """For a line that knows one recipe alone."""
        return cls({judging.recipe: judging}.__getitem__, lambda _: None)

    def on(self, condition: Condition, recipe: int) -> Condition:
        """What the PLC is shown, with the recipe in force on it."""
        return condition._replace(recipe=recipe, changing=self.changing, failed=self.failed)

    def policy(self, judging: Judging) -> Policy:
        """The one whose engines are believed: of the recipe on its way, or else in force.

        While one is on its way every part is refused, so that no score of its engine is judged by.
        """
        return judging.policy if self._next is None else self._next.judging.policy

    def advance(
        self, in_force: int, wanted: int, engines: EngineClient, now_ns: int, *, proven: bool
    ) -> Judging | None:
        """Between two parts: what is to judge from now on, None if that stays as it is.

        `in_force` is the recipe that judges, `wanted` the one that the PLC asks for, 0 for none;
        `proven`: the engine has scored a live frame.
        """
        if self._next is not None:
            if self._has_come(self._next, engines, proven=proven):
                return self._done(self._next.judging)
            self._watch(self._next, in_force, engines.host, now_ns)
        elif wanted and wanted not in {in_force, self.failed}:
            self._begin(wanted, engines.host, now_ns)
        elif not wanted:
            self.failed = 0  # the PLC has taken its wish back: the same one may be tried again
        return None

    def _begin(self, wanted: int, host: EngineHost, now_ns: int) -> None:
        try:
            judging = self._make(wanted)
        except KeyError:
            self._give_up(wanted, "the station file has no [[recipe]] of that number")
            return
        except GonogoError as error:
            self._give_up(wanted, str(error))
            return
        log.info("recipe_loading", text="recipe %(recipe)d is being loaded", recipe=wanted)
        self.changing, self.failed = wanted, 0
        self._next = _Coming(judging, host.epoch, now_ns + PATIENCE_NS)
        self._order(wanted)

    def _order(self, recipe: int) -> None:
        """The engines of that recipe are wanted, in every slot."""
        # each may serve yet, with the models of another recipe, and score a frame in time with them
        for client in self._clients:
            client.host.shun()
        self._tell(recipe)  # a word in shared memory; the hosts look there and begin anew

    def _has_come(self, coming: _Coming, engines: EngineClient, *, proven: bool) -> bool:
        # the former process still serves for a while
        return not engines.needed or (engines.host.epoch != coming.epoch and proven)

    def _done(self, judging: Judging) -> Judging:
        log.info("recipe_in_force", text="recipe %(recipe)d is in force", recipe=self.changing)
        self.changing, self._next = 0, None
        return judging

    def _watch(self, coming: _Coming, in_force: int, host: EngineHost, now_ns: int) -> None:
        anew = host.epoch != coming.epoch
        if (anew and host.failed) or now_ns > coming.until_ns:
            self._order(in_force)
            self._give_up(self.changing, "its engine could not be loaded")

    def _give_up(self, wanted: int, why: str) -> None:
        log.error(
            "recipe_refused",
            text="recipe %(recipe)d: %(why)s; the one in force stays",
            recipe=wanted,
            why=why,
        )
        self.changing, self.failed, self._next = 0, wanted, None
