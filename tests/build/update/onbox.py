"""A box of files: a rauc that records what it is asked, a station that says how it stands.

Import as `gonogo.tests.build.update.onbox`. `rauc info` and `rauc bundle` are the real ones; of
`rauc install` the checks are (by `rauc extract`), and the write is not.
"""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.build.update.asked import NAME
from gonogo.build.update.places import Places
from gonogo.build.update.updater import Updater
from gonogo.tests.build.flash.boxes import COMPATIBLE, Signer, bundle, signer

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

REAL = shutil.which("rauc")
_RAUC = """#!/bin/sh
cd {folder}
case $1 in
  install)
    class="$(chrt -p $$ | sed -n 's/.*policy: //p' | head -1) $(ionice -p $$)"
    echo "install $(basename $2) $class" >>asked
    [ ! -e pulled ] || {{ rm -f "$2"; echo "LastError: read error"; exit 1; }}
    rm -rf out
    {real} --conf=rauc.conf --keyring={keyring} extract "$2" out 2>said ||
      {{ echo "LastError: $(tail -1 said)"; exit 1; }}
    cp out/rootfs.ext4 slot ;;
  status)
    echo "$2 $3" >>asked
    [ ! -e stuck ] || {{ echo "no bootloader" >&2; exit 1; }} ;;
  *) exec {real} "$@" ;;
esac
"""
FLOWS, STANDS = 1, 0  # CTRL.ENABLE


class Images(NamedTuple):
    """Made once; the box runs 0.2.0."""

    signer: Signer
    same: Path
    newer: Path
    older: Path
    other: Path  # of another product


def images(folder: Path) -> Images:
    """Signed by one key."""
    by = signer(folder / "keys")
    same, newer, older = (
        bundle(folder, by, version, for_empty=False) for version in ("0.2.0", "0.3.0", "0.1.0")
    )
    other = bundle(folder, by, "0.3.0", "espresso-arm64", for_empty=False)
    return Images(by, same, newer, older, other)


class OnBox:
    """`asked`: what rauc and systemctl were told. A clock that goes when it is told to."""

    def __init__(self, folder: Path, keyring: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.lines, self.now_s = folder, list[str](), 1000.0
        for name in ("bin", "box", "station", "engines", "scratch", "runtime"):
            (folder / name).mkdir()
        self.places = Places(
            state=folder / "box", image=folder / "image.json", cmdline=folder / "cmdline",
            boot_id=folder / "boot_id", keyring=keyring, system=folder / "system.conf",
            station=folder / "station", engines=folder / "engines", scratch=folder / "scratch",
            program=folder / "bin" / "gonogo", user="", asked=folder / "runtime" / NAME,
        )  # fmt: skip
        (folder / "rauc.conf").write_text("[system]\ncompatible=none\nbootloader=noop\n")
        self.places.system.write_text(f"[system]\ncompatible={COMPATIBLE}\n")
        self._program("rauc", _RAUC.format(folder=folder, real=REAL, keyring=keyring))
        self._program("systemctl", f'#!/bin/sh\necho "systemctl $*" >>{folder}/asked\n')
        self._program("gonogo", f"#!/bin/sh\ncat {folder}/status.json\n")
        monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")
        self.boots("A", "0.2.0")
        self.updater = Updater(self.places, self.lines.append, lambda: self.now_s)

    def _program(self, name: str, text: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(text)
        path.chmod(0o755)

    @property
    def asked(self) -> list[str]:
        """In order."""
        try:
            return (self.folder / "asked").read_text().splitlines()
        except FileNotFoundError:
            return []

    def boots(self, slot: str, version: str) -> None:
        """Another boot: of a slot, which holds that version; and the updater begins anew."""
        boot = int(self.places.boot_id.read_text()) + 1 if self.places.boot_id.exists() else 1
        self.places.boot_id.write_text(f"{boot}\n")
        self.places.cmdline.write_text(f"quiet rauc.slot={slot}\n")
        self.places.image.write_text(json.dumps({"version": version, "image": f"id-{version}"}))
        self.starts_anew()

    def starts_anew(self) -> None:
        """The updater's process, as after a crash."""
        self.updater = Updater(self.places, self.lines.append, lambda: self.now_s)

    def gate_says(self, slot: str, word: str, reason: str) -> None:
        """As the health gate keeps it."""
        said = {"slot": slot, "word": word, "reason": reason}
        (self.places.state / "health.json").write_text(json.dumps(said))
        if word == "good":
            image = json.loads(self.places.image.read_text())["image"]
            (self.places.state / f"good-{slot}").write_text(f"{image}\n")

    def line(self, ctrl: int, **link: Any) -> None:  # noqa: ANN401 - of a JSON object
        """What the station says of its PLC; there is a station file."""
        (self.places.station / "station.toml").touch()
        plc = {"alive": True, "plc": {"ctrl": ctrl}, "res_seq": 7, "ack_seq": 7, **link}
        (self.folder / "status.json").write_text(json.dumps({"link": plc}))
