"""A folder is empty, begun by the same call, whole, or somebody else's: then it is not touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ExportChanged, ExportTaken
from gonogo.records.export.folder import MANIFEST, PLAN, begun, whole
from gonogo.records.export.plan import as_text
from gonogo.records.export.wanted import Wanted
from gonogo.tests.records.export.exported import bytes_in, export, planned
from gonogo.tests.records.export.labelled import Said, write

if TYPE_CHECKING:
    from pathlib import Path

SAME, OTHER = Wanted("coco", parts=("101",)), Wanted("coco", seed=1)
NAME = "records.sqlite"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One part."""
    return write(tmp_path_factory.mktemp("station"), [Said(1)])


def test_folder_that_is_empty_or_not_there_is_free(tmp_path: Path) -> None:
    """Also with what a call left that was killed before it had written anything."""
    assert begun(tmp_path / "none", SAME, NAME) is None
    (tmp_path / f"{PLAN}.new").write_bytes(b"{")
    assert begun(tmp_path, SAME, NAME) is None
    assert not whole(tmp_path, SAME, NAME)


def test_folder_that_was_begun_is_for_the_same_call(base: Path, tmp_path: Path) -> None:
    """Another one is refused, and says which one it was; so is another station's."""
    made = planned(base, "coco", parts=("101",))
    (tmp_path / PLAN).write_bytes(as_text(made))
    assert begun(tmp_path, SAME, NAME) == made
    assert not whole(tmp_path, SAME, NAME)
    for wanted, name in ((OTHER, NAME), (SAME, "other.sqlite")):
        with pytest.raises(
            ExportTaken, match=r"another export was begun there \(.*parts \['101'\]"
        ):
            begun(tmp_path, wanted, name)


def test_folder_that_is_whole_is_for_the_same_call(base: Path, tmp_path: Path) -> None:
    """What somebody else put into it later does not matter; what was changed does."""
    export(base, tmp_path, "coco", parts=("101",))
    (tmp_path / "labels.cache").write_bytes(b"of a reader")
    assert whole(tmp_path, SAME, NAME)
    assert not whole(tmp_path, OTHER, NAME)
    with pytest.raises(ExportTaken, match="another export lies there"):
        begun(tmp_path, OTHER, NAME)
    (picture,) = tmp_path.rglob("*.png")
    picture.write_bytes(b"another")
    with pytest.raises(ExportChanged, match=f"1 files are not .*{picture.name}"):
        whole(tmp_path, SAME, NAME)
    picture.unlink()
    with pytest.raises(ExportChanged, match=picture.name):
        whole(tmp_path, SAME, NAME)


@pytest.mark.parametrize("names", [("notes.txt",), (MANIFEST,), ("EXPORT.json", MANIFEST)])
def test_folder_of_somebody_else_is_not_touched(tmp_path: Path, names: tuple[str, ...]) -> None:
    """Nor one that only looks like ours."""
    for name in names:
        (tmp_path / name).write_bytes(b"[]")
    before = bytes_in(tmp_path)
    assert not whole(tmp_path, SAME, NAME)
    with pytest.raises(ExportTaken, match="other files lie there; expected an empty folder"):
        begun(tmp_path, SAME, NAME)
    assert bytes_in(tmp_path) == before


def test_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """With what was expected."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ExportTaken, match="it is a file; expected"):
        begun(tmp_path / "file", SAME, NAME)


@pytest.mark.parametrize("text", [b"", b"[]", b'{"wanted": {}}', b"\xff"])
def test_plan_that_is_none_is_refused(tmp_path: Path, text: bytes) -> None:
    """Whoever wrote it."""
    (tmp_path / PLAN).write_bytes(text)
    with pytest.raises(ExportTaken, match="no plan of an export; remove that folder"):
        begun(tmp_path, SAME, NAME)
