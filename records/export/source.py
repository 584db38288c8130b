"""A picture out of the folder of pictures, taken without ever following a link.

What a row of the records names must lie at yyyy/mm/dd/hh/<hash>.png below a folder, each step of it
a real folder, the file a plain one, and its content what its name says: a row that somebody wrote
by hand leads nowhere else.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

MAX_BYTES = 1 << 30  # of one picture: many times what a camera gives
_PLACE = re.compile(
    r"(?P<folder>/.*)/(?P<below>\d{4}/\d\d/\d\d/\d\d)/"
    r"(?P<name>(?P<hash>[0-9a-f]{64})(?:\.(?P<map>[0-9a-f]{16})\.map)?\.(?:png|jpg))",
    re.DOTALL,
)


class Gone(Exception):
    """A picture that cannot be had, and why."""


def ending_of(path: str) -> str:
    """`.png` or `.jpg`."""
    return Path(_place(path)["name"]).suffix


def size_of(path: str) -> int:
    """Its bytes; Gone."""
    with _opened(path) as fd:
        return os.fstat(fd).st_size


def read(path: str) -> bytes:
    """The whole of a picture or a map, which is what its name says; Gone."""
    with _opened(path) as fd, open(fd, "rb", closefd=False) as file:
        try:
            data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise Gone(f"it cannot be read: {error.strerror}") from error
    if not fits(path, data):
        raise Gone("it is not what was written: its content does not fit its name")
    return data


def fits(path: str, data: bytes) -> bool:
    """Whether a content is that which the name of a picture or map says."""
    place = _place(path)
    return hashlib.sha256(data).hexdigest().startswith(place["map"] or place["hash"])


def _place(path: str) -> re.Match[str]:
    found = _PLACE.fullmatch(path)
    if found is None:
        raise Gone("its row names no file of a folder of pictures")
    return found


@contextmanager
def _opened(path: str) -> Iterator[int]:
    """A descriptor of a plain file."""
    place = _place(path)
    with _Step(place["folder"]) as step:
        for each in place["below"].split("/"):
            step.into(each)
        # not blocking: somebody may have put a pipe there
        step.into(place["name"], os.O_RDONLY | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(step.fd).st_mode):
            raise Gone("it is no plain file")
        yield step.fd


class _Step:
    """A descriptor that goes from folder to folder; Gone where that is no real one."""

    def __init__(self, folder: str) -> None:
        self.fd = -1
        # the folder itself is the station's own: it may lie behind a link
        self.into(folder, os.O_RDONLY | os.O_DIRECTORY, follow=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.fd)

    def into(
        self, name: str, flags: int = os.O_RDONLY | os.O_DIRECTORY, *, follow: bool = False
    ) -> None:
        """One step on."""
        link = 0 if follow else os.O_NOFOLLOW
        try:
            new = os.open(
                name, flags | link | os.O_CLOEXEC, dir_fd=None if self.fd < 0 else self.fd
            )
        except FileNotFoundError as error:
            raise Gone("somebody removed it") from error
        except OSError as error:
            raise Gone(f"it cannot be opened: {error.strerror}") from error
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = new
