"""The station file as one frozen model: sections declared beside their components."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from gonogo.base.log.section import LogSection
from gonogo.base.realtime import RealtimeSection
from gonogo.base.section import Section
from gonogo.base.words import VerdictKind
from gonogo.config.access import AccessSection
from gonogo.config.console import ConsoleSection
from gonogo.config.master_part import MasterPartSection
from gonogo.config.master_part import problem as master_part_problem
from gonogo.config.reader import load, parse
from gonogo.config.recipe import RecipeSection, bundles_of
from gonogo.config.recipe import problem as recipe_problem
from gonogo.config.rule_room import part_id_problem, room_problem
from gonogo.config.screen import ScreenSection
from gonogo.config.screen import problem as screen_problem
from gonogo.config.view import ViewSection
from gonogo.drivers.board.section import BoardSection
from gonogo.drivers.triggers.catalogue import TRIGGERS
from gonogo.drivers.triggers.trigger import TriggerSection
from gonogo.engines.section import EnginesSection
from gonogo.ipc.journal import MAX_VIEWS
from gonogo.plc.reject_tracker import EjectSection
from gonogo.plc.transports.catalogue import TRANSPORTS
from gonogo.plc.transports.section import TransportSection
from gonogo.records.dispositions.section import DispositionsSection
from gonogo.records.metrics.section import MetricsSection
from gonogo.records.section import RecordsSection
from gonogo.watchdog.section import MaintenanceSection, WatchdogSection

if TYPE_CHECKING:
    from pathlib import Path


class LineSection(Section):
    """The station itself: what passes, how fast, and how long a verdict may take.

    `budget_ms`: trigger to verdict at the PLC. `decision_distance_mm`: photo-eye to the
    point where the PLC decides, at `speed_mm_s`. `without_engine`: what a part gets whose
    engine gave no trusted score: the rules' verdict, a reject or a recheck. `warm_spare`: keep a
    second line process ready (some 100 MB), which takes over when the first one ends.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
    """Names the station in messages, in records and in memory; two on one box differ in it."""
    budget_ms: Annotated[float, Field(ge=5, le=10_000)] = 200.0
    """From the trigger to the verdict at the PLC; what comes later counts as silence."""
    pitch_mm: Annotated[float, Field(gt=0, le=10_000)] = 100.0
    """From one part to the next on the belt."""
    speed_mm_s: Annotated[float, Field(gt=0, le=20_000)] = 200.0
    """How fast the belt runs, at most."""
    decision_distance_mm: Annotated[float, Field(gt=0, le=100_000)] | None = None
    """From the photo-eye to the point where the PLC decides; the budget must end before it."""
    without_engine: Literal["rules", "reject", "recheck"] = "rules"
    """What a part gets whose engine gave no trusted score: the rules' verdict, or one of these."""
    max_escape_pct: Annotated[float, Field(ge=0, le=100)] = 5.0
    """Of bad parts so many may pass, for a rehearsal to call the station good enough."""
    max_overkill_pct: Annotated[float, Field(ge=0, le=100)] = 5.0
    """Of good parts so many may be rejected, for a rehearsal to call the station good enough."""
    frame_slots: Annotated[int, Field(ge=4, le=64)] = 8
    """Frames of each view that lie in memory at a time."""
    warm_spare: bool = True
    """Whether a second line process stands ready to take over (some 100 MB)."""

    @property
    def pitch_ms(self) -> float:
        """Time from one part to the next."""
        return 1000.0 * self.pitch_mm / self.speed_mm_s

    def in_words(self, trigger: str) -> str:
        """For whoever checks a station file: how fast it must be; `trigger` starts a part."""
        return (
            f"a part every {self.pitch_ms:.0f} ms ({self.pitch_mm:g} mm at {self.speed_mm_s:g} "
            f"mm/s); a verdict within {self.budget_ms:g} ms of the trigger ({trigger})"
        )

    @property
    def engineless(self) -> VerdictKind:
        """`without_engine` as a verdict."""
        kinds = {
            "rules": VerdictKind.ACCEPT,
            "reject": VerdictKind.REJECT,
            "recheck": VerdictKind.RECHECK,
        }
        return kinds[self.without_engine]


