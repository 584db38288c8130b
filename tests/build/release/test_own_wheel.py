"""The project's own wheel: the same bytes twice, and no wheel is said."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ReleaseNotBuilt
from gonogo.build.release.checkout import checkout
from gonogo.build.release.own_wheel import own_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.tests.build.release.parcels import Parcel


def test_wheel_has_the_time_of_the_commit(small_parcel: Parcel, tmp_path: Path) -> None:
    """Every file in it, whenever it is made."""
    made = own_wheel(checkout(small_parcel.source), tmp_path)
    assert made.name == "gonogo-1.2.3-py3-none-any.whl"
    with zipfile.ZipFile(made) as archive:
        assert {each.date_time for each in archive.infolist()} == {(2026, 3, 1, 12, 0, 0)}


def test_a_project_that_makes_no_wheel_is_said(small_parcel: Parcel, tmp_path: Path) -> None:
    """With hatchling's last words."""
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    source = checkout(small_parcel.source)._replace(root=tmp_path)
    with pytest.raises(ReleaseNotBuilt, match=r"hatchling made no wheel: \S"):
        own_wheel(source, tmp_path / "out")
