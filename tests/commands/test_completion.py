"""Completion as a person has it: in a shell, by the script that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.commands.completing import station_files
from gonogo.commands.completion import SHELLS, VARIABLE
from gonogo.commands.running import running_names
from gonogo.tests.stations import PLAIN_FILE

SCRIPTS = Path(__file__).parents[2] / "packaging" / "completion"
INSTALLED = {"bash": "gonogo.bash", "zsh": "_gonogo", "fish": "gonogo.fish"}
# what readline does when somebody presses TAB behind these words
IN_BASH = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
compopt() { local IFS=" "; echo "compopt $*"; }
_gonogo_completion gonogo
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def bash(tmp_path: Path) -> dict[str, str]:
    """An environment in which `gonogo` is this one, and a folder with a station file."""
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "gonogo"
    program.write_text(
        f"#!/bin/sh\nexec {sys.executable} -I -c "
        '\'from gonogo.commands.cli import main; main(prog_name="gonogo")\' "$@"\n'
    )
    program.chmod(0o755)
    (tmp_path / "cell.toml").write_text(PLAIN_FILE)
    (tmp_path / "notes.txt").write_text("")
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return dict(os.environ) | {"PATH": path, "HOME": str(tmp_path)}


def completed(bash: dict[str, str], *words: str, script: Path | None = None) -> list[str]:
    """What bash proposes for the last word."""
    command = ["bash", "--norc", "-c", IN_BASH, "bash", str(script or SCRIPTS / "gonogo.bash")]
    ran = subprocess.run(
        [*command, "gonogo", *words],
        cwd=bash["HOME"], env=bash, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stderr == ""
    return [line for line in ran.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "proposed"),
    [
        (("doc",), ["doctor"]),
        (("keys", ""), ["new"]),
        (("doctor", "--j"), ["--json"]),
        (("check", ""), ["cell.toml"]),
        (("check", "no"), ["compopt -o default"]),
        (("calibrate", "cell.toml", ""), ["top"]),
        (("measure", "cell.toml", "--rule", "w"), ["width"]),
        (("completion", ""), list(SHELLS)),
        (("measure", "none.toml", "--view", ""), []),
    ],
)
def test_bash_completes(bash: dict[str, str], words: tuple[str, ...], proposed: list[str]) -> None:
    """Commands, options, station files, names of views and rules; without a word on stderr."""
    assert completed(bash, *words) == proposed


@pytest.mark.parametrize("shell", SHELLS)
def test_script_is_printed_and_installed(shell: str, tmp_path: Path) -> None:
    """For each shell; both ask the program by the same variable, and the shell takes them."""
    printed = CliRunner().invoke(main, ["completion", shell])
    assert printed.exit_code == 0
    for text in (printed.stdout, (SCRIPTS / INSTALLED[shell]).read_text(encoding="utf-8")):
        assert f"{VARIABLE}={shell}_complete" in text
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    path = tmp_path / "script"
    path.write_text(printed.stdout)
    ran = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_printed_script_completes_as_the_installed_one(bash: dict[str, str]) -> None:
    """Of this click, whichever made the other."""
    script = Path(bash["HOME"]) / "printed"
    script.write_text(CliRunner().invoke(main, ["completion", "bash"]).stdout)
    assert completed(bash, "doc", script=script) == ["doctor"]


def test_running_stations_are_proposed_beside_files(bash: dict[str, str]) -> None:
    """By the sockets of this boot in the runtime directory."""
    from gonogo.base.shm import boot_tag  # noqa: PLC0415 - as the command does

    runtime = Path("/dev/shm") / f"gonogo-completion-{os.getpid()}"  # noqa: S108 - a tmpfs is wanted
    runtime.mkdir(mode=0o700)
    try:
        (runtime / f"bolts-{boot_tag()}-control").touch()
        (runtime / "nuts-former-control").touch()
        assert running_names(runtime) == ["bolts"]
        bash["GONOGO_RUNTIME_DIR"] = str(runtime)
        assert completed(bash, "status", "--station", "") == ["bolts", "cell.toml"]
        assert completed(bash, "status", "--station", "b") == ["bolts"]
    finally:
        shutil.rmtree(runtime)


def test_station_files_are_those_that_begin_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the folder that is typed; hidden ones only behind a dot."""
    for name in ("a.toml", "ab.toml", ".hidden.toml", "a.txt"):
        (tmp_path / name).touch()
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines" / "one.toml").touch()
    monkeypatch.chdir(tmp_path)
    assert station_files("a") == ["a.toml", "ab.toml"]
    assert station_files("") == ["a.toml", "ab.toml"]
    assert station_files(".h") == [".hidden.toml"]
    assert station_files("lines/") == ["lines/one.toml"]
    assert station_files("none/") == []
