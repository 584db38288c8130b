"""Parts in a table for people, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.console.show.local_time import local

if TYPE_CHECKING:
    from gonogo.records.questions.part_row import PartRow

# why a verdict never reached the PLC, which has rejected the part by silence
UNDELIVERED = {
    "NO_PLC": "no PLC on the link",
    "PLC_STANDS": "PLC_HEART stood still",
    "WRONG_MAP": "the PLC expects another version of the register map",
    "NOT_FOLLOWED": "the PLC did not take the session in time",
    "NOT_ACKING": "eight verdicts before it were not acknowledged",
    "UNACKNOWLEDGED": "shown to the PLC, not acknowledged before the link was lost",
    "EJECTOR": "the ejector does not do what it is told",
    "STOPPING": "the station was being stopped",
}
_WIDTHS = (29, 8, 6, 13, 13, 6, 6, 13)
_NAMES = ("time", "serial", "part", "verdict", "reason", "score", "recipe", "people said")


def _cells(cells: tuple[str, ...]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True))
    return "  ".join(padded)


HEAD = f"{_cells(_NAMES)}  PLC"


def in_a_line(part: PartRow, word: str = "") -> str:
    """One part; what has no value is a dash. `word`: what stands of what people said of it."""
    said = part.reason if part.reason != "OK" else "-"
    cells = (
        local(part.wall_ms), str(part.serial), str(part.part_id), part.shown, said,
        _number(part.score), _number(part.recipe), word or "-",
    )  # fmt: skip
    named = "".join(f"  {each}" for each in (part.lot, part.serial_number, part.text) if each)
    return f"{_cells(cells)}  {acknowledged(part)}{named}"


def acknowledged(part: PartRow) -> str:
    """What the PLC made of it, in a word or two."""
    delivery = part.delivery
    if delivery.delivered is None:
        return "not reported yet" if part.verdict != "NOT_KNOWN" else "not known"
    if not delivery.delivered:
        why = UNDELIVERED.get(part.lost, part.lost) or "why is not recorded"
        return f"NOT DELIVERED: {why} (decided {part.verdict})"
    differs = delivery.verdict != part.verdict
    return f"acknowledged as {delivery.verdict} {delivery.reason}" if differs else "acknowledged"


def _number(value: int | None) -> str:
    return "-" if value is None else str(value)
