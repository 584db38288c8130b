"""`gonogo master`: what the station says of a part that is known to be good or bad."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from gonogo.base.errors import ControlError
from gonogo.commands.auditing import audited, of_running, why

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from gonogo.ipc.master_part import MasterPartView, Request

# 1 is nothing but a wrong answer: whoever runs this from a program must not take another for it
EXIT_RIGHT, EXIT_WRONG, EXIT_REFUSED, EXIT_VOID, EXIT_NONE_CAME = range(5)
ANSWERS = ("right", "wrong", "refused", "void", "no part came, or it was taken back")
POLL_S = 0.05
# beyond the time that the line itself gives a request
SILENT_S = 30.0


@click.command()
@click.argument("part", type=click.Choice(["good", "bad"]), required=False)
@click.option("--cancel", is_flag=True, help="take back what is waited for")
@click.option("--station", help="the station's name, where several run on this box")
@why
def master(part: str | None, station: str | None, *, cancel: bool) -> None:
    """Show the running station a part that is known to be good or bad, and see what it says.

    The next part that comes is taken for it. Exit code 0: the answer was right. 1: it was wrong,
    and no part passes until a right one. 2: refused. 3: void, the station did not judge the part.
    4: no part came in time, or it was taken back. Ctrl-C takes it back; a part that has come by
    then gets its answer all the same.
    """
    from gonogo.commands.running import running
    from gonogo.ipc.control_socket import ask

    if (part is None) is not cancel:
        raise click.UsageError("expected good or bad, or --cancel")
    try:
        name = running(station)
        if part is None:
            with audited(of_running(name), "master part taken back"):
                ask(name, do="master-part-back")
            click.echo("taken back: the next part is one like any other")
            return
        with audited(of_running(name), "master part", part) as change:
            number = ask(name, do="master-part", part=part)["number"]
            code = _waited(name, number)
            change.new = {"part": part, "answer": ANSWERS[code]}
        sys.exit(code)
    except ControlError as error:
        _refused(error)


def _refused(error: ControlError) -> NoReturn:
    """What the station itself refused has its own number; the rest is of the socket."""
    text = str(error.args[0])
    click.echo(text if text.startswith("GN") else str(error), err=True)
    sys.exit(EXIT_REFUSED)


def _waited(station: str, number: int) -> int:
    """Tell what becomes of a request until it has ended; the exit code."""
    from gonogo.ipc.master_part import MasterPartView

    memory = MasterPartView.attach(station)
    try:
        return _followed(station, memory, number)
    except KeyboardInterrupt:
        return _taken_back(station, memory, number)
    finally:
        memory.close()


def _taken_back(station: str, memory: MasterPartView, number: int) -> int:
    """Nobody waits any more: the next part must not be taken for the known one.

    That may have come by now. What the line says is told, whatever became of this.
    """
    from gonogo.ipc.control_socket import ask

    try:
        with suppress(ControlError):  # as it has its answer, or the station ends: the memory says
            ask(station, do="master-part-back")
        return _ended(station, memory, number)
    except KeyboardInterrupt:  # for the second time
        return _silent()


def _followed(station: str, memory: MasterPartView, number: int) -> int:
    from gonogo.ipc.master_part import Phase

    armed = _until(memory, number, lambda request: request.phase > Phase.KEEPING)
    if armed is not None and armed.phase is Phase.ARMED:
        left_s = (memory.until_ns - time.monotonic_ns()) / 1e9
        name = armed.part.name.lower()
        click.echo(f"show the known {name} part now: the next one within {left_s:.0f} s is it")
    return _ended(station, memory, number)


def _ended(station: str, memory: MasterPartView, number: int) -> int:
    ended = _until(memory, number, lambda request: request.ended)
    return _silent() if ended is None else _told(station, memory, ended)


def _silent() -> int:
    click.echo("no answer: see the messages of the station", err=True)
    return EXIT_VOID


def _until(memory: MasterPartView, number: int, done: Callable[[Request], bool]) -> Request | None:
    """The request once it is so; None where the line says nothing, or goes by a later one."""
    end_ns = 0
    while True:
        request, now_ns = memory.request, time.monotonic_ns()
        if request.number == number and done(request):
            return request
        # none of it is there before the line has taken it up
        end_ns = max(end_ns or now_ns, memory.until_ns)
        if request.number != number or now_ns > end_ns + round(SILENT_S * 1e9):
            return None
        time.sleep(POLL_S)


def _told(station: str, memory: MasterPartView, request: Request) -> int:
    """What came of it, for people; the exit code."""
    from gonogo.commands.show.master_part import show_part, verdict_on
    from gonogo.ipc.master_part import Phase

    if request.phase in {Phase.RIGHT, Phase.WRONG, Phase.VOID} and memory.serial:
        show_part(station, memory.serial)
    click.echo(verdict_on(request, memory))
    codes = {
        Phase.RIGHT: EXIT_RIGHT,
        Phase.WRONG: EXIT_WRONG,
        Phase.REFUSED: EXIT_REFUSED,
        Phase.VOID: EXIT_VOID,
    }
    return codes.get(request.phase, EXIT_NONE_CAME)


COMMANDS: tuple[click.Command, ...] = (master,)
