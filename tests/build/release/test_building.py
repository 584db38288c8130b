"""From a checkout to the signed file: the same bytes twice, and nothing half."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from gonogo.base import strict_json as strictjson
from gonogo.base.errors import ReleaseNotBuilt, ReleaseNotWritten, ReleaseToolMissing
from gonogo.build.release.building import build
from gonogo.build.release.footer import TRAILER_BYTES, trailer_of
from gonogo.build.release.read import Release
from gonogo.build.release.trust import INSPECTION
from gonogo.build.release.unpacking import unpack
from gonogo.tests.build.release.parcels import MAKER, VERSION, quiet

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.release.manifest import Manifest
    from gonogo.tests.build.release.parcels import Parcel


def test_two_builds_of_one_commit_give_the_same_bytes(
    small_parcel: Parcel, small_release: tuple[Path, Manifest], tmp_path: Path
) -> None:
    """In another folder, with another umask and other threads; signing changes the end alone."""
    again = dataclasses.replace(small_parcel.order(tmp_path / "again", key=None), threads=1)
    before = os.umask(0o077)
    try:
        build(again, quiet)
    finally:
        os.umask(before)
    with Release(again.file, INSPECTION) as release:
        assert release.signer is None  # for a trial
        raw = strictjson.encode(release.manifest)
    unsigned = again.file.read_bytes()
    signed = unsigned[:-TRAILER_BYTES] + trailer_of(raw, MAKER).pack()
    assert signed == small_release[0].read_bytes()


def test_unsquashfs_finds_root_one_time_and_no_tests(small_release: tuple[Path, Manifest]) -> None:
    """Somebody else's program reads the image, with the manifest behind it."""
    words = ["unsquashfs", "-lln", "-UTC", str(small_release[0])]
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    lines = [line.split() for line in said.splitlines() if line[:1] in "d-l"]
    assert {line[1] for line in lines} == {"0/0"}
    assert {" ".join(line[3:5]) for line in lines} == {"2026-03-01 12:00"}
    assert {line[0] for line in lines} == {"drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x", "lrwxrwxrwx"}
    names = {line[5] for line in lines}
    assert "squashfs-root/site/small/__init__.py" in names
    assert "squashfs-root/share/man/man1/gonogo.1" in names
    assert not [name for name in names if "test" in name or "direct_url" in name]


def test_what_is_inside_says_the_same_as_the_manifest(
    small_release: tuple[Path, Manifest], tmp_path: Path
) -> None:
    """release.json, the licences, and who has none."""
    path, manifest = small_release
    with Release(path, INSPECTION) as release:
        unpack(release, tmp_path / "in")
    facts = json.loads((tmp_path / "in" / "release.json").read_text())
    assert facts == manifest.facts.model_dump(mode="json")
    assert facts["version"] == "1.2.3"
    assert not facts["source"]["dirty"]
    texts = {path.name for path in (tmp_path / "in" / "licenses" / "small-1.0").iterdir()}
    assert texts == {"small-1.0.dist-info__licenses__LICENSE.txt"}
    assert manifest.facts.without_licence == ["more"]
    licences = {each.name: each.licence for each in manifest.facts.distributions}
    assert licences == {"gonogo": "Apache-2.0", "more": "MIT License", "small": "Public Domain"}


def test_a_file_that_is_no_python_is_left_uncompiled_and_counted(
    small_release: tuple[Path, Manifest],
) -> None:
    """A template among the sources of a package."""
    made = small_release[1].facts.bytecode
    assert made.files == 5
    assert made.note == f"1 sources are no Python {VERSION}"


def test_a_release_that_fails_leaves_the_old_one_and_nothing_beside_it(
    small_parcel: Parcel, tmp_path: Path
) -> None:
    """Neither a half file nor a folder of work."""
    order = small_parcel.order(tmp_path / "out")
    order.file.write_bytes(b"the old one")
    (tmp_path / "none.txt").write_text("")
    with pytest.raises(ReleaseNotBuilt, match="lacks small, which gonogo needs"):
        build(dataclasses.replace(order, lock=tmp_path / "none.txt"), quiet)
    assert [path.name for path in order.out.iterdir()] == [order.file.name]
    assert order.file.read_bytes() == b"the old one"


def test_a_folder_that_is_not_there_is_named(small_parcel: Parcel, tmp_path: Path) -> None:
    """No folder is made: a slip of the pen would fill another disk."""
    order = small_parcel.order(tmp_path)
    with pytest.raises(ReleaseNotWritten, match="cannot be written: No such file or directory"):
        build(dataclasses.replace(order, out=tmp_path / "gone"), quiet)


def test_a_missing_program_is_named_before_anything_is_done(
    small_parcel: Parcel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the package that brings it."""
    order = small_parcel.order(tmp_path / "out")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ReleaseToolMissing, match=r"git: .*apt install git"):
        build(order, quiet)
    assert list(order.out.iterdir()) == []
