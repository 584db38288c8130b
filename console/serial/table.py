"""The console's commands as one table: words, what they take, who may, and help, the manual.

A read may be abbreviated (`st`, `eng l`); a change wants its words in full, so that noise and slips
begin none. What is typed is a line of words; `--json` as the last one asks for JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from gonogo.base.errors import CommandUnknown
from gonogo.console.serial.bench import Bench

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from gonogo.console.serial.access import Person

JSON = "--json"
GIVE_UP = (0x03, 0x18)  # Ctrl-C, Ctrl-X: the end of an errand


class At(NamedTuple):
    """Where a command is carried out, and who asks. `log`: the kept log's path, None: none is.

    `port` is the device or terminal, `way` which kind of way that is (serial, terminal, socket).
    `why`: the reason of a change, `secret` what was typed twice for it. `file`: the station file,
    None where the station has none. `bench`: what the session is about. `may`: whether who asks may
    do something, by the table of roles.
    """

    station: str
    log: Path | None
    who: Person
    port: str
    way: str
    why: str = ""
    secret: str = ""
    file: Path | None = None
    bench: Bench = Bench()
    may: Callable[[str], bool] = lambda _: True


class Errand(Protocol):
    """What a command has begun: it has the terminal until it ends, and never waits."""

    def receive(self, data: bytes, now_s: float) -> None:
        """What was typed, or sent by a program at the other end."""
        ...

    def tick(self, now_s: float, waiting: int) -> bytes:
        """What is to be sent now; so many bytes of ours still wait."""
        ...

    def finished(self) -> Answer | None:
        """What came of it, None while it is under way; GonogoError where it came to nothing."""
        ...

    def cancel(self) -> bytes:
        """Nobody wants it any more; what tells the other end so. Idempotent."""
        ...


class Answer(NamedTuple):
    """What a command says: lines for people, and one JSON value for programs.

    `errand`: what goes on from here and answers in its own time.
    """

    lines: Sequence[str]
    value: Any = None
    errand: Errand | None = None


class Begun(NamedTuple):
    """An errand, and whether a program waits for its answer."""

    errand: Errand
    plainly: bool


class Command(NamedTuple):
    """One row. `takes`: words after its own, each NAME, [NAME] or NAME..., which takes the rest.

    `action`: as the table of roles calls it. `help`: its first sentence is the summary. `run`: None
    is the session's own. `changes`: what is done once it is confirmed, in words; '' for a read.
    `secret`: a change that asks for a PIN or badge, twice. `meant`: another row that some words
    make of it, a read that becomes a change with a value; CommandUnknown where they are not whole.
    """

    words: str
    takes: str
    action: str
    help: str
    run: Callable[[At, Sequence[str]], Answer] | None
    changes: str = ""
    secret: bool = False
    meant: Callable[[Command, Sequence[str]], Command] | None = None

    @property
    def synopsis(self) -> str:
        """As it is typed."""
        return f"{self.words} {self.takes}".strip()

    @property
    def summary(self) -> str:
        """One line of the list."""
        return self.help.partition(". ")[0].rstrip(".")

    def fits(self, given: Sequence[str]) -> bool:
        """Whether so many words may stand after its own."""
        wanted = self.takes.split()
        least = sum(not each.startswith("[") for each in wanted)
        return least <= len(given) and (len(given) <= len(wanted) or self.takes.endswith("..."))


class Order(NamedTuple):
    """A command with the words that were given to it."""

    command: Command
    given: tuple[str, ...]
    json: bool


def ordered(commands: Iterable[Command], line: str) -> Order:
    """The command of a line; CommandUnknown says what would be one."""
    words = line.split()
    plain = [each for each in words if each != JSON]
    found = matching(commands, plain)
    if len(found) != 1:
        raise CommandUnknown(_which(found, line))
    command = found[0]
    count = len(command.words.split())
    if command.meant is not None:
        command = command.meant(command, plain[count:])
    if command.changes and " ".join(plain[:count]) != command.words:
        raise CommandUnknown(f"a change wants its words in full: {command.synopsis}")
    given = tuple(plain[count:])
    if not command.fits(given):
        raise CommandUnknown(f"expected: {command.synopsis}")
    return Order(command, given, JSON in words)


def _which(found: Sequence[Command], line: str) -> str:
    if found:
        return f"'{line.strip()}' may be {', '.join(each.words for each in found)}: type more of it"
    return f"'{line.strip()}' is no command; `?` lists them"


def matching(commands: Iterable[Command], typed: Sequence[str]) -> list[Command]:
    """Those whose words begin as these do; a word that is typed in full goes before longer ones."""
    found = [each for each in commands if _begins(each.words.split(), typed)]
    for at, word in enumerate(typed):
        exact = [each for each in found if each.words.split()[at : at + 1] == [word]]
        found = exact or found
    # `log follow` is no `log` of something that is called `follow`
    most = max((len(each.words.split()) for each in found), default=0)
    return [each for each in found if len(each.words.split()) == most]


def _begins(words: Sequence[str], typed: Sequence[str]) -> bool:
    """Whether all that is typed of the command's words begins them, and none of them is missing."""
    return len(typed) >= len(words) and all(map(str.startswith, words, typed))


def beginning(commands: Iterable[Command], before: str) -> list[Command]:
    """Those that a line may become that begins so."""
    typed = before.split()
    last = "" if before.endswith(" ") or not before else typed.pop()
    return [
        each
        for each in commands
        if all(map(str.startswith, each.words.split(), typed))
        and _at(each, len(typed)).startswith(last)
    ]


def _at(command: Command, number: int) -> str:
    return "".join(command.words.split()[number : number + 1])


def completed(commands: Iterable[Command], before: str) -> list[str]:
    """What the last word may be, of words of commands."""
    at = len(before.split()) - bool(before and not before.endswith(" "))
    return sorted({_at(each, at) for each in beginning(commands, before)} - {""})


def manual(command: Command) -> list[str]:
    """All that is to be said of one."""
    asked = "a PIN or badge twice, " if command.secret else ""
    change = [f"A change: its words in full, a reason, {asked}and the code that is shown."]
    return [command.synopsis, *_sentences(command.help), *(change if command.changes else [])]


def _sentences(text: str) -> list[str]:
    return [f"  {line.strip()}" for line in text.split("\n") if line.strip()]


def listed(commands: Iterable[Command]) -> list[str]:
    """A line each."""
    return [f"{each.synopsis:<28} {each.summary}" for each in commands]
