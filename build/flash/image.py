"""A flash image: who signed it, what it is for, what is in it. RAUC is who looks.

A RAUC bundle of the format verity: the signed manifest has the hash of a tree of hashes, by which
every byte of the payload is checked before it is unpacked. Nothing is written before that, and
nothing is read from the image's own medium after it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from pydantic import ValidationError

from gonogo.base.errors import (
    FlashNoRoom,
    ImageDamaged,
    ImageGone,
    ImageUnfit,
    ImageUntrusted,
)
from gonogo.base.section import brief
from gonogo.build.flash.disk import MIB
from gonogo.build.flash.layout import Wanted
from gonogo.build.flash.scratch import room_bytes
from gonogo.build.flash.tools import run

if TYPE_CHECKING:
    from collections.abc import Mapping

PRODUCT = "gonogo-"
LARGEST_BYTES = 64 << 30
_ROOTFS, _LAYOUT = "rootfs.ext4", "disk/layout.json"
_FOR_EMPTY = ("disk/mbr.img", "disk/core.img", "disk/boot.ext4")
_SIGNED = re.compile(r"Verified (?:inline|detached) signature by '(.*)'")
_HEX = re.compile(r"[0-9a-f]{64}")
_CRL = b"-----BEGIN X509 CRL-----"
_SPARE_BYTES = 8 * MIB
_UNPACKER = "Failed to run unsquashfs"
_UNTRUSTED = re.compile(r"signature verification failed: (?:Verify error: )?(.*)")


class Image(NamedTuple):
    """What its signed manifest says."""

    path: Path
    compatible: str
    version: str
    signer: str
    sha256: str
    size_bytes: int


class Payload(NamedTuple):
    """What is in it, as open files without a name: gone with whoever has them open."""

    layout: Wanted
    rootfs: BinaryIO
    for_empty: Mapping[str, BinaryIO]

    def close(self) -> None:
        """Idempotent; what was unpacked is gone with it."""
        for each in (self.rootfs, *self.for_empty.values()):
            each.close()

    def file(self, name: str) -> bytes:
        """One of those for an empty disk; ImageUnfit where the image has none."""
        if name not in self.for_empty:
            raise ImageUnfit(
                f"the image has no {name}: it is for boxes that have a station already; take one "
                "for empty disks"
            )
        self.for_empty[name].seek(0)
        return self.for_empty[name].read()


def checked(path: Path, keyring: Path, scratch: Path) -> Image:
    """Its manifest, once its signature is good; ImageGone, ImageUntrusted, ImageDamaged."""
    _readable(path)
    ran = run("rauc", *_trusting(keyring, scratch), "info", "--output-format=json", str(path))
    signed = _SIGNED.search(ran.err)
    if ran.code or signed is None:
        raise _refused(path, keyring, ran.err)
    return _said(path, json.loads(ran.out), signed[1])


def unpacked(image: Image, keyring: Path, scratch: Path) -> Payload:
    """Every byte checked, and taken off its medium; ImageDamaged, ImageGone, FlashNoRoom."""
    out = extracted(image, keyring, scratch)
    try:
        return _opened(image, out)
    finally:
        shutil.rmtree(out)


def extracted(image: Image, keyring: Path, scratch: Path) -> Path:
    """A folder in `scratch` with its files, every byte checked; as `unpacked`."""
    needed, room = image.size_bytes + _boot_bytes(image) + _SPARE_BYTES, room_bytes(scratch)
    if room < needed:
        raise FlashNoRoom(
            f"{scratch.parent}: {room / MIB:.0f} MiB free; expected {needed / MIB:.0f} MiB to "
            "unpack the image; make room, or name another folder by TMPDIR"
        )
    out = scratch / "unpacked"
    ran = run("rauc", *_trusting(keyring, scratch), "extract", str(image.path), str(out))
    if _UNPACKER in ran.err:  # every byte of the image was good by then
        raise FlashNoRoom(
            f"{scratch.parent}: the image cannot be unpacked there: {ran.last}; make room, or name "
            "another folder by TMPDIR"
        )
    if ran.code:
        _readable(image.path)
        raise _refused(image.path, keyring, ran.err)
    return out


def compatible_with(image: Image, station: str | None) -> str:
    """What it is for; ImageUnfit where that is another product, or another kind of box."""
    if not image.compatible.startswith(PRODUCT):
        raise ImageUnfit(
            f"{image.path}: for {image.compatible!r}; expected an image of gonogo, compatible "
            f"{PRODUCT}TARGET"
        )
    if station is not None and station != image.compatible:
        raise ImageUnfit(
            f"{image.path}: for {image.compatible!r}, and the box on that disk takes {station!r}; "
            "take the image for it"
        )
    return image.compatible


def opened(file: BinaryIO) -> Path:
    """A path to an open file that has no name any more, for programs that want one."""
    return Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")


def _readable(path: Path) -> None:
    """As a file that is there now; ImageGone."""
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise ImageGone(
            f"{path}: {error.strerror}; expected a flash image, NAME.raucb; is its stick in?"
        ) from error


def _trusting(keyring: Path, scratch: Path) -> list[str]:
    """How RAUC is told whom to believe; of a keyring with revocations, to obey them."""
    try:
        revokes = _CRL in keyring.read_bytes()
    except OSError as error:
        raise ImageUntrusted(
            f"{keyring}: {error.strerror}; expected the certificates of whom this machine trusts "
            "(PEM); name them by --keyring"
        ) from error
    config = scratch / "system.conf"
    said = "[system]\ncompatible=none\nbootloader=noop\n[keyring]\n"
    config.write_text(
        f"{said}path={keyring.absolute()}\ncheck-crl={str(revokes).lower()}\n", encoding="utf-8"
    )
    return [f"--conf={config}", f"--keyring={keyring}"]


def _refused(path: Path, keyring: Path, said: str) -> ImageUntrusted | ImageDamaged:
    last = (said.strip().splitlines() or ["rauc said nothing"])[-1]
    found = _UNTRUSTED.search(said)
    if found is not None:
        return ImageUntrusted(
            f"{path}: {found[1]}; expected a signature by a certificate that {keyring} names, that "
            "is valid today and not revoked; look at the clock of this machine, copy the image "
            "again, or ask its maker"
        )
    return ImageDamaged(f"{path}: {last}; bytes are missing or changed: copy it again")


def _said(path: Path, manifest: dict[str, Any], signer: str) -> Image:
    try:
        (only,) = manifest["images"]
        rootfs = only["rootfs"]
        found = Image(
            path, str(manifest["compatible"]), str(manifest["version"]), signer,
            str(rootfs["checksum"]), int(rootfs["size"]),
        )  # fmt: skip
    except (TypeError, LookupError, ValueError) as error:
        raise ImageUnfit(f"{path}: expected one image, of a root file system alone") from error
    if not _HEX.fullmatch(found.sha256) or not 0 < found.size_bytes <= LARGEST_BYTES:
        raise ImageUnfit(f"{path}: its manifest says no hash and size of the root file system")
    return found


def _boot_bytes(image: Image) -> int:
    """Room for the boot partition's file system and the rest beside the root: a guess, upward."""
    return min(image.size_bytes, 96 * MIB)


