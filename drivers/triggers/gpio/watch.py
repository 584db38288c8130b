"""From edges to parts: the eye alone, or the eye and the belt. Pure.

Whatever was seen to pass gets its number and, where it must not be inspected, the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from gonogo.base.gpio.quadrature import A, B, Quadrature
from gonogo.base.words import NS_PER_MS, Reason, TriggerEvent
from gonogo.drivers.triggers.gpio.belt import BeltPlace, Ways
from gonogo.drivers.triggers.gpio.blink import Blink
from gonogo.drivers.triggers.numbers import Numbers

if TYPE_CHECKING:
    from gonogo.base.gpio.lines import Edge
    from gonogo.drivers.triggers.gpio.section import EncoderSection, EyeSection

EYE = 0  # its place in the order; the channels follow


class Watch(Protocol):
    """What makes parts of the edges of an order."""

    def begin(self, levels: tuple[bool, ...]) -> None:
        """The lines were opened, and are so now."""
        ...

    def doubt(self) -> None:
        """Parts may have come unseen: the next one is not inspected."""
        ...

    def look(self, edge: Edge, now_ns: int) -> TriggerEvent | None:
        """The part that this edge is, if it is one."""
        ...

    @property
    def missed(self) -> int:
        """Parts that were missed, at least, or may have been."""
        ...

    def counts(self) -> dict[str, int]:
        """What there is to tell, as name: count so far."""
        ...


class EyeWatch:
    """The photo-eye alone."""

    def __init__(self, section: EyeSection, last_part_id: int) -> None:
        self.blink = blink_of(section)
        self.numbers = numbers_of(section, last_part_id)

    def begin(self, levels: tuple[bool, ...]) -> None:
        """See Watch."""
        self.blink.begin(active=levels[EYE])

    def doubt(self) -> None:
        """See Watch."""
        self.blink.doubt()

    def look(self, edge: Edge, now_ns: int) -> TriggerEvent | None:
        """See Watch."""
        start = self.blink.look(edge, now_ns)
        if start is None:
            return None
        return self.numbers.part(start.at_ns, Reason.TRIGGER if start.unsure else Reason.OK)

    @property
    def missed(self) -> int:
        """See Watch."""
        return self.blink.missed

    def counts(self) -> dict[str, int]:
        """See Watch."""
        return eye_counts(self.blink, self.numbers)


class BeltWatch:
    """The photo-eye, and the encoder that says whether the belt has moved on."""

    def __init__(self, section: EncoderSection, last_part_id: int) -> None:
        self.blink = blink_of(section)
        self.numbers = numbers_of(section, last_part_id)
        self.quadrature = Quadrature(a_first=section.first == "a")
        self.place = BeltPlace(ways_of(section))
        self._adrift = False  # edges of the encoder were lost since the part before

    def begin(self, levels: tuple[bool, ...]) -> None:
        """See Watch."""
        eye, a, b = levels
        self.blink.begin(active=eye)
        self.quadrature.begin(a, b)
        # while nobody looked the belt may have moved; whoever lost the lines doubts the next part
        self.place.forget()

    def doubt(self) -> None:
        """See Watch."""
        self.blink.doubt()

    def look(self, edge: Edge, now_ns: int) -> TriggerEvent | None:
        """See Watch."""
        if edge.line != EYE:
            self._moved(edge)
            return None
        start = self.blink.look(edge, now_ns)
        if start is None or not self.place.is_new():
            # what was unsure of it stays so for the next one that is new
            self._adrift |= start is not None and start.unsure
            return None
        unsure, self._adrift = start.unsure or self._adrift, False
        return self.numbers.part(start.at_ns, self._reject(start.at_ns, unsure=unsure))

    def _moved(self, edge: Edge) -> None:
        if not self.quadrature.look(A if edge.line == EYE + 1 else B, edge):
            self._adrift = True
            self.place.forget()
        if self.place.move(self.quadrature.position, edge.at_ns):
            self.blink.doubt()

    def _reject(self, at_ns: int, *, unsure: bool) -> Reason:
        if unsure:
            return Reason.TRIGGER
        return Reason.OK if self.place.in_limits(at_ns) else Reason.BELT

    @property
    def missed(self) -> int:
        """See Watch."""
        return self.blink.missed

    def counts(self) -> dict[str, int]:
        """See Watch."""
        return eye_counts(self.blink, self.numbers) | {
            "edges of the encoder lost": self.quadrature.lost,
            "parts that came back": self.place.returned,
            "parts overdue": self.place.overdue,
        }


def blink_of(section: EyeSection) -> Blink:
    """The eye as the section describes it."""
    return Blink(
        rising=section.edge == "rising",
        bounce_ns=round(section.bounce_ms * NS_PER_MS),
        debounce_ns=round(section.debounced_ms * NS_PER_MS),
    )


def numbers_of(section: EyeSection, last_part_id: int) -> Numbers:
    """Part ids that go on after the last one."""
    return Numbers(round((section.min_pitch_ms or 0.0) * NS_PER_MS), last_part_id)


def ways_of(section: EncoderSection) -> Ways:
    """Distances and speeds as the section has them."""
    return Ways(
        mm_per_edge=section.mm_per_edge,
        same_mm=section.same_part_mm or 0.0,
        within_mm=section.part_within_mm or 0.0,
        slowest_mm_s=section.speed_min_mm_s,
        fastest_mm_s=section.speed_max_mm_s,
    )


def eye_counts(blink: Blink, numbers: Numbers) -> dict[str, int]:
    """What every eye has to tell; bounces are no news."""
    return {
        "edges of the eye lost": blink.lost,
        "parts missed, or perhaps": blink.missed,
        "parts too close": numbers.early,
    }
