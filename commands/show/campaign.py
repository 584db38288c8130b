"""A campaign on a terminal: a line a row while it runs, the table at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from gonogo.proving.campaign.page import number
from gonogo.proving.rehearse import EXIT_INCONCLUSIVE

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gonogo.proving.campaign.outcome import CampaignOutcome

WIDTH = 118  # columns, of a terminal or a file: the table does not fit into 80


def teller() -> Callable[[str, int, int], None]:
    """Tells of each injection; on a terminal the line is written over."""
    # to stderr, beside the progress bar: the table alone is on stdout
    console = Console(stderr=True, highlight=False)

    def tell(row: str, done: int, of: int) -> None:
        # a terminal's line is written over; a log gets one line a row, at its end
        end = "\r" if console.is_terminal and done < of else "\n"
        if console.is_terminal or done == of:
            console.print(f"{row:<18} {done:>5} of {of}", end=end)

    return tell


def show_campaign(outcome: CampaignOutcome, width: int = WIDTH) -> None:
    """Print the table and the coverage."""
    console = Console(highlight=False, width=width)
    table = Table(title="fault campaign", title_justify="left")
    table.add_column("fault")
    for head in ("injected", "parts", "wrong ACCEPT", "late", "no verdict", "in the gap",
                 "detected p50 / max", "bound", "back p50 / max"):  # fmt: skip
        table.add_column(head, justify="right")
    for row in outcome.rows:
        if not row.ran:
            continue
        found, back = _pair(row.detect_ms, "ms"), _pair(row.recover_s, "s")
        # in the order of the heads above
        counts = (len(row.injections), row.parts, row.wrong_accept, row.late, row.no_verdict)
        words = [str(count) for count in (*counts, row.in_gap)]
        table.add_row(row.what, *words, found, number(row.bound_ms, "ms"), back)
    console.print(table)
    for row in outcome.rows:
        if not row.ran:
            console.print(f"not run: {row.what}: {row.why_not}")
    # as campaign.json says it; None where no fault hit a bad part, of which nothing is proven
    lower = outcome.as_json()["coverage_lower95"]
    if lower is not None:
        console.print(
            f"{outcome.detected} of {outcome.dangerous} bad parts that a fault hit got no ACCEPT: "
            f"coverage at least {100 * lower:.2f} % (95 % confidence); {outcome.realtime}"
        )
    for note in outcome.notes:
        console.print(note)
    for row in outcome.rows:
        for part in row.by_judge:
            console.print(f"{row.what}: {_by_judge(part)}")
    console.print(outcome.word)


def _by_judge(part: dict[str, Any]) -> str:
    """A part that the judge's own lateness explains, with both times."""
    late = part["late_ms"]
    verdict = "without a verdict" if late is None else f"verdict {late:.1f} ms too late"
    return f"part {part['part_id']} {verdict}; the judge was away {part['judge_late_ms']:.1f} ms"


def _pair(spread: tuple[float | None, float | None], unit: str) -> str:
    """Median and largest of a row."""
    p50, worst = spread
    return "-" if p50 is None else f"{number(p50, unit)} / {number(worst, unit)}"


def show_soak(found: dict[str, Any], width: int = WIDTH) -> None:
    """Print what a soak found: the same zeros, and what each process held."""
    console = Console(highlight=False, width=width)
    console.print(
        f"{found['parts']} parts at one in {found['pitch_ms']:g} ms, {found['injections']} faults: "
        f"{found['wrong_accept']} wrong ACCEPT, {found['late']} late, "
        f"{found['no_verdict']} without a verdict, {found['doubled']} with two; "
        f"{found['in_gap']} rejected by the PLC alone"
    )
    table = Table(title="what the processes hold", title_justify="left")
    for head in ("process", "lives", "memory first / last", "growth", "descriptors"):
        table.add_column(head, justify="left" if head == "process" else "right")
    for held in found["resources"]:
        slope = held["slope_mb_h"]
        # two standard errors: a growth that is smaller than that was not seen
        growth = "-" if slope is None else f"{slope:+.2f} ± {2 * held['slope_error_mb_h']:.2f} MB/h"
        memory = f"{held['own_mb_first']:.1f} / {held['own_mb_last']:.1f} MB"
        descriptors = f"{held['descriptors_min']}..{held['descriptors_max']}"
        table.add_row(held["process"], str(held["lives"]), memory, growth, descriptors)
    console.print(table)
    for part in found["by_judge"]:
        console.print(_by_judge(part))
    words = {0: "passed", EXIT_INCONCLUSIVE: "INCONCLUSIVE: the judge itself was late"}
    console.print(words.get(found["exit_code"], "NOT passed"))
