"""A campaign on a terminal: a line a row while it runs, the table at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from gonogo.watchdog.campaign.page import number

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.watchdog.campaign.outcome import CampaignOutcome


def teller() -> Callable[[str, int, int], None]:
    """Tells of each injection; on a terminal the line is written over."""
    console = Console(stderr=True, highlight=False)

    def tell(row: str, done: int, of: int) -> None:
        end = "\r" if console.is_terminal and done < of else "\n"
        if console.is_terminal or done == of:
            console.print(f"{row:<18} {done:>5} of {of}", end=end)

    return tell


def show_campaign(outcome: CampaignOutcome) -> None:
    """Print the table and the coverage."""
    console = Console(highlight=False, width=118)
    table = Table(title="fault campaign", title_justify="left")
    table.add_column("fault")
    for head in ("injected", "parts", "wrong ACCEPT", "late", "no verdict", "in the gap",
                 "detected p50 / max", "bound", "back p50"):  # fmt: skip
        table.add_column(head, justify="right")
    for row in outcome.rows:
        if not row.ran:
            continue
        p50, worst = row.detect_ms
        found = "-" if p50 is None else f"{number(p50, 'ms')} / {number(worst, 'ms')}"
        counts = (len(row.injections), row.parts, row.wrong_accept, row.late, row.no_verdict)
        words = [str(count) for count in (*counts, row.in_gap)]
        table.add_row(
            row.what, *words, found, number(row.bound_ms, "ms"), number(row.recover_s, "s")
        )
    console.print(table)
    for row in outcome.rows:
        if not row.ran:
            console.print(f"not run: {row.what}: {row.why_not}")
    lower = outcome.as_json()["coverage_lower95"]
    if lower is not None:
        console.print(
            f"{outcome.detected} of {outcome.dangerous} bad parts that a fault hit got no ACCEPT: "
            f"coverage at least {100 * lower:.2f} % (95 % confidence); {outcome.realtime}"
        )
    for note in outcome.notes:
        console.print(note)
    console.print("passed" if outcome.passed else "NOT passed")
