"""Flash images, keys and disks for tests: small ones, made by the programs that make the real ones.

Import as `gonogo.tests.build.flash.boxes`.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple
from unittest.mock import ANY

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gonogo.build.flash.job import flash
from gonogo.build.flash.means import Means
from gonogo.build.flash.options import Asked

MIB = 1 << 20
SLOT_MIB, BOOT_MIB, DATA_MIB, ROOT_MIB = 8, 8, 8, 5
DISK_MIB = 1 + 1 + BOOT_MIB + 2 * SLOT_MIB + DATA_MIB + 1
COMPATIBLE = "gonogo-x86_64-debian12"
NEEDED = ("rauc", "unsquashfs", "sgdisk", "mke2fs", "debugfs", "e2fsck", "grub-editenv", "partx")
_PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"

needs_tools = pytest.mark.skipif(
    any(shutil.which(tool, path=_PATH) is None for tool in NEEDED),
    reason="not installed: "
    + ", ".join(tool for tool in NEEDED if shutil.which(tool, path=_PATH) is None),
)


def run(*command: str | Path) -> str:
    """What a program says; it has to end well."""
    done = subprocess.run(
        [str(each) for each in command], check=False, capture_output=True, text=True,
        env={**os.environ, "PATH": _PATH, "LC_ALL": "C"},
    )  # fmt: skip
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


class Signer(NamedTuple):
    """A key, and its certificate by an authority; `keyring`: the authority's own."""

    key: Path
    certificate: Path
    keyring: Path
    authority: x509.Certificate
    authority_key: ec.EllipticCurvePrivateKey


def signer(folder: Path, name: str = "Release 1", days: tuple[int, int] = (-1, 30)) -> Signer:
    """An authority, and one key that it vouches for, from and to so many days from now."""
    folder.mkdir(parents=True, exist_ok=True)
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _certificate("authority", ca_key, "authority", ca_key, (-9, 90))
    certificate = _certificate(name, key, "authority", ca_key, days)
    (folder / "key.pem").write_bytes(_pem_of(key))
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "keyring.pem").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    key_file, cert, keyring = (folder / name for name in ("key.pem", "cert.pem", "keyring.pem"))
    return Signer(key_file, cert, keyring, authority, ca_key)


