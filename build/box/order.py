"""What is asked for when an image of a box is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.build.release.trust import Trust

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.box.epoch import Epoch

TARGET = "x86_64-debian12"
SLOT_MIB = 1536


class Order(NamedTuple):
    """All of it.

    `program`: a release, of whom `trust` takes, or a folder with bin/gonogo and site/. `sources`:
    apt's.
    `certificate` and `key`: what the flash image is signed with, PEM. `keyring`: whom the box
    trusts from then on. `work`: a folder for what is kept until the next build.
    """

    program: Path
    out: Path
    work: Path
    version: str
    sources: Path
    certificate: Path
    key: Path
    keyring: Path
    epoch: Epoch
    slot_mib: int = SLOT_MIB
    target: str = TARGET
    trust: Trust = Trust()

    @property
    def compatible(self) -> str:
        """What RAUC holds an image against: other boxes refuse it."""
        return f"gonogo-{self.target}"

    @property
    def flash_image(self) -> Path:
        """The file that is made."""
        return self.out / f"gonogo-{self.version}-{self.target}.raucb"
