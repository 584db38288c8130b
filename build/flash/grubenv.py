"""GRUB's environment block, with the counters of slots that RAUC keeps in it.

    1024 bytes: lines of comment, lines NAME=VALUE, and '#' up to the end

ORDER: slots, the one to be started first at its head. X_OK=1: slot X may be started. X_TRY: how
often it was begun, and not marked good since; GRUB counts before it starts a slot, and takes the
next one of ORDER after three (packaging/box/grub/grub.cfg). The names are those of RAUC's manual,
"Integration: GRUB"; the form is that of grub-editenv of GRUB 2.06.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import TargetUnfit

if TYPE_CHECKING:
    from collections.abc import Mapping

BYTES = 1024
SIGNATURE = b"# GRUB Environment Block\n"
_ONE_WRITE = 512  # what changes lies in the first sector: a disk writes that one whole, or not


def parse(block: bytes) -> dict[str, str]:
    """Names and values; TargetUnfit where that is no such block."""
    if len(block) != BYTES or not block.startswith(SIGNATURE):
        raise TargetUnfit(
            f"/grub/grubenv: expected {BYTES} bytes that begin with {SIGNATURE.decode().strip()!r}"
        )
    found = {}
    for line in block.decode("ascii", "replace").split("\n"):
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[name] = value
    return found


def edited(block: bytes, changes: Mapping[str, str]) -> bytes:
    """The block with these values, in its own order; TargetUnfit where they have no room."""
    values = {**parse(block), **changes}
    comments = [line for line in block.split(b"\n") if line[:1] == b"#" and line.strip(b"#")]
    lines = [*comments, *(f"{name}={value}".encode("ascii") for name, value in values.items())]
    written = b"\n".join(lines) + b"\n"
    if len(written) > _ONE_WRITE:
        raise TargetUnfit(
            f"/grub/grubenv: {len(written)} bytes of variables; expected at most {_ONE_WRITE}, "
            "which a disk writes whole or not at all"
        )
    return written.ljust(BYTES, b"#")
