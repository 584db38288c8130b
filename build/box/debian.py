"""Debian's part of the root: a tar by mmdebstrap, kept for the next build."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from gonogo.build.box.data import listed
from gonogo.build.box.tool import run

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.box.epoch import Epoch

SUITE = "bookworm"
_OPTIONS = (
    "--variant=minbase",
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=APT::Install-Recommends "false"',
    # licences stay, as their texts ask
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
)


def command(tar: Path) -> list[str]:
    """What mmdebstrap is called with; apt's sources come on its input."""
    packages = ",".join(listed("packages"))
    return ["mmdebstrap", *_OPTIONS, f"--include={packages}", SUITE, str(tar), "-"]


def base_tar(work: Path, sources: Path, epoch: Epoch) -> Path:
    """The tar; made anew where packages, sources or the moment differ from those of the last one.

    `sources`: of apt, as deb822 or one a line. Some two minutes, and 250 MB to fetch.
    """
    tar, note = work / "base.tar", work / "base.txt"
    text = sources.read_bytes()
    made_of = "\n".join((*command(tar), str(epoch.seconds), hashlib.sha256(text).hexdigest()))
    if tar.is_file() and note.is_file() and note.read_text(encoding="utf-8") == made_of:
        return tar
    note.unlink(missing_ok=True)
    run(command(tar), further=epoch.environment, given=text)
    note.write_text(made_of, encoding="utf-8")
    return tar
