"""What people say on the screen: a word on a part that they saw.

It is sent as the command line sends it, by the same rules: the number that was seen, a request id
of its own, the audit trail, and never a changed verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from gonogo.base.section import Section
from gonogo.console.access.author import author as author_of
from gonogo.console.screen.access import DECIDE, SAY
from gonogo.ipc.audit.who import who
from gonogo.records.dispositions.part import key_of, known
from gonogo.records.dispositions.said import Request
from gonogo.records.dispositions.sending import Rules, send
from gonogo.records.dispositions.words import Origin, Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.console.screen.access import Person
    from gonogo.console.screen.archive import Archive, FoundPart
    from gonogo.records.dispositions.said import Disposition
    from gonogo.records.dispositions.section import DispositionsSection

Code = Annotated[str, Field(max_length=24)]
Note = Annotated[str, Field(max_length=200)]
RUN_MAX, SERIAL_MAX = 100, (1 << 40) - 1


class WordAsked(Section):
    """What the dialog on a part sends: what was on the screen when it opened, and the word."""

    run: Annotated[str, Field(min_length=1, max_length=RUN_MAX)]
    serial: Annotated[int, Field(ge=1, le=SERIAL_MAX)]
    word: Literal["confirmed", "false-reject", "missed-defect", "unsure"]
    code: Code = ""
    note: Note = ""
    seen: Annotated[int, Field(ge=0)]
    request_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    decides: bool = False


class Speaking:
    """Brings words of people into the book of a station."""

    def __init__(self, archive: Archive, dispositions: DispositionsSection) -> None:
        self._archive, self._dispositions = archive, dispositions

    def word(self, asked: WordAsked, person: Person, address: str) -> list[Disposition]:
        """Write it down: all that was then said of its part, the newest last.

        AccessDenied, NoSuchPart, DispositionRefused (another word came since the one that was
        seen), DispositionUnfit, DispositionsError.
        """
        person.demand(DECIDE if asked.decides else SAY)
        found = self._archive.find(asked.run, asked.serial)
        request = Request(
            request_id=asked.request_id, part=key_of(found.row),
            word=Word[asked.word.upper().replace("-", "_")], code=asked.code, note=asked.note,
            who=person.name, origin=Origin.REVIEW, seen=asked.seen, decides=asked.decides,
        )  # fmt: skip
        return self.send(found, request, person, address)

    def send(
        self, found: FoundPart, request: Request, person: Person, address: str
    ) -> list[Disposition]:
        """The same of a request that is made already."""
        supervisors = (person.name,) if DECIDE in person.may else ()
        rules = Rules(self._dispositions.means, supervisors)
        part = known(found.row, found.about)
        _, said = send(self._archive.records, request, part, rules, author(person, address))
        return said


def author(person: Person, address: str) -> Callable[[], dict[str, Any]]:
    """Who it was, as the audit trail has it: the person, the process that did it, from where."""
    account = person.stay.account if person.stay else None

    def told() -> dict[str, Any]:
        place = f"the screen, from {address or 'nowhere'}"
        known = author_of(account, person.way, person.source, lambda: who(terminal=lambda: place))
        return {**known(), "login": person.name, "over": "screen"}

    return told
