"""Bytes of a server: gone on with, bounded, and held against what it names."""

from __future__ import annotations

import hashlib
import resource
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import (
    DownloadFailed,
    UpdateNoRoom,
    UpdateServerAway,
    UpdateServerRefused,
)
from gonogo.build.update.ddi.download import Download, clear, place_of
from gonogo.build.update.ddi.http import Http
from gonogo.build.update.ddi.words import Artifact

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.tests.build.update.ddi.server import Ddi

DATA = hashlib.shake_128(b"image").digest(3_000_000)


class Fetch:
    """A download into a folder."""

    def __init__(self, ddi: Ddi, folder: Path, spare_bytes: int = 0, data: bytes = DATA) -> None:
        ddi.offered = data
        digest = hashlib.sha256(DATA).hexdigest()
        artifact = Artifact(f"{ddi.url}/files/gonogo.raucb", len(DATA), "sha256", digest)
        self.place = place_of(folder / "update", "17", artifact)
        http = Http(ddi.section(folder), quiet_s=5)
        self.it = Download(http, artifact, self.place, spare_bytes)

    def left(self) -> list[int]:
        """Sizes of what lies there."""
        return [each.stat().st_size for each in self.place if each.exists()]


def test_an_image_comes_whole_and_is_not_fetched_twice(ddi: Ddi, tmp_path: Path) -> None:
    """With the token, as it is the server's own address."""
    fetch = Fetch(ddi, tmp_path)
    assert fetch.it.fetch(60)
    assert fetch.place.whole.read_bytes() == DATA
    assert fetch.it.fetch(60)
    assert ddi.ranges == [None]
    assert ddi.tokens == ["TargetToken secret-0815"]


def test_what_is_there_already_is_not_fetched_again(ddi: Ddi, tmp_path: Path) -> None:
    """A connection that ended in the middle, and the end of a slice."""
    fetch = Fetch(ddi, tmp_path)
    ddi.cut_at = 1_000_000
    with pytest.raises(UpdateServerAway):
        fetch.it.fetch(60)
    assert fetch.left() == [1_000_000]
    ddi.cut_at = None
    clock = iter([0.0, 100.0])
    assert not fetch.it.fetch(60, lambda: next(clock))  # one piece, then the slice is over
    assert 1_000_000 < fetch.it.done_bytes < len(DATA)
    assert fetch.it.fetch(60)
    assert fetch.place.whole.read_bytes() == DATA
    assert ddi.ranges[:2] == [None, "bytes=1000000-"]


def test_a_server_that_knows_no_ranges_is_asked_from_the_start(ddi: Ddi, tmp_path: Path) -> None:
    """Not appended to."""
    fetch = Fetch(ddi, tmp_path)
    ddi.cut_at = 1_000_000
    with pytest.raises(UpdateServerAway):
        fetch.it.fetch(60)
    ddi.cut_at, ddi.knows_ranges = None, False
    assert fetch.it.fetch(60)
    assert fetch.place.whole.read_bytes() == DATA


def test_another_hash_is_no_image(ddi: Ddi, tmp_path: Path) -> None:
    """And what came is removed."""
    fetch = Fetch(ddi, tmp_path, data=DATA[:-1] + b"\0")
    with pytest.raises(DownloadFailed, match="sha256"):
        fetch.it.fetch(60)
    assert fetch.left() == []


@pytest.mark.parametrize("data", [DATA + b"more", DATA[:-5]])
def test_another_length_than_it_named_ends_it(ddi: Ddi, tmp_path: Path, data: bytes) -> None:
    """Before a byte is kept."""
    fetch = Fetch(ddi, tmp_path, data=data)
    with pytest.raises(DownloadFailed, match="bytes come"):
        fetch.it.fetch(60)
    assert fetch.left() == []


def test_more_bytes_than_it_named_end_it(ddi: Ddi, tmp_path: Path) -> None:
    """What the length does not say: more is there than is missing, of a file that goes on."""
    fetch = Fetch(ddi, tmp_path)
    fetch.place.part.parent.mkdir()
    fetch.place.part.write_bytes(DATA[:-10])
    ddi.length, ddi.offered = 10, DATA[:-10] + b"x" * 10
    with pytest.raises(DownloadFailed, match="sha256"):
        fetch.it.fetch(60)


def test_a_length_that_lies_is_a_server_that_is_away(ddi: Ddi, tmp_path: Path) -> None:
    """It says all of them and sends fewer: asked again later, from where it ended."""
    fetch = Fetch(ddi, tmp_path, data=DATA[:-7])
    ddi.length = len(DATA)
    with pytest.raises(UpdateServerAway, match="7 bytes too early"):
        fetch.it.fetch(60)
    assert fetch.left() == [len(DATA) - 7]


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, UpdateServerRefused), (404, UpdateServerRefused), (302, UpdateServerRefused),
     (416, DownloadFailed), (429, UpdateServerAway), (503, UpdateServerAway)],
)  # fmt: skip
def test_no_file_is_an_error_by_its_number(
    ddi: Ddi, tmp_path: Path, status: int, error: type[Exception]
) -> None:
    """Refused, or later."""
    ddi.statuses["gonogo.raucb"] = [status]
    with pytest.raises(error):
        Fetch(ddi, tmp_path).it.fetch(60)


def test_room_for_records_stays_free(ddi: Ddi, tmp_path: Path) -> None:
    """Looked at before the first byte."""
    fetch = Fetch(ddi, tmp_path, spare_bytes=1 << 60)
    with pytest.raises(UpdateNoRoom, match="records beside it"):
        fetch.it.fetch(60)
    assert ddi.ranges == []


def test_a_disk_that_is_full_in_the_middle_is_not_the_servers(ddi: Ddi, tmp_path: Path) -> None:
    """By the kernel's limit of a file; what was there is removed."""
    fetch = Fetch(ddi, tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(UpdateNoRoom, match="in the middle"):
            fetch.it.fetch(60)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert fetch.left() == []


def test_what_earlier_downloads_left_goes(ddi: Ddi, tmp_path: Path) -> None:
    """But for the one that is wanted."""
    fetch = Fetch(ddi, tmp_path)
    assert fetch.it.fetch(60)
    (fetch.place.part.parent / "16-00.part").touch()
    clear(fetch.place.part.parent, but=fetch.place)
    assert [each.name for each in fetch.place.part.parent.iterdir()] == [fetch.place.whole.name]
    clear(tmp_path / "no such folder")
