"""What an empty disk gets beside a root file system."""

from __future__ import annotations

import io
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ImageUnfit
from gonogo.build.flash import grubenv, layout
from gonogo.build.flash.boot_files import CODE_BYTES, boot_files
from gonogo.build.flash.plan import Plan
from gonogo.tests.build.flash.boxes import MIB, Shelf, needs_tools
from gonogo.tests.build.flash.prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = needs_tools
TABLE = layout.Table(bytes(440) + b"T" * 72 + b"rest", b"tail")


@pytest.fixture(scope="module")
def prepared(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """The image for empty disks, unpacked."""
    with closing(Prepared(shelf, shelf.new, tmp_path_factory.mktemp("prepared"))) as found:
        yield found


def plan_for(prepared: Prepared) -> Plan:
    """Of a disk that is large enough."""
    return Plan("A", None, layout.planned(64 * MIB, prepared.payload.layout), erases_data=True)


def test_the_first_sector_has_the_code_and_the_table(prepared: Prepared) -> None:
    """The code up to byte 440, the protective table behind it."""
    made = boot_files(prepared.payload, plan_for(prepared), TABLE)
    assert made.first[:CODE_BYTES] == prepared.payload.file("disk/mbr.img")
    assert made.first[CODE_BYTES:] == b"T" * 72
    assert (made.rest, made.tail) == (b"rest", b"tail")


def test_the_counters_say_slot_a_alone(prepared: Prepared) -> None:
    """Whatever the image's own say; nothing else of its boot partition is changed."""
    made = boot_files(prepared.payload, plan_for(prepared), TABLE)
    original = prepared.payload.file("disk/boot.ext4")
    blocks = range(0, len(original), 1024)
    (at,) = (k for k in blocks if original[k : k + 1024] != made.boot[k : k + 1024])
    found = grubenv.parse(made.boot[at : at + 1024])
    assert found == {"ORDER": "A B", "A_OK": "1", "A_TRY": "0", "B_OK": "0", "B_TRY": "0"}


@pytest.mark.parametrize(
    ("name", "size_bytes", "says"),
    [
        ("disk/mbr.img", 440, "sector 0; expected 440 bytes and sector 2048"),
        ("disk/mbr.img", 512, "512 bytes that look"),
        ("disk/core.img", MIB + 1, "expected at most 1048576"),
        ("disk/boot.ext4", 4 * MIB, "expected /grub/grubenv in it"),
    ],
)
def test_what_does_not_fit_is_refused(
    prepared: Prepared, tmp_path: Path, name: str, size_bytes: int, says: str
) -> None:
    """Before a byte is written."""
    file = tmp_path / "file"
    file.write_bytes(bytes(size_bytes))
    with file.open("rb") as opened:
        other = {**prepared.payload.for_empty, name: opened}
        payload = prepared.payload._replace(for_empty=other)
        with pytest.raises(ImageUnfit, match=says):
            boot_files(payload, plan_for(prepared), TABLE)


def test_an_image_for_stations_alone_has_none(prepared: Prepared) -> None:
    """It says which is missing."""
    payload = prepared.payload._replace(for_empty={}, rootfs=io.BytesIO())
    with pytest.raises(ImageUnfit, match=r"the image has no disk/mbr\.img"):
        boot_files(payload, plan_for(prepared), TABLE)
