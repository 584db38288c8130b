"""`gonogo prepare --missing`: what a box lacks before its station starts, and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from gonogo.commands.show.progress_file import ProgressFile
from gonogo.config.station import load_station
from gonogo.launch.made import unmade
from gonogo.launch.plans import build_plans, wants_plans

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station

_SHARE = re.compile(r"(.*), (\d+) %")  # as a build of a plan says how far it is


def make_missing(path: Path, told: Path | None) -> None:
    """Make it, or only look: what makes engines is imported where one is missing.

    `told`: a file that says how far it is. The errors of `gonogo prepare`, and of a TensorRT that
    a view names and that builds no plan.
    """
    with ProgressFile(told) as progress:
        station = load_station(path)
        _make(station, progress)
        if wants_plans(station):
            _plans(station, progress)


def _make(station: Station, progress: ProgressFile) -> None:
    lacks = unmade(station)
    if not any(lacks):
        return
    from gonogo.build.station import Make, prepare_station
    from gonogo.commands.show.progress import progress_bar

    def begins(engine: Path) -> None:
        step, steps = lacks.engines.index(engine) + 1, len(lacks.engines)
        click.echo(f"engine {step} of {steps} is made: {engine}")
        progress.begins(step, steps, f"engine {engine.stem}")

    with progress_bar() as bar:

        def report(what: str, done: int, total: int) -> None:
            bar(what, done, total)
            progress(what, done, total)

        prepare_station(station, report, Make.MISSING, begins)


def _plans(station: Station, progress: ProgressFile) -> None:
    def begins(step: int, steps: int, view: str) -> None:
        click.echo(f"engine {step} of {steps} is opened in TensorRT: view '{view}'")
        progress.begins(step, steps, f"plan {view}")

    def say(text: str) -> None:
        click.echo(f"  {text}")
        found = _SHARE.fullmatch(text)
        progress(*((found[1], int(found[2]), 100) if found else (text, 0, 0)))

    build_plans(station, begins, say)
