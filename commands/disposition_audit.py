"""`gonogo disposition audit`: the sample of accepted parts, shown with the score hidden."""

from __future__ import annotations

import json
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from gonogo.base.errors import DispositionUnfit, StationFileError
from gonogo.commands.parts import station_option

if TYPE_CHECKING:
    from gonogo.commands.dispositions import Desk, Sent
    from gonogo.config.station import Station
    from gonogo.records.dispositions.audit import Question
    from gonogo.records.dispositions.said import Disposition

DAYS = 7  # of shifts that are asked about
_this_shift = click.option(
    "--this-shift", is_flag=True, help="also of the shift that runs, whose sample is not full yet"
)
KEYS = {"g": "good", "d": "defect", "u": "unsure", "q": ""}


class Open(NamedTuple):
    """What is open for a person, and what was said so far."""

    desk: Desk
    station: Station
    questions: list[Question]
    said: list[Disposition]


@click.group()
def audit() -> None:
    """Look at the random sample of accepted parts: without it nobody knows what slips through."""


@audit.command("next")
@_this_shift
@click.option("--json", "plain", is_flag=True, help="as JSON, and nothing is asked")
@station_option
def next_(station: str | None, *, this_shift: bool, plain: bool) -> None:
    """Show the pictures of the next part; on a terminal, ask about one after the other."""
    found = open_for(station, this_shift=this_shift)
    if plain:
        click.echo(json.dumps(_as_json(found)))
        return
    while found.questions:
        for line in _shown(found):
            click.echo(line)
        if not sys.stdin.isatty():
            words = f"{found.questions[0].ticket} good --station {station}"
            click.echo(f"  answer   gonogo disposition audit answer {words}")
            return
        if not _asked(found):
            return
        found = open_for(station, this_shift=this_shift)
    click.echo(_none(found, this_shift=this_shift))


def _asked(found: Open) -> bool:
    """Ask on the terminal until the answer can be written down; False where somebody quits."""
    from gonogo.console.show.disposition import code_lines

    while True:
        answer = KEYS[click.prompt("good, defect, unsure or quit", type=click.Choice([*KEYS]))]
        if not answer:
            return False
        for line in code_lines(found.station.dispositions.codes):
            click.echo(line)
        code = click.prompt("reason code, or none", default="", show_default=False)
        try:
            _told(_answer(found, found.questions[0].ticket, answer, code, ""))
        except DispositionUnfit as error:
            click.echo(str(error))
        else:
            return True


@audit.command("answer")
@click.argument("ticket")
@click.argument("word", type=click.Choice(["good", "defect", "unsure"]))
@click.option("--code", default="", help="why: a reason code of the station file")
@click.option("--note", default="", help="at most 200 characters")
@station_option
def answer_(ticket: str, word: str, station: str | None, **texts: str) -> None:
    """Answer about the part that `next` has shown: good, defect or unsure."""
    _told(_answer(open_for(station, this_shift=True), ticket, word, **texts))


def open_for(station: str | None, *, this_shift: bool) -> Open:
    """The parts of the last days' shifts that this person may be asked about."""
    from gonogo.commands.dispositions import desk, person
    from gonogo.records.dispositions.audit import in_order, questions
    from gonogo.records.questions.files import Files
    from gonogo.records.questions.samples import audit_sample
    from gonogo.records.shifts import shift_start_ms

    found = desk(station)
    loaded = found.asked.station
    if loaded is None or loaded.records.images is None:
        raise StationFileError(
            "an audit: expected --station FILE.toml with [records.images], which keeps the "
            "pictures of a random sample of accepted parts (`audit_sample`)"
        )
    now_ms, starts = time.time_ns() // 1_000_000, loaded.records.shift_starts
    until_ms = now_ms if this_shift else shift_start_ms(now_ms, starts)
    sample = audit_sample(Files(found.asked.path), until_ms - DAYS * 86_400_000, until_ms)
    with closing(found.book()) as book:
        said = list(book.all())
    again = loaded.dispositions.shown_again_one_in
    return Open(found, loaded, questions(in_order(sample, starts), said, person(), again), said)


def _answer(found: Open, ticket: str, answer: str, code: str, note: str) -> Sent:
    """DispositionUnfit for a ticket that is not open."""
    from gonogo.commands.dispositions import request
    from gonogo.records.dispositions.audit import ANSWERS
    from gonogo.records.dispositions.words import Origin

    part = next((each.part for each in found.questions if each.ticket == ticket), None)
    again = next((each for each in found.said if each.request_id == ticket), None)
    key = again.part if again is not None else part and (part.run, part.serial)
    if not key:
        raise DispositionUnfit(
            f"ticket {ticket!r} is not open for this person: expected one that "
            "`gonogo disposition audit next` shows"
        )
    there = found.desk.find(f"{key[0]}/{key[1]}", None)
    newest = [each.number for each in found.said if each.part == key]
    # what others said is not shown to whoever is asked, and so is no reason to refuse the answer
    seen = again.seen if again is not None else max(newest, default=0)
    said: dict[str, Any] = {"word": ANSWERS[answer], "code": code, "note": note, "seen": seen}
    return found.desk.send(there, request(there, request_id=ticket, origin=Origin.AUDIT, **said))


def _shown(found: Open) -> list[str]:
    """Nothing of its score, nor of what anybody said of it."""
    # not how many there are: that would tell which one was shown before
    lines = [f"audit {found.questions[0].ticket}"]
    return lines + [f"  picture  {view}: {path}" for view, path in _pictures(found).items()]


def _pictures(found: Open) -> dict[str, str]:
    from gonogo.records.questions.details import details
    from gonogo.records.questions.files import Files

    about = details(Files(found.desk.asked.path), found.questions[0].part)
    return {
        each.view: str(each.place or "none any more: somebody removed it")
        for each in about.pictures
    }


def _as_json(found: Open) -> dict[str, Any]:
    if not found.questions:
        return {"open": False}
    ticket = found.questions[0].ticket
    return {"open": True, "ticket": ticket, "pictures": _pictures(found)}


def _told(sent: Sent) -> None:
    click.echo(f"written down, number {sent.said.number}")


def _none(found: Open, *, this_shift: bool) -> str:
    images = found.station.records.images
    size = images.audit_sample if images else 0
    running = "" if this_shift else "; that of the shift that runs is asked about with --this-shift"
    return (
        f"nothing to look at: of each shift {size} accepted parts are drawn, and those of the last "
        f"{DAYS} days are answered, or their pictures are gone{running}"
    )
