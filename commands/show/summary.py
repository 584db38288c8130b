"""The figures of a rehearsal as tables on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

from gonogo.commands.show.worth import next_lines, sentence
from gonogo.proving.rehearse import EXIT_INCONCLUSIVE, EXIT_NOT_ENOUGH, EXIT_STATION, exit_code

if TYPE_CHECKING:
    from rich.console import Console

STYLES = {
    0: "bold green", EXIT_STATION: "bold red", EXIT_INCONCLUSIVE: "bold yellow",
    EXIT_NOT_ENOUGH: "bold red",
}  # fmt: skip
SHOWN = 5  # parts without a timely verdict, one a line


def show_summary(console: Console, figures: dict[str, Any]) -> None:
    """Print what gonogo.proving.rehearse found."""
    console.print()
    # by the exit code, so that colour and code never say different things
    code = exit_code(figures)
    # in time is in time, also where what was said was wrong
    style = STYLES[0 if code == EXIT_NOT_ENOUGH else code]
    console.print(
        f"[{style}]{figures['parts']} parts, {figures['verdicts']} verdicts at the PLC in time; "
        f"{figures['late']} late, {figures['missing']} missing, "
        f"{figures['wrong_part']} for a wrong part[/]",
        soft_wrap=True,
    )
    # at once after the verdicts: a late judge changes what all that follows is worth
    for line in judge_lines(figures):
        console.print(line, style=style, soft_wrap=True)
    kinds = ", ".join(f"{count} {kind}" for kind, count in figures["verdict_kinds"].items())
    console.print(f"at the PLC: {kinds}; engine backend: {figures['engine_backend'] or 'none'}")
    console.print(_confusion(figures))
    console.print(_stages(figures))
    modes = ", ".join(f"{mode} {count}" for mode, count in figures["modes"].items())
    console.print(f"parts per mode: {modes}")
    for line in next_lines(figures["worth"], figures["sheet"]):
        console.print(line, soft_wrap=True, markup=False)
    last = sentence(figures["worth"], code)
    console.print(last, style=STYLES[code], soft_wrap=True, markup=False)


def judge_lines(figures: dict[str, Any]) -> list[str]:
    """Who was late, with both times; nothing where the judge was in time and the station, too."""
    judge, lines = figures["judge"], []
    if figures["untimely"]:
        station, ours = figures["by_station"], figures["by_judge"]
        lines.append(
            f"by the station: {station['late']} late, {station['missing']} missing; by the judge: "
            f"{ours['late']} late, {ours['missing']} missing (late ones included)"
        )
        lines += [_untimely(part) for part in figures["untimely"][:SHOWN]]
    if len(figures["untimely"]) > SHOWN:
        lines.append(f"  and {len(figures['untimely']) - SHOWN} more: see --report")
    # told also where it did no harm: a judge that is often late is one to be doubted
    if judge["times_late"]:
        rank = "" if judge["rank"] else "; it had no real-time rank"
        lines.append(
            f"the judge (the simulated PLC) was itself late {judge['times_late']} times by its own "
            f"clock, {judge['worst_ms']:.0f} ms at worst{rank}"
        )
    if exit_code(figures) == EXIT_INCONCLUSIVE:
        lines.append("INCONCLUSIVE, exit code 3: nothing but the judge was late; run it again")
    return lines


def _untimely(part: dict[str, Any]) -> str:
    late = part["late_ms"]
    verdict = "no verdict" if late is None else f"verdict {late:.1f} ms after its decision point"
    away = f"the judge (or a link it broke) was away for {part['judge_late_ms']:.1f} ms of it"
    return f"  part {part['part']}: {verdict}; {away}: by the {part['by']}"


def _confusion(figures: dict[str, Any]) -> Table:
    title = f"against the truth: {figures['good']} good, {figures['bad']} bad parts"
    table = Table(title=title, title_justify="left")
    table.add_column("judged by")
    table.add_column("overkill (good rejected)", justify="right")
    table.add_column("escape (bad accepted)", justify="right")
    # rules and engine each alone, and both as they judged together
    for side, counts in figures["confusion"].items():
        table.add_row(side, _count(counts["overkill"]), _count(counts["escape"]))
    return table


def _stages(figures: dict[str, Any]) -> Table:
    table = Table(title="milliseconds", title_justify="left")
    table.add_column("stage")
    for column in ("p50", "p99", "p99.9", "max"):
        table.add_column(column, justify="right")
    for stage, spans in figures["stages_ms"].items():
        table.add_row(stage, *(_ms(spans[key]) for key in ("p50", "p99", "p999", "max")))
    # by the judge's clock, from RES_SEQ at the PLC to its acknowledgement
    ack = figures["ack_ms"]
    table.add_row("PLC acknowledged", _ms(ack["p50"]), _ms(ack["p99"]), "", _ms(ack["max"]))
    return table


def _count(value: int | None) -> str:
    return "-" if value is None else str(value)


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