def _opened(image: Image, out: Path) -> Payload:
    """The files, opened, so that they may lose their names; ImageUnfit, ImageDamaged."""
    try:
        layout = Wanted.model_validate_json((out / _LAYOUT).read_bytes())
        rootfs = (out / _ROOTFS).open("rb")
        for_empty = {name: (out / name).open("rb") for name in _FOR_EMPTY if (out / name).exists()}
    except OSError as error:
        raise ImageUnfit(f"{image.path}: {error}; expected {_ROOTFS} and {_LAYOUT}") from error
    except ValidationError as error:
        raise ImageUnfit(f"{image.path}: {_LAYOUT}: {brief(error)}") from error
    # signed both, and of the same thing: one hash of the manifest, one of the payload
    found = sha256(rootfs)
    payload = Payload(layout, rootfs, for_empty)
    if {image.sha256, layout.rootfs_sha256} != {found} or layout.rootfs_bytes != image.size_bytes:
        payload.close()
        raise ImageDamaged(f"{image.path}: {_ROOTFS} is not the one that its manifest names")
    return payload


def sha256(file: BinaryIO) -> str:
    """Of all of it; then it stands at its beginning again."""
    digest = hashlib.sha256()
    while data := file.read(4 * MIB):
        digest.update(data)
    file.seek(0)
    return digest.hexdigest()
