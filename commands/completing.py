"""What a shell proposes behind the commands: station files, running stations, views and rules.

By the names of the parameters, in one place: a command says what it takes, and nothing of shells.
Nothing that is typed is refused by it. What goes wrong while a shell asks proposes nothing.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.config.station import Station

    Proposes = Callable[[click.Context], Iterator[str]]


class StationFile(click.Path):
    """A path; proposed are .toml files, and what the shell itself knows where there is none."""

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """As far as something is typed."""
        del ctx, param
        found = [CompletionItem(each) for each in station_files(incomplete)]
        # folders are the shell's: it knows to put no space behind one
        return found or [CompletionItem(incomplete, type="file")]


class Named(click.types.StringParamType):
    """A word; proposed are the names that `proposes` knows, and station files where `files`."""

    def __init__(self, proposes: Proposes, *, files: bool = False) -> None:
        self._proposes, self._files = proposes, files

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Those that begin with what is typed; none where something goes wrong."""
        del param
        try:
            names = sorted(dict.fromkeys(self._proposes(ctx)))
        except Exception:  # noqa: BLE001 - a shell asks: no message may appear in the line
            names = []
        found = [name for name in names if name.startswith(incomplete)]
        files = station_files(incomplete) if self._files else []
        items = [CompletionItem(each) for each in (*found, *files)]
        return items or ([CompletionItem(incomplete, type="file")] if self._files else [])


def station_files(typed: str) -> list[str]:
    """Files that end in .toml and begin so, in order; hidden ones only where a dot is typed."""
    folder, slash, begin = typed.rpartition("/")
    try:
        entries = sorted(os.scandir(f"{folder}/" if slash else "."), key=lambda each: each.name)
    except OSError:
        return []
    return [
        f"{folder}{slash}{entry.name}"
        for entry in entries
        if entry.name.startswith(begin) and entry.name.endswith(".toml")
        if begin or not entry.name.startswith(".")
    ]


def stations(_ctx: click.Context) -> Iterator[str]:
    """Those that run as this user."""
    from gonogo.base.runtime_dir import whereabouts
    from gonogo.commands.running import running_names

    yield from running_names(whereabouts().path)


def views(ctx: click.Context) -> Iterator[str]:
    """Of the station file that stands before."""
    yield from (view.name for view in _station(ctx).view)


def rules(ctx: click.Context) -> Iterator[str]:
    """Of its view, or of all of them where none is named."""
    wanted = ctx.params.get("view")
    for view in _station(ctx).view:
        if wanted in {None, view.name}:
            yield from (rule.name for rule in view.rule)


def _station(ctx: click.Context) -> Station:
    from gonogo.config.station import load_station

    # behind an option that waits for its word click has not yet told arguments apart
    words = (ctx.params.get("station"), *ctx.args)
    return load_station(next(Path(word) for word in words if word is not None))


def attach(group: click.Group) -> None:
    """Give every command below a group what a shell may propose for it."""
    for command in group.commands.values():
        if isinstance(command, click.Group):
            attach(command)
        for param in command.params:
            param.type = _type_of(param)


def _type_of(param: click.Parameter) -> Any:  # noqa: ANN401 - a click type
    if param.name == "station" and isinstance(param.type, click.Path):
        return StationFile(path_type=Path)
    if not isinstance(param.type, click.types.StringParamType):
        return param.type
    if param.name == "station":
        return Named(stations, files=True)
    named = {"view": views, "rule": rules}.get(str(param.name))
    return param.type if named is None else Named(named)
