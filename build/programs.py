"""Programs of the system that images are made and flashed with: where, and the package of each."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PACKAGES = {  # of Debian and Ubuntu
    "abootimg": "abootimg", "chroot": "coreutils", "chrt": "util-linux", "cp": "coreutils",
    "debugfs": "e2fsprogs", "e2fsck": "e2fsprogs", "exportfs": "nfs-kernel-server", "git": "git",
    "grub-editenv": "grub-common", "grub-mkimage": "grub-common", "ionice": "util-linux",
    "lsblk": "util-linux", "mke2fs": "e2fsprogs", "mksquashfs": "squashfs-tools",
    "mmdebstrap": "mmdebstrap", "openssl": "openssl", "partx": "util-linux", "rauc": "rauc",
    "setpriv": "util-linux", "sgdisk": "gdisk", "sshpass": "sshpass", "systemctl": "systemd",
    "tar": "tar", "unshare": "util-linux", "unsquashfs": "squashfs-tools", "wipefs": "util-linux",
    "xmlstarlet": "xmlstarlet", "zstd": "zstd",
}  # fmt: skip
SYSTEM = "/usr/local/sbin:/usr/sbin:/sbin"  # which a user's own path often lacks


def search_path() -> str:
    """The user's own, and behind it where programs of the system lie."""
    return f"{os.environ.get('PATH', os.defpath)}:{SYSTEM}"


def where(program: str) -> str | None:
    """Its path; None where it is not installed."""
    return shutil.which(program, path=search_path())


def bring(programs: Iterable[str]) -> str:
    """The command that installs them."""
    return f"apt install {' '.join(sorted({PACKAGES[each] for each in programs}))}"
