"""backend = "auto", threads = "auto": who judges, and what is told of the others."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import (
    AcceleratorLost,
    BackendError,
    MissingExtra,
    ModelError,
    UnknownDriver,
)
from gonogo.engines.backends.candidates import Wanted
from gonogo.engines.backends.catalogue import AUTO, cpu_backends
from gonogo.engines.backends.choose import ModelFiles
from gonogo.engines.backends.settle import LEFT, settle_backend
from gonogo.ipc.engine_choices import Candidate
from gonogo.testing.backends import FRAME as REAL_FRAME
from gonogo.tests.engines import tiny
from gonogo.tests.engines.backends.scripted import FRAME, Box, Fault, engine

if TYPE_CHECKING:
    from pathlib import Path

SPEEDS = {
    Candidate("one", 1): 10.0,
    Candidate("one", 2): 6.0,
    Candidate("two", 1): 8.0,
    Candidate("two", 2): 7.0,
    Candidate("chip", 0): 2.0,
}


def test_settle_measures_nothing_where_the_station_file_leaves_nothing_open() -> None:
    """As long as a station starts, nobody waits for a measurement."""
    box = Box({})
    choice = settle_backend(Wanted("two", 3), engine("one", "two"), FRAME, box.settling)
    assert (choice.candidate, choice.table, choice.others) == (Candidate("two", 3), (), False)
    assert (box.opened, box.chosen) == ([], None)


@pytest.mark.parametrize(
    ("wanted", "proven", "winner"),
    [
        (Wanted("one", AUTO, 2), ("one", "two"), Candidate("one", 2)),
        (Wanted(AUTO, 1, 2), ("one", "two"), Candidate("two", 1)),
        (Wanted(AUTO, AUTO, 1), ("one", "two"), Candidate("two", 1)),
        (Wanted(AUTO, AUTO, 2), ("one", "two"), Candidate("one", 2)),
        (Wanted(AUTO, AUTO, 2), ("one", "two", "chip"), Candidate("chip", 0)),
        (Wanted(AUTO, 2, 2), ("chip", "one"), Candidate("chip", 0)),
    ],
)
def test_settle_measures_backends_and_threads_together(
    wanted: Wanted, proven: tuple[str, ...], winner: Candidate
) -> None:
    """The fastest of all that may be, and it is remembered."""
    box = Box(SPEEDS)
    choice = settle_backend(wanted, engine(*proven), FRAME, box.settling)
    assert (choice.candidate, choice.others) == (winner, True)
    assert box.chosen == winner
    tried = {row.candidate for row in choice.table} | {choice.table[0].beside}
    assert {each.backend for each in tried if each} == (
        {"one"} if wanted.backend == "one" else set(proven)
    )


def test_settle_measures_nothing_again_that_was_measured_before() -> None:
    """A process that begins anew serves at once."""
    box = Box(SPEEDS)
    box.chosen = Candidate("two", 1)
    wanted = Wanted(AUTO, AUTO, 2)
    choice = settle_backend(wanted, engine("one", "two"), FRAME, box.settling)
    assert (choice.candidate, choice.others, box.opened) == (box.chosen, True, [])
    box.chosen = Candidate("two", 9)  # of a wish that is no more
    choice = settle_backend(wanted, engine("one", "two"), FRAME, box.settling)
    assert choice.candidate == Candidate("one", 2)


def test_settle_leaves_out_what_is_not_here_with_its_reason() -> None:
    """Not installed, without a device, without a file in the bundle: one is left."""
    box = Box(SPEEDS, chip=Fault("open", AcceleratorLost("no device 0")))
    files = engine("one", "two", "chip", "absent")
    files = files._replace(files={**files.files, "two": ModelError("no file of role two")})
    choice = settle_backend(Wanted(AUTO, 1), files, FRAME, box.settling)
    assert choice.candidate == Candidate("one", 1)
    reasons = {row.candidate.backend: row.left_out for row in choice.table if row.left_out}
    assert set(reasons) == {"two", "chip", "absent"}
    assert "no file of role two" in reasons["two"]
    assert "no device 0" in reasons["chip"]
    assert "pip install 'gonogo[absent]'" in reasons["absent"]
    words = list(choice.in_words())
    assert len(words) == len(choice.table) + 1
    assert words[-1].startswith("chosen: one, 1 thread: ")


def test_settle_opens_nothing_where_one_is_left() -> None:
    """What is wrong with that one is told where it serves, by its own number."""
    box = Box(SPEEDS)
    choice = settle_backend(Wanted(AUTO, 1), engine("one", "absent"), FRAME, box.settling)
    assert (choice.candidate, box.opened, choice.others) == (Candidate("one", 1), [], False)


def test_settle_says_why_none_can_run_it() -> None:
    """What each backend said is in the message."""
    fault = BackendError("no memory on it")
    box = Box(SPEEDS, one=Fault("open", fault), chip=Fault(1, OSError("hung up")))
    with pytest.raises(ModelError, match=r"no backend can run it.*absent.*no memory.*hung up"):
        settle_backend(Wanted(AUTO, 1), engine("one", "chip", "absent"), FRAME, box.settling)
    with pytest.raises(ModelError, match=r"bolt\.gng: no backend can run it.*absent"):
        settle_backend(Wanted(AUTO, 1), engine("absent"), FRAME, box.settling)


def test_settle_refuses_what_is_wanted_and_cannot_be() -> None:
    """Each with the number of its own error."""
    box = Box(SPEEDS)
    with pytest.raises(ModelError, match=r"backend 'two': expected one .* \(one\); choose that"):
        settle_backend(Wanted("two", 1), engine("one"), FRAME, box.settling)
    with pytest.raises(MissingExtra):
        settle_backend(Wanted("absent", AUTO), engine("absent"), FRAME, box.settling)
    with pytest.raises(UnknownDriver):
        settle_backend(Wanted("abacus", 1), engine("abacus"), FRAME, box.settling)
    held = engine("one")._replace(files={"one": ModelError("no file of that role")})
    with pytest.raises(ModelError, match="no file of that role"):
        settle_backend(Wanted("one", 1), held, FRAME, box.settling)


def test_settle_leaves_out_what_a_process_died_of() -> None:
    """It is not called again, whatever was measured before; and that is told."""
    box = Box(SPEEDS)
    box.left_out, box.chosen = ("chip",), Candidate("chip", 0)
    wanted, files = Wanted(AUTO, 1), engine("one", "two", "chip")
    choice = settle_backend(wanted, files, FRAME, box.settling)
    assert choice.candidate == Candidate("two", 1)
    assert [row.left_out for row in choice.table if row.candidate.backend == "chip"] == [LEFT]
    assert "chip" not in box.called


def test_settle_does_not_leave_out_the_last_one() -> None:
    """It may have been killed for another reason: it serves, unmeasured, and is the only one."""
    box = Box(SPEEDS)
    box.left_out = ("one", "two")
    choice = settle_backend(Wanted(AUTO, AUTO, 2), engine("one", "two"), FRAME, box.settling)
    assert (choice.candidate, choice.others) == (Candidate("one", 1), False)
    assert box.opened == []
    assert {row.candidate.backend for row in choice.table} == {"two"}


def test_settle_measures_every_backend_that_is_installed(tmp_path: Path) -> None:
    """With real ones: the choice is the fastest of its own table."""
    model = tiny.brightest(tmp_path / "m.onnx")
    installed = [name for name in cpu_backends() if find_spec(name) is not None]
    files = ModelFiles(model, installed, dict.fromkeys(installed, model))
    choice = settle_backend(Wanted(AUTO, AUTO, 2), files, REAL_FRAME)
    measured = {row.candidate for row in choice.table}
    assert {each.backend for each in measured} | {choice.name} == set(installed)
    assert choice.candidate.threads in {1, 2}
    assert all(row.median_ms and row.median_ms > 0 for row in choice.table if row.beside)
