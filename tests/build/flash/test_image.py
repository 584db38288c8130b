"""A flash image: what RAUC says of it, and every kind of bad one."""

from __future__ import annotations

import resource
import shutil
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import (
    FlashError,
    FlashNoRoom,
    ImageDamaged,
    ImageGone,
    ImageUnfit,
    ImageUntrusted,
)
from gonogo.build.flash import image as images
from gonogo.tests.build.flash import boxes
from gonogo.tests.build.flash.boxes import COMPATIBLE, Shelf, bundle, needs_tools, revoking, signer

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = needs_tools


def unpacked(path: Path, keyring: Path, folder: Path) -> images.Image:
    """Checked and unpacked as a flash does it, and thrown away."""
    found = images.checked(path, keyring, folder)
    images.unpacked(found, keyring, folder).close()
    return found


def test_a_good_image_says_what_it_is_and_leaves_nothing_behind(
    shelf: Shelf, tmp_path: Path
) -> None:
    """Signer, version and kind of box; what was unpacked has no name any more."""
    found = unpacked(shelf.new, shelf.keyring, tmp_path)
    assert found[1:4] == (COMPATIBLE, "0.2.0", "CN = Release 1")
    assert found.size_bytes == boxes.ROOT_MIB * boxes.MIB
    assert [each.name for each in tmp_path.iterdir()] == ["system.conf"]


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_one_bit_in_the_payload_is_found_before_it_is_used(
    shelf: Shelf, tmp_path: Path, share: float
) -> None:
    """Anywhere: in the file system's own head, its files, its tree of hashes."""
    data = bytearray(shelf.new.read_bytes())
    signature = int.from_bytes(data[-8:], "big")
    data[int(share * (len(data) - signature - 9))] ^= 1
    bad = tmp_path / "bad.raucb"
    bad.write_bytes(data)
    with pytest.raises(ImageDamaged, match="copy it again"):
        unpacked(bad, shelf.keyring, tmp_path)


@pytest.mark.parametrize("at", range(-8, 0))
def test_one_bit_in_the_length_of_the_signature_is_found(
    shelf: Shelf, tmp_path: Path, at: int
) -> None:
    """The last eight bytes say where it begins."""
    data = bytearray(shelf.new.read_bytes())
    data[at] ^= 1
    bad = tmp_path / "bad.raucb"
    bad.write_bytes(data)
    with pytest.raises((ImageDamaged, ImageUntrusted)):
        unpacked(bad, shelf.keyring, tmp_path)


@pytest.mark.parametrize("share", [0.02, 0.2, 0.4, 0.6, 0.8, 0.98])
def test_one_bit_in_the_signature_is_found(shelf: Shelf, tmp_path: Path, share: float) -> None:
    """In the manifest that it signs, the certificate, the signature itself."""
    data = bytearray(shelf.new.read_bytes())
    length = int.from_bytes(data[-8:], "big")
    data[int(len(data) - 8 - length + share * length)] ^= 1
    bad = tmp_path / "bad.raucb"
    bad.write_bytes(data)
    with pytest.raises((ImageDamaged, ImageUntrusted)):
        unpacked(bad, shelf.keyring, tmp_path)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_an_image_that_was_cut_off_is_found(shelf: Shelf, tmp_path: Path, share: float) -> None:
    """Also one of no bytes at all."""
    data = shelf.new.read_bytes()
    bad = tmp_path / "bad.raucb"
    bad.write_bytes(data[: int(share * len(data))])
    with pytest.raises(ImageDamaged, match="copy it again"):
        unpacked(bad, shelf.keyring, tmp_path)


def test_who_is_not_in_the_keyring_signs_nothing(shelf: Shelf, tmp_path: Path) -> None:
    """Another authority, of the same name."""
    other = signer(tmp_path / "other")
    with pytest.raises(ImageUntrusted, match="ask its maker"):
        unpacked(shelf.new, other.keyring, tmp_path)


