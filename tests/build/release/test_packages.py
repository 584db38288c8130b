"""What a wheel says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ReleaseNotBuilt, WheelMissing
from gonogo.build.release.packages import metadata, requirement
from gonogo.build.release.targets import target_of
from gonogo.tests.build.release.parcels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("said", "licence"),
    [
        ("License-Expression: Apache-2.0\nLicense: other", "Apache-2.0"),
        ("License: BSD\n  3-Clause", "BSD 3-Clause"),
        (
            f"License: {'all of the text ' * 20}\nClassifier: License :: OSI Approved",
            "OSI Approved",
        ),
        ("Classifier: License :: OSI Approved :: MIT License", "MIT License"),
        ("License: UNKNOWN", ""),
    ],
)
def test_licence_is_one_line(tmp_path: Path, said: str, licence: str) -> None:
    """However its metadata says it."""
    assert metadata(make_wheel(tmp_path, "some", {}, said)).licence == licence


def test_needs_are_those_of_the_box_and_its_extras(tmp_path: Path) -> None:
    """Neither those of other systems nor of extras that are not wanted."""
    said = (
        "Requires-Dist: always\nRequires-Dist: old; python_version < '3.11'\n"
        "Requires-Dist: wanted[fast]; extra == 'gpio'\nRequires-Dist: not; extra == 'dev'\n"
        "Provides-Extra: gpio\nProvides-Extra: dev"
    )
    found = metadata(make_wheel(tmp_path, "some", {}, said))
    assert found.extras == ("gpio", "dev")
    debian, jetson = target_of("x86_64-debian12"), target_of("aarch64-jetpack6")
    assert [each.name for each in found.needs(debian, ("gpio",))] == ["always", "wanted"]
    assert [each.name for each in found.needs(jetson, ())] == ["always", "old"]


def test_no_wheel_and_no_requirement_are_said(tmp_path: Path) -> None:
    """By the name of the file, and where the line stands."""
    path = tmp_path / "some-1.0-py3-none-any.whl"
    path.write_bytes(b"PK no wheel")
    with pytest.raises(WheelMissing, match=r"some-1.0.*no wheel, or not a whole one"):
        metadata(path)
    with pytest.raises(ReleaseNotBuilt, match="here: expected a requirement, got '=='"):
        requirement("==", "here")
