"""What is taken away from the root of a box, until nothing is left that it has no use for."""

from __future__ import annotations

import shutil
import stat
from typing import TYPE_CHECKING

from gonogo.build.box.data import listed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMPILERS = ("gcc", "cc", "g++", "c++", "clang", "tcc", "as", "ld", "make", "rustc", "go")


def installed(root: Path) -> str:
    """Debian's packages in a root, a line each with the version: what dpkg knows (its status)."""
    text = (root / "var/lib/dpkg/status").read_text(encoding="utf-8")
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line[:40])
        if "ok installed" in fields.get("Status", ""):
            found.append(f"{fields['Package']} {fields['Version']}\n")
    return "".join(sorted(found))


def strip(root: Path) -> None:
    """Remove what is listed, all of /var (memory at run time), and every right beyond the user's.

    No id, no key, no history and no password stays: what a box has of these it draws itself.
    """
    for pattern in listed("removed"):
        for path in list(root.glob(pattern)):
            _remove(path)
    for name in ("dev", "tmp", "var"):  # each is a file system of its own at run time
        _empty(root / name)
    (root / "etc/machine-id").write_bytes(b"")
    for path in privileged(root):
        path.chmod(stat.S_IMODE(path.lstat().st_mode) & ~(stat.S_ISUID | stat.S_ISGID))


def privileged(root: Path) -> Iterator[Path]:
    """Files that lend another user's rights to whoever runs them."""
    for path in root.rglob("*"):
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
            yield path


def compilers(root: Path) -> list[str]:
    """Those in the path of a root: a box has none."""
    folders = [root / "usr" / name for name in ("bin", "sbin", "local/bin")]
    return [
        str(folder / name)
        for folder in folders
        for name in COMPILERS
        if (folder / name).exists() or (folder / name).is_symlink()
    ]


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
