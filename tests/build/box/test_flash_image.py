"""The flash image: signed, whole, for boxes of its kind; RAUC itself is the judge."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from gonogo.base.errors import BoxKeyRefused
from gonogo.build.box import grub
from gonogo.build.box.epoch import Epoch
from gonogo.build.box.flash_image import check_key, layout, manifest, pack
from gonogo.build.box.order import Order
from gonogo.build.box.root import overlay
from gonogo.tests.build.box.test_grub import needs

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes


SHORT_BITS = 1024


def pem(key: PrivateKeyTypes, secret: bytes = b"") -> bytes:
    """A key as openssl writes it."""
    lock = BestAvailableEncryption(secret) if secret else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)


def signer(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate and its key, for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(timezone.utc)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / f"{name}.cert.pem", folder / f"{name}.key.pem"
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    secret.write_bytes(pem(key))
    return certificate, secret


def order_of(folder: Path) -> Order:
    """An order whose root is a small file."""
    certificate, key = signer(folder, "maker")
    for name in ("work", "out"):
        (folder / name).mkdir()
    return Order(
        program=folder / "program",
        out=folder / "out",
        work=folder / "work",
        version="1.4.0",
        sources=folder / "sources",
        certificate=certificate,
        key=key,
        keyring=certificate,
        epoch=Epoch(1_764_500_000),
        slot_mib=256,
    )


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Order, Path, Path]:
    """An order, its root file, and the flash image of both."""
    needs("rauc", "mksquashfs", "grub-mkimage")
    if not (grub.FILES / "boot.img").is_file():
        pytest.skip("grub-pc-bin is not on this machine")
    folder = tmp_path_factory.mktemp("flash-image")
    order, rootfs = order_of(folder), folder / "rootfs.ext4"
    rootfs.write_bytes(hashlib.sha256(b"root").digest() * (1 << 15))
    return order, rootfs, pack(order, rootfs)


def info(image: Path, keyring: Path) -> subprocess.CompletedProcess[str]:
    """What RAUC says of an image."""
    command = ["rauc", f"--keyring={keyring}", "info", "--output-format=shell", str(image)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_rauc_takes_the_image_of_whom_it_trusts(packed: tuple[Order, Path, Path]) -> None:
    """With its kind, version, and the root's own digest."""
    order, rootfs, image = packed
    assert image.name == "gonogo-1.4.0-x86_64-debian12.raucb"
    said = info(image, order.certificate)
    assert said.returncode == 0, said.stderr
    assert "RAUC_MF_COMPATIBLE='gonogo-x86_64-debian12'" in said.stdout
    assert "RAUC_MF_VERSION='1.4.0'" in said.stdout
    assert f"RAUC_IMAGE_DIGEST_0='{hashlib.sha256(rootfs.read_bytes()).hexdigest()}'" in said.stdout
    assert not (order.work / "content").exists()


def test_rauc_refuses_the_image_of_anybody_else(
    packed: tuple[Order, Path, Path], tmp_path: Path
) -> None:
    """Signed by a key that the box does not know."""
    certificate, _ = signer(tmp_path, "somebody")
    assert info(packed[2], certificate).returncode != 0


def test_image_has_what_an_empty_disk_wants(
    packed: tuple[Order, Path, Path], tmp_path: Path
) -> None:
    """Read by unsquashfs; the layout says what the first slot must read back as."""
    needs("unsquashfs")
    order, rootfs, image = packed
    out = tmp_path / "content"
    subprocess.run(
        ["unsquashfs", "-q", "-n", "-d", str(out), str(image)], check=True, capture_output=True
    )
    names = {str(each.relative_to(out)) for each in out.rglob("*") if each.is_file()}
    assert names == {
        "rootfs.ext4", "manifest.raucm",
        "disk/mbr.img", "disk/core.img", "disk/boot.ext4", "disk/layout.json",
    }  # fmt: skip
    assert (out / "rootfs.ext4").read_bytes() == rootfs.read_bytes()
    told = json.loads((out / "disk" / "layout.json").read_text())
    assert told == layout(order, rootfs)
    assert told["rootfs_sha256"] == hashlib.sha256(rootfs.read_bytes()).hexdigest()
    assert (told["slot_mib"], told["boot_mib"], told["bios_sector"]) == (256, 64, 2048)
    assert (out / "disk" / "mbr.img").stat().st_size == 440


def test_box_is_told_by_rauc_how_its_slots_are_called(
    packed: tuple[Order, Path, Path], tmp_path: Path
) -> None:
    """RAUC reads system.conf as the box has it, and the image is for a box of its kind."""
    order, _, image = packed
    root = tmp_path / "root"
    overlay(order, root)
    config = root / "etc/rauc/system.conf"
    text = config.read_text().replace("/etc/rauc/", f"{config.parent}/")
    config.write_text(text.replace("statusfile=/data/box/", f"statusfile={tmp_path}/"))
    compatible = re.search(r"^compatible=(.*)$", text, re.MULTILINE)
    assert compatible is not None
    assert f"compatible={compatible[1]}\n" in manifest(order)
    said = subprocess.run(
        ["rauc", f"--conf={config}", "info", str(image)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert "Verified" in said.stderr + said.stdout
    broken = config.with_name("broken.conf")
    broken.write_text(text.replace("[slot.rootfs.1]", "[slot.rootfs.1]\nno-such-key=1"))
    refused = ["rauc", f"--conf={broken}", "info", str(image)]
    assert subprocess.run(refused, capture_output=True, check=False).returncode != 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (pem(ed25519.Ed25519PrivateKey.generate()), "expected RSA of 2048 bits or more, or ECDSA"),
        (pem(rsa.generate_private_key(65537, SHORT_BITS)), "expected RSA of 2048"),
        (pem(ec.generate_private_key(ec.SECP256R1()), b"secret"), "not encrypted"),
        (b"", "expected a private key in PEM"),
    ],
    ids=["ed25519", "rsa1024", "encrypted", "empty"],
)
def test_key_that_rauc_cannot_use_is_refused_before_anything_is_made(
    tmp_path: Path, text: bytes, says: str
) -> None:
    """Debian 12's RAUC says so only minutes later, or a box does."""
    key = tmp_path / "key.pem"
    key.write_bytes(text)
    with pytest.raises(BoxKeyRefused, match=says):
        check_key(key)


def test_key_of_either_kind_is_taken_and_a_missing_one_is_told(tmp_path: Path) -> None:
    """RSA of 2048 bits, ECDSA."""
    key = tmp_path / "key.pem"
    for made in (rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())):
        key.write_bytes(pem(made))
        check_key(key)
    with pytest.raises(BoxKeyRefused, match="No such file"):
        check_key(tmp_path / "other.pem")
