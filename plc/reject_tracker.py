"""The station's own ejector: a coil that follows each part from the photo-eye to the nozzle.

    photo-eye |------------- distance -------------| nozzle
                                     |--- window ---|---|   the coil speaks for the part here

Every part enters as a reject and only an ACCEPT before its window begins changes that.
Where two windows overlap, a reject wins. What was on the belt when we came, or when
the encoder jumped, is unknown and goes out. Positions are nanoseconds at constant speed,
or encoder counts; both are counted from the trigger.
"""

from __future__ import annotations

from collections import deque
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from gonogo.base.section import Section
from gonogo.base.words import NS_PER_MS
from gonogo.plc.belt import Belt

MOST_PARTS = 128  # between photo-eye and nozzle


class EjectSection(Section):
    """Where the ejector stands, and what its coil (bit DI7) means.

    `distance_mm`: photo-eye to nozzle; `window_mm`: the length around it in which the coil
    speaks for a part; `lead_ms`: how long the valve takes. `on_means = "pass"`: the
    coil is on only while an accepted part goes by, so that a dead box or a cut cable ejects;
    `"eject"` is for ejectors that must not rest on. `by = "encoder"` counts
    `counts_per_mm` of the PLC's encoder words (P110-P111), or of an encoder at the ejector's own
    GPIO chip, and stands stop and go.
    """

    distance_mm: Annotated[float, Field(gt=0, le=100_000)]
    """From the photo-eye to the nozzle."""
    window_mm: Annotated[float, Field(gt=0, le=10_000)] = 40.0
    """The length around it in which the coil speaks for a part."""
    lead_ms: Annotated[float, Field(ge=0, le=1000)] = 0.0
    """How long the valve takes."""
    on_means: Literal["pass", "eject"] = "pass"
    """Whether the coil on lets a part pass (a dead box ejects), or ejects it."""
    by: Literal["time", "encoder"] = "time"
    """Whether parts are followed by the time, or by the PLC's encoder words or [plc.encoder]."""
    counts_per_mm: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """Counts of that encoder."""

    @model_validator(mode="after")
    def _complete(self) -> EjectSection:
        if self.by == "encoder" and self.counts_per_mm is None:
            raise ValueError('by = "encoder": expected counts_per_mm, got none')
        # longer, and it would begin before the photo-eye
        if self.window_mm > 2 * self.distance_mm:
            raise ValueError(
                f"window_mm: expected at most {2 * self.distance_mm:g} mm (twice distance_mm), "
                f"got {self.window_mm:g} mm"
            )
        return self

    def window_ms(self, speed_mm_s: float) -> tuple[float, float]:
        """Begin and end of a part's window after its trigger, at that speed."""
        begin_mm = self.distance_mm - self.window_mm / 2
        end_mm = self.distance_mm + self.window_mm / 2
        return (
            # a valve that takes lead_ms is told so much earlier, at both ends
            1000 * begin_mm / speed_mm_s - self.lead_ms,
            1000 * end_mm / speed_mm_s - self.lead_ms,
        )

    def in_words(self, speed_mm_s: float) -> str:
        """For people: when the coil speaks for a part."""
        begin_ms, end_ms = self.window_ms(speed_mm_s)
        return (
            f"ejector at {self.distance_mm:g} mm: coil DI7 speaks for a part from {begin_ms:.0f} "
            f"to {end_ms:.0f} ms after its trigger at {speed_mm_s:g} mm/s; on means {self.on_means}"
        )

    def problem(self, speed_mm_s: float, budget_ms: float) -> str:
        """What is wrong with it on a station of that speed and budget; '' where nothing is."""
        begin_ms, _ = self.window_ms(speed_mm_s)
        # a verdict may come as late as the budget allows; after the begin it changes nothing
        if begin_ms >= budget_ms:
            return ""
        return (
            f"eject: its window begins {begin_ms:.1f} ms after the trigger, expected no earlier "
            f"than station.budget_ms ({budget_ms:g} ms); move the ejector further away, or lower "
            "the budget, the speed, window_mm or lead_ms"
        )


class Tracked(NamedTuple):
    """One part on the belt: where it was triggered, and whether it may pass."""

    part_id: int
    at: int
    passes: bool


class Passage(NamedTuple):
    """A part came to the nozzle, or `left` it; `passes` is final by then."""

    part_id: int
    passes: bool
    left: bool


