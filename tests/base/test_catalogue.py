"""Catalogues: found by name, loaded when named, extended from outside."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Annotated, Literal

import pytest
from pydantic import TypeAdapter, ValidationError

from gonogo.base.catalogue import Catalogue, Entry, NameOf
from gonogo.base.errors import MissingExtra, UnknownDriver
from gonogo.base.section import Section

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

GROUP = "gonogo.tests-of-catalogues"
HERE = __name__


class Base(Section):
    """What all of the kind say."""

    driver: str


class One(Base):
    """One of ours."""

    driver: Literal["one"]
    width_px: int = 3


class Theirs(Base):
    """One of another package."""

    driver: Literal["theirs"]


def open_one(section: Base, word: str) -> str:
    """What opens both."""
    return f"{section.driver} {word}"


OURS = {"one": Entry(f"{HERE}:One", f"{HERE}:open_one")}
ENTRY = Entry(f"{HERE}:Theirs", f"{HERE}:open_one")
NO_ENTRY = "a word"


@pytest.fixture
def plugged() -> Callable[..., Catalogue]:
    """A catalogue, with entry points as if their packages were installed."""

    def make(**points: str) -> Catalogue:
        found = {name: EntryPoint(name, where, GROUP) for name, where in points.items()}
        return Catalogue("thing", GROUP, OURS, plugged=lambda _: found)

    return make


def test_entry_of_another_package_is_found_and_opened(plugged: Callable[..., Catalogue]) -> None:
    """Its section is checked, and it is opened, as one of ours."""
    things = plugged(theirs=f"{HERE}:ENTRY")
    assert things.names == ("one", "theirs")
    field: TypeAdapter[Base] = TypeAdapter(Annotated[Base, things])
    assert field.validate_python({"driver": "theirs"}) == Theirs(driver="theirs")
    assert things.open("theirs", Theirs(driver="theirs"), "now") == "theirs now"


def test_entry_of_another_package_replaces_none_of_ours(
    plugged: Callable[..., Catalogue],
) -> None:
    """A package that calls its camera `synthetic` must not judge our parts."""
    things = plugged(one=f"{HERE}:ENTRY")
    assert things.names == ("one",)
    assert things.section_of("one") is One


@pytest.mark.parametrize(
    ("where", "error", "words"),
    [
        (f"{HERE}:NO_ENTRY", UnknownDriver, "expected a gonogo.base.catalogue.Entry, got str"),
        ("no_such_package:ENTRY", MissingExtra, "no_such_package"),
        (f"{HERE}:NOTHING", UnknownDriver, "NOTHING"),
    ],
)
def test_entry_point_that_is_wrong_is_named(
    plugged: Callable[..., Catalogue], where: str, error: type[Exception], words: str
) -> None:
    """Group, name and what it leads to: the package's maker must find it."""
    things = plugged(theirs=where)
    with pytest.raises(error, match=words):
        things.section_of("theirs")


def test_device_of_one_process_counts_where_its_package_is() -> None:
    """Nothing is imported to find out: `this` would print a poem."""
    alone = {name: Entry(f"{HERE}:One", "nowhere:nothing", alone=name) for name in ("this", "gone")}
    things = Catalogue("thing", GROUP, OURS | alone)
    assert [things.entry(name).is_alone for name in ("this", "gone", "one")] == [True, False, False]
    assert "this" not in sys.modules


def test_name_that_nobody_has_is_refused_with_those_there_are() -> None:
    """Typed wrongly, or its package is missing."""
    things = Catalogue("thing", GROUP, OURS)
    with pytest.raises(UnknownDriver, match="thing 'two'; known: one"):
        things.open("two")
    field: TypeAdapter[Base] = TypeAdapter(Annotated[Base, things])
    with pytest.raises(ValidationError, match="union_tag_invalid"):
        field.validate_python({"driver": "two"})


def test_package_that_is_missing_names_its_extra() -> None:
    """What to install."""
    things = Catalogue("thing", GROUP, {"far": Entry("no_such:Section", "no_such:open", "far")})
    with pytest.raises(MissingExtra, match=r"pip install 'gonogo\[far\]'"):
        things.open("far")


