"""What is said at one console: signing in, commands and their answers, the code of a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import GonogoError
from gonogo.console.serial.answering import Said, answered, refused
from gonogo.console.serial.commands import COMMANDS, FOLLOW, HELP, LEAVE, UNFOLLOW
from gonogo.console.serial.dialogs import Change, four_digits
from gonogo.console.serial.follow import Follow
from gonogo.console.serial.helping import help_on, help_with
from gonogo.console.serial.keys import Key
from gonogo.console.serial.pager import fitted
from gonogo.console.serial.screen import Screen
from gonogo.console.serial.table import JSON, completed, ordered
from gonogo.console.serial.trying import waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.console.serial.dialogs import Guest
    from gonogo.console.serial.editor import Typed
    from gonogo.console.serial.table import Begun, Command, Order

NOTHING = Said((), plainly=False)


class Conversation:
    """Takes what was typed. `left`: whoever was there has gone, by their own word.

    `errand`: what has the terminal for now; the session gives it its turns.
    """

    def __init__(
        self,
        guest: Guest,
        commands: tuple[Command, ...] = COMMANDS,
        code: Callable[[], str] = four_digits,
    ) -> None:
        self.guest = guest
        self.screen = Screen(lambda before: completed(commands, before))
        self.follow = Follow()
        self.left = False
        self.errand: Begun | None = None
        self._commands, self._code = commands, code
        self._change: Change | None = None
        self.begin()

    @property
    def begun(self) -> bool:
        """Whether something wants an end: half a line, a name, a change."""
        return self.screen.typed or self._change is not None or self.guest.begun

    @property
    def takes_messages(self) -> bool:
        """Whether lines may come between; a page, a name and a code are not disturbed."""
        busy = self.screen.paging or self._change is not None or self.errand is not None
        return not (busy or self.guest.who is None)

    def begin(self, *said: str, left: bool = False) -> None:
        """Whoever was there is signed out."""
        self.left = left
        self.follow.stop()
        self.guest.begin(said[0] if said else "the port went")
        greeting = f"gonogo, station '{self.guest.place.station}'"
        self.give_up("", *said, greeting, *waiting(self.guest.at()))

    def give_up(self, *said: str) -> None:
        """What was begun."""
        self._change = None
        if self.errand is not None:
            self.screen.out.extend(self.errand.errand.cancel())
            self.errand = None
        self.guest.forget()
        self.screen.drop()
        self.screen.say(said)
        self.say()

    def settle(self) -> None:
        """Say what came of a secret, once that is known."""
        said = self.guest.settled()
        if said is not None:
            self.screen.say([said])
            self.say()

    def typed(self, typed: Typed) -> None:
        """A line, or a key that is for no line."""
        if self.guest.waits is not None:
            return
        if typed.key is Key.ENTER:
            try:
                self._line(typed.line)
            except GonogoError as error:
                self.say(refused(error, plainly=JSON in typed.line.split()))
        elif typed.key is Key.CANCEL:
            self.follow.stop()
            self.give_up()
        elif typed.key is Key.LEAVE:
            self.begin("signed out", left=True)
        else:
            self.screen.above(help_on(self._commands, typed.line))

    def _line(self, line: str) -> None:
        if not self.guest.holds:
            self.begin("signed out: something was changed about the accounts")
        elif self.guest.who is None:
            said = self.guest.enter(line)
            self.screen.say([said] if said else [])
            self.say()
        elif self._change is not None:
            self._confirming(self._change, line)
        elif line.strip():
            self._command(ordered(self._commands, line))
        else:
            self.say()

    def _confirming(self, change: Change, line: str) -> None:
        self._change = None  # whatever comes of it
        if change.enter(line):
            self.say(answered(change.order, self.guest.at(change)))
        else:
            self._change = change
            self.say()

    def _command(self, order: Order) -> None:
        command = order.command
        self.guest.demand(command)
        if command.changes:
            self._change = Change(order, self._code)
            self.screen.say(self._change.said)
            self.say()
        elif command.run is not None:
            self.say(answered(order, self.guest.at()))
        else:
            self._own(order)

    def _own(self, order: Order) -> None:
        """What is done by the console alone."""
        words = order.command.words
        if words == LEAVE:
            self.begin("signed out", left=True)
            return
        if words == FOLLOW:
            self.follow.start(self.guest.at())
        elif words == UNFOLLOW:
            self.follow.stop()
        lines = help_with(self._commands, order.given) if words == HELP else ()
        self.say(Said(lines, plainly=False))

    def say(self, said: Said = NOTHING) -> None:
        """An answer, in pages or plainly as it is, and the next line is asked for.

        Or what the answer has begun has the terminal.
        """
        self.errand = said.begun
        if said.begun is not None:
            self.screen.say([*fitted(said.lines)])
            return
        prompt = self._change.prompt if self._change is not None else self.guest.prompt
        if said.plainly:
            self.screen.say(said.lines)
        self.screen.answer(() if said.plainly else said.lines, prompt)
