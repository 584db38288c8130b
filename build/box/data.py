"""What the image of a box is made of, beside the code: the files of packaging/box."""

from __future__ import annotations

from pathlib import Path

from gonogo.base.errors import BoxNotBuilt

FOLDER = Path(__file__).parents[2] / "packaging" / "box"
ROOT = FOLDER / "rootfs"  # laid over Debian's root as it stands
GRUB_CFG = FOLDER / "grub" / "grub.cfg"


def checked() -> None:
    """BoxNotBuilt where this is no checkout: a wheel has not these files."""
    if not GRUB_CFG.is_file():
        raise BoxNotBuilt(
            f"{FOLDER} is not there: an image is built from a checkout, not from an installed wheel"
        )


def listed(name: str) -> list[str]:
    """The lines of one of the lists, without comments and blanks."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="ascii")
    return [line for line in map(str.strip, text.splitlines()) if line and line[0] != "#"]
