"""Anything at any moment: what judges is never told anything, and nothing unproven ever judges."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gonogo.base.errors import GonogoError
from gonogo.engines.loading.steps import Step
from gonogo.ipc.engine_slot import Phase
from gonogo.ipc.engine_slots import OrderKind
from gonogo.tests.engines.loading.stage import (
    SHADOW_PARTS,
    VERSIONS,
    WAIT_S,
    Stage,
    install,
    section_of,
)
from gonogo.tests.fakes import scratch_station

WAITS_S = st.sampled_from([0.05, 0.05, 1.0, 3.0, 40.0, 130.0, 700.0])
PLACES = st.sampled_from([0, 1])


class AnythingHappens(RuleBasedStateMachine):
    """Commands, hosts, the line, the loader's end and the clock in any order."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = contextlib.ExitStack()
        self.folder = Path(tempfile.mkdtemp())
        self._stack.callback(shutil.rmtree, self.folder)
        self.station = self._stack.enter_context(scratch_station())
        self.permitted = False

    @initialize()
    def begin(self) -> None:
        """1.0.0 judges."""
        section = section_of(self.folder)
        install(self.folder, section, *VERSIONS)
        self.stage = Stage(self.folder, self.station, section)
        self._stack.callback(self.stage.close)
        self.orders = 0
        self.loads = [place.load for place in self.stage.slots.places]
        assert self.loads == [1, 0]

    def watch(self, before: Step) -> None:
        """What the loader has just ordered is nothing to what judges, and nothing unproven."""
        slots = self.stage.slots
        loads = [place.load for place in slots.places]
        assert loads[slots.active] == self.loads[slots.active]
        self.loads = loads
        order = slots.pending
        if order is not None and order.number != self.orders:
            self.orders = order.number
            if order.kind is OrderKind.SWITCH:
                now = self.stage.now()
                assert before is Step.RAISING
                assert order.place != slots.active
                assert slots.places[order.place].phase is Phase.READY
                proven = now.proof is not None and now.proof.parts >= SHADOW_PARTS
                assert proven or self.permitted or now.wish.again

    @rule(waited_s=WAITS_S)
    def tick(self, waited_s: float) -> None:
        """Time passes, and the loader looks; a check that runs may end first."""
        stage, before = self.stage, self.stage.step()
        stage.calm()
        stage.tick(waited_s)
        self.watch(before)

    @rule(
        do=st.sampled_from(["load", "activate", "activate", "rollback", "unload"]),
        version=st.sampled_from(VERSIONS),
        without_shadow=st.booleans(),
        keep=st.booleans(),
    )
    def command(self, do: str, version: str, *, without_shadow: bool, keep: bool) -> None:
        """Somebody asks for something; what cannot be had is refused in our own words."""
        asked: dict[str, dict[str, Any]] = {
            "load": {"name": "bolt", "version": version, "keep": keep},
            "activate": {"without_shadow": without_shadow},
        }
        before = self.stage.step()
        with contextlib.suppress(GonogoError):
            self.stage.ask(do, **asked.get(do, {}))
            if do in {"load", "activate"}:
                self.permitted = do == "activate" and without_shadow
        self.watch(before)

    @rule(number=PLACES, does=st.sampled_from(["obey", "obey", "begin", "refuse"]))
    def host(self, number: int, does: str) -> None:
        """A host does what it was told, or its process begins anew, or refuses."""
        host = self.stage.hosts[number]
        if does == "obey":
            host.obey()
        elif does == "begin":
            host.begin()
        elif host.place.ordered is not None:
            host.begin()
            host.place.refuse("no", 310)

    @rule(does=st.sampled_from(["obey", "obey", "refuse"]))
    def line(self, does: str) -> None:
        """The line answers."""
        getattr(self.stage.line, does)()

    @rule(count=st.integers(1, 8), window=st.booleans(), late=st.booleans())
    def parts(self, count: int, *, window: bool, late: bool) -> None:
        """Parts pass, with or without time for a shadow; on trial it may be too late."""
        for _ in range(count):
            self.stage.line.judge(window=window, late=late)

    @rule()
    def killed(self) -> None:
        """The loader ends, and is started anew."""
        before = self.stage.step()
        self.stage.restart()
        self.permitted = True  # a trial that goes on, whoever permitted it
        self.watch(before)

    @invariant()
    def what_judges_holds_an_engine(self) -> None:
        """The place that judges was never emptied."""
        if hasattr(self, "stage"):
            slots = self.stage.slots
            assert slots.places[slots.active].ordered is not None

    def teardown(self) -> None:
        """Everything goes on by itself to an end, once hosts and line do as they are told."""
        stage = self.stage
        end_s = time.monotonic() + WAIT_S
        while stage.step() not in {Step.IDLE, Step.SHADOW, Step.REPORTED}:
            assert time.monotonic() < end_s, f"it stays at {stage.step().name}"
            for host in stage.hosts:
                host.obey()
            stage.line.obey()
            stage.line.judge()
            before = stage.step()
            stage.tick(40)
            self.watch(before)
        stage.calm()
        self._stack.close()


TestAnythingHappens = AnythingHappens.TestCase
TestAnythingHappens.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
