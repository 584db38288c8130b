"""The patch bank of an engine: small pieces of good parts, to be shown beside a bad one.

    magic     8   89 47 4E 50 0D 0A 1A 0A
    length    4   of the head, little-endian, at most MAX_HEAD_BYTES
    head          JSON: gonogo.engines.bundles.patch_bank.Head
    mean          channels x float32, and
    project       channels x depth x float32: nothing of either where the tensor is taken as it is
    scales        depth x float32
    values        patches x depth x int8: a patch is values * scales
    places        patches x (row, column) of the grid, uint16
    of            patches x uint16: of which picture
    sizes         patches x uint16: bytes of each crop
    crops         JPEG files, one right behind another, to the very end

Numbers are little-endian. Nothing judges by it: without one, or with a damaged one, parts are
judged as ever.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np
from pydantic import Field

from gonogo.base import strict_json as strictjson
from gonogo.base.errors import BundleManifestError, PatchBankUnusable
from gonogo.base.section import Section

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAGIC = b"\x89GNP\r\n\x1a\n"
MAX_HEAD_BYTES = 1 << 19
PATCHES_MAX = 1024
DEPTH_MAX = 64
CHANNELS_MAX = 2048
CROP_MAX_BYTES = 4096
PICTURES_MAX = 1000
_LENGTH = struct.Struct("<I")

Line = Annotated[str, Field(max_length=60)]


class Head(Section):
    """What the numbers behind it mean.

    `tensor`: of the model whose SHA-256 is `model`, float [1, C, rows, columns]; `channels`: C
    where it is projected, else 0. `position`: what a whole picture's height counts beside the
    channels. `crop_px`: side of a crop, px of the model's input. `pictures`: names of good parts.
    """

    model: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    tensor: Annotated[str, Field(min_length=1, max_length=500)]
    rows: Annotated[int, Field(ge=1, le=512)]
    columns: Annotated[int, Field(ge=1, le=512)]
    channels: Annotated[int, Field(ge=0, le=CHANNELS_MAX)]
    depth: Annotated[int, Field(ge=1, le=DEPTH_MAX)]
    position: Annotated[float, Field(ge=0, le=1000)]
    patches: Annotated[int, Field(ge=1, le=PATCHES_MAX)]
    crop_px: Annotated[int, Field(ge=1, le=512)]
    pictures: Annotated[tuple[Line, ...], Field(min_length=1, max_length=PICTURES_MAX)]


class PatchBank(NamedTuple):
    """A bank in this machine's numbers; `crops`: a JPEG for each of its n patches.

    `mean` (C,) and `project` (C, depth) float32, or both empty; `scales` (depth,) float32;
    `values` (n, depth) int8; `places` (n, 2) and `of` (n,) uint16.
    """

    head: Head
    mean: NDArray[np.float32]
    project: NDArray[np.float32]
    scales: NDArray[np.float32]
    values: NDArray[np.int8]
    places: NDArray[np.uint16]
    of: NDArray[np.uint16]
    crops: tuple[bytes, ...]

    def white(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Features (n, C) of the tensor as the bank has them, (n, depth)."""
        if not self.head.channels:
            return rows
        return np.asarray((rows - self.mean) @ self.project, np.float32)

    @property
    def patches(self) -> NDArray[np.float32]:
        """What the INT8 values mean, float32 (n, depth)."""
        return np.asarray(self.values * self.scales, np.float32)

    @property
    def max_bytes(self) -> int:
        """What a bank like this may have at most, whatever its crops show."""
        head = self.head
        each = head.depth + 4 + 2 + 2 + CROP_MAX_BYTES
        floats = head.channels * (1 + head.depth) + head.depth
        return len(MAGIC) + _LENGTH.size + MAX_HEAD_BYTES + 4 * floats + head.patches * each


def encode(bank: PatchBank) -> bytes:
    """Its bytes; PatchBankUnusable for what `decode` would not read."""
    head = strictjson.encode(bank.head)
    sizes = np.array([len(crop) for crop in bank.crops], "<u2")
    data = b"".join((
        MAGIC, _LENGTH.pack(len(head)), head,
        bank.mean.astype("<f4").tobytes(), bank.project.astype("<f4").tobytes(),
        bank.scales.astype("<f4").tobytes(), bank.values.astype("i1").tobytes(),
        bank.places.astype("<u2").tobytes(), bank.of.astype("<u2").tobytes(),
        sizes.tobytes(), *bank.crops,
    ))  # fmt: skip
    decode(data)
    return data


def decode(data: bytes) -> PatchBank:
    """A bank from its bytes; PatchBankUnusable says what is wrong with them."""
    start = len(MAGIC) + _LENGTH.size
    if data[: len(MAGIC)] != MAGIC or len(data) < start:
        raise PatchBankUnusable("not the beginning of a patch bank; have the engine built again")
    (length,) = _LENGTH.unpack_from(data, len(MAGIC))
    if length > MAX_HEAD_BYTES:
        raise PatchBankUnusable(f"a head of {length} bytes, expected at most {MAX_HEAD_BYTES}")
    try:
        head = strictjson.read(data[start : start + length], Head, "patch bank")
    except BundleManifestError as error:
        raise PatchBankUnusable(str(error.args[0])) from error
    bank, end = _arrays(data, start + length, head)
    crops = _crops(data[end:], bank.sizes)
    return _checked(PatchBank(head, *bank[:-1], crops))


class _Arrays(NamedTuple):
    """As they lie in the file."""

    mean: NDArray[np.float32]
    project: NDArray[np.float32]
    scales: NDArray[np.float32]
    values: NDArray[np.int8]
    places: NDArray[np.uint16]
    of: NDArray[np.uint16]
    sizes: NDArray[np.uint16]


def _arrays(data: bytes, at: int, head: Head) -> tuple[_Arrays, int]:
    """All arrays from byte `at` on, and where they end."""
    n, depth, channels = head.patches, head.depth, head.channels
    shapes = (
        ("<f4", (channels,)), ("<f4", (channels, depth)), ("<f4", (depth,)), ("i1", (n, depth)),
        ("<u2", (n, 2)), ("<u2", (n,)), ("<u2", (n,)),
    )  # fmt: skip
    found = []
    for kind, shape in shapes:
        count = int(np.prod(shape))
        size = count * np.dtype(kind).itemsize
        if at + size > len(data):
            raise PatchBankUnusable(f"cut off: expected at least {at + size} bytes in it")
        array = np.frombuffer(data, kind, count, at).reshape(shape)
        # in this machine's order from here on
        found.append(array.astype(array.dtype.newbyteorder("=")))
        at += size
    return _Arrays(*found), at


def _crops(data: bytes, sizes: NDArray[np.uint16]) -> tuple[bytes, ...]:
    ends = np.cumsum(sizes, dtype=np.int64)
    if len(data) != int(ends[-1]) or int(sizes.max()) > CROP_MAX_BYTES:
        raise PatchBankUnusable(
            f"{len(data)} bytes of crops, expected {int(ends[-1])} in pieces of at most "
            f"{CROP_MAX_BYTES}"
        )
    return tuple(data[end - size : end] for size, end in zip(sizes.tolist(), ends, strict=True))


def _checked(bank: PatchBank) -> PatchBank:
    """Whose numbers can be reckoned with, and whose places and pictures are there."""
    head = bank.head
    finite = all(np.isfinite(each).all() for each in (bank.mean, bank.project, bank.scales))
    inside = (bank.places < (head.rows, head.columns)).all()
    if not (finite and inside and (bank.of < len(head.pictures)).all()):
        raise PatchBankUnusable("numbers, places or pictures that cannot be; build it again")
    return bank
