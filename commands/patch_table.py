"""`gonogo patch-table`: how often the patch that `gonogo why` names lies in the defect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

FILE = click.Path(path_type=Path)


@click.command("patch-table")
@click.argument("data", type=FILE)
@click.option("--out", required=True, type=FILE, help="the Markdown page: its marked part is made")
@click.option("--set", "sets", multiple=True, help="a folder of DATA; may be given again (all)")
@click.option("--models", type=FILE, help="folder of models trained elsewhere, to stand beside")
def patch_table(data: Path, out: Path, **given: Any) -> None:  # noqa: ANN401 - of Wanted
    """Ask engines for the worst patch of bad parts (DATA), and write how often it is the defect."""
    from gonogo.base.marked_page import put
    from gonogo.base.realtime import stay_behind
    from gonogo.build.patchtable import measure, table
    from gonogo.build.teachtable import Wanted
    from gonogo.commands.show.progress import progress_bar
    from gonogo.engines.card import replace_file

    stay_behind()
    with progress_bar() as progress:
        rows = measure(Wanted(data, **given), progress)
    replace_file(out, put(out, "patch-table", "\n".join(table(rows))))
    click.echo(f"{out}: {len(rows)} engines")


COMMANDS: tuple[click.Command, ...] = (patch_table,)
