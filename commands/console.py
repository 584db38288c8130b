"""`gonogo console`: the technician's console, on this terminal or on a serial port."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from gonogo.commands.running import by_name

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.console import ConsoleSection
    from gonogo.console.serial.access import Access
    from gonogo.console.serial.session import Session

_BAUD = 115_200


@click.command()
@click.option("--serial", help="a serial port instead: /dev/ttyUSB0, or /dev/ttyUSB0@9600")
@by_name
def console(serial: str | None, station: str | None) -> None:
    """Open the technician's console of a running station: `?` lists its commands.

    On this terminal it may what the command line may. A cable has no accounts: it only reads.
    With [console] in the station file the station serves its port by itself.
    """
    from gonogo.commands.running import running

    name = running(station)
    if serial is None:
        _on_terminal(name)
    else:
        _on_cable(name, _section(serial))


def _on_terminal(name: str) -> None:
    import os

    from gonogo.base.errors import ConsolePortError
    from gonogo.base.signals import interruptible
    from gonogo.console.serial.access import StationUser
    from gonogo.console.serial.cable import exchange
    from gonogo.console.serial.port import Terminal

    fds = 0, 1
    if not all(map(os.isatty, fds)):
        raise ConsolePortError("expected a terminal on standard input and output")
    session = _session(name, StationUser(), os.ttyname(fds[0]), "terminal")
    terminal = Terminal(*fds)
    try:
        with interruptible() as interrupt:
            while not (interrupt.asked or (session.said.left and not session.out)):
                exchange(terminal, session, None, fds[0])
    finally:
        terminal.close()


def _on_cable(name: str, section: ConsoleSection) -> None:
    import os

    from gonogo.base.signals import interruptible
    from gonogo.console.serial.access import Reader
    from gonogo.console.serial.cable import Cable

    cable = Cable(section, _session(name, Reader(), section.device, "serial"))
    waits = os.eventfd(0)
    try:
        with interruptible() as interrupt:
            while not interrupt.asked:
                cable.turn(waits)
    finally:
        cable.close()
        os.close(waits)


def _session(name: str, access: Access, port: str, way: str) -> Session:
    import time

    from gonogo.console.serial.conversation import Conversation
    from gonogo.console.serial.dialogs import Guest, Place
    from gonogo.console.serial.session import Session

    place = Place(name, _log_of(name), port, way)
    return Session(Conversation(Guest(access, place)), time.monotonic())


def _log_of(name: str) -> Path | None:
    """Where the station keeps its log, by the file that it was started with; None: not known."""
    import contextlib

    from gonogo.base.errors import GonogoError
    from gonogo.commands.auditing import of_running
    from gonogo.config.started_by import started_by
    from gonogo.config.station import load_station

    with contextlib.suppress(GonogoError, OSError):
        return load_station(started_by(name, of_running(name))).log.path
    return None


def _section(serial: str) -> ConsoleSection:
    """DEVICE or DEVICE@BAUD; BadParameter."""
    from pydantic import ValidationError

    from gonogo.config.console import ConsoleSection

    found = re.fullmatch(r"(/[^@]+)(?:@(\d{1,7}))?", serial)
    try:
        if found is not None:
            return ConsoleSection.model_validate(
                {"device": found[1], "baud": int(found[2] or _BAUD)}
            )
    except ValidationError:
        pass
    raise click.BadParameter(
        f"expected a device as /dev/ttyUSB0, or with @9600 to @115200; got {serial!r}",
        param_hint="--serial",
    )


COMMANDS: tuple[click.Command, ...] = (console,)
