"""`gonogo why`: what of a part led to its verdict, in pictures."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gonogo.commands.moments import Moment
from gonogo.commands.parts import FILE, station_option

if TYPE_CHECKING:
    from gonogo.commands.recorded import Recorded
    from gonogo.console.why.causes import Cause
    from gonogo.console.why.plan import WhyPlan

LONGEST_PX = 1024  # of the picture of the part


@click.command("why")
@click.argument("part_id", type=click.IntRange(1, 65_535))
@click.option("--at", "time", type=Moment(), help="about when it passed; else the newest")
@click.option("--out", type=FILE, help="the picture to write (PART_ID-why.png); more get a number")
@station_option
def why_part(part_id: int, time: int | None, out: Path | None, station: str | None) -> None:
    """Show why a part was judged as it was, on the picture that was kept of it.

    A rule that failed: what it measured, drawn. An engine: the worst patch of the picture beside
    the nearest patch of a good part. Nothing of a running station is asked for it; it computes only
    what nobody else wants of the processor.
    """
    from gonogo.base.errors import GonogoError
    from gonogo.commands.png import check_png, write_png
    from gonogo.commands.recorded import recorded
    from gonogo.console.why.causes import causes_of, question_of
    from gonogo.console.why.client import Explainer
    from gonogo.console.why.sheet import lines_of, sheet_of
    from gonogo.records.questions.details import details
    from gonogo.records.questions.files import Files
    from gonogo.records.questions.parts import by_part_id

    first = out or Path(f"{part_id}-why.png")
    check_png(first)
    asked = recorded(station)
    files = Files(asked.path)
    row = by_part_id(files, part_id, time)
    about, explainer = details(files, row), Explainer(_plan(asked).model_dump_json())
    click.echo(f"part {row.part_id} {row.verdict}: {row.reason}")
    with closing(explainer):
        for number, cause in enumerate(causes_of(row, about)):
            try:
                said = explainer.ask(question_of(cause, row, about, LONGEST_PX))
            except GonogoError as error:  # of one cause; the others may have their pictures
                click.echo(f"  {_named(cause)}: {error}")
                continue
            path = first if number == 0 else first.with_name(f"{first.stem}-{number + 1}.png")
            write_png(path, sheet_of(said))
            for line in (*lines_of(cause, said), f"  {path}"):
                click.echo(f"  {line}")


def _named(cause: Cause) -> str:
    return f"rule {cause.rule}" if cause.rule else f"view {cause.view}"


def _plan(asked: Recorded) -> WhyPlan:
    """Of the station file; of a station that is known by its records alone nothing can be asked."""
    from gonogo.base.errors import WhyUnknown
    from gonogo.console.why.planned import why_plan

    if asked.station is None:
        raise WhyUnknown(
            "expected the station file (--station STATION.toml): rules, and where engines lie, "
            "stand in it"
        )
    return why_plan(asked.station)


COMMANDS: tuple[click.Command, ...] = (why_part,)
