"""Names of folders and files are ours, whatever somebody wrote into a station file."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.records.export.names import class_of, file_name, folder_of
from gonogo.tests.records.export.items import item

HARMLESS = re.compile(r"[a-z0-9][a-z0-9_-]*")


def test_class_is_the_reason_code() -> None:
    """Good ones are good whatever the code; a defect without one is a defect."""
    assert class_of("scratch", good=False) == "scratch"
    assert class_of("good-part", good=True) == "good"
    assert class_of("", good=False) == "defect"


@pytest.mark.parametrize("code", ["good", "con", "Scratch", "scr atch", "..", "=1+1", "<img>"])
def test_class_of_an_odd_code_has_a_name_of_its_own(code: str) -> None:
    """A defect never lies with the good ones, nor under the name of another code."""
    found = class_of(code, good=False)
    assert HARMLESS.fullmatch(found)
    assert found not in {"good", "con", "scratch", code}


@given(st.text(), st.text())
def test_folder_is_harmless_and_of_one_name_alone(one: str, other: str) -> None:
    """Of anything; two names never share a folder, also where capitals do not count."""
    assert HARMLESS.fullmatch(folder_of(one))
    assert len(folder_of(one)) <= 40
    assert (folder_of(one) == folder_of(other)) == (one == other)


def test_file_name_is_of_one_picture_alone() -> None:
    """Another run, serial, view or time is another name; the same one is the same."""
    base = item(7)
    others = [base._replace(run="other"), base._replace(serial=8), base._replace(wall_ms=0)]
    names = {file_name(each, "top", ".png") for each in (base, *others)}
    names.add(file_name(base, "side", ".png"))
    assert len(names) == 5
    assert all(re.fullmatch(r"[\w.-]+\.png", each, re.ASCII) for each in names)
    assert file_name(base, "top", ".png") == file_name(item(7), "top", ".png")
