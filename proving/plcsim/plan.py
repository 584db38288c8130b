"""What one run of the PLC simulator does: wire, belt, ground truth and scripted faults."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import Field, model_validator

from gonogo.base.errors import UnknownDriver
from gonogo.base.section import Section

if TYPE_CHECKING:
    from collections.abc import Callable

NS_PER_MS = 1_000_000
FEED_STEPS = ("skip_id", "repeat_id", "jump_id", "gap")

Milliseconds = Annotated[float, Field(gt=0, le=3_600_000)]
Address = Annotated[int, Field(ge=0, le=65_535)]


class Step(Section):
    """One scripted fault or pause, at the trigger of the `at_part`-th part (from 1).

    skip_id           that part carries the next id but one
    repeat_id         that part carries the id of the part before it
    jump_id           its id is `by` ahead of its turn (negative: runs backwards)
    gap               the next part comes `for_ms` after it, whatever the pitch; all else goes on
    stop_scan         after its trigger the program stands still for `for_ms`; the wire stays up
    drop_connections  after its trigger all connections close, and new ones are refused for `for_ms`
    restart           both, with all registers cleared and the session and the belt forgotten;
                      afterwards the ids continue, or restart at `first_id`
    """

    at_part: Annotated[int, Field(ge=1)]
    do: Literal[
        "skip_id", "repeat_id", "jump_id", "gap", "stop_scan", "drop_connections", "restart"
    ]
    for_ms: Annotated[float, Field(ge=0, le=600_000)] = 0
    by: Annotated[int, Field(ge=-32_768, le=32_767)] = 100
    ids: Literal["continue", "restart"] = "continue"


class Plan(Section):
    """What the simulator reads from its standard input, as JSON.

    `station` is the station's role: a "client" finds a server here (`port` 0 takes a
    free one), a "server" is polled at `port`. Ground truth is `truth` (part 1 shows
    the first value, round again at the end) or `sections`, one per view: a part is as
    good as its worst view. Without either, every part counts as good.
    """

    journal: Path
    parts: Annotated[int, Field(ge=1, le=10_000_000)]
    station: Literal["client", "server"] = "client"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 0
    unit_id: Annotated[int, Field(ge=0, le=255)] = 1
    d_base: Address = 0
    p_base: Address = 100
    coil_base: Address | None = None  # where a client station mirrors its seven bits
    poll_timeout_ms: Milliseconds = 100
    station_waits_ms: Milliseconds | None = None  # for a reply, a client station; None: not known
    read_bits: bool = True  # poll the discrete inputs of a server station
    trigger: Literal["plc", "device"] = "plc"
    feed: Literal["permit", "always"] = "permit"  # "always": the belt never waits for the permit
    first_id: Annotated[int, Field(ge=1, le=65_535)] = 1
    scan_ms: Milliseconds = 10
    pitch_ms: Milliseconds = 500
    budget_ms: Milliseconds = 200
    travel_ms: Milliseconds | None = None  # photo-eye to ejector; the budget where not given
    heart_limit_ms: Milliseconds = 300
    belt_mm_s: Annotated[float, Field(gt=0, le=10_000)] = 200
    start_timeout_s: Annotated[float, Field(gt=0, le=3600)] = 60
    stall_timeout_s: Annotated[float, Field(gt=0, le=3600)] = 60
    rush_ms: Milliseconds = 500  # on SIGUSR1, parts come five times as fast for so long
    drain_ms: Annotated[float, Field(ge=0, le=60_000)] = 500
    truth: Annotated[tuple[bool, ...], Field(min_length=1)] | None = None
    sections: tuple[dict[str, Any], ...] = ()
    script: tuple[Step, ...] = ()
    rank: Annotated[int, Field(ge=0, le=90)] = 0  # SCHED_FIFO priority, where permitted; 0: none

    @model_validator(mode="after")
    def _check(self) -> Plan:
        # who polls must know where; only who serves can take a free port and tell it
        if self.station == "server" and self.port == 0:
            raise ValueError("port: expected the station's own port (1-65535), got 0")
        if self.travel_ms is not None and self.travel_ms < self.budget_ms:
            raise ValueError(
                f"travel_ms: expected at least budget_ms ({self.budget_ms} ms), got"
                f" {self.travel_ms} ms; the ejector lies behind the decision point"
            )
        # a step is looked up by its part, so a second one would never be acted
        if len({step.at_part for step in self.script}) < len(self.script):
            raise ValueError(
                "script: expected one step per part, got two; move one to another part"
            )
        if self.truth is not None and self.sections:
            raise ValueError("truth: expected either truth or sections, got both; drop one")
        # the station's own photo-eye counts the ids: they are not ours to jumble
        if self.trigger == "device" and any(step.do in FEED_STEPS for step in self.script):
            raise ValueError(
                'script: ids and gaps can be scripted only with trigger "plc"; drop these steps'
            )
        return self


class PartTruth(NamedTuple):
    """What a part really is."""

    good: bool
    label: str


def truths(plan: Plan) -> Callable[[int], PartTruth]:
    """The ground truth of a part by its id; remembers the ids it was asked for lately."""
    if plan.sections:
        views = [_of_section(dict(section)) for section in plan.sections]
        # asked at trigger and ejector: parts in between are many times fewer than these
        return lru_cache(maxsize=4096)(lambda part_id: _worst([view(part_id) for view in views]))
    listed = plan.truth or (True,)

    def of_list(part_id: int) -> PartTruth:
        good = listed[(part_id - 1) % len(listed)]  # ids begin at 1
        return PartTruth(good, "good" if good else "bad")

    return of_list


# one bad view makes a bad part, and the first one names it
def _worst(views: list[PartTruth]) -> PartTruth:
    return next((view for view in views if not view.good), views[0])


def _of_section(section: dict[str, Any]) -> Callable[[int], PartTruth]:
    """One view's truth; the camera simulators are imported only where a plan names them."""
    from gonogo.proving.plcsim.truth import truth_of  # noqa: PLC0415 - lazy: needs image libraries

    model = _model(section)  # once, before the first part

    def of_view(part_id: int) -> PartTruth:
        truth = truth_of(model, part_id)
        return PartTruth(bool(truth.good), str(truth.label))

    return of_view


def _model(section: dict[str, Any]) -> Any:  # noqa: ANN401 - one of two unrelated models
    driver = section.get("driver")
    if driver == "replay":
        from gonogo.drivers.cameras.replay import ReplaySection  # noqa: PLC0415 - lazy, as above

        return ReplaySection.model_validate(section)
    if driver == "synthetic":
        from gonogo.drivers.scene.section import SyntheticSection  # noqa: PLC0415 - lazy, as above

        return SyntheticSection.model_validate(section)
    # before the run: a judge without truth could only count
    raise UnknownDriver(
        f'sections: expected driver "replay" or "synthetic", got {driver!r};'
        " only simulated cameras know the truth of a part"
    )
