"""The latency sum: whether the verdict comes before the decision point.

decision distance / speed >= exposure + engine p99.9 + our p99 + PLC poll + 2 scans
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import NS_PER_MS
from gonogo.plc.handshake.handshake import HEART_LIMIT_NS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gonogo.config.station import Station

MS_PER_S = 1000.0
OWN_P99_MS = 3.0  # deciding, waking the link, publishing; the running station measures its own


class LatencySum(NamedTuple):
    """All terms in ms; rules run beside the engine, so the longer of the two counts."""

    capture_ms: float
    engine_ms: float
    rules_ms: float
    own_ms: float
    poll_ms: float
    scans_ms: float
    budget_ms: float
    pitch_ms: float
    decision_ms: float | None
    pace: str = ""  # where the wire is slow: its figures
    wire_problems: tuple[str, ...] = ()

    @property
    def total_ms(self) -> float:
        """Trigger to the scan that sees the verdict, at worst."""
        # the line checks rules while the engine process runs
        judged_ms = max(self.engine_ms, self.rules_ms)
        return self.capture_ms + judged_ms + self.own_ms + self.poll_ms + self.scans_ms

    def rows(self) -> list[str]:
        """The sum as lines of text."""
        lines = [
            (
                f"latency: capture {self.capture_ms:.1f} + engine {self.engine_ms:.1f} "
                f"(rules beside it {self.rules_ms:.1f}) + own {self.own_ms:.1f} "
                f"+ poll {self.poll_ms:.1f} + 2 scans {self.scans_ms:.1f} = {self.total_ms:.1f} ms"
            ),
            f"budget: {self.budget_ms:g} ms, {self.budget_ms - self.total_ms:.1f} ms to spare",
        ]
        if self.decision_ms is not None:
            lines.append(f"decision point: {self.decision_ms:.1f} ms after the trigger")
        return lines

    def problems(self) -> list[str]:
        """What cannot be met, and what would mend it."""
        found = []
        if self.total_ms > self.budget_ms:
            found.append(
                f"station.budget_ms: expected at least {self.total_ms:.1f} ms (the latency sum), "
                f"got {self.budget_ms:g} ms; raise it, or take a faster engine or PLC scan"
                + (f", or a faster line: {self.pace}" if self.pace else "")
            )
        if self.decision_ms is not None and self.decision_ms < self.budget_ms:
            found.append(
                f"station.decision_distance_mm: the part is there after {self.decision_ms:.1f} ms, "
                f"expected no earlier than budget_ms ({self.budget_ms:g} ms); "
                "move the ejector further away, or lower the budget or the speed"
            )
        # what one part keeps the line for; poll and scans go on meanwhile
        busy_ms = self.capture_ms + max(self.engine_ms, self.rules_ms) + self.own_ms
        if busy_ms > self.pitch_ms:
            found.append(
                f"station.pitch_mm: a part comes every {self.pitch_ms:.1f} ms, expected at least "
                f"{busy_ms:.1f} ms, which one part takes; parts would be rejected as overrate"
            )
        return [*found, *self.wire_problems]


def captured_ms(station: Station, captures_ms: Sequence[float]) -> float:
    """When the last view is photographed: one after the other, each once the part is there."""
    done_ms = 0.0
    for delay_ms, capture_ms in zip(station.delays_ms, captures_ms, strict=True):
        done_ms = max(done_ms, delay_ms) + capture_ms
    return done_ms


def latency_sum(
    station: Station, capture_ms: float, engine_ms: float, rules_ms: float
) -> LatencySum:
    """The sum for a station from what was measured on this box."""
    line, plc = station.station, station.plc
    decision_ms = None
    if line.decision_distance_mm is not None:
        # at the highest speed: the part is never earlier
        decision_ms = MS_PER_S * line.decision_distance_mm / line.speed_mm_s
    if station.eject is not None:  # we decide ourselves, where the window of our ejector begins
        decision_ms, _ = station.eject.window_ms(line.speed_mm_s)
    return LatencySum(
        capture_ms=capture_ms,
        engine_ms=engine_ms,
        rules_ms=rules_ms,
        own_ms=OWN_P99_MS,
        poll_ms=plc.delivery_ms,
        # it may come just after a scan has read, and the next one acts at its end
        scans_ms=2.0 * plc.scan_ms,
        budget_ms=line.budget_ms,
        pitch_ms=line.pitch_ms,
        decision_ms=decision_ms,
        pace=plc.pace,
        wire_problems=tuple(_wire_problems(station)),
    )


def _wire_problems(station: Station) -> Iterator[str]:
    """What a wire cannot do, whatever the budget is."""
    plc = station.plc
    # as planned, not as measured: what a wire cannot carry is known before
    rate_per_s = MS_PER_S / station.station.pitch_ms
    if rate_per_s > plc.parts_per_s_max:
        yield (
            f"plc.driver: {rate_per_s:.1f} parts a second, expected at most "
            f"{plc.parts_per_s_max:g} where we are master of a serial line ({plc.pace}); "
            'let the PLC be master ("modbus-rtu-server")'
        )
    heart_ms, limit_ms = plc.poll_cycle_ms + plc.scan_ms, HEART_LIMIT_NS / NS_PER_MS
    if plc.poll_cycle_ms and heart_ms > limit_ms:
        yield (
            f"plc.baud: PLC_HEART comes every {heart_ms:.0f} ms at best, expected at most "
            f"{limit_ms:.0f} ms, after which the link counts as lost ({plc.pace}); "
            "take a higher baud rate"
        )
