"""Run in a box as root, behind what a station's unit takes away: where can be written.

It makes a file in each folder and takes it away again, and opens each file for writing without
writing. Kernel interfaces (/proc, /sys) are not files of a disk and are left out. It prints one
JSON object: how many places it tried, and where it could write.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

SKIPPED = ("/proc", "/sys")


def folder_takes(path: str) -> bool:
    """Whether a file can be made in it."""
    probe = f"{path}/.gonogo-probe"
    try:
        os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        Path(probe).unlink()
    except OSError:
        return False
    return True


def file_takes(path: str) -> bool:
    """Whether it can be opened for writing; nothing is written."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return False
        os.close(os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK))
    except OSError:
        return False
    return True


def main() -> None:
    """All of the tree."""
    folders = files = 0
    takes: list[str] = []
    for folder, below, names in os.walk("/"):
        below[:] = [name for name in below if f"{folder}/{name}".replace("//", "/") not in SKIPPED]
        folders += 1
        if folder_takes(folder):
            takes.append(folder)
        for name in names:
            files += 1
            path = f"{folder}/{name}".replace("//", "/")
            if str(Path(path).parent) not in takes and file_takes(path):
                takes.append(path)
    print(json.dumps({"folders": folders, "files": files, "takes": takes}))  # noqa: T201 - a program


if __name__ == "__main__":
    main()
