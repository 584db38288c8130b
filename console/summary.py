"""The figures of a rehearsal as tables on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console


def show_summary(console: Console, figures: dict[str, Any]) -> None:
    """Print what gonogo.runtime.rehearse found."""
    console.print()
    good = figures["missing"] == figures["late"] == figures["wrong_part"] == 0
    style = "bold green" if good else "bold red"
    console.print(
        f"[{style}]{figures['parts']} parts, {figures['verdicts']} verdicts at the PLC in time; "
        f"{figures['late']} late, {figures['missing']} missing, "
        f"{figures['wrong_part']} for a wrong part[/]",
        soft_wrap=True,
    )
    kinds = ", ".join(f"{count} {kind}" for kind, count in figures["verdict_kinds"].items())
    console.print(f"at the PLC: {kinds}; engine backend: {figures['engine_backend'] or 'none'}")
    console.print(_confusion(figures))
    console.print(_stages(figures))
    modes = ", ".join(f"{mode} {count}" for mode, count in figures["modes"].items())
    console.print(f"parts per mode: {modes}")


def _confusion(figures: dict[str, Any]) -> Table:
    title = f"against the truth: {figures['good']} good, {figures['bad']} bad parts"
    table = Table(title=title, title_justify="left")
    table.add_column("judged by")
    table.add_column("overkill (good rejected)", justify="right")
    table.add_column("escape (bad accepted)", justify="right")
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
    ack = figures["ack_ms"]
    table.add_row("PLC acknowledged", _ms(ack["p50"]), _ms(ack["p99"]), "", _ms(ack["max"]))
    return table


def _count(value: int | None) -> str:
    return "-" if value is None else str(value)


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