class Station(Section):
    """A whole station file."""

    station: LineSection
    """What passes, how fast, and how long a verdict may take."""
    trigger: Annotated[TriggerSection, TRIGGERS]
    """What starts a part."""
    plc: Annotated[TransportSection, TRANSPORTS]
    """The way to the PLC, or to a remote I/O module."""
    view: Annotated[tuple[ViewSection, ...], Field(min_length=1, max_length=MAX_VIEWS)]
    """One camera's look at a part each; a part is as good as its worst view."""
    records: RecordsSection
    """Where parts are recorded."""
    eject: EjectSection | None = None
    """Where the station drives the ejector itself."""
    recipe: tuple[RecipeSection, ...] = ()
    """Further sets of engine, rules and limits, which the PLC loads by number."""
    engines: EnginesSection | None = None
    """Installed bundles, and how they are exchanged."""
    master_part: MasterPartSection = MasterPartSection()
    """Parts that are known to be good or bad, and what a wrong answer to them closes."""
    board: BoardSection | None = None
    """The heat of the box, and what is done about it; left out, nobody watches it."""
    dispositions: DispositionsSection = DispositionsSection()
    """What people say of parts: reason codes, and who decides where two differ."""
    metrics: MetricsSection | None = None
    """Figures for Prometheus; left out, none are served."""
    access: AccessSection = AccessSection()
    """Who may do what, from where, and how long somebody stays signed in."""
    console: ConsoleSection | None = None
    """The technician's console on a serial port; left out, no port is opened for one."""
    screen: ScreenSection | None = None
    """The operator's screen; left out, there is none."""
    realtime: RealtimeSection = RealtimeSection()
    """How hard the line asks the kernel for its time."""
    log: LogSection = LogSection()
    """In which form messages go out, and where they are kept."""
    watchdog: WatchdogSection = WatchdogSection()
    """What is done about processes that hang or grow."""
    maintenance: MaintenanceSection = MaintenanceSection()
    """The lock before faults on request."""

    @model_validator(mode="after")
    def _ejects(self) -> Station:
        line, problem = self.station, ""
        if self.eject is not None:
            # both sides of it are in other sections: only here all are known
            problem = self.eject.problem(line.speed_mm_s, line.budget_ms)
        problem = problem or self.plc.problem(self.eject, self.trigger.driver)
        problem = problem or self.trigger.problem(line.budget_ms, line.pitch_ms)
        if problem:
            raise ValueError(problem)
        return self

    @model_validator(mode="after")
    def _counts(self) -> Station:
        if self.eject is None or self.eject.by != "encoder":
            return self
        most = self.plc.counts_per_s_max
        counts_per_s = (self.eject.counts_per_mm or 0.0) * self.station.speed_mm_s
        if counts_per_s > most:
            raise ValueError(
                f"eject.counts_per_mm: expected at most {most:g} counts a second at "
                f"station.speed_mm_s, got {counts_per_s:.0f}; a wheel with fewer pulses, or a PLC "
                "that counts in hardware"
            )
        return self

    @model_validator(mode="after")
    def _lines(self) -> Station:
        # by the names in the file; `gonogo check` asks the chip which names are of one line
        for chip, line in self.trigger.chip_lines:
            if (chip, line) in self.plc.chip_lines:
                raise ValueError(
                    f"plc.line: expected lines that [trigger] has not, got line {line} of chip "
                    f"{chip} in both"
                )
        return self

    @model_validator(mode="after")
    def _photographs(self) -> Station:
        # views are asked one after the other, and each camera is told when the part was there
        pitch_ms = self.trigger.least_pitch_ms(self.station.pitch_ms)
        for number, view in enumerate(self.view):
            camera = view.camera
            if camera.alone and number:
                raise ValueError(
                    f"view[{number}].camera: expected driver '{camera.driver}' in the first view "
                    "alone: what comes while another view is asked would be lost"
                )
            before_ms = camera.before_ms + self.trigger.early_ms
            if before_ms >= pitch_ms:
                raise ValueError(
                    f"view[{number}].camera: a picture of {before_ms:.1f} ms before the part may "
                    f"pass for its own (lead {camera.lead_ms:g} ms, what a frame takes, and what "
                    f"the trigger's time is early), expected less than the {pitch_ms:g} ms from "
                    "one part to the next: it would show the part before; shorten trigger_lead_ms "
                    "or exposure_us, say link_mbit_s, or take a longer pitch_mm"
                )
        return self

    @model_validator(mode="after")
    def _finds(self) -> Station:
        problem = self.trigger.find_problem(self.view[0].camera)
        if self.trigger.looks and self.delays_ms[0]:
            problem = (
                "view[0]: expected no offset_mm and no offset_ms: its camera finds the parts where "
                "it sees them"
            )
        if problem:
            raise ValueError(problem)
        return self

    @model_validator(mode="after")
    def _along_the_belt(self) -> Station:
        # one part at a time: all views of it are photographed before the next one's first
        before_ms, half_ms = 0.0, self.station.budget_ms / 2
        for number, delay_ms in enumerate(self.delays_ms):
            if delay_ms < before_ms:
                raise ValueError(
                    f"view[{number}]: its camera is asked {delay_ms:g} ms after the trigger, "
                    f"expected no less than the {before_ms:g} ms of the view before: put the views "
                    "in the order in which a part meets them"
                )
            if delay_ms >= half_ms:
                raise ValueError(
                    f"view[{number}]: its camera is asked {delay_ms:g} ms after the trigger, "
                    f"expected less than {half_ms:g} ms: frames must be there by half of "
                    "budget_ms; move the camera nearer to the photo-eye, or raise budget_ms"
                )
            before_ms = delay_ms
        return self

    @property
    def delays_ms(self) -> tuple[float, ...]:
        """From the trigger until the part is before each view's camera."""
        return tuple(view.delay_ms(self.station.speed_mm_s) for view in self.view)

    @model_validator(mode="after")
    def _recipes(self) -> Station:
        problem = recipe_problem(self.recipe, self.view)
        problem = problem or master_part_problem(self.master_part, self.view, self.recipe)
        problem = problem or screen_problem(self.screen, self.view, self.recipe)
        if problem:
            raise ValueError(problem)
        return self

    @model_validator(mode="after")
    def _installed(self) -> Station:
        # in recipes as well: they may be asked for at any time
        names = bundles_of(self.view, self.recipe)
        if names and self.engines is None:
            raise ValueError(
                f"engines: expected [engines] with the folder of installed engines for bundle "
                f"'{names[0]}', got none"
            )
        if self.engines is not None and not names:
            raise ValueError(
                "engines: expected a bundle in a [view.engine], got none: "
                "nothing would be taken from that folder"
            )
        return self

    @model_validator(mode="after")
    def _fits(self) -> Station:
        rules = [rule for view in self.view for rule in view.rule]
        others = [rule for each in self.recipe for view in each.view for rule in view.rule]
        by_plc = self.trigger.named_by_plc
        problem = room_problem(rules) or part_id_problem([*rules, *others], named_by_plc=by_plc)
        if problem:
            raise ValueError(problem)
        names = [view.name for view in self.view]
        if len(set(names)) != len(names):
            raise ValueError(f"expected a name of its own for every [[view]], got {names}")
        return self


def with_seed(station: Station, seed: int) -> Station:
    """The same station with another seed in every simulated camera."""
    views = tuple(
        view.model_copy(update={"camera": view.camera.model_copy(update={"seed": seed})})
        # those that are simulated; another camera has nothing to draw
        if "seed" in type(view.camera).model_fields
        else view
        for view in station.view
    )
    return station.model_copy(update={"view": views})


def load_station(path: Path, folder: Path | None = None) -> Station:
    """Read a station file; StationFileError lists everything that is wrong with it.

    Relative paths in it start at `folder`, or where the file lies.
    """
    return load(path, Station, folder)


def parse_station(path: Path, raw: bytes, folder: Path | None = None) -> Station:
    """As `load_station`, of bytes that were read from `path` already."""
    return parse(path, raw, Station, folder)
