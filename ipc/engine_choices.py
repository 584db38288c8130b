"""How the backend of a view was chosen, in the memory of its engine place's queue.

That memory outlives the host. One that died as it called a backend tells the next one so, which
leaves that backend out; and what was measured once is not measured again by a host that only
begins anew. Its host writes, anybody may read.

    words of a view   0 which engine and which wish all this is of
                      1 backends that are left out, one bit each, in the order of BACKEND_NAMES
                      2 the backend that is being called
                      3 the backend that was measured to be the fastest  4 and its threads
                      5 the backend that serves  6 and its threads
                      (a backend by the number of its bit, + 1; 0 is none)
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import MissingExtra
from gonogo.ipc.engine_queue import CHOICE_WORDS, CHOICES_AT, VIEWS, backend_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.ipc.engine_queue import MailboxView

_IMPORTED, _BROKEN, _SUSPECTED = 8, 9, 10  # of the queue's own words
_IDENTITY, _LEFT_OUT, _CALLED, _FASTEST, _ITS_THREADS, _SERVES, _ON_THREADS = range(7)


class Candidate(NamedTuple):
    """What may judge a view: a backend, and its threads; 0 for one that computes on none."""

    backend: str
    threads: int

    def __str__(self) -> str:
        """For people."""
        if self.threads == 0:
            return self.backend
        return f"{self.backend}, {self.threads} thread{'s' if self.threads > 1 else ''}"

    @property
    def computes_on(self) -> int:
        """How many threads it is opened for, and its process is ranked for."""
        return max(self.threads, 1)


class ChoiceView:
    """What anybody may read of a view's choice."""

    def __init__(self, mailbox: MailboxView, view: int) -> None:
        self._words = mailbox.words
        self._at = CHOICES_AT + CHOICE_WORDS * view

    @property
    def serves(self) -> Candidate | None:
        """What judges this view; None where nothing does."""
        return self._chosen(_SERVES)

    @property
    def fastest(self) -> Candidate | None:
        """What was measured to be the fastest; None where nothing was measured."""
        return self._chosen(_FASTEST)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Backends that a host died of as it called them, or that could not be loaded."""
        bits = self._words[self._at + _LEFT_OUT]
        return tuple(name for k, name in enumerate(backend_names()) if bits >> k & 1)

    def _chosen(self, word: int) -> Candidate | None:
        number = self._words[self._at + word]
        if number == 0:
            return None
        return Candidate(backend_names()[number - 1], self._words[self._at + word + 1])


def served(mailbox: MailboxView, view: int) -> Candidate:
    """What judges a view whose engine is ready; ValueError where none is."""
    found = ChoiceView(mailbox, view).serves
    if found is None:
        raise ValueError(f"view {view}: no engine has been loaded")
    return found


class HostChoice(ChoiceView):
    """The host's side."""

    def begin(self, identity: int) -> None:
        """This engine is to be loaded; what is known of another one is forgotten."""
        words, at = self._words, self._at
        words[at + _SERVES] = 0
        if words[at + _IDENTITY] != identity:
            words[at + _IDENTITY] = 0  # none while the rest is of neither
            for k in range(_LEFT_OUT, CHOICE_WORDS):
                words[at + k] = 0
            words[at + _IDENTITY] = identity

    def bury(self) -> bool:
        """Leave out what the host before this one died of; whether it died so."""
        words, at = self._words, self._at
        number = words[at + _CALLED]
        if number:
            self.leave_out(backend_names()[number - 1])
            words[at + _CALLED] = 0
        return number > 0

    def leave_out(self, backend: str) -> None:
        """Not this one any more, as long as the station runs; what was measured is forgotten."""
        words, at = self._words, self._at
        words[at + _LEFT_OUT] |= 1 << (_number(backend) - 1)
        # it may be the one that was chosen, which is not to be chosen a second time
        words[at + _FASTEST] = 0

    @contextmanager
    def calling(self, backend: str) -> Iterator[None]:
        """As long as a backend is called that may end the process."""
        self._words[self._at + _CALLED] = _number(backend)
        try:
            yield
        finally:  # an error is no death
            self._words[self._at + _CALLED] = 0

    def choose(self, chosen: Candidate) -> None:
        """What was measured to be the fastest."""
        self._say(_FASTEST, chosen)

    def serve(self, chosen: Candidate) -> None:
        """What judges from now on."""
        self._say(_SERVES, chosen)

    def _say(self, word: int, chosen: Candidate) -> None:
        # threads first: whoever finds the backend finds its own
        self._words[self._at + word + 1] = chosen.threads
        self._words[self._at + word] = _number(chosen.backend)


class Imports:
    """Which backends a host died of as it imported them: of every engine alike, and of no view.

    Twice in a row: whoever is killed for another reason (memory, a person) may be importing just
    then, and an import of a second is a good part of a start.

    words of the queue     8 the backend that is being imported  9 those that are left out, bits
                           10 those that a host died of once, bits
    """

    def __init__(self, mailbox: MailboxView) -> None:
        self._words = mailbox.words

    @contextmanager
    def importing(self, backend: str) -> Iterator[None]:
        """As long as it is imported; MissingExtra for one that a host has died of."""
        bit = 1 << (_number(backend) - 1)
        if self._words[_BROKEN] & bit:
            raise MissingExtra(
                f"backend '{backend}': two engine processes in a row ended as they imported it; "
                "install its package anew, and start the station again"
            )
        self._words[_IMPORTED] = _number(backend)
        try:
            yield
        finally:  # an error is no death
            self._words[_IMPORTED] = 0
            self._words[_SUSPECTED] &= ~bit

    def bury(self) -> bool:
        """Leave out what two hosts in a row died of; whether the one before this died so."""
        number = self._words[_IMPORTED]
        if number:
            bit = 1 << (number - 1)
            self._words[_BROKEN] |= self._words[_SUSPECTED] & bit
            self._words[_SUSPECTED] |= bit
            self._words[_IMPORTED] = 0
        return number > 0


def bury_all(mailbox: MailboxView) -> bool:
    """For a host that starts: whether the one before it died as it called a backend."""
    # all of them, and then whether any
    views = sum(HostChoice(mailbox, view).bury() for view in range(VIEWS))
    return Imports(mailbox).bury() or views > 0


def _number(backend: str) -> int:
    return backend_names().index(backend) + 1
