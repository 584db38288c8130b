"""`gonogo review`: limits from the first parts of a line, once the oddest were looked at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gonogo.base.errors import ReviewError

if TYPE_CHECKING:
    from gonogo.build.review.engine import Engine
    from gonogo.build.review.labelled import Review

FILE = click.Path(path_type=Path)
TOP = 10


@click.command()
@click.argument("engine", type=FILE)
@click.argument("pictures", type=FILE)
@click.option("--list", "to_list", type=FILE, help="write the oddest there, to be labelled")
@click.option(
    "--top",
    default=TOP,
    type=click.IntRange(1, 1000),
    show_default=True,
    help="how many: at least twice the number of bad parts you expect",
)
@click.option("--labels", type=FILE, help="that list, with good, bad or odd in every row")
@click.option("--out", type=FILE, help="of a bundle: the new one to write, as NAME-1.0.1.gng")
@click.option("--key", type=FILE, help="the private key file that signs it")
@click.option("--dry-run", is_flag=True, help="say the limits and write nothing")
def review(engine: Path, pictures: Path, **given: Any) -> None:  # noqa: ANN401 - one for each option above
    """Set limits by the first parts of a line (PICTURES, best 100).

    First with --list: the oddest of them go into a list and onto a contact sheet beside it. A
    person writes good, bad or odd (good, but to be taught) into each row. Then with --labels: the
    limits are written into the card of a model file, or into a bundle made anew.
    """
    from gonogo.build.review.engine import opened

    if (given["to_list"] is None) == (given["labels"] is None):
        raise ReviewError(
            "expected either --list FILE, which writes the list to label, or --labels FILE, which "
            "reads it back"
        )
    with opened(engine) as found:
        if given["to_list"] is not None:
            _list(found, pictures, given["to_list"], given["top"])
        else:
            _set(found, pictures, given)


def _list(engine: Engine, pictures: Path, path: Path, top: int) -> None:
    from gonogo.build.review.labelled import oddest_of
    from gonogo.build.review.listing import LABELS, write_list
    from gonogo.build.review.parts import read_pictures
    from gonogo.build.review.sheet import Shown, contact_sheet
    from gonogo.commands.show.progress import progress_bar
    from gonogo.engines.card import replace_file

    with progress_bar() as progress:
        found = read_pictures(pictures, engine.model, progress)
        oddest = oddest_of(engine, found, top)
    sheet = path.with_suffix(".png")
    shown = [
        Shown(picture.frame, seen.name, f"{k}: score {seen.score:.4g}")
        for k, (picture, seen) in enumerate(oddest, start=1)
    ]
    title = f"{engine.path.name}: the {len(shown)} oddest of {len(found)} - good, bad or odd?"
    replace_file(sheet, contact_sheet(title, shown))
    write_list(path, engine.card.engine_id, [seen for _, seen in oddest])
    click.echo(f"{path}: the {len(shown)} oddest of {len(found)} pictures; {sheet} shows them")
    click.echo("write into the column 'label' of every row:")
    for label, what in LABELS.items():
        click.echo(f"  {label:<5} {what}")
    click.echo(f"then: gonogo review {engine.path} {pictures} --labels {path}")


def _set(engine: Engine, pictures: Path, given: dict[str, Any]) -> None:
    from gonogo.build.review.labelled import review as limits_from
    from gonogo.build.review.listing import read_list
    from gonogo.build.review.parts import read_pictures
    from gonogo.commands.show.progress import progress_bar

    rows = read_list(given["labels"], engine.card.engine_id)
    with progress_bar() as progress:
        found = read_pictures(pictures, engine.model, progress)
        reviewed = limits_from(engine, found, rows, progress)
    for warning in reviewed.warnings:
        click.echo(f"warning: {warning}", err=True)
    _say(engine, reviewed)
    if not given["dry_run"]:
        _write(engine, reviewed, given["out"], given["key"])


def _say(engine: Engine, found: Review) -> None:
    for name, limits in found.limits.items():
        click.echo(
            f"{name}: recheck above {limits.recheck_above:.4g}, reject above "
            f"{limits.reject_above:.4g} (before: {_before(engine, name)})"
        )
    for name in engine.elsewhere:
        click.echo(f"{name}: its scores cannot be had here; its limits stay as they are")
    for line in (*found.thresholds.expected(), found.thresholds.promise):
        click.echo(line)
    if found.odd:
        _say_odd(engine, found)


def _before(engine: Engine, backend: str) -> str:
    facts = engine.card if engine.manifest is None else engine.manifest.backends[backend]  # type: ignore[index]
    return f"{facts.recheck_above:.4g}, {facts.reject_above:.4g}"


def _say_odd(engine: Engine, found: Review) -> None:
    click.echo(f"{len(found.odd)} good but odd: to be taught, and the engine then reviewed again")
    if engine.card.method != "teach":
        click.echo("have it made again with these among its good parts:")
        for path in found.odd:
            click.echo(f"  {path}")
        return
    click.echo("anew, GOOD being the folder that it was taught from:")
    click.echo(f"  cp {' '.join(str(path) for path in found.odd)} GOOD/")
    click.echo(f"  gonogo teach GOOD --out {engine.path.with_suffix('.onnx')}")


def _write(engine: Engine, found: Review, out: Path | None, key: Path | None) -> None:
    from gonogo.build.review.apply import into_card
    from gonogo.engines.card import card_path

    if engine.manifest is not None:
        _write_bundle(engine, found, out, key)
        return
    if out is not None or key is not None:
        raise ReviewError(
            f"{engine.path}: --out and --key are of a bundle; the limits of a model file go into "
            "the card beside it"
        )
    card = into_card(engine.path, found)
    click.echo(f"{card_path(engine.path)}: limits written; a station file may have them instead:")
    click.echo(f"  recheck_above = {card.recheck_above:.6g}")
    click.echo(f"  reject_above = {card.reject_above:.6g}")


def _write_bundle(engine: Engine, found: Review, out: Path | None, key: Path | None) -> None:
    from gonogo.build.label import label_of
    from gonogo.build.review.apply import expect_key, into_bundle
    from gonogo.commands.show.bundles import signed
    from gonogo.engines.bundles.keys import read_private

    if out is None:
        click.echo("nothing written: a bundle is made anew with --out NAME-1.0.1.gng and --key")
        return
    private = None if key is None else read_private(key)
    label = label_of(out)
    expect_key(engine.path, private)
    into_bundle(engine.path, found, label, out, private)
    whose = signed(None if private is None else private.public)
    click.echo(f"{out}: {label.name} {label.version}, {whose}")


COMMANDS: tuple[click.Command, ...] = (review,)
