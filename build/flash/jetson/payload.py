"""What an image for a Jetson holds: files that lie over the BSP's root file system for one flash.

A tar in a RAUC bundle, as NVIDIA's own parts may not be in it. It goes into the BSP's `rootfs`,
never over a file that is there, and is taken out again; a list beside `rootfs` says what there is
of it, so that the flash after one that was killed takes it out first.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tarfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from gonogo.base.errors import BspUnfit, ImageDamaged, ImageUnfit
from gonogo.base.plain_text import harmless
from gonogo.build.flash import image as images
from gonogo.build.flash.tools import run

if TYPE_CHECKING:
    from gonogo.build.flash.image import Image
    from gonogo.build.flash.jetson.bsp import Bsp

COMPATIBLE = "gonogo-aarch64-jetpack6"
FILE = "rootfs.tar"
LIST = "gonogo-payload.json"
_PROGRAM, _RELEASE = "usr/lib/gonogo/bin/gonogo", "usr/lib/gonogo/release.json"
_LARGEST_RELEASE = 1 << 20


class Payload(NamedTuple):
    """An open file without a name, the names in it (folders end with /), the program's version."""

    file: BinaryIO
    names: tuple[str, ...]
    version: str

    def close(self) -> None:
        """Idempotent; what was unpacked is gone with it."""
        self.file.close()


def unpacked(image: Image, keyring: Path, scratch: Path) -> Payload:
    """Every byte checked, and taken off its medium; ImageDamaged, ImageUnfit, FlashNoRoom."""
    out = images.extracted(image, keyring, scratch)
    try:
        return _opened(image, out)
    finally:
        shutil.rmtree(out)


def for_jetson(image: Image) -> str:
    """What it is for; ImageUnfit."""
    return images.compatible_with(image, COMPATIBLE)


def check_place(payload: Payload, bsp: Bsp) -> str:
    """BspUnfit where it would lie over a file of the BSP's, or outside of its root."""
    root, left = bsp.rootfs.resolve(), set(listed(bsp))
    for name in payload.names:
        place = bsp.rootfs / name
        if not place.parent.resolve().is_relative_to(root):
            raise BspUnfit(f"{place}: a link there leads out of {root}")
        if name not in left and not name.endswith("/") and (place.is_symlink() or place.exists()):
            raise BspUnfit(
                f"{place} is there already; expected a root file system as NVIDIA's "
                "apply_binaries.sh leaves it"
            )
    files = sum(not name.endswith("/") for name in payload.names)
    return f"{files} files for its root file system, none over one that is there"


def put_in(payload: Payload, bsp: Bsp) -> int:
    """Into the BSP's root; how many files. What is there of an attempt before goes first."""
    take_out(bsp)
    folders = {f"{above}/" for name in payload.names for above in Path(name).parents}
    every = sorted({*payload.names, *folders} - {"./"})
    mine = [name for name in every if not (bsp.rootfs / name).exists()]
    (bsp.folder / LIST).write_text(json.dumps(mine), encoding="utf-8")
    payload.file.seek(0)
    ran = run(
        "tar", "--extract", f"--file={images.opened(payload.file)}", f"--directory={bsp.rootfs}",
        "--numeric-owner", "--same-owner", "--preserve-permissions", "--keep-directory-symlink",
        "--keep-old-files",
    )  # fmt: skip
    if ran.code:
        raise BspUnfit(f"{bsp.rootfs}: the image cannot be unpacked there: {ran.last}")
    return sum(not name.endswith("/") for name in mine)


def take_out(bsp: Bsp) -> None:
    """As the BSP was; idempotent."""
    for name in sorted(listed(bsp), reverse=True):  # what lies in a folder comes before it
        place = bsp.rootfs / name
        with contextlib.suppress(OSError):  # a folder in which the tool has left something
            place.rmdir() if name.endswith("/") else place.unlink()
    (bsp.folder / LIST).unlink(missing_ok=True)


def listed(bsp: Bsp) -> list[str]:
    """What is there of an attempt before; a list that was cut off names nothing."""
    try:
        found = json.loads((bsp.folder / LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [str(name) for name in found]


def _opened(image: Image, out: Path) -> Payload:
    path = out / FILE
    if not path.is_file():
        raise ImageUnfit(f"{image.path}: expected {FILE}, what a Jetson gets")
    with ExitStack() as stack:
        file = stack.enter_context(path.open("rb"))
        found = Payload(file, *_read(image, file))
        stack.pop_all()
    return found


def _read(image: Image, file: BinaryIO) -> tuple[tuple[str, ...], str]:
    """Its names, and the version that the program in it says, else the image's."""
    if images.sha256(file) != image.sha256:
        raise ImageDamaged(f"{image.path}: {FILE} is not the one that its manifest names")
    try:
        with tarfile.open(fileobj=file, mode="r:") as tar:
            members = tar.getmembers()
            version = _version(tar, members) or image.version
    except (tarfile.TarError, ValueError, LookupError, TypeError) as error:
        raise ImageUnfit(f"{image.path}: {FILE}: {error}; expected a plain tar") from error
    names = tuple(_name(image, member) for member in members)
    if _PROGRAM not in names:
        raise ImageUnfit(f"{image.path}: {FILE} has no {_PROGRAM}: no station starts from it")
    return tuple(name for name in names if name != "/"), version


def _version(tar: tarfile.TarFile, members: list[tarfile.TarInfo]) -> str | None:
    for member in members:
        if member.name.removeprefix("./") == _RELEASE and member.size <= _LARGEST_RELEASE:
            said = tar.extractfile(member)
            return str(json.load(said)["version"]) if said else None
    return None


def _name(image: Image, member: tarfile.TarInfo) -> str:
    """Below the root, a folder with a slash at its end."""
    name = member.name.removeprefix("./")
    name = "" if name == "." else name
    kept = member.isreg() or member.isdir() or member.issym()
    if not kept or name.startswith("/") or ".." in Path(name).parts:
        raise ImageUnfit(
            f"{image.path}: {FILE}: {harmless(member.name)}; expected files, folders and symbolic "
            "links below the root alone"
        )
    return f"{name}/" if member.isdir() else name
