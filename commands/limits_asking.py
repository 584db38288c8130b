"""Asking a person of one part after the other, and writing down what they say."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from gonogo.base.errors import DispositionRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.build.review.partlist import Listed
    from gonogo.console.limits.session import Session

BACK, STOP = "back", "stop"
# what is typed; `b` is bad, for it is typed more often than back
TYPED = {
    "g": "good", "good": "good", "b": "bad", "bad": "bad", "u": "unsure", "unsure": "unsure",
    "k": BACK, "back": BACK, "s": STOP, "stop": STOP,
}  # fmt: skip
QUESTION = "g good, b bad, u unsure, k back, s stop"


class Asking:
    """Writes down what one person says of the parts of a review."""

    def __init__(self, session: Session) -> None:
        from gonogo.commands.dispositions import Desk, person
        from gonogo.commands.recorded import Recorded

        station = session.subject.station
        self.review = session.review
        self._desk = Desk(Recorded(session.files.path, (), station))
        self._codes = station.dispositions.means
        self._person = person()

    def said(self) -> list[str | None]:
        """What was said of each part that is shown, so far."""
        from gonogo.build.review.station import said

        parts = self.review.found.parts[: len(self.review.shown)]
        return said(self._desk.path, parts, self.review.words)

    def write(self, part: Listed, label: str) -> bool:
        """Keep a word; False where this person said just that last. DispositionRefused."""
        from gonogo.build.review.answer import meant
        from gonogo.commands.dispositions import request
        from gonogo.records.dispositions.part import known
        from gonogo.records.dispositions.words import Origin

        with closing(self._desk.book()) as book:
            there = book.of(part.key)
        found = self._desk.find("/".join(map(str, part.key)), None)
        word, code = meant(label, known(found.row, found.about), self._codes)
        note = self.review.words.note
        mine = [each for each in there if each.who == self._person]
        if mine and (mine[-1].word, mine[-1].code, mine[-1].note) == (word, code, note):
            return False
        seen = there[-1].number if there else 0
        asked = request(found, word=word, code=code, note=note, origin=Origin.LIMITS, seen=seen)
        self._desk.send(found, asked)
        return True


def ask(asking: Asking) -> None:
    """Ask from the first part on of which nothing is said, until all are or the person stops."""
    from gonogo.commands.show.limits import part_lines

    said = asking.said()
    at = next((k for k, word in enumerate(said) if word is None), len(said))
    if at:
        click.echo(f"{at} of {len(said)} have been looked at already")
    while at < len(said):
        for line in part_lines(asking.review, at, said[at]):
            click.echo(line)
        word = _typed()
        if word == STOP:
            break
        if word == BACK:
            at = max(at - 1, 0)
        elif _written(asking, asking.review.shown[at], word):
            said[at] = word
            at = _next(said, at + 1)


def take(asking: Asking, rows: Sequence[tuple[Listed, str]]) -> None:
    """Write down a list of answers; what this person said of a part before counts once."""
    new = sum(asking.write(part, label) for part, label in rows)
    click.echo(f"{len(rows)} answers, {new} of them new")


def _next(said: Sequence[str | None], at: int) -> int:
    """What was answered before going back is not asked again."""
    return next((k for k in range(at, len(said)) if said[k] is None), len(said))


def _typed() -> str:
    """One of the answers; the end of what is typed stops."""
    while True:
        try:
            text = click.prompt(QUESTION, prompt_suffix=": ", default="", show_default=False)
        except click.Abort:  # Ctrl-C, Ctrl-D: what was said is kept
            click.echo()
            return STOP
        word = TYPED.get(text.strip().lower())
        if word is not None:
            return word
        click.echo(f"expected one of: {QUESTION}")


def _written(asking: Asking, part: Listed, word: str) -> bool:
    """False where another person said something meanwhile: it is asked again."""
    try:
        asking.write(part, word)
    except DispositionRefused as error:
        click.echo(str(error), err=True)
        return False
    return True
