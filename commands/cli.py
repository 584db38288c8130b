"""The command line: one function a command, each importing what it needs when it is called."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from gonogo.base.errors import GonogoError, StationFileError
from gonogo.base.field_tool import demand_whole, without
from gonogo.base.log.forms import ConsoleForm
from gonogo.commands import (
    audit,
    box,
    build,
    camera,
    completion,
    console,
    disposition,
    drift,
    drift_table,
    engine_files,
    engine_swap,
    export,
    faults,
    firstday_table,
    flash,
    limits_command,
    limits_table,
    log,
    lots,
    master_part,
    measure_command,
    new,
    parts,
    patch_table,
    plc,
    release,
    review,
    running,
    screen,
    teach_table,
    update,
    users,
)
from gonogo.commands import why as why_part
from gonogo.commands.auditing import audited, digest_of, given_why, of_station, why
from gonogo.commands.board import command as board
from gonogo.commands.completing import attach
from gonogo.commands.doctor import command as doctor
from gonogo.commands.support import command as support

if TYPE_CHECKING:
    from gonogo.config.station import Station

# 1: what a person has to mend; 2 and more are a station's own (docs/when-things-break.md)
EXIT_USER = 1

FILE = click.Path(path_type=Path)


class Commands(click.Group):
    """Turns our own errors into one message and an exit code, never a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except StationFileError as error:  # its message is one finding a line
            click.echo(error.args[0], err=True)
            click.echo(f"GN{error.code}: the station file is not right (see above)", err=True)
        except GonogoError as error:
            click.echo(str(error), err=True)
            sys.exit(error.exit_code)
        except ModuleNotFoundError as error:
            found = without(error)
            if found is None:
                raise
            click.echo(str(found), err=True)
        # reached after these two alone: whatever else there is has returned or left
        sys.exit(EXIT_USER)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command, where there is what it needs; FieldToolOnly."""
        found = super().resolve_command(ctx, args)
        demand_whole(found[0] or "")
        return found


@click.group(cls=Commands)
@click.version_option(package_name="gonogo")
def main() -> None:
    """Go / no-go verdicts for every part of one inspection station."""
    # to stderr: what a command says on stdout may be read by a program
    told = logging.StreamHandler(sys.stderr)
    told.setFormatter(ConsoleForm())
    logging.basicConfig(level=logging.INFO, handlers=[told])


@main.command()
@click.argument("station", type=FILE)
@click.option("--json", "plain", is_flag=True, help="say it for a program, as JSON")
def check(station: Path, *, plain: bool) -> None:
    """Validate a station file, open every device, do the latency sum, say what it will do."""
    from gonogo.commands.check import as_json, check_station

    if not plain:
        sys.exit(check_station(station))
    import json

    found = as_json(station)
    click.echo(json.dumps(found))
    sys.exit(0 if found["ok"] else EXIT_USER)


@main.command()
@click.argument("station", type=FILE)
@why
def run(station: Path) -> None:
    """Run a station until Ctrl-C.

    What it needs and is not there yet it waits for. Exit code 1: the station file is wrong. 2:
    something else is, and starting again may help.
    """
    from gonogo.commands.ended import start_ended
    from gonogo.launch.run import run_station

    with start_ended():
        run_station(station, why=given_why())


@main.command()
@click.argument("station", type=FILE)
@click.option("--parts", default=200, type=click.IntRange(1, 10_000_000), help="how many parts")
@click.option("--seed", type=int, help="another seed for the simulated cameras")
@click.option("--report", type=FILE, help="write the figures there as JSON")
@click.option("--sheet", type=FILE, help="a picture (.png) of the bad parts that passed")
def rehearse(
    station: Path, parts: int, seed: int | None, report: Path | None, sheet: Path | None
) -> None:
    """Run a station against a simulated PLC that judges it, and say whether it is good enough.

    Exit code 0: all was in time, and no more was judged wrongly than [station] max_escape_pct and
    max_overkill_pct allow. 2: the station was late, or worse. 3: inconclusive, because nothing but
    the lateness of the simulated PLC itself was wrong; run it again. 4: all was in time, but more
    bad parts passed, or good ones were rejected, than that.
    """
    from rich.console import Console

    from gonogo.commands.show.live import LiveView
    from gonogo.commands.show.summary import show_summary
    from gonogo.config.station import with_seed
    from gonogo.proving.rehearse import exit_code, rehearse, simulated_plc, write_report
    from gonogo.proving.sheet import sheet_path

    simulated_plc(_loaded(station))  # before engines are made for it
    loaded = _prepared(station, "MISSING")
    if seed is not None:
        loaded = with_seed(loaded, seed)
    console = Console(highlight=False)
    # in the order of the checks in a verdict entry
    names = [rule.name for view in loaded.view for rule in view.rule]
    found = rehearse(loaded, parts, LiveView(console, names), sheet or sheet_path(loaded))
    show_summary(console, found)
    if report is not None:
        write_report(report, found)
    sys.exit(exit_code(found))


@main.command()
@click.argument("station", type=FILE)
@click.option("--again", is_flag=True, help="make the engines anew even if they are there")
@click.option("--missing", is_flag=True,
              help="make only what is not there, and plans where there is TensorRT")  # fmt: skip
@click.option("--told", type=FILE, help="with --missing: a file that says how far it is")
@why
def prepare(station: Path, *, again: bool, missing: bool, told: Path | None) -> None:
    """Make the engines that a station file describes, on this box.

    Those that are not there, and those that were made from other pictures than there are now. A
    start makes none: nothing else exchanges an engine that is there.
    """
    if (again and missing) or (told is not None and not missing):
        raise click.UsageError("--again and --missing: expected one of them; --told: --missing")
    if missing:
        from gonogo.commands.making import make_missing

        make_missing(station, told)
        return
    if not again:
        _prepared(station, "CHANGED")
        return
    loaded = _loaded(station)
    models = [view.engine.model for view in loaded.view if view.engine and view.engine.model]
    old = {str(path): digest_of(path) for path in models}
    with audited(of_station(loaded), "prepare again", None, old) as change:
        _prepared(station, "ALL")
        change.new = {str(path): digest_of(path) for path in models}


@main.command()
@click.argument("good_dir", type=FILE)
@click.option("--out", required=True, type=FILE, help="the engine file to write (.onnx)")
@click.option("--side-px", default="256", type=click.Choice(["256", "384", "512"]),
              help="what it sees: more find smaller flaws, and take longer")  # fmt: skip
@click.option("--method", default="auto", type=click.Choice(["auto", "pretrained", "filters"]),
              help="what it looks with: a pretrained network (the extra [pretrained]), or fixed "
                   "filters; auto is the network where it is installed")  # fmt: skip
@click.option("--drop", multiple=True, type=FILE,
              help="an image to leave out; may be given again")  # fmt: skip
@click.option("--keep-all", is_flag=True,
              help="somebody has looked: the oddest good parts are good")  # fmt: skip
def teach(
    good_dir: Path,
    out: Path,
    side_px: str,
    method: Literal["auto", "pretrained", "filters"],
    **given: Any,  # noqa: ANN401 - the two of odd parts
) -> None:
    """Make a first INT8 anomaly engine from a folder of good images alone."""
    from gonogo.build.goodparts import GoodImages, folder_images
    from gonogo.build.review.odd import ask, sheet_path
    from gonogo.build.teach import teach as teach_engine
    from gonogo.commands.show.progress import progress_bar

    good = GoodImages(folder_images(good_dir, given["drop"]), kept=given["keep_all"])
    with progress_bar() as progress:
        card = teach_engine(good, out, progress=progress, side_px=int(side_px), method=method)
    click.echo(
        f"{out}: taught from {card.good_parts} good parts; "
        f"recheck above {card.recheck_above:.4g}, reject above {card.reject_above:.4g}\n"
        f"{card.note}"
    )
    if not given["keep_all"]:
        click.echo(ask(sheet_path(out)))


@main.command("learn-view")
@click.argument("station", type=FILE)
@click.argument("view")
@click.option("--good", required=True, type=FILE, help="a folder of at least 30 good pictures")
@click.option("--out", type=FILE, help="the file to write (what [view.trust] names)")
@why
def learn_view(station: Path, view: str, good: Path, out: Path | None) -> None:
    """Learn from good pictures which frames of a view to trust, and which faults it can tell."""
    from gonogo.commands.learn_view import Asked, learn_view, place
    from gonogo.commands.show.progress import progress_bar

    asked = Asked(station, _loaded(station), view, good, out)
    file = place(asked)
    told, old = {"view": view, "file": file}, {"sha256": digest_of(file)}
    trail = of_station(asked.station)
    with progress_bar() as progress, audited(trail, "learn view", told, old) as change:
        learn_view(asked, click.echo, progress)
        change.new = {**told, "sha256": digest_of(file)}


@main.command()
@click.option("--json", "json_path", type=FILE, help="write the rows there")
@click.option("--only", help="one row by name")
def bench(json_path: Path | None, only: str | None) -> None:
    """Measure the speed figures, each beside its control."""
    from gonogo.proving.bench.run import run_bench

    sys.exit(run_bench(json_path, only))


# every command pays for what these modules import: they import what they need when they are called
for _module in (
    new, running, faults, audit, master_part, camera, measure_command, console, board, doctor,
    flash, support, plc, parts, disposition, engine_files, engine_swap, build, release, box,
    review, limits_command, teach_table, drift, drift_table, export, limits_table, log, screen,
    lots, update, users, why_part, patch_table, firstday_table, completion,
):  # fmt: skip
    for _command in _module.COMMANDS:
        main.add_command(_command)
attach(main)


def _loaded(path: Path) -> Station:
    from gonogo.config.station import load_station

    return load_station(path)


def _prepared(path: Path, make: str) -> Station:
    """The station of a file, with what it describes made: MISSING, CHANGED or ALL."""
    from gonogo.build.station import Make, prepare_station
    from gonogo.commands.show.progress import progress_bar

    station = _loaded(path)
    with progress_bar() as progress:
        prepare_station(station, progress, Make[make])
    return station
