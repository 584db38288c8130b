"""Options that go together, and those that do not."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gonogo.base.errors import FlashUsage
from gonogo.build.flash.options import KEYRING, WAIT_S, Asked, asked, options

NO_REBOOT = ("--image", "f", "--no-reboot")
JETSON = (*NO_REBOOT, "--target", "jetson", "--bsp", "f")


def given(*words: str) -> Asked:
    """What is understood of a command line; FlashUsage."""
    found: list[Asked] = []

    @click.command()
    @options
    def command(**kept: object) -> None:
        found.append(asked(kept))

    done = CliRunner().invoke(command, words)
    if isinstance(done.exception, FlashUsage):
        raise done.exception
    assert done.exit_code == 0, done.output
    return found[0]


@pytest.mark.parametrize(
    ("words", "mode"),
    [(NO_REBOOT, "write"), (("--list",), "list"), (("--check",), "check"),
     (("--dry-run", "--image", "f"), "dry-run"), (("--verify-only", "--image", "f"), "verify-only"),
     (("--rollback", "--no-reboot"), "rollback"), (("--status",), "status"),
     (("--status", "--target", "serial:/dev/ttyS0"), "status"), (JETSON, "write"),
     (("--list", "--target", "jetson"), "list"), ((*JETSON, "--dry-run"), "dry-run"),
     (("--status", "--target", "jetson", "--station", "tcp:h:1"), "status")],
)  # fmt: skip
def test_a_mode_is_one_word(words: tuple[str, ...], mode: str) -> None:
    """And without one it writes."""
    assert given(*words).mode == mode


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "expected --image F"),
        (("--dry-run",), "expected --image F"),
        (("--list", "--check"), "expected one of --list, --check"),
        ((*NO_REBOOT, "--yes"), "expected --target DISK with it"),
        (("--image", "f"), "expected --no-reboot"),
        (("--rollback",), "expected --no-reboot"),
        ((*NO_REBOOT, "--wait", "5"), "expected --station LINE"),
        ((*NO_REBOOT, "--station", "x", "--wait", "5"), "--no-reboot and --wait"),
        ((*NO_REBOOT, "--keep-config", "--factory"), "expected one of them"),
        ((*NO_REBOOT, "--target", "serial:/dev/ttyS0"), "a serial line gives --status alone"),
        ((*NO_REBOOT, "--target", "10.0.0.7"), "gonogo update install F"),
        ((*NO_REBOOT, "--target", "raspberry"), "expected auto, /dev/"),
        ((*NO_REBOOT, "--target", "jetson"), "expected --bsp FOLDER"),
        ((*NO_REBOOT, "--bsp", "f"), "expected --target jetson with them"),
        (("--list", "--board", "x"), "expected --target jetson with them"),
        ((*JETSON, "--resume"), "a Jetson is written whole, from its beginning"),
        ((*JETSON, "--slot", "A"), "a Jetson is written whole, from its beginning"),
        ((*JETSON, "--keep-config"), "a Jetson is written whole; copy its data first"),
        ((*JETSON, "--rollback"), "--rollback: a board in recovery mode cannot be asked"),
        ((*JETSON, "--verify-only"), "--verify-only: a board in recovery mode cannot"),
        (("--status", "--target", "jetson"), "expected --station LINE"),
    ],
)
def test_what_does_not_go_together_is_exit_code_1(words: tuple[str, ...], says: str) -> None:
    """Said before anything is looked at."""
    with pytest.raises(FlashUsage) as caught:
        given(*words)
    assert caught.value.exit_code == 1
    assert says in str(caught.value)


def test_what_is_not_said_has_its_usual_value() -> None:
    """Ten minutes, the keyring of this machine, the slot that does not start."""
    found = given(*NO_REBOOT)
    assert (found.keyring, found.patience_s, found.slot) == (KEYRING, WAIT_S, "auto")
    assert (found.changes, found.factory, found.resume, found.as_json) == (True,) + (False,) * 3
    assert given(*NO_REBOOT, "--target", "./x.img").path == Path("x.img")
    assert given("--image", "f", "--station", "tcp:h:1", "--wait", "5").patience_s == 5.0
