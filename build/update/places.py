"""Where a box keeps what its updater reads and writes; other places in tests."""

from __future__ import annotations

import json
import re
from configparser import ConfigParser
from configparser import Error as ConfigError
from pathlib import Path
from typing import NamedTuple

from gonogo.base.errors import UpdateRefused
from gonogo.build.update.asked import NAME

_SLOT = re.compile(r"\brauc\.slot=([AB])\b")


class Running(NamedTuple):
    """The image that runs: the slot it lies in, its version, and what the health gate knows it by.

    `compatible`: which images this box takes.
    """

    slot: str
    version: str
    image: str
    compatible: str

    @property
    def other(self) -> str:
        """The slot that is written next."""
        return "A" if self.slot == "B" else "B"


class Places(NamedTuple):
    """`user`: whose station it is, asked as that user; empty for whoever runs this.

    `asked`: where the console asks for a start, in the runtime directory of the station's unit.
    """

    state: Path = Path("/data/box")
    image: Path = Path("/usr/lib/gonogo-box/image.json")
    cmdline: Path = Path("/proc/cmdline")
    boot_id: Path = Path("/proc/sys/kernel/random/boot_id")
    keyring: Path = Path("/etc/rauc/keyring.pem")
    system: Path = Path("/etc/rauc/system.conf")
    station: Path = Path("/data/station")
    engines: Path = Path("/data/engines")
    scratch: Path = Path("/run/gonogo-box")
    program: Path = Path("/usr/lib/gonogo/bin/gonogo")
    user: str = "gonogo"
    asked: Path = Path("/run/gonogo") / NAME

    @property
    def downloads(self) -> Path:
        """Where an image of the server lies until it is written."""
        return self.state / "update"

    def slots(self) -> bool:
        """Whether this is a box with slots at all: its kernel was told one, or an image runs."""
        try:
            told = "rauc.slot=" in self.cmdline.read_text(encoding="utf-8", errors="replace")
        except OSError:
            told = False
        return told or self.image.exists()

    def running(self) -> Running:
        """What runs here; UpdateRefused where this is no box with slots."""
        config = ConfigParser()
        try:
            found = _SLOT.search(self.cmdline.read_text(encoding="utf-8"))
            image = json.loads(self.image.read_text(encoding="utf-8"))
            config.read_string(self.system.read_text(encoding="utf-8"))
            return Running(
                found[1] if found else "", str(image["version"]), str(image["image"]),
                config["system"]["compatible"],
            )  # fmt: skip
        except (OSError, ValueError, TypeError, LookupError, ConfigError) as error:
            raise UpdateRefused(
                f"this is no box with two slots ({error}); expected one that was flashed with an "
                "image of `gonogo box build`"
            ) from error

    def as_user(self, *words: str) -> list[str]:
        """The program with these words, as whoever the station is: nobody else may look into it."""
        user = self.user
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
        return [*become, str(self.program), *words]

    def boot(self) -> str:
        """Which boot this is."""
        return self.boot_id.read_text(encoding="ascii").strip()