def test_a_certificate_counts_between_its_days_alone(shelf: Shelf, tmp_path: Path) -> None:
    """One that is over signs images all the same; they are refused."""
    assert shelf.new.exists()
    over = signer(tmp_path / "over", days=(-5, -2))
    image = bundle(tmp_path, over, "0.5.0", for_empty=False)
    with pytest.raises(ImageUntrusted, match="expired"):
        unpacked(image, over.keyring, tmp_path)


def test_a_revoked_certificate_signs_nothing(shelf: Shelf, tmp_path: Path) -> None:
    """By a list of revocations in the keyring; one that revokes nobody changes nothing."""
    clean = revoking(shelf.signer, tmp_path, revoked=False)
    unpacked(shelf.new, clean, tmp_path)
    listed = revoking(shelf.signer, tmp_path, revoked=True)
    with pytest.raises(ImageUntrusted, match="revoked"):
        unpacked(shelf.new, listed, tmp_path)


def test_an_image_that_is_not_there_is_asked_for(shelf: Shelf, tmp_path: Path) -> None:
    """As is one that went away between its table and its bytes, and a folder."""
    for path in (tmp_path / "no.raucb", tmp_path):
        with pytest.raises(ImageGone, match="is its stick in"):
            unpacked(path, shelf.keyring, tmp_path)
    stick = tmp_path / "stick.raucb"
    shutil.copy(shelf.new, stick)
    found = images.checked(stick, shelf.keyring, tmp_path)
    stick.unlink()
    with pytest.raises(ImageGone, match="is its stick in"):
        images.unpacked(found, shelf.keyring, tmp_path)


def test_another_image_in_its_place_is_found(shelf: Shelf, tmp_path: Path) -> None:
    """Well signed as well, and exchanged between its table and its bytes."""
    stick = tmp_path / "stick.raucb"
    shutil.copy(shelf.new, stick)
    found = images.checked(stick, shelf.keyring, tmp_path)
    shutil.copy(shelf.newer, stick)
    with pytest.raises(ImageDamaged, match="not the one that its manifest names"):
        images.unpacked(found, shelf.keyring, tmp_path)


def test_a_keyring_that_is_not_there_trusts_nobody(shelf: Shelf, tmp_path: Path) -> None:
    """RAUC without one would check nothing."""
    with pytest.raises(ImageUntrusted, match="name them by --keyring"):
        images.checked(shelf.new, tmp_path / "no.pem", tmp_path)


def test_too_little_room_is_said_before_it_is_used(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With how much is wanted."""
    found = images.checked(shelf.new, shelf.keyring, tmp_path)
    monkeypatch.setattr(images, "room_bytes", lambda _: 1 << 20)
    with pytest.raises(FlashNoRoom, match="1 MiB free; expected 18 MiB"):
        images.unpacked(found, shelf.keyring, tmp_path)


def test_a_folder_that_gets_full_meanwhile_is_not_the_images_fault(
    shelf: Shelf, tmp_path: Path
) -> None:
    """Room that somebody else takes: by the kernel's limit of a file, which unsquashfs meets."""
    found = images.checked(shelf.new, shelf.keyring, tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(FlashNoRoom, match="cannot be unpacked there"):
            images.unpacked(found, shelf.keyring, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    ("compatible", "station", "fits"),
    [(COMPATIBLE, None, True), (COMPATIBLE, COMPATIBLE, True), ("toaster", None, False),
     (COMPATIBLE, "gonogo-aarch64-debian12", False)],
)  # fmt: skip
def test_an_image_is_for_its_own_kind_of_box(
    tmp_path: Path, compatible: str, station: str | None, *, fits: bool
) -> None:
    """By its product, and by what the station itself takes."""
    found = images.Image(tmp_path, compatible, "1", "x", "", 1)
    if fits:
        images.compatible_with(found, station)
        return
    with pytest.raises(ImageUnfit):
        images.compatible_with(found, station)


def test_every_refusal_is_one_of_a_flash() -> None:
    """So that it ends with an exit code."""
    assert issubclass(ImageGone, FlashError)
    assert {each.exit_code for each in (ImageUntrusted, ImageUnfit, ImageDamaged)} == {3}
    assert ImageGone.exit_code == 2
