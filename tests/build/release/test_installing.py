"""What is taken out of what pip installed, and that RECORD says the truth afterwards."""

from __future__ import annotations

import csv
import importlib.metadata
from typing import TYPE_CHECKING

from gonogo.build.release.installing import install, prune
from gonogo.build.release.packages import metadata
from gonogo.build.release.wheelhouse import Wheel
from gonogo.tests.build.release.parcels import HERE, SMALL, make_wheel

if TYPE_CHECKING:
    from pathlib import Path


def test_install_leaves_what_a_box_needs(tmp_path: Path) -> None:
    """No script that names this machine, no test, no place where the wheel lay."""
    files = {
        **SMALL,
        "small-1.0.data/data/share/man/man1/small.1": ".TH small 1\n",
        "small-1.0.dist-info/entry_points.txt": "[console_scripts]\nsmall = small:known\n",
        "tests.py": "",
    }
    path = make_wheel(tmp_path, "small", files)
    stage = tmp_path / "stage"
    stage.mkdir()
    install([Wheel(path, metadata(path))], HERE, stage)
    site = stage / "site"
    assert {each.name for each in site.iterdir()} == {"small", "small-1.0.dist-info", "tests.py"}
    assert {each.name for each in (site / "small").iterdir()} == {"__init__.py", "template.py"}
    assert (stage / "share" / "man" / "man1" / "small.1").is_file()
    (found,) = importlib.metadata.distributions(path=[str(site)])
    assert found.version == "1.0"
    listed = {str(each): each for each in found.files or ()}
    assert all((site / name).is_file() for name in listed)
    assert "small/__init__.py" in listed
    hashed = listed["small/__init__.py"].hash
    assert hashed is not None
    assert hashed.mode == "sha256"
    every = "".join(each.read_text() for each in site.rglob("*") if each.is_file())
    assert str(tmp_path) not in every


def test_prune_keeps_a_package_that_is_called_tests(tmp_path: Path) -> None:
    """What lies in another one is for whoever works on that."""
    for folder in ("tests/tests", "some/test", "some/kept"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "it.py").write_text("")
    info = tmp_path / "some-1.dist-info"
    info.mkdir()
    lines = "some/test/it.py,,\n../../bin/some,,\n/etc/some,,\nsome/kept/it.py,,\n"
    (info / "RECORD").write_text(lines + "some-1.dist-info/RECORD,,\n")
    (tmp_path / "other-1.dist-info").mkdir()  # without a RECORD: nothing to mend
    prune(tmp_path)
    left = {str(each.relative_to(tmp_path)) for each in tmp_path.rglob("*.py")}
    assert left == {"some/kept/it.py"}
    with (info / "RECORD").open() as opened:
        assert [row[0] for row in csv.reader(opened)] == ["some-1.dist-info/RECORD", left.pop()]
