"""`gonogo drift-table`: what the charts of drift find in thirty simulated days, as a table."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("drift-table")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="the page whose table is written anew, between its marks",
)
@click.option(
    "--seeds",
    default=20,
    type=click.IntRange(1, 1000),
    show_default=True,
    help="each another line, with a reference and a month of its own",
)
def drift_table(out: Path, seeds: int) -> None:
    """Simulate a line that drifts, under the charts, and write what they find (some minutes)."""
    from gonogo.base.marked_page import put
    from gonogo.engines.card import replace_file
    from gonogo.proving.drift.campaign import simulate_all
    from gonogo.proving.drift.page import table

    # before minutes are spent: a page that takes no table
    put(out, "drift-table", "")
    replace_file(out, put(out, "drift-table", table(simulate_all(seeds))))
    click.echo(f"{out}: {seeds} seeds")


COMMANDS: tuple[click.Command, ...] = (drift_table,)
