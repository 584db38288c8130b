"""What a campaign found: injections, rows, and the diagnostic coverage of the whole."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from gonogo.proving.rehearse import EXIT_INCONCLUSIVE, EXIT_STATION

if TYPE_CHECKING:
    from pathlib import Path

CONFIDENCE = 0.95
_BISECTIONS = 60  # beyond the last bit of a double


@dataclass(frozen=True, slots=True)
class Injection:
    """One injected fault.

    `phase_ms` is the time since the last trigger, `detect_ms` from the injection (of a
    killed engine: from its end, `ended_ms` after it was shot) to its detection,
    `recover_s` to mode FULL (or, for a line, to the next verdict). A fault is `dangerous`
    when it hit a bad part, and `detected` when that part got no ACCEPT.
    """

    phase_ms: float
    detect_ms: float | None
    recover_s: float | None
    dangerous: int
    detected: int
    ended_ms: float | None = None


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """One row of the campaign; counts are of the PLC simulator's journal."""

    row: str
    what: str
    injections: tuple[Injection, ...] = ()
    parts: int = 0
    wrong_accept: int = 0
    late: int = 0
    silent: tuple[dict[str, Any], ...] = ()  # parts without a verdict that should have had one
    by_judge: tuple[dict[str, Any], ...] = ()  # such as the judge's own lateness explains
    doubled: int = 0
    in_gap: int = 0  # parts rejected by the PLC's own silence rule while nobody was there
    bound_ms: float | None = None
    why_not: str = ""
    runs: int = 1  # it was run again, because the judge was late

    @property
    def no_verdict(self) -> int:
        """How many parts had none and should have had one."""
        return len(self.silent)

    @property
    def ran(self) -> bool:
        """Whether it was run at all."""
        return not self.why_not

    @property
    def failed(self) -> bool:
        """Whether the station did wrong; a detection above its bound is no failure."""
        # parts in a gap that the row allows are in none of these
        return bool(self.wrong_accept or self.late or self.no_verdict or self.doubled)

    @property
    def inconclusive(self) -> bool:
        """Whether nothing but the judge's own lateness was wrong: neither passed nor failed."""
        return bool(self.by_judge) and not self.failed

    @property
    def clean(self) -> bool:
        """Whether nothing went wrong, on either side."""
        return not self.failed and not self.by_judge

    @property
    def exit_code(self) -> int:
        """0 clean, 2 failed, 3 inconclusive (see gonogo.proving.rehearse.exit_code)."""
        # the station's fault comes first: a late judge excuses nothing that it did
        if self.failed:
            return EXIT_STATION
        return EXIT_INCONCLUSIVE if self.by_judge else 0

    @property
    def detect_ms(self) -> tuple[float | None, float | None]:
        """Median and worst detection."""
        return _spread([i.detect_ms for i in self.injections if i.detect_ms is not None])

    @property
    def ended_ms(self) -> float | None:
        """Median time from a kill to the end of the process, which is the kernel's own."""
        return _spread([i.ended_ms for i in self.injections if i.ended_ms is not None])[0]

    @property
    def recover_s(self) -> tuple[float | None, float | None]:
        """Median and longest time back."""
        return _spread([i.recover_s for i in self.injections if i.recover_s is not None])

    def as_json(self) -> dict[str, Any]:
        """The stable keys of campaign.json."""
        # shown beside the bound, and never asserted: a shared box has no maximum
        p50, worst = self.detect_ms
        return {
            "row": self.row,
            "what": self.what,
            "ran": self.ran,
            "why_not": self.why_not,
            "injections": len(self.injections),
            "parts": self.parts,
            "wrong_accept": self.wrong_accept,
            "late": self.late,
            "no_verdict": self.no_verdict,
            "silent": list(self.silent),
            "by_judge": list(self.by_judge),
            "inconclusive": self.inconclusive,
            "runs": self.runs,
            "doubled": self.doubled,
            "in_gap": self.in_gap,
            "detect_ms_p50": p50,
            "detect_ms_max": worst,
            "bound_ms": self.bound_ms,
            "ended_ms_p50": self.ended_ms,
            "recover_s_p50": self.recover_s[0],
            "recover_s_max": self.recover_s[1],
        }


