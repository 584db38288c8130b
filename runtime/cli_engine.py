"""Commands about engines that judge the parts of a running station."""

from __future__ import annotations

from pathlib import Path

import click

FILE = click.Path(path_type=Path)


@click.command()
@click.argument("records", type=FILE)
@click.option("--run", help="only parts of this run")
@click.option("--shadow", help="only parts with this engine in shadow: its id, or how it begins")
@click.option("--last", type=click.IntRange(1), help="only the last so many parts")
@click.option("--json", "plain", is_flag=True, help="all of it as JSON")
def compare(
    *, records: Path, run: str | None, shadow: str | None, last: int | None, plain: bool
) -> None:
    """Compare the engine in shadow with the active one, from a station's records."""
    import json

    from rich.console import Console

    from gonogo.console.compare import as_json, show_comparison
    from gonogo.records.shadow import Choice, read

    found = read(records, Choice(run, shadow, last))
    if plain:
        click.echo(json.dumps(as_json(found), indent=1))
    else:
        show_comparison(Console(highlight=False), found)
