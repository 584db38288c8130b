"""An image from the server onto the data partition: what is there already is not fetched again.

Hashes of the server say that the bytes came over whole. Who made them RAUC says, by the signature.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.atomic_file import SYSTEM, move, write_all
from gonogo.base.errors import DownloadFailed, UpdateNoRoom, UpdateServerAway
from gonogo.build.update.ddi.http import demand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.client import HTTPResponse
    from io import FileIO
    from pathlib import Path

    from gonogo.build.update.ddi.http import Http
    from gonogo.build.update.ddi.words import Artifact

SPARE_BYTES = 64 << 20  # records of parts are written to the same partition
_PIECE = 1 << 18
_PARTIAL, _BEYOND = 206, 416


class Place(NamedTuple):
    """Where an artifact lies: while it comes, and when it is whole."""

    part: Path
    whole: Path


def place_of(folder: Path, action: str, artifact: Artifact) -> Place:
    """One of each action and file."""
    name = f"{action}-{artifact.digest[:16]}"
    return Place(folder / f"{name}.part", folder / f"{name}.raucb")


def clear(folder: Path, but: Place | None = None) -> None:
    """Remove what earlier downloads left."""
    for path in folder.glob("*"):
        if but is None or path not in but:
            path.unlink(missing_ok=True)


class Download:
    """One file. `spare_bytes`: what is left free for others."""

    def __init__(self, http: Http, artifact: Artifact, place: Place, spare_bytes: int) -> None:
        self._http, self._artifact, self._place = http, artifact, place
        self._spare_bytes = spare_bytes

    def fetch(self, for_s: float, now_s: Callable[[], float] = time.monotonic) -> bool:
        """Go on for so long; whether it is whole now.

        UpdateServerAway: later more. DownloadFailed, UpdateNoRoom: what was there is removed.
        """
        if self._place.whole.exists():
            return True
        try:
            with _disk(self._place.part):
                self._place.part.parent.mkdir(mode=0o700, exist_ok=True)
            self._demand_room()
            if self.done_bytes < self._artifact.size_bytes:
                self._more(now_s() + for_s, now_s)
            return self.done_bytes == self._artifact.size_bytes and self._proven()
        except (DownloadFailed, UpdateNoRoom):
            self._place.part.unlink(missing_ok=True)
            raise

    @property
    def done_bytes(self) -> int:
        """How much of it is here."""
        try:
            return self._place.part.stat().st_size
        except FileNotFoundError:
            return 0

    def _demand_room(self) -> None:
        needed = self._artifact.size_bytes - self.done_bytes + self._spare_bytes
        free = shutil.disk_usage(self._place.part.parent).free
        if free < needed:
            raise UpdateNoRoom(
                f"{self._place.part.parent}: {free >> 20} MiB free; expected {needed >> 20} MiB "
                "for what is missing of the image, and for records beside it"
            )

    def _more(self, end_s: float, now_s: Callable[[], float]) -> None:
        done = self.done_bytes
        headers = {"Range": f"bytes={done}-"} if done else {}
        with self._http.asked("GET", self._artifact.url, headers) as response:
            if response.status == _BEYOND:
                raise DownloadFailed(f"{self._artifact.url}: shorter than the server says")
            demand(response.status, self._artifact.url)
            goes_on = response.status == _PARTIAL
            if goes_on and _begins(response) != done:
                raise DownloadFailed(f"{self._artifact.url}: another range than was asked for")
            left = self._artifact.size_bytes - (done if goes_on else 0)
            self._demand_length(response, left)
            with _disk(self._place.part):
                file = self._place.part.open("ab" if goes_on else "wb", buffering=0)
            with file:
                self._take(response, file, left, end_s=end_s, now_s=now_s)

    def _demand_length(self, response: HTTPResponse, left: int) -> None:
        if response.length not in {None, left}:
            raise DownloadFailed(
                f"{self._artifact.url}: {response.length} bytes come, and of the "
                f"{self._artifact.size_bytes} that the server named {left} are missing"
            )

    def _take(
        self,
        response: HTTPResponse,
        file: FileIO,
        left: int,
        *,
        end_s: float,
        now_s: Callable[[], float],
    ) -> None:
        while piece := response.read1(_PIECE):
            left -= len(piece)
            if left < 0:
                raise DownloadFailed(
                    f"{self._artifact.url}: more bytes than the {self._artifact.size_bytes} that "
                    "the server named"
                )
            with _disk(self._place.part):
                write_all(file.fileno(), piece, SYSTEM)
            if now_s() > end_s:
                break
        else:
            if left:
                raise UpdateServerAway(f"{self._artifact.url}: it ended {left} bytes too early")
        with _disk(self._place.part):
            os.fsync(file.fileno())

    def _proven(self) -> bool:
        digest = hashlib.new(self._artifact.hash_name, usedforsecurity=False)
        with _disk(self._place.part), self._place.part.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
        if digest.hexdigest() != self._artifact.digest:
            raise DownloadFailed(
                f"{self._artifact.url}: {self._artifact.hash_name} {digest.hexdigest()}, and the "
                f"server named {self._artifact.digest}"
            )
        with _disk(self._place.whole):
            move(self._place.part, self._place.whole)
        return True


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    """What the disk refuses is not the server's; UpdateNoRoom."""
    try:
        yield
    except OSError as error:
        raise UpdateNoRoom(f"{path}: {error.strerror}, in the middle of it") from error


def _begins(response: HTTPResponse) -> int | None:
    """Where a partial answer begins."""
    found = re.match(r"bytes (\d+)-", response.getheader("Content-Range") or "")
    return int(found[1]) if found else None
