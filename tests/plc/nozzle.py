"""A belt with an ejector beside it: parts, what becomes of them, and what falls into the chute.

Import it as `gonogo.tests.plc.nozzle`. Behind the ejector is whatever a test puts there: a module
of coils (iomodule.py), or a GPIO chip (gpiorig.py).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from gonogo.base.words import Mode, Reason, Verdict, VerdictKind
from gonogo.plc.link.link import LinkedStation, PlcLink
from gonogo.plc.reject_tracker import EjectSection, RejectTracker
from gonogo.tests.fakes import part_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from gonogo.plc.handshake.state import Delivery
    from gonogo.plc.transports.section import TransportSection
    from gonogo.plc.transports.transport import Transport

WAIT_S = 20.0
PITCH_S = 0.16
SPEED_MM_S = 1000.0
EJECT = {"distance_mm": 100.0, "window_mm": 80.0}  # 60 to 140 ms after the trigger
FALL_S, COVER_S = 0.03, 0.06  # from the nozzle to the eye, and before it


class Nozzle(Protocol):
    """What the ejector hangs on, as the parts feel it."""

    slow: float
    """So many times slower than a machine of one's own."""

    def tend(self) -> None:
        """A moment has passed."""
        ...

    def was(self, at_ns: int) -> bool:
        """What the output was at some moment."""
        ...

    def cover(self, begin_ns: int, end_ns: int) -> None:
        """Something is before the eye in the chute then."""
        ...


class Wired:
    """A `[plc]`, and how its transport is made where that is not by its name."""

    def __init__(
        self, section: TransportSection, make: Callable[[int], Transport] | None = None
    ) -> None:
        self.section, self.make = section, make


class NozzleBelt:
    """A link with its own ejector, parts that come by, and what became of them."""

    def __init__(self, nozzle: Nozzle, wired: Wired, eject: dict[str, Any] | None = None) -> None:
        self.nozzle, self._slow = nozzle, nozzle.slow
        self.eject = EjectSection.model_validate(EJECT | (eject or {}))
        self.speed_mm_s = SPEED_MM_S / self._slow
        self.link = PlcLink(
            wired.section,
            LinkedStation(10**9, ejector=RejectTracker(self.eject, self.speed_mm_s)),
            transport=wired.make,
        )
        self.link.condition = self.link.condition._replace(
            tested=True, camera_ok=True, engine_ok=True
        )
        self.deliveries: list[Delivery] = []
        self.ejected: dict[int, bool] = {}  # part id -> where it went
        self._coming: list[tuple[int, int]] = []  # when at the nozzle
        self.link.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.link.close()

    def turn(self) -> None:
        """A moment: the line beats, parts reach the nozzle and fall past the eye."""
        self.link.alive(time.monotonic_ns())
        self.deliveries += self.link.deliveries()
        now_ns = time.monotonic_ns()
        self.nozzle.tend()
        while self._coming and self._coming[0][0] <= now_ns:
            at_ns, part_id = self._coming.pop(0)
            out = self.nozzle.was(at_ns) is (self.eject.on_means == "eject")
            self.ejected[part_id] = out
            if out:
                self.drop(at_ns)
        time.sleep(0.001)

    def drop(self, at_ns: int) -> None:
        """Something falls into the chute."""
        fall_ns, cover_ns = round(self._slow * FALL_S * 1e9), round(self._slow * COVER_S * 1e9)
        begin_ns = max(at_ns + fall_ns, time.monotonic_ns())  # we may come late
        self.nozzle.cover(begin_ns, begin_ns + cover_ns)

    def until(self, what: str, done: Callable[[], object]) -> None:
        """Wait for something; the bound only ends a test that fails."""
        end_s = time.monotonic() + WAIT_S * self._slow
        while not done():
            assert time.monotonic() < end_s, what
            self.turn()

    def ready(self) -> Self:
        """Until there is a permit and what was on the belt before has gone by."""
        self.until("no permit", lambda: self.link.permit)
        self.idle(0.2)
        return self

    def idle(self, for_s: float) -> None:
        """No part comes."""
        end_s = time.monotonic() + for_s * self._slow
        while time.monotonic() < end_s:
            self.turn()

    def part(self, part_id: int, *, good: bool, pitch_s: float = PITCH_S) -> None:
        """One part passes the photo-eye and is judged at once; then the next may come."""
        part = part_now(part_id)
        end_s = time.monotonic() + pitch_s * self._slow
        self.link.seen(part.part_id, part.trigger_ns)
        kind = VerdictKind.ACCEPT if good else VerdictKind.REJECT
        self.link.report(part, Verdict(kind, Reason.OK, 10, Mode.FULL, kind, kind))
        middle_ns = round(self.eject.distance_mm / self.speed_mm_s * 1e9)
        self._coming.append((part.trigger_ns + middle_ns, part.part_id))
        while time.monotonic() < end_s:
            self.turn()

    def parts(self, which: str, pitch_s: float = PITCH_S, first: int = 1) -> None:
        """Good ones (+) and bad ones (-), until all have gone by and their deliveries are known."""
        for part_id, each in enumerate(which, first):
            self.part(part_id, good=each == "+", pitch_s=pitch_s)
        self.idle(0.3)

    def delivered(self) -> list[int]:
        """Ids of the parts that count as delivered."""
        return [delivery.part_id for delivery in self.deliveries if delivery.delivered]
