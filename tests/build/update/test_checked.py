"""Which images a box takes; nothing of the others is written, and nothing kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import (
    GonogoError,
    ImageDamaged,
    ImageGone,
    ImageUnfit,
    ImageUntrusted,
    UpdateRefused,
    UpdateSame,
)
from gonogo.build.update.checked import checked
from gonogo.build.update.updater import Offer
from gonogo.tests.build.flash.boxes import bundle, revoking, signer

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.tests.build.update.onbox import Images, OnBox


def refused(box: OnBox, path: Path, error: type[GonogoError], says: str) -> None:
    """By its number, before anything is written."""
    with pytest.raises(error, match=says):
        box.updater.install(Offer(path, "stick"))
    assert box.asked == []
    assert box.updater.last() is None


def test_another_products_image_is_refused(box: OnBox, stock: Images) -> None:
    """Well signed as it is."""
    refused(box, stock.other, ImageUnfit, "espresso-arm64")


def test_an_older_one_is_refused_unless_somebody_wants_it(box: OnBox, stock: Images) -> None:
    """The version that runs is none, in any case."""
    refused(box, stock.older, UpdateRefused, r"0\.1\.0, and this box runs 0\.2\.0")
    refused(box, stock.same, UpdateSame, "runs already")
    assert checked(stock.older, box.places, older=True).version == "0.1.0"
    with pytest.raises(UpdateSame):
        checked(stock.same, box.places, older=True)


def test_a_key_that_is_over_revoked_or_unknown_signs_nothing(
    box: OnBox, stock: Images, tmp_path: Path
) -> None:
    """Each in its words."""
    over = signer(tmp_path / "over", days=(-5, -2))
    box.places = box.places._replace(keyring=over.keyring)
    box.starts_anew()
    refused(box, bundle(tmp_path, over, "0.5.0", for_empty=False), ImageUntrusted, "expired")
    refused(box, stock.newer, ImageUntrusted, "ask its maker")
    box.places = box.places._replace(keyring=revoking(stock.signer, tmp_path, revoked=True))
    box.starts_anew()
    refused(box, stock.newer, ImageUntrusted, "revoked")


@pytest.mark.parametrize("share", [0.0, 0.5, 0.999])
def test_a_file_that_was_cut_off_is_refused(
    box: OnBox, stock: Images, tmp_path: Path, share: float
) -> None:
    """Also an empty one, as a full stick has it."""
    data, bad = stock.newer.read_bytes(), tmp_path / "bad.raucb"
    bad.write_bytes(data[: int(share * len(data))])
    refused(box, bad, ImageDamaged, "copy it again")


@pytest.mark.parametrize("where", ["manifest", "value"])
def test_a_bit_of_the_signature_is_found(
    box: OnBox, stock: Images, tmp_path: Path, where: str
) -> None:
    """Of what is signed and of the number that signs it; bits between them may say nothing."""
    data, bad = bytearray(stock.newer.read_bytes()), tmp_path / "bad.raucb"
    length = int.from_bytes(data[-8:], "big")  # of the signature, behind which it stands
    at = data.index(b"version=", len(data) - 8 - length) if where == "manifest" else len(data) - 20
    data[at] ^= 1
    bad.write_bytes(data)
    with pytest.raises((ImageDamaged, ImageUntrusted)):
        box.updater.install(Offer(bad, "stick"))
    assert box.asked == []


def test_a_file_that_is_not_there_is_asked_for(box: OnBox, tmp_path: Path) -> None:
    """The stick is out."""
    refused(box, tmp_path / "no.raucb", ImageGone, "is its stick in")


def test_a_machine_without_slots_takes_none(box: OnBox, stock: Images) -> None:
    """Somebody's laptop."""
    box.places.image.unlink()
    refused(box, stock.newer, UpdateRefused, "no box with two slots")