@pytest.mark.parametrize(
    "error",
    [
        "ImportError('libnvinfer.so.10')",
        "OSError('libcuda.so.1')",
        "AttributeError('numpy has no attribute float_')",
        "RuntimeError('driver 11.4')",
        "ValueError",
    ],
)
def test_package_that_cannot_be_imported_is_as_good_as_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    """Whatever a vendor's package raises as it is imported: its words, and what brings it."""
    (tmp_path / "broken_package.py").write_text(f"raise {error}\n")
    monkeypatch.syspath_prepend(tmp_path)
    things = Catalogue("thing", GROUP, {"it": Entry(f"{HERE}:One", "broken_package:It", "extra")})
    words = error.split("'")[1] if "'" in error else error
    with pytest.raises(MissingExtra, match=rf"thing 'it': {words}; pip install 'gonogo\[extra\]'"):
        things.load("it")


def test_import_is_made_within_who_watches_it(plugged: Callable[..., Catalogue]) -> None:
    """Who may refuse it; the catalogue that it was made of is as it was."""
    seen: list[str] = []

    @contextmanager
    def loading(name: str) -> Iterator[None]:
        seen.append(f"{name} begins")
        if name == "theirs":
            raise MissingExtra("not this one")
        yield
        seen.append(f"{name} is there")

    things = plugged(theirs=f"{HERE}:ENTRY")
    watched = things.watched(loading)
    assert watched.names == things.names
    assert watched.open("one", One(driver="one"), "now") == "one now"
    with pytest.raises(MissingExtra, match="not this one"):
        watched.load("theirs")
    assert seen == ["one begins", "one is there", "theirs begins"]
    assert things.open("theirs", Theirs(driver="theirs"), "now") == "theirs now"


def test_field_reports_what_is_wrong_under_its_own_key() -> None:
    """The place of a key that is wrong, and the member that was tried."""
    field: TypeAdapter[Base] = TypeAdapter(Annotated[Base, Catalogue("thing", GROUP, OURS)])
    with pytest.raises(ValidationError) as caught:
        field.validate_python({"driver": "one", "width_px": "no", "hight_px": 1})
    assert {each["loc"] for each in caught.value.errors()} == {
        ("one", "width_px"),
        ("one", "hight_px"),
    }


def test_field_is_strict_where_the_file_is_read() -> None:
    """No text is taken for a number there; a plan that comes as JSON is not so strict."""
    field: TypeAdapter[Base] = TypeAdapter(Annotated[Base, Catalogue("thing", GROUP, OURS)])
    text = {"driver": "one", "width_px": "5"}
    assert field.validate_python(text) == One(driver="one", width_px=5)
    with pytest.raises(ValidationError):
        field.validate_python(text, context={"strict": True, "base": "."})


def test_name_of_takes_the_names_and_a_few_words_more() -> None:
    """As a backend, which may be left to the box."""
    field: TypeAdapter[str] = TypeAdapter(
        Annotated[str, NameOf(Catalogue("t", GROUP, OURS), "auto")]
    )
    assert [field.validate_python(word) for word in ("auto", "one")] == ["auto", "one"]
    with pytest.raises(ValidationError, match="'auto' or 'one'"):
        field.validate_python("two")


def test_nothing_is_imported_before_it_is_named() -> None:
    """A catalogue of all transports costs a process none of them."""
    code = (
        "import sys; from gonogo.plc.transports.catalogue import TRANSPORTS; TRANSPORTS.names;"
        "print([m for m in sys.modules if 'modbus' in m or 'snap7' in m])"
    )
    found = subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True)
    assert found.stdout.strip() == b"[]"


def test_section_that_a_package_names_wrongly_is_told(plugged: Callable[..., Catalogue]) -> None:
    """Its entry is one, and leads to nothing."""
    things = plugged(theirs=f"{HERE}:ASTRAY")
    with pytest.raises(UnknownDriver, match="NoSuchSection"):
        things.section_of("theirs")


ASTRAY = Entry(f"{HERE}:NoSuchSection", f"{HERE}:open_one")
