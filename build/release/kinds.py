"""What a file is that does not end as a release does: cut off, or something else altogether."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from gonogo.base.errors import ReleaseCut, ReleaseOther
from gonogo.engines.bundles.header import MAGIC as BUNDLE

if TYPE_CHECKING:
    from gonogo.base.errors import ReleaseError
    from gonogo.engines.bundles.bundle_file import BundleFile

SQUASHFS = b"hsqs"
# magic, then much that is of no interest here, then bytes_used (fs/squashfs/squashfs_fs.h)
_SUPERBLOCK = struct.Struct("<4s36xQ")
_BLOCK_BYTES = 4096  # an image is filled up to whole ones
_BEGINS = b'{\n "format": "gonogo release'  # a manifest, as it is written
_KINDS = (
    (BUNDLE, "the bundle of an engine: `gonogo engines install` takes it"),
    (b"PK\x03\x04", "a zip archive, or a wheel"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"\x7fELF", "a program"),
)


def what_else(file: BundleFile) -> ReleaseError:
    """Why a file without a trailer is no release."""
    start = file.read(0, min(file.size_bytes, _SUPERBLOCK.size))
    if not start:
        return ReleaseCut("it is empty; copy it again")
    if start.startswith(SQUASHFS):
        return _squashfs(file, start)
    for magic, said in _KINDS:
        if start.startswith(magic):
            return ReleaseOther(f"no release of gonogo, but {said}")
    return ReleaseOther("no release of gonogo: it neither begins nor ends as one; check the path")


def _squashfs(file: BundleFile, start: bytes) -> ReleaseError:
    """An image without its trailer: a part of a release, or somebody else's."""
    if len(start) < _SUPERBLOCK.size:
        return _cut(file)
    _, used_bytes = _SUPERBLOCK.unpack(start)
    end = -(-used_bytes // _BLOCK_BYTES) * _BLOCK_BYTES
    rest = file.size_bytes - end
    if rest < 0:
        return _cut(file)
    behind = file.read(end, min(rest, len(_BEGINS)))
    if _BEGINS.startswith(behind):  # nothing, or what a manifest begins with
        return _cut(file)
    return ReleaseOther(
        "no release of gonogo: an image (squashfs) of another product, or of another kind "
        "(a .raucb is for flash.sh); check the path"
    )


def _cut(file: BundleFile) -> ReleaseError:
    return ReleaseCut(
        f"cut off after {file.size_bytes} bytes: its signed end is missing; copy it again, "
        "and look at the room there is"
    )
