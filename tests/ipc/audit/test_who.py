"""Who did it: the login, the user, and from where."""

from __future__ import annotations

import os
import pwd
from typing import TYPE_CHECKING

import pytest

from gonogo.ipc.audit.who import who

if TYPE_CHECKING:
    from pathlib import Path

UID = os.getuid()
# a user without an account has its number for a name
ME = next((each.pw_name for each in pwd.getpwall() if each.pw_uid == UID), str(UID))
OTHER = next(each for each in pwd.getpwall() if each.pw_uid != UID)
UNSET = str(2**32 - 1)


def found(
    proc: Path, *, login: str = "", cgroup: str = "", terminal: str = "", **environment: str
) -> dict[str, object]:
    """Of a process with that /proc and that environment."""
    if login:
        (proc / "loginuid").write_text(login)
    if cgroup:
        (proc / "cgroup").write_text(cgroup)
    return who(environment, proc, lambda: terminal)


def test_who_is_this_user_at_this_terminal(tmp_path: Path) -> None:
    """Where nobody is behind him, and no kernel says otherwise."""
    said = found(tmp_path, terminal="pts/3")
    assert said == {"login": ME, "user": ME, "uid": UID, "over": "", "place": "pts/3"}


@pytest.mark.parametrize("login", ["", UNSET])
def test_who_over_sudo_is_the_one_behind_it(tmp_path: Path, login: str) -> None:
    """By what sudo says, where the kernel does not know."""
    said = found(tmp_path, login=login, SUDO_UID=str(OTHER.pw_uid))
    assert (said["login"], said["user"], said["over"]) == (OTHER.pw_name, ME, "sudo")


def test_who_goes_by_the_kernel_before_the_environment(tmp_path: Path) -> None:
    """Anybody may write SUDO_UID; a loginuid is set once."""
    said = found(tmp_path, login=str(OTHER.pw_uid), SUDO_UID="12345")
    assert (said["login"], said["over"]) == (OTHER.pw_name, "sudo")


def test_who_over_su_is_told_by_the_kernel_alone(tmp_path: Path) -> None:
    """The environment says nothing of it."""
    said = found(tmp_path, login=str(OTHER.pw_uid))
    assert (said["login"], said["user"], said["over"]) == (OTHER.pw_name, ME, "su")


def test_who_is_a_number_where_this_box_knows_no_name(tmp_path: Path) -> None:
    """And an environment that makes no sense names nobody."""
    assert found(tmp_path, login="4000000001")["login"] == "4000000001"
    (tmp_path / "loginuid").unlink()
    assert found(tmp_path, SUDO_UID="root; rm")["login"] == ME


def test_who_in_a_service_names_the_unit(tmp_path: Path) -> None:
    """The innermost one; without systemd's own mark a folder of that name is none."""
    cgroup = "0::/system.slice/user@0.service/app.slice/gonogo-cell.service/line\n"
    assert found(tmp_path, cgroup=cgroup)["place"] == "no terminal"
    said = found(tmp_path, cgroup=cgroup, INVOCATION_ID="0a")
    assert said["place"] == "gonogo-cell.service"
    assert found(tmp_path, cgroup="0::/\n", INVOCATION_ID="0a")["place"] == "a service"


def test_who_asks_this_process_when_nothing_is_given() -> None:
    """As every row does."""
    assert who()["uid"] == UID