class RejectTracker:
    """Follows parts; everything is called by the link thread, which owns the coil."""

    def __init__(self, section: EjectSection, speed_mm_s: float) -> None:
        self._section = section
        begin_ms, end_ms = section.window_ms(speed_mm_s)
        scale = float(NS_PER_MS)
        self.by_encoder = section.by == "encoder"
        """Whether positions are encoder counts."""
        if section.counts_per_mm is not None and self.by_encoder:
            scale = speed_mm_s * section.counts_per_mm / 1000  # counts a ms at that speed
        self._belt = Belt(
            round(begin_ms * scale), round(end_ms * scale), by_encoder=self.by_encoder
        )
        self._parts: deque[Tracked] = deque()  # the one nearest to the nozzle first
        self._there = 0  # so many of them have come to the nozzle
        self._passages: list[Passage] = []
        self._unknown_until: int | None = None  # None: known; an old mark would come round again
        self.late = 0  # ACCEPTs that came after their part's window had begun

    def ejects(self, *, on: bool) -> bool:
        """Whether a coil in that state throws out what is at the nozzle."""
        return on is (self._section.on_means == "eject")

    def enter(self, part_id: int, at: int) -> None:
        """A part passes the photo-eye."""
        if len(self._parts) >= MOST_PARTS:  # more than can be on the belt: we have lost count
            self._belt.here = at
            self.lose(at)
        # a reject until an ACCEPT comes: a verdict that gets lost ejects
        self._parts.append(Tracked(part_id, at, passes=False))

    def judge(self, part_id: int, *, accept: bool) -> None:
        """A verdict: only an ACCEPT that comes before the window of its very part counts."""
        if not accept:
            return
        # ids wrap at 65536: of two that are alike the one nearest to the nozzle is meant
        for k, part in enumerate(self._parts):
            if part.part_id == part_id:
                # the coil speaks for it already, as for a reject
                if self._belt.since(part.at) >= self._belt.begin:
                    self.late += 1
                else:
                    self._parts[k] = part._replace(passes=True)
                return

    def follow(self, here: int) -> bool:
        """The belt is here now: whether the coil is on."""
        if not self._belt.advance(here):
            self.lose(here)
        # forgotten, not compared for ever: an encoder comes round to an old mark
        if self._unknown_until is not None and self._belt.since(self._unknown_until) >= 0:
            self._unknown_until = None
        self._pass_by()
        passing = self._passing()
        return passing is (self._section.on_means == "pass")

    def _pass_by(self) -> None:
        """Who has come to the nozzle, and who has left it."""
        parts, belt = self._parts, self._belt
        # who comes before who leaves: a part that did both since the last call is told of twice
        while self._there < len(parts) and belt.since(parts[self._there].at) >= belt.begin:
            part = parts[self._there]
            self._passages.append(Passage(part.part_id, part.passes, left=False))
            self._there += 1
        while parts and belt.since(parts[0].at) >= belt.end:
            part = parts.popleft()
            self._passages.append(Passage(part.part_id, part.passes, left=True))
            self._there -= 1

    def passages(self) -> list[Passage]:
        """Who came to the nozzle or left it since the last call."""
        passages, self._passages = self._passages, []
        return passages

    @property
    def unknown(self) -> bool:
        """Whether nobody knows what is at the nozzle; it goes out."""
        return self._unknown_until is not None

    def condemn(self) -> None:
        """Nobody passes whom we know: the coil cannot be trusted to do what it is told."""
        self._parts = deque(part._replace(passes=False) for part in self._parts)

    def _passing(self) -> bool | None:
        """Whether what is at the nozzle may pass; None when nothing is there."""
        if self._unknown_until is not None:
            return False
        # a nozzle cannot tell two parts apart: one reject among them ejects all of them
        passes = [part.passes for part in self._parts if self._belt.in_window(part.at)]
        return all(passes) if passes else None

    def lose(self, here: int) -> None:
        """From here on nothing is known of what is on the belt until it has gone by: it goes out.

        `here` as in `follow`.
        """
        self._parts.clear()
        self._there = 0
        self._unknown_until = here + self._belt.begin

    @property
    def next_edge_ns(self) -> int | None:
        """When the coil changes next at the latest, for belts of constant speed; else None."""
        # a belt that may stop has no time for its next edge: it is asked in each poll
        if self.by_encoder or not self._parts:
            return None
        edges = (self._belt.next_edge(part.at) for part in self._parts)
        return min((edge for edge in edges if edge is not None), default=None)
