"""The command: flash.sh, `gonogo flash`, and what both run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from gonogo.build.flash.command import FlashCommand
from gonogo.commands.cli import main
from gonogo.commands.flash import flash
from gonogo.tests.build.flash.boxes import Shelf, needs_tools, station_disk
from gonogo.tests.house import ROOT

MODULE = "gonogo.build.flash.__main__"  # which `-m gonogo.build.flash` means
SCRIPT = ROOT / "flash.sh"


def script(
    *words: str | Path, home: Path, path: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run flash.sh as somebody would."""
    environment = {**os.environ, "XDG_STATE_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["PATH"] = path or environment["PATH"]
    return subprocess.run(
        [SCRIPT, *words], check=False, capture_output=True, text=True, env=environment
    )


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="not installed: shellcheck")
def test_the_script_is_one_that_shellcheck_finds_clean() -> None:
    """As sh, with all that it looks for."""
    subprocess.run(["shellcheck", SCRIPT], check=True)


def test_an_option_that_does_not_exist_is_exit_code_1() -> None:
    """2 is a refusal of the preflight."""
    for words in (["--no-such"], ["--slot", "C"], ["--wait", "-1"]):
        assert CliRunner().invoke(main, ["flash", *words]).exit_code == 1
    assert isinstance(flash, FlashCommand)


def test_options_that_do_not_go_together_are_said_without_a_log(tmp_path: Path) -> None:
    """Nothing was done that one could be written of."""
    done = script("--yes", home=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("GN691: ")
    assert list(tmp_path.iterdir()) == []


@needs_tools
def test_the_script_flashes_a_disk_image(shelf: Shelf, tmp_path: Path) -> None:
    """The same as the command; its log is the first and the last line."""
    disk = station_disk(shelf, tmp_path)
    done = script(
        "--image", shelf.newer, "--target", disk, "--keyring", shelf.keyring, "--yes",
        "--no-reboot", home=tmp_path / "home",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (log,) = (tmp_path / "home").rglob("*.log")
    lines = done.stdout.splitlines()
    assert lines[0] == lines[-1] == f"log {log}"
    assert "[3/7] write slot B" in log.read_text()


@needs_tools
def test_nobody_at_a_terminal_is_asked_nothing(shelf: Shelf, tmp_path: Path) -> None:
    """A program has to say --yes."""
    disk = station_disk(shelf, tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", "-m", MODULE, "--image", shelf.newer, "--target", disk,
         "--keyring", shelf.keyring, "--no-reboot", "--log", tmp_path / "log"],
        check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 2
    assert "nobody to ask" in done.stdout


def test_a_machine_without_it_is_told_what_to_install(tmp_path: Path) -> None:
    """A copy of the script alone, and a python3 that has no gonogo."""
    alone = tmp_path / "flash.sh"
    shutil.copy(SCRIPT, alone)
    (tmp_path / "bin").mkdir()
    for name in ("dirname", "sh", "env"):
        (tmp_path / "bin" / name).symlink_to(Path(str(shutil.which(name))))
    done = subprocess.run(
        [alone, "--list"], check=False, capture_output=True, text=True,
        env={"PATH": str(tmp_path / "bin")},
    )  # fmt: skip
    assert done.returncode == 2
    assert "pip install gonogo" in done.stderr
