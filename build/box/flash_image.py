"""The flash image: a RAUC bundle with the root, and what an empty disk wants beside it.

    rootfs.ext4          the root, for either slot
    disk/mbr.img         440 bytes of boot record
    disk/core.img        GRUB's core, for gonogo-bios
    disk/boot.ext4       the file system of gonogo-boot
    disk/layout.json     sizes, and the root's SHA-256

Its format is verity: each block is checked as it is read, so nothing of a damaged file gets far.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gonogo.base.errors import BoxKeyRefused
from gonogo.build.box.disk import BIOS_SECTOR, BOOT_MIB, DATA_MIN_MIB
from gonogo.build.box.grub import boot_images
from gonogo.build.box.tool import run

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.box.order import Order

_CHUNK = 1 << 20
RSA_BITS_MIN = 2048
# a box unpacks it while parts flow: zstd takes it less than xz
_PACKED = "-comp zstd -Xcompression-level 9"


def check_key(key: Path) -> None:
    """BoxKeyRefused for what Debian 12's RAUC does not sign with."""
    try:
        found = load_pem_private_key(key.read_bytes(), password=None)
    except OSError as error:
        raise BoxKeyRefused(f"{key}: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise BoxKeyRefused(f"{key}: expected a private key in PEM, not encrypted") from error
    if isinstance(found, EllipticCurvePrivateKey):
        return
    if not isinstance(found, RSAPrivateKey) or found.key_size < RSA_BITS_MIN:
        raise BoxKeyRefused(f"{key}: expected RSA of {RSA_BITS_MIN} bits or more, or ECDSA")


def manifest(order: Order) -> str:
    """manifest.raucm; RAUC adds size and digest of the image."""
    return (
        f"[update]\ncompatible={order.compatible}\nversion={order.version}\n\n"
        "[bundle]\nformat=verity\n\n"
        "[image.rootfs]\nfilename=rootfs.ext4\n"
    )


def layout(order: Order, rootfs: Path) -> dict[str, int | str]:
    """layout.json: how an empty disk is divided, and what its first slot must read back as."""
    return {
        "version": order.version,
        "target": order.target,
        "bios_sector": BIOS_SECTOR,
        "boot_mib": BOOT_MIB,
        "slot_mib": order.slot_mib,
        "data_min_mib": DATA_MIN_MIB,
        "rootfs_bytes": rootfs.stat().st_size,
        "rootfs_sha256": sha256_of(rootfs),
    }


def sha256_of(path: Path) -> str:
    """Of a file that may be larger than the memory."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def pack(order: Order, rootfs: Path) -> Path:
    """Write the flash image; what stood there is replaced once the new one is whole."""
    content = order.work / "content"
    if content.exists():
        shutil.rmtree(content)
    (content / "disk").mkdir(parents=True)
    (content / "rootfs.ext4").hardlink_to(rootfs)
    (content / "manifest.raucm").write_text(manifest(order), encoding="ascii")
    boot_images(content / "disk", order.epoch)
    text = json.dumps(layout(order, rootfs), indent=1)
    (content / "disk" / "layout.json").write_text(text + "\n", encoding="ascii")
    order.epoch.clamp(content / "disk")
    fresh = order.work / "fresh.raucb"
    fresh.unlink(missing_ok=True)
    words = [
        "rauc",
        f"--cert={order.certificate}",
        f"--key={order.key}",
        f"--mksquashfs-args={_PACKED}",
    ]
    run([*words, "bundle", content, fresh], further={"SOURCE_DATE_EPOCH": str(order.epoch.seconds)})
    shutil.move(fresh, order.flash_image)
    shutil.rmtree(content)
    return order.flash_image
