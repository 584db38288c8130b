"""The checkout of a release: git is asked, and a dirty one is refused."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ReleaseNotBuilt
from gonogo.build.release.checkout import checkout
from gonogo.tests.build.release.parcels import commit, needs

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A project, committed."""
    needs()
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "gonogo"\nversion = "1.2.3"\n')
    commit(folder)
    return folder


def test_a_clean_checkout_says_what_it_is(source: Path) -> None:
    """Version, commit, and its time."""
    found = checkout(source)
    assert found.version == "1.2.3"
    assert not found.source.dirty
    assert len(found.source.commit) == 40
    assert found.source.time == datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
    assert found.time_s == 1772366400


def test_a_dirty_one_is_refused_unless_it_may_be(source: Path) -> None:
    """A changed file or a new one; and then it says so."""
    (source / "new.py").write_text("")
    with pytest.raises(ReleaseNotBuilt, match=r"1 files differ from commit .* \(new.py\)"):
        checkout(source)
    assert checkout(source, dirty=True).source.dirty


def test_another_folder_is_no_checkout(source: Path, tmp_path: Path) -> None:
    """Nor is another project, or one that is not in git."""
    with pytest.raises(ReleaseNotBuilt, match="expected a checkout of gonogo"):
        checkout(tmp_path)
    other = tmp_path / "pyproject.toml"
    other.write_text('[project]\nname = "gonogo"\nversion = "1"\n')
    with pytest.raises(ReleaseNotBuilt, match="git failed"):
        checkout(tmp_path)
    other.write_text('[project]\nname = "nogood"\nversion = "1"\n')
    with pytest.raises(ReleaseNotBuilt, match="the project is 'nogood', expected 'gonogo'"):
        checkout(tmp_path)
    assert checkout(source).root == source
