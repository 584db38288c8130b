"""What the station's user leaves for root: a request, or anything else."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import UpdateStartNotTaken, UpdateStartRefused
from gonogo.build.update.asked import GOOD_S, NAME, asked_for, leave, meant, taken, withdraw
from gonogo.build.update.kept import Phase, Update

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.build.update.asked import Asked

IT = Update(phase=Phase.WAITING, source="stick", version="0.3.0", slot="B", id="one")


def asks(update: Update = IT) -> Asked:
    """Anna, at 1000 s of the boot `b1`."""
    return asked_for(update, "b1", 1000.0, "anna (technician, ttyS0)", "it is slow")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Of this user."""
    return tmp_path / NAME


def test_a_request_is_taken_once_as_it_was_left(place: Path) -> None:
    """It is gone by then, and only its owner could read it."""
    assert taken(place, "") is None
    leave(place, asks())
    assert place.stat().st_mode & 0o777 == 0o600
    assert taken(place, "") == asks()
    assert os.listdir(place.parent) == []  # noqa: PTH208 - names
    assert taken(place, "") is None


def test_a_box_without_a_runtime_directory_has_nobody_who_asks(place: Path) -> None:
    """No station has run since it started."""
    assert taken(place.parent / "none" / NAME, "") is None


def test_a_request_that_cannot_be_left_says_so(place: Path) -> None:
    """The folder is not there, or something stands in the place."""
    with pytest.raises(UpdateStartNotTaken, match="GN751"):
        leave(place.parent / "none" / NAME, asks())
    place.mkdir()
    with pytest.raises(UpdateStartNotTaken, match="nothing was begun"):
        leave(place, asks())


def test_who_has_left_it_takes_it_back_and_nobody_elses(place: Path) -> None:
    """Another one in its place stays, and one that is gone was taken."""
    leave(place, asks())
    other = asks().model_copy(update={"who": "bert"})
    assert not withdraw(place, other)
    assert withdraw(place, asks())
    assert not withdraw(place, asks())
    assert taken(place, "") is None


def _link(place: Path) -> None:
    there = place.with_name("there")
    there.write_text(asks().model_dump_json())
    place.symlink_to(there)


def _socket(place: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(place))


def _huge(place: Path) -> None:
    place.touch()
    os.truncate(place, 1 << 40)


def _text(text: str) -> Callable[[Path], object]:
    return lambda place: place.write_text(text)


HOSTILE: dict[str, Callable[[Path], object]] = {
    "a link to a good one": _link,
    "a link to nothing": lambda place: place.symlink_to("/none"),
    "a folder": lambda place: place.mkdir(),
    "a pipe": os.mkfifo,
    "a socket": _socket,
    "nothing in it": _text(""),
    "garbage": lambda place: place.write_bytes(bytes(range(256))),
    "huge": _huge,
    "a good one with a long end": _text(asks().model_dump_json() + " " * 4096),
    "nested": _text("[" * 4000),
    "a list": _text("[]"),
    "another key": _text(asks().model_dump_json()[:-1] + ',"run":"sh"}'),
    "a time that is none": _text(asks().model_dump_json().replace("1000.0", "NaN")),
    "a long name": _text(asks().model_dump_json().replace("anna", "a" * 200)),
    "half of one": _text(asks().model_dump_json()[:50]),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_whatever_else_lies_there_is_refused_and_gone(place: Path, kind: str) -> None:
    """Nothing is waited for, nothing followed; the next look finds nothing."""
    HOSTILE[kind](place)
    with pytest.raises(UpdateStartRefused, match="GN750"):
        taken(place, "")
    assert not os.path.lexists(place)
    assert taken(place, "") is None


def test_what_a_link_leads_to_stays(place: Path) -> None:
    """Root removes the link alone."""
    _link(place)
    with pytest.raises(UpdateStartRefused):
        taken(place, "")
    assert place.with_name("there").exists()


def test_a_folder_that_holds_something_is_no_request_either(place: Path) -> None:
    """It stays, and is refused at each look."""
    (place / "x").mkdir(parents=True)
    for _ in range(2):
        with pytest.raises(UpdateStartRefused, match="no regular file"):
            taken(place, "")


def test_a_request_that_is_not_the_station_users_is_refused_and_gone(place: Path) -> None:
    """Of somebody else, or where there is no such user."""
    leave(place, asks())
    with pytest.raises(UpdateStartRefused, match="not to the station's"):
        taken(place, "no-such-user-here")
    assert not place.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="not root: a file is nobody else's")
def test_root_takes_no_request_of_a_third_user(place: Path) -> None:
    """Of the very user that is asked for it is one."""
    leave(place, asks())
    os.chown(place, 1, 1)
    with pytest.raises(UpdateStartRefused, match="belonged to user 1"):
        taken(place, "")
    leave(place, asks())
    os.chown(place, 1, 1)
    assert taken(place, "daemon") == asks()


def test_what_cannot_be_removed_is_not_acted_on() -> None:
    """It would be again, at each look: of procfs nobody removes anything."""
    with pytest.raises(UpdateStartRefused, match="cannot be removed"):
        taken(Path(f"/proc/{os.getpid()}/status"), "")


def test_a_request_means_the_update_that_waits_in_this_boot_and_minute() -> None:
    """Also at the last moment of it."""
    for now_s in (1000.0, 1000.0 + GOOD_S):
        assert meant(asks(), IT, "b1", now_s) == IT


@pytest.mark.parametrize(
    ("update", "boot", "now_s", "says"),
    [
        (None, "b1", 1001.0, "nothing is written"),
        (IT.at(Phase.FAILED), "b1", 1001.0, "nothing is written"),
        (IT.at(Phase.SWITCHED), "b1", 1001.0, "nothing is written"),
        (IT.at(Phase.WAITING, version="0.4.0"), "b1", 1001.0, "means another update"),
        (IT.at(Phase.WAITING, slot="A"), "b1", 1001.0, "means another update"),
        (IT.at(Phase.WAITING, id="two"), "b1", 1001.0, "means another update"),
        (IT, "b2", 1001.0, "not of the last 60 s"),
        (IT, "b1", 1001.0 + GOOD_S, "not of the last 60 s"),
        (IT, "b1", 999.0, "not of the last 60 s"),
    ],
)
def test_a_request_that_means_something_else_or_is_old_is_refused(
    update: Update | None, boot: str, now_s: float, says: str
) -> None:
    """With who asked, and why."""
    with pytest.raises(UpdateStartRefused, match=says) as error:
        meant(asks(), update, boot, now_s)
    assert "anna (technician, ttyS0): it is slow" in str(error.value)


def test_name_and_reason_drive_no_terminal() -> None:
    """They are a stranger's, whoever wrote the file."""
    bad = asks().model_copy(update={"who": "an\x1b[2Jna", "why": "a\r\nb\x9b"})
    assert bad.in_words().isprintable()
    asked = asked_for(IT, "b1", 1.0, "x" * 500, "y" * 500)
    assert (len(asked.who), len(asked.why)) == (100, 200)
