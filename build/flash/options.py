"""The options of a flash: for `gonogo flash`, and for flash.sh, which is the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import click

from gonogo.base.errors import FlashUsage

FILE = click.Path(path_type=Path)
KEYRING = Path("/etc/gonogo/flash-keyring.pem")
WAIT_S = 600.0
MODES = ("list", "check", "dry-run", "verify-only", "rollback", "status")
_NEEDS_IMAGE = ("write", "dry-run", "verify-only")
_CHANGES = ("write", "rollback")
JETSON = "jetson"  # the target that NVIDIA's own tool writes
_OF_JETSONS = ("write", "list", "check", "dry-run", "status")


class Asked(NamedTuple):
    """What somebody asked for. `mode`: one of MODES, or `write`."""

    mode: str = "write"
    image: Path | None = None
    target: str = "auto"
    slot: str = "auto"
    keyring: Path = KEYRING
    station: str | None = None
    wait_s: float | None = None
    log: Path | None = None
    yes: bool = False
    no_reboot: bool = False
    resume: bool = False
    as_json: bool = False
    factory: bool = False
    line_stopped: bool = False
    allow_downgrade: bool = False
    bsp: Path | None = None
    board: str | None = None

    @property
    def changes(self) -> bool:
        """Whether anything is written to the target."""
        return self.mode in _CHANGES

    @property
    def path(self) -> Path:
        """The target, where it is one that is named."""
        return Path(self.target)

    @property
    def patience_s(self) -> float:
        """How long health is waited for."""
        return WAIT_S if self.wait_s is None else self.wait_s

    def check(self) -> None:
        """FlashUsage where options do not go together."""
        if self.mode in _NEEDS_IMAGE and self.image is None:
            raise FlashUsage("expected --image F, the image to be written")
        if self.yes and self.target == "auto":
            raise FlashUsage("--yes: expected --target DISK with it, as /dev/sdb")
        if self.wait_s is not None and self.station is None:
            raise FlashUsage("--wait: expected --station LINE with it, by which it is heard")
        if self.no_reboot and self.wait_s is not None:
            raise FlashUsage("--no-reboot and --wait: expected one of them")
        if self.changes and not self.no_reboot and self.station is None:
            raise FlashUsage(
                "expected --no-reboot (this ends once the disk is verified, and the station judges "
                "itself at its first start), or --station LINE [--wait S] (this ends once the "
                "station says that it inspects)"
            )
        self._check_jetson()
        if self.target.startswith("serial:") and self.mode != "status":
            raise FlashUsage(
                f"--target {self.target}: a serial line gives --status alone; put the disk into "
                "this machine, and name it as /dev/..."
            )
        named = self.target.startswith(("/", ".", "serial:"))
        if not named and self.target not in {"auto", JETSON}:
            raise FlashUsage(
                f"--target {self.target}: expected auto, /dev/..., the path of a disk image (./F), "
                f"{JETSON}, or serial:/dev/... with --status; a running station is updated on "
                "itself (gonogo update install F)"
            )

    def _check_jetson(self) -> None:
        """What is asked of a Jetson that its tool has not, and what is asked of others for one."""
        if self.target != JETSON:
            if self.bsp is not None or self.board is not None:
                raise FlashUsage(f"--bsp and --board: expected --target {JETSON} with them")
            return
        if self.mode not in _OF_JETSONS:
            raise FlashUsage(
                f"--{self.mode}: a board in recovery mode cannot be asked what it holds; expected "
                f"one of {', '.join('--' + mode for mode in _OF_JETSONS[1:])}"
            )
        if self.mode == "status" and self.station is None:
            raise FlashUsage(f"--status --target {JETSON}: expected --station LINE, its console")
        if self.resume or self.slot != "auto":
            raise FlashUsage("--resume and --slot: a Jetson is written whole, from its beginning")
        if self.bsp is None and self.mode not in {"list", "status"}:
            raise FlashUsage("expected --bsp FOLDER, NVIDIA's Linux_for_Tegra of JetPack 6")


def options(command: Any) -> Any:  # noqa: ANN401 - what click decorates
    """All of them, onto a click command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def asked(given: dict[str, Any]) -> Asked:
    """From what click hands over; FlashUsage."""
    modes = [mode for mode in MODES if given.pop(mode.replace("-", "_"))]
    if len(modes) > 1:
        raise FlashUsage(f"expected one of {', '.join('--' + mode for mode in modes)}")
    keeps = given.pop("keep_config")
    if keeps and given["factory"]:
        raise FlashUsage("--keep-config and --factory: expected one of them")
    if keeps and given["target"] == JETSON:
        raise FlashUsage("--keep-config: a Jetson is written whole; copy its data first")
    found = Asked(mode=modes[0] if modes else "write", **given)
    found.check()
    return found


def _flag(name: str, text: str, *more: str) -> Any:  # noqa: ANN401 - an option of click
    return click.option(name, *more, is_flag=True, help=text)


_OPTIONS = (
    click.option("--image", type=FILE, help="the flash image, NAME.raucb"),
    click.option("--target", default="auto",
                 help="auto, /dev/..., a disk image, jetson, serial:/dev/..."),
    click.option("--slot", default="auto", type=click.Choice(["auto", "A", "B"]),
                 help="auto is the one that does not start"),
    _flag("--list", "show the disks of this machine, and why which is not offered"),
    _flag("--check", "the preflight table alone"),
    _flag("--dry-run", "the preflight table, and what would be written where"),
    _flag("--verify-only", "hold what is on the disk against the image"),
    _flag("--rollback", "start the other slot again, if it is good"),
    _flag("--status", "what is on the disk: slots, versions, which one starts"),
    _flag("--yes", "ask nothing; wants --target"),
    _flag("--no-reboot", "end once the disk is verified"),
    _flag("--resume", "write only what an attempt before did not"),
    _flag("--json", "a line of JSON for each step", "as_json"),
    click.option("--log", type=FILE, help="the log; else in ~/.local/state/gonogo"),
    click.option("--station", metavar="LINE",
                 help="its console: serial:/dev/ttyUSB0[@BAUD] or tcp:HOST:PORT"),
    click.option("--wait", "wait_s", type=click.FloatRange(0, 86_400), metavar="S",
                 help="how long to wait for its health, in s (600)"),
    _flag("--keep-config", "leave the data partition as it is (so it is anyway)"),
    _flag("--factory", "erase the data partition; of a disk with something else, all of it"),
    _flag("--line-stopped", "the line stands, though the PLC is in RUN"),
    _flag("--allow-downgrade", "take an image that is older than what the station runs"),
    click.option("--bsp", type=FILE, metavar="FOLDER",
                 help="for a Jetson: NVIDIA's Linux_for_Tegra, its root file system filled"),
    click.option("--board", metavar="NAME",
                 help="for a Jetson: the board's configuration in the BSP; else by its USB id"),
    click.option("--keyring", type=FILE, default=KEYRING, show_default=True,
                 help="certificates, and revocations, of whom this machine trusts (PEM)"),
)  # fmt: skip
