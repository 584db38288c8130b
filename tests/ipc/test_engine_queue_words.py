"""The words of a mailbox: hosts and lines of several starts read them by their numbers."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import BACKEND_GROUP
from gonogo.engines.backends.catalogue import BACKENDS
from gonogo.ipc.engine_queue import (
    QUEUE,
    HostMailbox,
    HostState,
    LineMailbox,
    Mailbox,
    MailboxView,
    Request,
)
from gonogo.tests.ipc.layout import cannot_write, index_of

if TYPE_CHECKING:
    from pathlib import Path

WORDS_ALL = 64 + 4 * 16


def words(box: Mailbox) -> list[int]:
    """All of them, as another process would see them."""
    return [int(word) for word in box.segment.words(0, WORDS_ALL)]


def test_mailbox_states_and_size_are_those_of_the_docstring(station: str) -> None:
    """Written down once more: whoever changes one of them must mean it."""
    assert QUEUE == 16
    assert {state.name: int(state) for state in HostState} == {
        "DOWN": 0,
        "LOADING": 1,
        "READY": 2,
        "FAILED": 3,
        "EMPTY": 4,
    }
    assert Mailbox.create(station, 0).segment.size >= 8 * WORDS_ALL


def test_mailbox_words_stand_where_the_docstring_says(station: str) -> None:
    """Counts, state, process, starts, heart, backends, gains; then requests, four words each."""
    box = Mailbox.create(station, 0)
    for number in range(18):
        box.put(Request(100 + number, 1, 2, 300 + number))
        next(box.take())
    box.put(Request(7, 5, 6, 8))
    assert words(box)[:2] == [19, 18]
    assert words(box)[64 + 4 * 2 : 64 + 4 * 3] == [7, 5, 6, 8]
    assert words(box)[64 + 4 * 1 : 64 + 4 * 2] == [117, 1, 2, 317]
    assert words(box)[64 + 4 * 15 : 64 + 4 * 16] == [115, 1, 2, 315]
    for start in (1, 2):
        box.start()
        assert words(box)[1:3] == [19, HostState.LOADING]
        assert words(box)[4] == box.epoch == start
    assert words(box)[3] == box.pid > 0
    box.gains = True
    assert (words(box)[7], box.gains) == (1, True)
    box.gains = False
    assert (words(box)[7], box.gains) == (0, False)
    assert (box.written, box.taken) == (19, 19)


def test_mailbox_has_no_process_before_the_first_start(station: str) -> None:
    """Nobody is followed by the line then."""
    box = Mailbox.create(station, 0)
    assert (box.pid, box.epoch, box.state, box.written, box.taken) == (0, 0, HostState.DOWN, 0, 0)
    assert (box.gains, box.backends) == (False, ())


def test_mailbox_names_each_backend_by_a_bit_of_its_own(station: str) -> None:
    """In the order of the table, whatever the order in which they are named, and once each."""
    box = Mailbox.create(station, 0)
    names = list(BACKENDS)
    for k, name in enumerate(names):
        box.name_backends([name, name])
        assert (words(box)[6], box.backends) == (1 << k, (name,))
    box.name_backends(reversed(names))
    assert (words(box)[6], box.backends) == ((1 << len(names)) - 1, tuple(names))
    box.name_backends([])
    assert (words(box)[6], box.backends) == (0, ())


def test_mailbox_names_a_backend_of_another_package(station: str, tmp_path: Path) -> None:
    """Its bit stands behind those of the table, in every process of the box."""
    box = Mailbox.create(station, 0)
    package = tmp_path / "theirs-1.0.dist-info"
    package.mkdir()
    package.joinpath("METADATA").write_text("Name: theirs\nVersion: 1.0\n")
    package.joinpath("entry_points.txt").write_text(f"[{BACKEND_GROUP}]\ntheirs = theirs:Any\n")
    said = subprocess.run(
        [sys.executable, "-c", SAY, station, "theirs"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        check=True,
        capture_output=True,
        text=True,
    )
    assert said.stdout == "theirs\n"
    assert words(box)[6] == 1 << len(list(BACKENDS))


SAY = """
import sys
from gonogo.ipc.engine_queue import Mailbox
box = Mailbox.attach(sys.argv[1], 0)
box.name_backends(sys.argv[2:])
print(*box.backends)
"""


def test_golden_scores_are_those_of_the_first_host_with_that_identity(station: str) -> None:
    """An engine that is not itself any more must not be compared with what it says now."""
    first, later = Mailbox.create(station, 0), Mailbox.attach(station, 0)
    assert first.golden(0, 41, (0.25, 0.75)) == (0.25, 0.75)
    assert later.golden(0, 41, (9.0, 9.5)) == (0.25, 0.75)
    assert later.golden(0, 41, (1.0, 2.0)) == (0.25, 0.75)


def test_golden_scores_begin_anew_with_another_engine(station: str) -> None:
    """Another identity is another engine with first scores of its own; so is the one before."""
    box = Mailbox.create(station, 0)
    assert box.golden(0, 41, (0.25, 0.75)) == (0.25, 0.75)
    assert box.golden(0, 42, (3.0, 4.0)) == (3.0, 4.0)
    assert box.golden(0, 42, (5.0, 6.0)) == (3.0, 4.0)
    assert box.golden(0, 41, (7.0, 8.0)) == (7.0, 8.0)


def test_golden_scores_of_views_are_apart(station: str) -> None:
    """Each view has its own engine; the words of the last one end where the requests begin."""
    box = Mailbox.create(station, 0)
    views = range(12)
    for view in views:
        assert box.golden(view, 40 + view, (view + 0.25, view + 0.5, view + 0.75)) is not None
    for view in views:
        assert box.golden(view, 40 + view, (0.0, 0.0, 0.0)) == (
            view + 0.25,
            view + 0.5,
            view + 0.75,
        )
        assert words(box)[16 + 4 * view] == 40 + view
    assert words(box)[64:] == [0] * 64
    assert words(box)[:16] == [0] * 16


def test_golden_scores_survive_a_restart_of_the_host(station: str) -> None:
    """That is what they are for."""
    box = Mailbox.create(station, 0)
    box.start()
    box.golden(1, 41, (0.25, 0.75))
    box.start()
    assert box.golden(1, 41, (0.5, 0.5)) == (0.25, 0.75)


def test_golden_scores_are_one_a_frame(station: str) -> None:
    """As many come back as were given."""
    box = Mailbox.create(station, 0)
    assert box.golden(0, 41, ()) == ()
    assert len(box.golden(0, 43, (0.1,))) == 1


@pytest.mark.parametrize("put", [1, 16])
def test_mailbox_start_drops_what_was_queued(station: str, put: int) -> None:
    """A host never answers what an earlier one was asked; the numbers go on."""
    box = Mailbox.create(station, 0)
    for number in range(put):
        assert box.put(Request(number, 0, 0, 0))
    box.start()
    assert list(box.take()) == []
    assert (box.written, box.taken) == (put, put)
    assert box.put(Request(99, 0, 0, 0))
    assert [request.request_id for request in box.take()] == [99]


WORDS = {"written": [0], "taken": [1], "state": [2], "pid": [3], "epoch": [4], "gains": [7]}


@pytest.mark.parametrize(("name", "at"), WORDS.items())
def test_mailbox_names_read_the_words_of_the_docstring(
    station: str, name: str, at: list[int]
) -> None:
    """Each name its own word, and no other."""
    box = Mailbox.create(station, 0)
    assert index_of(MailboxView.attach(station, 0), name, box.segment.words(0, WORDS_ALL)) == at


def test_mailbox_ends_write_what_is_theirs_and_nothing_else(station: str) -> None:
    """A reader writes nothing, the line asks, the host takes and says how it fares."""
    Mailbox.create(station, 0)
    view = MailboxView.attach(station, 0)
    cannot_write(view, WORDS, view.words)
    line, host = LineMailbox.attach(station, 0), HostMailbox.attach(station, 0)
    with pytest.raises(AttributeError):
        setattr(line, "gains", True)  # noqa: B010 - the type checker forbids it
    assert not hasattr(line, "take")
    assert not hasattr(host, "put")
    host.gains = True
    assert (line.gains, view.gains) == (True, True)
    assert line.put(Request(1, 0, 0, 0))
    assert [request.request_id for request in host.take()] == [1]


class Killed(BaseException):
    """The host is."""


class Fragile:
    """The floats of a mailbox whose host is killed at its second store."""

    def __init__(self, reals: memoryview[float]) -> None:
        self._reals = reals
        self._stores = 0

    def __setitem__(self, at: int, value: float) -> None:
        self._stores += 1
        if self._stores > 1:
            raise Killed
        self._reals[at] = value


def test_golden_scores_of_a_host_that_died_over_them_are_nobody_s(station: str) -> None:
    """Half of one engine and half of another: the next host writes its own."""
    box, heir = Mailbox.create(station, 0), Mailbox.attach(station, 0)
    box.golden(0, 41, (0.25, 0.75))
    box.reals = Fragile(box.reals)  # type: ignore[assignment]
    with pytest.raises(Killed):
        box.golden(0, 42, (3.0, 4.0))
    assert heir.golden(0, 41, (0.5, 1.0)) == (0.5, 1.0)
