"""What stands on a bundle, and what its file's name says of it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import BuildError
from gonogo.build.label import NOTE_MAX, VERSION, Label, label_of, name_and_version

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
BOLT = Label("bolt", "1.2.0", NOW)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bolt-1.2.0.gng", ("bolt", "1.2.0")),
        ("top-view-1.2.0-rc.1.gng", ("top-view", "1.2.0-rc.1")),
        ("bolt.gng", ("bolt", VERSION)),
        ("line-3.gng", ("line-3", VERSION)),
    ],
)
def test_name_and_version_come_from_the_file(
    tmp_path: Path, name: str, expected: tuple[str, str]
) -> None:
    """NAME-VERSION.gng says both; without a version it is the first."""
    assert name_and_version(tmp_path / name) == expected


def test_label_of_a_file_is_checked(tmp_path: Path) -> None:
    """Made now, for ever; a name that no bundle can have is said before anything is made."""
    label = label_of(tmp_path / "bolt-1.2.0.gng")
    assert label == BOLT._replace(created=label.created)
    assert label.created > NOW
    with pytest.raises(BuildError, match="--name 'a b'"):
        label_of(tmp_path / "a b-1.2.0.gng")


@pytest.mark.parametrize(
    "label",
    [
        BOLT,
        BOLT._replace(name="B0lt_2.left-hand", version="1.2.0-rc.1"),
        BOLT._replace(expires=NOW + timedelta(seconds=1), note="x" * NOTE_MAX),
    ],
)
def test_label_takes_what_a_manifest_takes(label: Label) -> None:
    """Names, versions, times and notes up to their last bound."""
    label.check()


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (BOLT._replace(name=""), "--name '': expected 1 to 40 letters"),
        (BOLT._replace(name="b" * 41), "--name 'b+': expected 1 to 40 letters"),
        (BOLT._replace(version="1.2"), "--version '1.2': expected one as 1.2.0"),
        (BOLT._replace(expires=NOW), "--expires 2026-03-01: expected a day to come"),
        (BOLT._replace(note="x" * (NOTE_MAX + 1)), "--note: expected one line of at most 1000"),
        (BOLT._replace(note="a\tb"), "--note: expected one line"),
    ],
)
def test_label_names_the_option_that_is_wrong(label: Label, message: str) -> None:
    """Each bound, one beyond it."""
    with pytest.raises(BuildError, match=message):
        label.check()
