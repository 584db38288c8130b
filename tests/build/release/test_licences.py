"""Licence texts: which files of a wheel are some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.build.release.licences import gather
from gonogo.build.release.packages import metadata
from gonogo.build.release.wheelhouse import Wheel
from gonogo.tests.build.release.parcels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path


def test_texts_are_found_by_name_and_by_place(tmp_path: Path) -> None:
    """Neither code that is called so nor a table of licences."""
    texts = (
        "some-1.0.dist-info/licenses/src/AUTHORS.md", "some-1.0.dist-info/LICENSE",
        "some/COPYING.LESSER", "some/libs/zlib-license.txt", "some/ThirdPartyNotices.txt",
        "some/NOTICE",
    )  # fmt: skip
    others = ("some/license.py", "some/licenses.json", "some/notices_of_death.png.so", "some/a.txt")
    path = make_wheel(tmp_path, "some", dict.fromkeys((*texts, *others), "text"))
    assert gather(Wheel(path, metadata(path)), tmp_path / "licenses") == len(texts)
    made = {each.name for each in (tmp_path / "licenses" / "some-1.0").iterdir()}
    assert made == {each.replace("/", "__") for each in texts}


def test_a_wheel_without_one_makes_no_folder(tmp_path: Path) -> None:
    """It is named in the manifest."""
    path = make_wheel(tmp_path, "some", {})
    assert gather(Wheel(path, metadata(path)), tmp_path / "licenses") == 0
    assert not (tmp_path / "licenses").exists()