@dataclass(frozen=True, slots=True)
class CampaignOutcome:
    """A whole campaign."""

    rows: tuple[RowOutcome, ...]
    quick: bool
    seed: int
    seconds: float
    realtime: str  # what the box permitted
    notes: tuple[str, ...] = field(default=())

    @property
    def dangerous(self) -> int:
        """Faults that hit a bad part."""
        return sum(i.dangerous for row in self.rows for i in row.injections)

    @property
    def detected(self) -> int:
        """Of these, the ones after which the part got no ACCEPT."""
        return sum(i.detected for row in self.rows for i in row.injections)

    @property
    def passed(self) -> bool:
        """Whether something ran, and nothing that ran went wrong."""
        ran = [row for row in self.rows if row.ran]
        # where nothing ran nothing was proven
        return bool(ran) and all(row.clean for row in ran)

    @property
    def inconclusive(self) -> tuple[str, ...]:
        """The rows that are, by name, where that is all that keeps it from having passed."""
        ran = [row for row in self.rows if row.ran]
        # a row that failed decides it, whatever is not clear of others
        return () if any(r.failed for r in ran) else tuple(r.row for r in ran if r.inconclusive)

    @property
    def exit_code(self) -> int:
        """0 passed, 3 where only the judge was late, else 2; as of each row."""
        if self.passed:
            return 0
        return EXIT_INCONCLUSIVE if self.inconclusive else EXIT_STATION

    @property
    def word(self) -> str:
        """How it ended, for people."""
        if self.inconclusive:
            return f"INCONCLUSIVE: the judge itself was late in {', '.join(self.inconclusive)}"
        return "passed" if self.passed else "NOT passed"

    def as_json(self) -> dict[str, Any]:
        """The content of campaign.json."""
        return {
            "rows": [row.as_json() for row in self.rows],
            "dangerous": self.dangerous,
            "detected": self.detected,
            "coverage": self.detected / self.dangerous if self.dangerous else None,
            "coverage_lower95": lower95(self.detected, self.dangerous),
            "passed": self.passed,
            "inconclusive": list(self.inconclusive),
            "quick": self.quick,
            "seed": self.seed,
            "seconds": round(self.seconds, 1),
            "realtime": self.realtime,
            "notes": list(self.notes),
        }

    def write(self, path: Path) -> None:
        """Write campaign.json."""
        path.write_text(json.dumps(self.as_json(), indent=1) + "\n", encoding="utf-8")


def _spread(values: list[float]) -> tuple[float | None, float | None]:
    return (round(median(values), 3), round(max(values), 3)) if values else (None, None)


def lower95(detected: int, dangerous: int) -> float | None:
    """One-sided exact 95 % lower bound of a share; None of nothing.

    C. J. Clopper and E. S. Pearson, Biometrika 26 (1934) 404-413: the share at which as
    many or more detections had a chance of 5 %, found by bisection.
    """
    if dangerous == 0:
        return None
    # exactly 0, which bisection would only come near
    if detected == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(_BISECTIONS):
        # the tail grows with the share, so its crossing of 5 % is the only one
        middle = (low + high) / 2
        if _tail(detected, dangerous, middle) < 1 - CONFIDENCE:
            low = middle
        else:
            high = middle
    return low


def _tail(at_least: int, of: int, share: float) -> float:
    """Probability of `at_least` or more among `of` independent trials."""
    # where the logarithms below have no value
    if share <= 0:
        return 0.0
    if share >= 1:
        return 1.0
    # by logarithms: factorials of thousands leave the range of a double
    log_p, log_q = math.log(share), math.log1p(-share)
    return math.fsum(
        math.exp(
            math.lgamma(of + 1)
            - math.lgamma(k + 1)
            - math.lgamma(of - k + 1)
            + k * log_p
            + (of - k) * log_q
        )
        for k in range(at_least, of + 1)
    )
