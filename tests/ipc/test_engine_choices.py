"""What outlives an engine process of its choice of a backend."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import MissingExtra
from gonogo.base.words import BACKEND_NAMES
from gonogo.ipc.engine_choices import (
    Candidate,
    ChoiceView,
    HostChoice,
    Imports,
    bury_all,
    served,
)
from gonogo.ipc.engine_queue import QUEUE, VIEWS, Mailbox, MailboxView, Request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

FIRST, SECOND = BACKEND_NAMES[:2]
DIES = """
import os, signal, sys
from gonogo.ipc.engine_choices import HostChoice
from gonogo.ipc.engine_queue import HostMailbox
with HostChoice(HostMailbox.attach(sys.argv[1], 0), 3).calling(sys.argv[2]):
    os.kill(os.getpid(), signal.SIGSEGV)
"""
DIES_EARLY = DIES.replace("HostChoice(", "Imports(").replace(", 3).calling", ").importing")
DIES_EARLY = DIES_EARLY.replace("import HostChoice", "import Imports")


@pytest.fixture
def mailbox(station: str) -> Iterator[Mailbox]:
    """Of place A."""
    made = Mailbox.create(station, 0)
    yield made
    made.close()


def test_choice_is_read_by_others_as_it_was_said(station: str, mailbox: Mailbox) -> None:
    """Of each view its own; none where none was made."""
    for view in range(VIEWS):
        host = HostChoice(mailbox, view)
        host.begin(7)
        assert (host.fastest, host.serves) == (None, None)
        host.choose(Candidate(SECOND, view))
        host.serve(Candidate(FIRST, 5))
    seen = MailboxView.attach(station, 0)
    for view in range(VIEWS):
        found = ChoiceView(seen, view)
        assert (found.fastest, found.serves) == (Candidate(SECOND, view), Candidate(FIRST, 5))
    seen.close()


def test_choice_leaves_requests_and_golden_scores_alone(mailbox: Mailbox) -> None:
    """They lie in the same memory."""
    asked = [Request(k + 1, 1, 2, 3) for k in range(QUEUE)]
    assert all(mailbox.put(request) for request in asked)
    first = mailbox.golden(VIEWS - 1, 9, (1.5, 2.5))
    for view in range(VIEWS):
        host = HostChoice(mailbox, view)
        host.begin(-1)
        host.choose(Candidate(SECOND, 64))
        host.serve(Candidate(SECOND, 64))
    assert mailbox.golden(VIEWS - 1, 9, (0.0, 0.0)) == first
    assert list(mailbox.take()) == asked


def test_choice_of_another_engine_begins_anew(mailbox: Mailbox) -> None:
    """Of the same one it is kept; what serves is said by each host itself."""
    host = HostChoice(mailbox, 0)
    for identity in (5, 6):
        host.begin(identity)
        assert (host.fastest, host.left_out) == (None, ())
        host.choose(Candidate(FIRST, 2))
        host.serve(Candidate(FIRST, 2))
        host.begin(identity)
        assert (host.fastest, host.serves) == (Candidate(FIRST, 2), None)


def test_choice_knows_what_a_host_died_of(station: str, mailbox: Mailbox) -> None:
    """Ended by a signal in the very call; the next host buries it once, and knows it from then."""
    dead = subprocess.run([sys.executable, "-I", "-c", DIES, station, SECOND], check=False)
    assert dead.returncode == -signal.SIGSEGV
    host = HostChoice(mailbox, 3)
    host.choose(Candidate(SECOND, 1))
    assert (bury_all(mailbox), bury_all(mailbox)) == (True, False)
    assert (host.left_out, host.fastest) == ((SECOND,), None)
    assert HostChoice(mailbox, 2).left_out == ()


def test_choice_takes_no_error_for_a_death(mailbox: Mailbox) -> None:
    """The process lives, and says itself what is wrong."""
    host = HostChoice(mailbox, 0)
    with pytest.raises(OSError, match="no"), host.calling(FIRST):
        raise OSError("no")
    with host.calling(SECOND):
        pass
    assert not bury_all(mailbox)


def test_imports_know_what_a_host_died_of(station: str, mailbox: Mailbox) -> None:
    """After two of them it is not imported again, for any engine; the others are."""
    for _ in range(2):
        words = [sys.executable, "-I", "-c", DIES_EARLY, station, SECOND]
        dead = subprocess.run(words, check=False)
        assert dead.returncode == -signal.SIGSEGV
        assert (bury_all(mailbox), bury_all(mailbox)) == (True, False)
    HostChoice(mailbox, 0).begin(5)
    imports = Imports(mailbox)
    with pytest.raises(MissingExtra, match=f"'{SECOND}'.*install its package anew"):
        imports.importing(SECOND).__enter__()
    with imports.importing(FIRST):
        pass
    with pytest.raises(OSError, match="no"), imports.importing(FIRST):
        raise OSError("no")
    assert not bury_all(mailbox)


def test_import_that_works_clears_a_backend_of_one_death(mailbox: Mailbox) -> None:
    """Somebody killed the host as it imported: a memory limit, a person, a fault that is tried."""
    imports = Imports(mailbox)
    dead: list[AbstractContextManager[None]] = []

    def dies() -> None:
        dead.append(imports.importing(SECOND))  # kept, for what is thrown away ends in order
        dead[-1].__enter__()
        assert bury_all(mailbox)

    for _ in range(3):
        dies()
        with imports.importing(SECOND):
            pass
    dies()
    # another one in between is no excuse
    with imports.importing(FIRST):
        pass
    dies()
    with pytest.raises(MissingExtra, match="two engine processes in a row"):
        imports.importing(SECOND).__enter__()


def test_served_is_what_judges_a_view(mailbox: Mailbox) -> None:
    """ValueError where nothing does."""
    with pytest.raises(ValueError, match="view 1: no engine"):
        served(mailbox, 1)
    HostChoice(mailbox, 1).serve(Candidate(FIRST, 3))
    assert served(mailbox, 1) == Candidate(FIRST, 3)


def test_candidate_in_words() -> None:
    """One without threads is called by its name alone."""
    words = [str(Candidate(FIRST, n)) for n in range(3)]
    assert words == [FIRST, f"{FIRST}, 1 thread", f"{FIRST}, 2 threads"]
    assert [Candidate(FIRST, n).computes_on for n in range(3)] == [1, 1, 2]
