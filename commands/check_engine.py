"""The engines of a station as `gonogo check` sees them: opened, proven, measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import cv2

from gonogo.base.errors import GonogoError
from gonogo.base.field_tool import is_field_tool, not_here
from gonogo.base.realtime import beside_the_line, cores_beside_the_line
from gonogo.commands.measure import measure_engine
from gonogo.commands.show.bundles import signed
from gonogo.config.view_limits import engines_of, limits_of
from gonogo.engines.backends.backend import sight_of
from gonogo.engines.backends.catalogue import BACKENDS, open_backend
from gonogo.engines.backends.cuda.comparison import ways_of
from gonogo.engines.backends.cuda.wanted import reached_by
from gonogo.engines.backends.progress import told_to
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.card import read_card
from gonogo.engines.serving.apart import importing_apart, settle_apart
from gonogo.engines.serving.golden import prove
from gonogo.engines.serving.source import Sources
from gonogo.launch.told import view_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection
    from gonogo.engines.backends.backend import Backend
    from gonogo.engines.installed.choice import Chosen
    from gonogo.engines.section import EngineSection
    from gonogo.engines.serving.source import Source

# p99.9 of so few is the longest but for a fraction: what a budget is made for
RUNS = 200  # of each engine


class Report(Protocol):
    """Where findings go."""

    def say(self, text: str, /) -> None:
        """Something that was seen."""
        ...

    def wrong(self, message: str) -> None:
        """Something to be mended before parts flow."""
        ...


class EngineCheck:
    """Looks up the installed engines of a station once, and tries the engine of each view."""

    def __init__(self, report: Report, station: Station) -> None:
        self._report = report
        self._section = station.engines
        self._chosen: Mapping[str, Chosen] = {}
        self._realtime = station.realtime
        self._cores = cores_beside_the_line(station.realtime)
        if self._section is None:
            return
        first, *more = self._section.in_words()
        report.say(first)
        for line in more:
            report.say(f"  {line}")
        try:
            self._chosen = engines_of(station)
        except GonogoError as error:
            report.wrong(str(error))
        for name, chosen in self._chosen.items():
            report.say(f"  {name} {chosen.manifest.version}, {signed(chosen.signer)}")

    def check(self, view: ViewSection, pixels: NDArray[np.uint8]) -> float | None:
        """Milliseconds (p99.9) of the engine of a view; None where there is none to measure."""
        section = view.engine
        if section is None:
            self._report.say("  no engine: rules alone decide")
            return None
        # said once above, for all views that name it
        if section.bundle is not None and section.bundle not in self._chosen:
            self._report.say(f"  engine '{section.bundle}' is not tried: see above")
            return None
        if is_field_tool():
            self._report.say(f"  not tried, and not in the time below: {not_here('an engine')}")
            return None
        self._say_behind(view)
        try:
            return self._try(view, section, pixels)
        except GonogoError as error:
            self._report.wrong(f"view '{view.name}': {error}")
            return None

    def _say_behind(self, view: ViewSection) -> None:
        # all that makes engines comes with it, and the field tool has none of that
        from gonogo.build.station import engine_is_behind

        try:
            behind = engine_is_behind(view)
        except GonogoError as error:
            # the engine is whole, and judges all the same
            self._report.say(f"  what its engine was made from is not there now: {error}")
            return
        if behind:
            self._report.say(
                "  pictures, or what else it is made from, have changed since the engine was made: "
                "`gonogo prepare` makes another one, nothing else does"
            )

    def _try(self, view: ViewSection, section: EngineSection, pixels: NDArray[np.uint8]) -> float:
        self._say_limits(section)
        # the number of the view is nothing to an engine that is tried alone
        plan = view_plan(0, view, section)
        paths = {name: chosen.path for name, chosen in self._chosen.items()}
        policy = policy_of(self._section) if self._section is not None else None
        # the very bytes that were checked, in memory: a runtime has opened them when this ends.
        # by_name: messages speak of files and bundles, not of places in memory
        backends = BACKENDS.watched(importing_apart)
        # told_to: a backend may build for minutes, and say how far it is
        sources = Sources([plan], paths, policy, backends)
        with sources, sources.by_name(), told_to(lambda text: self._report.say(f"  {text}")):
            source, geometry = sources.of(plan), view.camera.geometry
            # apart: a vendor's library that ends the process is no reason to check nothing else
            with beside_the_line(self._realtime):
                choice = settle_apart(plan, source, self._cores)
            for line in choice.in_words():
                self._report.say(f"  {sources.named(line)}")
            file, threads = source.model.file_of(choice.name), choice.candidate.computes_on
            with reached_by(section.cuda):
                backend = open_backend(choice.name, file, geometry, threads)
        for line in ways_of(choice.name, pixels.nbytes):
            self._report.say(f"  {line}")
        sight = sight_of(backend, geometry)
        for line in () if sight is None else sight.in_words:
            self._report.say(f"  {line}")
        # before it is measured: how fast a wrong score comes is of no interest
        self._prove(backend, choice.name, source)
        cv2.setNumThreads(threads)  # frames are made smaller by as many
        took_ms = measure_engine(backend, pixels, RUNS)
        cv2.setNumThreads(1)  # as the rules, which come next
        self._report.say(
            f"  {choice.candidate}: {took_ms.p50:.2f} ms (p50), {took_ms.p999:.2f} ms (p99.9) of "
            f"{RUNS} runs"
        )
        return took_ms.p999

    def _say_limits(self, section: EngineSection) -> None:
        # as the station would start with them
        limits = limits_of(section, self._chosen)
        if limits is None:
            return
        if section.bundle is not None:
            manifest = self._chosen[section.bundle].manifest
            what = f"{manifest.name} {manifest.version} (a bundle)"
        else:
            card = read_card(section.file)
            what = f"{card.name} ({card.method}, {card.good_parts} good parts)"
        self._report.say(
            f"  engine {what}: recheck above {limits.recheck_above:.4g}, "
            f"reject above {limits.reject_above:.4g}"
        )

    def _prove(self, backend: Backend, name: str, source: Source) -> None:
        # none of an engine that was made on this box: its proof lies in its card
        facts = source.facts.get(name)
        if facts is not None and source.frames is not None:
            scores = prove(backend, 1, source.frames, facts)
            self._report.say(f"  its {len(scores)} self-test frames score as its maker saw them")