def revoking(by: Signer, folder: Path, *, revoked: bool) -> Path:
    """A keyring with a list of revocations, on which its only key stands or does not."""
    now = datetime.now(timezone.utc)
    made = x509.CertificateRevocationListBuilder().issuer_name(by.authority.subject)
    made = made.last_update(now - timedelta(days=1)).next_update(now + timedelta(days=9))
    if revoked:
        serial = x509.load_pem_x509_certificate(by.certificate.read_bytes()).serial_number
        entry = x509.RevokedCertificateBuilder().serial_number(serial)
        made = made.add_revoked_certificate(entry.revocation_date(now).build())
    listed = made.sign(by.authority_key, hashes.SHA256())
    path = folder / f"revoking-{revoked}.pem"
    path.write_bytes(by.keyring.read_bytes() + listed.public_bytes(serialization.Encoding.PEM))
    return path


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    by: str,
    by_key: ec.EllipticCurvePrivateKey,
    days: tuple[int, int],
) -> x509.Certificate:
    now = datetime.now(timezone.utc)
    made = x509.CertificateBuilder().subject_name(_named(name)).issuer_name(_named(by))
    made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
    made = made.not_valid_before(now + timedelta(days=days[0]))
    made = made.not_valid_after(now + timedelta(days=days[1]))
    is_ca = x509.BasicConstraints(ca=name == by, path_length=None)
    made = made.add_extension(is_ca, critical=True)
    return made.sign(by_key, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def root_file_system(folder: Path, version: str) -> Path:
    """One that says its version, and which images it takes."""
    tree = folder / "root"
    for name, said in {
        "usr/lib/gonogo-box/image.json": json.dumps({"version": version, "image": "0"}),
        "usr/lib/gonogo/release.json": json.dumps({"version": f"{version}+program"}),
        f"usr/lib/gonogo/site/gonogo-{version}+installed.dist-info/METADATA": "",
        "etc/rauc/system.conf": f"[system]\ncompatible={COMPATIBLE}\n",
    }.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(said)
    noise = hashlib.shake_128(version.encode()).digest(300_000)
    (tree / "noise").write_bytes(noise)
    path = folder / "rootfs.ext4"
    run("mke2fs", "-q", "-t", "ext4", "-d", tree, path, f"{ROOT_MIB}M")
    return path


def boot_file_system(folder: Path) -> Path:
    """With counters as GRUB keeps them, of a station in which both slots are good."""
    env = folder / "bootfs" / "grub" / "grubenv"
    env.parent.mkdir(parents=True)
    run("grub-editenv", env, "create")
    run("grub-editenv", env, "set", "ORDER=A B", "A_OK=1", "B_OK=1", "A_TRY=0", "B_TRY=0")
    path = folder / "boot.ext4"
    features = "^metadata_csum,^64bit,^has_journal"
    run("mke2fs", "-q", "-t", "ext4", "-O", features, "-d", env.parent.parent, path,
        f"{BOOT_MIB}M")  # fmt: skip
    return path


def bundle(
    folder: Path,
    by: Signer,
    version: str = "0.2.0",
    compatible: str = COMPATIBLE,
    *,
    for_empty: bool = True,
) -> Path:
    """A flash image of that version, made and signed by rauc."""
    work = folder / f"work-{version}-{compatible}-{for_empty}"
    content = work / "content"
    (content / "disk").mkdir(parents=True)
    rootfs = root_file_system(work, version)
    data = rootfs.read_bytes()
    rootfs.rename(content / "rootfs.ext4")
    layout = {
        "slot_mib": SLOT_MIB, "boot_mib": BOOT_MIB, "data_min_mib": DATA_MIB, "version": version,
        "rootfs_sha256": hashlib.sha256(data).hexdigest(), "rootfs_bytes": len(data),
        "target": compatible.removeprefix("gonogo-"),
    }  # fmt: skip
    (content / "disk" / "layout.json").write_text(json.dumps(layout))
    if for_empty:
        code = bytearray(os.urandom(440))
        code[0x5C:0x64] = (2048).to_bytes(8, "little")
        (content / "disk" / "mbr.img").write_bytes(code)
        (content / "disk" / "core.img").write_bytes(os.urandom(31_000))
        boot_file_system(work).rename(content / "disk" / "boot.ext4")
    manifest = f"[update]\ncompatible={compatible}\nversion={version}\n[bundle]\nformat=verity\n"
    (content / "manifest.raucm").write_text(manifest + "[image.rootfs]\nfilename=rootfs.ext4\n")
    out = folder / f"gonogo-{version}-{compatible}-{for_empty}.raucb"
    run("rauc", f"--cert={by.certificate}", f"--key={by.key}", "bundle", content, out)
    shutil.rmtree(work)
    return out


class Shelf(NamedTuple):
    """What the tests of a session share; nobody writes to it."""

    signer: Signer
    new: Path  # version 0.2.0
    newer: Path  # version 0.3.0, for stations alone
    fresh: Path  # a disk onto which `new` was flashed when it was empty
    station: Path  # a disk with 0.2.0 in slot A, which starts, and 0.1.0 in slot B, good as well

    @property
    def keyring(self) -> Path:
        """Of whom the images are trusted."""
        return self.signer.keyring


def stock(folder: Path) -> Shelf:
    """Keys, images, and disks onto which they were flashed."""
    by = signer(folder / "keys")
    new, newer = bundle(folder, by), bundle(folder, by, "0.3.0", for_empty=False)
    fresh, disk = empty_disk(folder, name="fresh.img"), folder / "disk.img"
    found = Shelf(by, new, newer, fresh, disk)
    older = bundle(folder, by, "0.1.0", for_empty=False)
    assert flashed(found, fresh, image=new) == (0, ANY)
    run("cp", "--sparse=always", fresh, disk)
    assert flashed(found, disk, image=older, allow_downgrade=True) == (0, ANY)
    assert flashed(found, disk, mode="rollback") == (0, ANY)
    return found


def empty_disk(folder: Path, mib: int = DISK_MIB, name: str = "disk.img") -> Path:
    """A disk image without anything."""
    path = folder / name
    with path.open("wb") as made:
        made.truncate(mib * MIB)
    return path


def station_disk(shelf: Shelf, folder: Path, name: str = "disk.img") -> Path:
    """A copy of the disk with a station, for a test that writes."""
    path = folder / name
    run("cp", "--sparse=always", shelf.station, path)
    return path


def flashed(
    shelf: Shelf, disk: Path, means: Means | None = None, **asked: object
) -> tuple[int, str]:
    """Flash as somebody would who types --yes; the exit code, and all that was said."""
    out = io.StringIO()
    given: dict[str, object] = {
        "target": str(disk), "yes": True, "no_reboot": True, "keyring": shelf.keyring,
        "log": disk.with_name(f"{disk.name}.log"), **asked,
    }  # fmt: skip
    scratch = Path(str(given["log"])).parent
    means = (means or Means())._replace(out=out, scratch=scratch)
    return flash(Asked(**given), means), out.getvalue()  # type: ignore[arg-type]


def counters_of(disk: Path) -> dict[str, str]:
    """GRUB's own word, of the boot partition as it lies on a disk."""
    scratch = disk.with_name(f"{disk.name}.env")
    at = part(disk, "gonogo-boot")[0]
    run("debugfs", "-R", f"dump /grub/grubenv {scratch}", f"{disk}?offset={at}")
    lines = run("grub-editenv", scratch, "list").splitlines()
    scratch.unlink()
    return dict(line.partition("=")[::2] for line in lines)


def part(disk: Path, name: str) -> tuple[int, int]:
    """Where a partition begins and how long it is, in bytes, by partx."""
    rows = run("partx", "--raw", "--noheadings", "--output", "NAME,START,SECTORS", disk)
    found = {row.split()[0]: row.split()[1:] for row in rows.splitlines()}
    return int(found[name][0]) * 512, int(found[name][1]) * 512


def bytes_of(disk: Path, name: str, length: int | None = None) -> bytes:
    """A partition, or so much of it."""
    at, whole = part(disk, name)
    with disk.open("rb") as opened:
        opened.seek(at)
        return opened.read(whole if length is None else length)


def sha256(path: Path) -> str:
    """Of a whole file."""
    with path.open("rb") as opened:
        digest = hashlib.sha256()
        while data := opened.read(MIB):
            digest.update(data)
    return digest.hexdigest()
