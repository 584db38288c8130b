"""`gonogo limits-table`: what a review of the highest scores is worth, as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

FILE = click.Path(path_type=Path)


@click.command("limits-table")
@click.argument("data", type=FILE)
@click.option(
    "--out", required=True, type=FILE, help="the page whose table is written anew, in its marks"
)
@click.option("--set", "sets", multiple=True, help="a folder of DATA; may be given again (all)")
@click.option(
    "--top", default=30, type=click.IntRange(1, 1000), show_default=True, help="parts looked at"
)
@click.option("--seed", default=57, type=click.IntRange(0), show_default=True, help="of shuffles")
def limits_table(data: Path, out: Path, top: int, **given: Any) -> None:  # noqa: ANN401 - of Wanted
    """Teach engines on sets of photographs (DATA), review what they score, and judge the limits."""
    from gonogo.base.marked_page import put
    from gonogo.build.looptable import measure_loops, table
    from gonogo.build.teachtable import Wanted
    from gonogo.commands.show.progress import progress_bar
    from gonogo.engines.card import replace_file

    # before minutes are spent: a page that takes no table
    put(out, "limits-table", "")
    with progress_bar() as progress:
        rows = measure_loops(Wanted(data, **given), top, progress)
    replace_file(out, put(out, "limits-table", table(rows)))
    click.echo(f"{out}: {len(rows)} engines")


COMMANDS: tuple[click.Command, ...] = (limits_table,)
"""Figures of a review."""
