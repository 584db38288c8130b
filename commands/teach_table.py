"""`gonogo teach-table`: what engines taught from good parts alone find, as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

FILE = click.Path(path_type=Path)


@click.command("teach-table")
@click.argument("data", type=FILE)
@click.option("--out", required=True, type=FILE, help="the Markdown page to write")
@click.option("--set", "sets", multiple=True, help="a folder of DATA; may be given again (all)")
@click.option("--models", type=FILE, help="folder of models trained elsewhere, to stand beside")
@click.option(
    "--repeats",
    default=1,
    type=click.IntRange(1, 100),
    show_default=True,
    help="of each engine: beyond the first from a bootstrap sample of the good parts",
)
@click.option("--seed", default=57, type=click.IntRange(0), show_default=True, help="of samples")
def teach_table(data: Path, out: Path, **given: Any) -> None:  # noqa: ANN401 - of Wanted
    """Teach engines on sets of photographs (DATA), and write what they find as a page."""
    from gonogo.build.teachpage import page, picture
    from gonogo.build.teachtable import Wanted, measure
    from gonogo.commands.show.few_colours import repacked
    from gonogo.commands.show.progress import progress_bar
    from gonogo.engines.card import replace_file

    with progress_bar() as progress:
        rows = measure(Wanted(data, **given), progress)
    shown = out.parent / "pictures" / f"{out.stem}.png"
    replace_file(shown, repacked(picture(rows)))
    text = page(rows, f"pictures/{shown.name}")
    replace_file(out, text.encode())
    click.echo(f"{out}: {len(rows)} engines; {shown}")


COMMANDS: tuple[click.Command, ...] = (teach_table,)
