"""Commands for the maker of a model: build an engine from it, and a table of many."""

from __future__ import annotations

import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import click

from gonogo.base.errors import BuildError, WeakModel
from gonogo.commands.build_asking import Asking
from gonogo.commands.build_options import FILE, with_options

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.engine import Wanted

EXIT_INTERRUPTED = 130
_PAIR = 2


@click.command()
@click.argument("model", type=FILE)
@with_options
def build(model: Path, **given: Any) -> None:  # noqa: ANN401 - one for each option above
    """Make a proven INT8 engine for CPUs and TensorRT from an ONNX model, as a bundle."""
    from rich.console import Console

    from gonogo.build.exports.reading import remarks
    from gonogo.build.job import build as build_bundle
    from gonogo.build.job import work_folder
    from gonogo.build.label import Label, name_and_version
    from gonogo.commands.show.built import show
    from gonogo.commands.show.progress import progress_bar
    from gonogo.engines.bundles.keys import read_private

    out: Path = given["out"]
    # either, and not by default: what nobody signed runs only where the station file allows it
    if (given["key"] is None) != given["unsigned"]:
        raise BuildError(
            "expected --key with the private key file that signs the bundle (`gonogo keys new` "
            "makes one), or --unsigned for a trial"
        )
    key = None if given["key"] is None else read_private(given["key"])
    name, version = name_and_version(out)
    # click gives a day without a zone; it is meant in UTC, as bundles have it
    expires = given["expires"] and given["expires"].replace(tzinfo=timezone.utc)
    # asked once, here: what is below has no clock of its own, so that a build can be repeated to
    # the bit
    now = datetime.now(timezone.utc)
    label = Label(given["name"] or name, given["version"] or version, now, expires, given["note"])
    for remark in remarks(model):
        click.echo(remark)
    asked = Asking(given, sys.stdin.isatty() and sys.stdout.isatty())
    try:
        while True:
            try:
                with progress_bar() as progress:
                    wanted = _wanted(model, asked.given)
                    built = build_bundle(wanted, label, out, key=key, progress=progress)
                break
            except WeakModel as error:
                # raised again where nobody is there to ask
                asked.about(error)
    except KeyboardInterrupt:
        click.echo(
            f"stopped; the same command goes on from what is kept in {work_folder(out)}", err=True
        )
        # 128 + SIGINT, as a shell has it
        sys.exit(EXIT_INTERRUPTED)
    show(Console(highlight=False), built)
    signed = "NOT SIGNED" if key is None else f"signed by {key.public.fingerprint}"
    click.echo(f"{out}: {label.name} {label.version}, {signed}")


def _wanted(model: Path, given: dict[str, Any]) -> Wanted:
    from gonogo.build.engine import Wanted
    from gonogo.build.exports.options import Options
    from gonogo.build.images import Folders
    from gonogo.build.reference.check import Reference

    at = given["crop_at"]
    if at and len(at) != _PAIR:
        raise BuildError("--crop-at: expected LEFT,TOP in px, as 16,16")
    options = Options(
        score=given["score"],
        map=given["map_name"],
        embedding=given["embedding"],
        good_class=given["good_class"],
        pixels=given["pixels"],
        mean=given["mean"],
        std=given["std"],
        colour=given["colour"],
        layout=given["layout"],
        size_px=given["size"],
        resize_px=given["resize"],
        # rows first, as above
        crop_at_px=(int(at[1]), int(at[0])) if at else None,
        defect_classes=given["defect_class"],
        columns=given["columns"],
        activation=given["activation"],
        fit=given["fit"],
        filter=given["filter"],
        fill=given["fill"],
        higher_is=given["higher_is"],
    )
    folders = Folders(
        given["good"], given["bad"], given["holdout"], given["drop"], given["keep_all"]
    )
    return Wanted(
        model,
        folders,
        options,
        given["max_auroc_loss"],
        given["target"] or "",
        Reference(given["reference"], given["reference_images"]),
        forms=given["forms"],
        require=given["require"],
        budget_min=given["budget"],
        accept_weak=given["accept_weak"],
        rank_min=given["min_rank"],
        patches=given["patches"],
    )


@click.command()
@click.argument("models_dir", type=FILE)
@click.argument("data_dir", type=FILE)
@click.option("--out", required=True, type=FILE, help="the Markdown page to write")
@click.option(
    "--max-auroc-loss",
    default=0.005,
    type=click.FloatRange(0, 0.5),
    show_default=True,
    help="what INT8 may lose of FP32's AUROC",
)
@click.option("--machine", help="how the page calls this machine (from what is seen of it)")
def models(
    models_dir: Path, data_dir: Path, out: Path, max_auroc_loss: float, machine: str | None
) -> None:
    """Build every model of a folder from its images, and write a table: AUROC, size, time."""
    import shutil

    from gonogo.build import modeltable
    from gonogo.build.job import work_folder
    from gonogo.commands.show.progress import progress_bar
    from gonogo.engines.card import replace_file

    folder = work_folder(out)
    with progress_bar() as progress:
        found = modeltable.find(models_dir, data_dir, folder, max_auroc_loss, progress)
    text = modeltable.page(found, machine or modeltable.machine_here(), max_auroc_loss)
    replace_file(out, text.encode())
    # after the page is written: broken off before, the next run goes on from what is kept there
    shutil.rmtree(folder, ignore_errors=True)
    click.echo(f"{out}: {len(found)} models")


COMMANDS: tuple[click.Command, ...] = (build, models)
