"""A patch bank is read back as it was written, and nothing else is taken for one."""

from __future__ import annotations

import contextlib
import json
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.errors import PatchBankUnusable
from gonogo.engines.bundles.manifest import ROLES
from gonogo.engines.bundles.patch_bank import (
    CHANNELS_MAX,
    CROP_MAX_BYTES,
    DEPTH_MAX,
    MAGIC,
    PATCHES_MAX,
    Head,
    PatchBank,
    decode,
    encode,
)
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.tests.engines.bundles.parcels import make

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def bank(patches: int = 3, channels: int = 4, depth: int = 2) -> PatchBank:
    """Of no engine."""
    rng = np.random.default_rng(1)
    head = Head(
        model="0" * 64,
        tensor="r1",
        rows=8,
        columns=6,
        channels=channels,
        depth=depth,
        position=0.5,
        patches=patches,
        crop_px=16,
        pictures=("a.png", "b.png"),
    )
    return PatchBank(
        head,
        rng.normal(size=channels).astype(np.float32),
        rng.normal(size=(channels, depth)).astype(np.float32),
        np.array([0.5, 0.25], np.float32)[:depth],
        rng.integers(-127, 128, (patches, depth), np.int8),
        np.array([(k % 8, k % 6) for k in range(patches)], np.uint16),
        np.array([k % 2 for k in range(patches)], np.uint16),
        tuple(bytes([k % 256]) * (k + 1) for k in range(patches)),
    )


def test_patch_bank_is_read_back_as_it_was_written() -> None:
    """Every array, every crop, and what its INT8 values mean."""
    found = decode(encode(bank()))
    assert found.head == bank().head
    for name in ("mean", "project", "scales", "values", "places", "of"):
        mine, its = getattr(found, name), getattr(bank(), name)
        assert np.array_equal(mine, its), name
        assert mine.dtype == its.dtype
    assert found.crops == bank().crops
    assert np.array_equal(found.patches, found.values * np.array([0.5, 0.25], np.float32))


def test_patch_bank_projects_what_it_was_made_of_so_and_nothing_else() -> None:
    """Without channels of its own the tensor is taken as it is."""
    rows = np.ones((1, 4), np.float32)
    assert np.allclose(bank().white(rows), (rows - bank().mean) @ bank().project)
    assert bank(channels=0).white(rows) is rows


def test_patch_bank_of_the_largest_kind_fits_into_its_file_of_a_bundle() -> None:
    """Whatever its pictures show."""
    large = bank(PATCHES_MAX, CHANNELS_MAX, 2)._replace(crops=())
    head = large.head.model_copy(update={"depth": DEPTH_MAX})
    most = large._replace(head=head).max_bytes
    assert most > PATCHES_MAX * CROP_MAX_BYTES
    assert most < ROLES["patches"].max_bytes


def broken(change: Callable[[dict[str, Any]], object]) -> bytes:
    """A bank with another head."""
    data = encode(bank())
    (length,) = struct.unpack_from("<I", data, len(MAGIC))
    start = len(MAGIC) + 4
    head = json.loads(data[start : start + length])
    change(head)
    raw = json.dumps(head).encode()
    return MAGIC + struct.pack("<I", len(raw)) + raw + data[start + length :]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not the beginning"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "not the beginning"),
        (MAGIC + struct.pack("<I", 1 << 30), "a head of 1073741824 bytes"),
        (MAGIC + struct.pack("<I", 2) + b"{}", "model"),
        (encode(bank())[:-1], "bytes of crops"),
        (encode(bank()) + b"x", "bytes of crops"),
        (encode(bank())[:300], "patch bank|cut off"),
        (broken(lambda head: head.update(patches=500)), "cut off"),
        (broken(lambda head: head.update(patches=0)), "patches"),
        (broken(lambda head: head.update(rows=2)), "places or pictures"),
        (broken(lambda head: head.update(pictures=["a.png"])), "places or pictures"),
        (broken(lambda head: head.update(more=1)), "more"),
    ],
)
def test_patch_bank_that_is_none_is_refused(data: bytes, said: str) -> None:
    """With what is wrong."""
    with pytest.raises(PatchBankUnusable, match=said):
        decode(data)


def test_patch_bank_with_numbers_that_are_none_is_refused() -> None:
    """A distance to them would be none, either."""
    odd = bank()
    odd.scales[0] = np.nan
    with pytest.raises(PatchBankUnusable, match="numbers"):
        encode(odd)


@given(st.integers(0, 2000), st.integers(0, 255))
def test_patch_bank_with_any_byte_changed_is_read_or_refused(at: int, value: int) -> None:
    """Never anything else."""
    data = bytearray(encode(bank()))
    data[at % len(data)] = value
    with contextlib.suppress(PatchBankUnusable):
        decode(bytes(data))


def test_bundle_carries_patches_and_goes_without(tmp_path: Path) -> None:
    """The role is new; a bundle from before has none."""
    with Bundle(make(tmp_path, patches=bank()), INSPECTION) as found:
        assert found.manifest.entry("patches").name == "patches.bank"
        assert found.patches().crops == bank().crops
    with Bundle(make(tmp_path, "plain.gng"), INSPECTION) as found:
        assert found.manifest.find("patches") is None
