"""The TOML scanner: every key on its line, and no text that upsets it."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.config.key_positions import MAX_LEVELS, KeyPath, Position
from gonogo.config.toml_grammar import MAX_NUMBER_CHARACTERS
from gonogo.config.toml_positions import dotted, scan

if TYPE_CHECKING:
    from collections.abc import Iterator

toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

KEYS = st.one_of(
    st.sampled_from(["name", "a", "b", "width_px", "1", "-"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
)
# Strings that look like TOML are what could lead the scanner astray.
TEXTS = st.one_of(
    st.sampled_from(["# no", "[t]", "a = 1", '"', "'", '"""', "]", "},", "x\ny = 2", "\\"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
LEAVES = st.one_of(st.integers(-9, 999), st.booleans(), TEXTS)
INLINE = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=6,
)
TABLES: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.dictionaries(KEYS, INLINE, max_size=4),
    lambda inner: st.dictionaries(
        KEYS, st.one_of(INLINE, inner, st.lists(inner, min_size=1, max_size=3)), max_size=4
    ),
    max_leaves=8,
)


class Renderer:
    """Writes a document as TOML, in one of its many spellings, and notes each key's line."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.text = ""
        self.lines: dict[KeyPath, int] = {}

    def pick(self, *choices: str) -> str:
        """One spelling of several."""
        return self.data.draw(st.sampled_from(choices))

    def note(self, path: KeyPath) -> None:
        """The next character written is on the line of `path`."""
        self.lines.setdefault(path, self.text.count("\n") + 1)

    def key(self, key: str) -> str:
        """Bare where it can be; literal or basic quotes otherwise."""
        spellings = [basic(key)]
        if key and all(c.isascii() and (c.isalnum() or c in "-_") for c in key):
            spellings.append(key)
        if key.isprintable() and "'" not in key:
            spellings.append(f"'{key}'")
        return self.pick(*spellings)

    def table(self, table: dict[str, Any], path: KeyPath, name: str) -> None:
        """Values first, then the tables below, as TOML wants it."""
        below = {k: v for k, v in table.items() if is_table(v) or is_tables(v)}
        for key, value in table.items():
            if key not in below:
                self.text += self.pick("", "\n", "# a = 1\n", "  ")
                self.note((*path, key))
                self.text += self.key(key) + self.pick("=", " = ", "\t=")
                self.value(value, (*path, key))
                self.text += self.pick("\n", " # [no]\n", "\n\n")
        for key, value in below.items():
            self.subtable(value, (*path, key), f"{name}{'.' * bool(name)}{self.key(key)}")

    def subtable(self, value: Any, path: KeyPath, name: str) -> None:  # noqa: ANN401 - either kind
        """`[name]`, or `[[name]]` for each element."""
        self.note(path)
        if isinstance(value, dict):
            self.text += f"[{name}]\n"
            self.table(value, path, name)
            return
        for index, each in enumerate(value):
            self.note((*path, index))
            self.text += f"[[ {name} ]]\n"
            self.table(each, (*path, index), name)

    def value(self, value: Any, path: KeyPath) -> None:  # noqa: ANN401 - any TOML value
        """A value on the key's line; arrays and long texts may take several."""
        if isinstance(value, list):
            self.text += "["
            for index, each in enumerate(value):
                self.text += self.pick("", "\n", " # ]\n ")
                self.note((*path, index))
                self.value(each, (*path, index))
                self.text += "," if index < len(value) - 1 else self.pick("", ",")
            self.text += self.pick("", "\n") + "]"
        elif isinstance(value, dict):
            self.text += "{"
            for count, (key, each) in enumerate(value.items()):
                self.text += ", " * bool(count)
                self.note((*path, key))
                self.text += f"{self.key(key)} = "
                self.value(each, (*path, key))
            self.text += "}"
        elif isinstance(value, str):
            self.text += self.pick(basic(value), multi_line(value))
        else:
            self.text += str(value).lower()


def is_table(value: object) -> bool:
    """Whether the renderer writes this under a header of its own."""
    return isinstance(value, dict) and bool(value)


def is_tables(value: object) -> bool:
    """Whether the renderer writes this as [[name]]."""
    return isinstance(value, list) and bool(value) and all(isinstance(e, dict) for e in value)


def basic(text: str) -> str:
    """`text` in double quotes; JSON's escapes are TOML's, but for DEL and two-part ones."""
    escaped = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped)


def multi_line(text: str) -> str:
    """`text` between triple quotes, its line breaks as they are."""
    inner = (basic(line)[1:-1] for line in text.split("\n"))
    return '"""\n' + "\n".join(inner) + '"""'


def paths_of(value: object, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Every key path below a parsed value."""
    items: Any = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for key, each in items:
        yield (*path, key)
        yield from paths_of(each, (*path, key))


def lines_of(text: str) -> dict[KeyPath, int]:
    """Line by path, for short expectations."""
    return {path: position.line for path, position in scan(text).positions.items()}


@given(data=st.data(), document=TABLES, crlf=st.booleans())
def test_scan_finds_every_key_of_a_document(
    data: st.DataObject, document: dict[str, Any], *, crlf: bool
) -> None:
    """Whatever tomllib reads is found on the line where it was written, and nothing else."""
    renderer = Renderer(data)
    renderer.table(document, (), "")
    text = renderer.text.replace("\n", "\r\n") if crlf else renderer.text
    found = scan(text)
    assert found.flaw is None
    assert set(paths_of(toml.loads(text))) == set(found.positions) == set(renderer.lines)
    assert {path: at.line for path, at in found.positions.items()} == renderer.lines


@given(st.text())
def test_scan_survives_any_text(text: str) -> None:
    """No text raises, and every position lies inside it."""
    lines = text.count("\n") + 1
    assert all(1 <= at.line <= lines for at in scan(text).positions.values())


@given(st.text(alphabet="ab.=[]{}#\"'\\,1u \n\r\t", max_size=60))
def test_scan_agrees_with_tomllib_on_what_is_toml(text: str) -> None:
    """A text that tomllib reads has all its paths found and no flaw."""
    found = scan(text)
    try:
        document = toml.loads(text)
    except ValueError:
        return
    assert found.flaw is None
    assert set(paths_of(document)) == set(found.positions)


@given(data=st.data(), document=TABLES)
def test_scan_keeps_what_came_before_a_cut(data: st.DataObject, document: dict[str, Any]) -> None:
    """A text that breaks off gives the same positions as far as it goes."""
    renderer = Renderer(data)
    renderer.table(document, (), "")
    whole = scan(renderer.text).positions
    cut = data.draw(st.integers(0, len(renderer.text)))
    # A bare key may itself be cut short, so the last one is left out.
    for path, position in list(scan(renderer.text[:cut]).positions.items())[:-1]:
        assert path not in whole or whole[path] == position


def test_scan_names_tables_by_their_headers() -> None:
    """Arrays of tables count up, and a table below one belongs to the newest element."""
    text = (
        "name = 1\n[[view]]\n[view.camera]\nwidth_px = 2\n[[view.rule]]\n[[view.rule]]\nx = 1\n"
        "[[view]]\n[[view.rule]]\n"
    )
    assert lines_of(text) == {
        ("name",): 1,
        ("view",): 2,
        ("view", 0): 2,
        ("view", 0, "camera"): 3,
        ("view", 0, "camera", "width_px"): 4,
        ("view", 0, "rule"): 5,
        ("view", 0, "rule", 0): 5,
        ("view", 0, "rule", 1): 6,
        ("view", 0, "rule", 1, "x"): 7,
        ("view", 1): 8,
        ("view", 1, "rule"): 9,
        ("view", 1, "rule", 0): 9,
    }


def test_scan_gives_columns() -> None:
    """A key is at its first character, a header at its bracket, an element at its value."""
    found = scan("[t]\n  a . \"b\" = [ 10,\n 20 ]\r\nc={ d='x' }").positions
    assert found == {
        ("t",): Position(1, 1),
        ("t", "a"): Position(2, 3),
        ("t", "a", "b"): Position(2, 7),
        ("t", "a", "b", 0): Position(2, 15),
        ("t", "a", "b", 1): Position(3, 2),
        ("t", "c"): Position(4, 1),
        ("t", "c", "d"): Position(4, 5),
    }


def test_scan_prefers_the_header_to_the_key_that_implied_it() -> None:
    """A table whose own header comes after that of its child stands at its own."""
    assert lines_of("[a.b]\nx = 1\n[a]\ny = 2") == {
        ("a",): 3,
        ("a", "b"): 1,
        ("a", "b", "x"): 2,
        ("a", "y"): 4,
    }


@pytest.mark.parametrize(
    ("written", "key"),
    [
        (r'"a\tb"', "a\tb"),
        (r'"\u00e4\U0001F600"', "ä😀"),
        (r'"\"\\"', '"\\'),
        (r"'C:\new'", r"C:\new"),
        ('"[x]"', "[x]"),
        ('""', ""),
        (r'"\UFFFFFFFF"', r"\UFFFFFFFF"),
        (r'"\q"', r"\q"),
    ],
)
def test_scan_reads_quoted_keys(written: str, key: str) -> None:
    """Escapes of a quoted key are resolved; those that mean nothing stay."""
    assert lines_of(f"{written} = 1") == {(key,): 1}


@pytest.mark.parametrize(
    "value",
    ['"""\n# x\ny = 1\n"""', "'''\n[y]\n'''", '"""a""\n\\""""""', "'''\n'''''", '[\n"]", # ]\n]'],
)
def test_scan_steps_over_values_that_look_like_toml(value: str) -> None:
    """The key after a value of several lines is found on its own line."""
    text = f"a = {value}\nb = 1"
    assert set(toml.loads(text)) == {"a", "b"}
    assert lines_of(text)["b",] == text.count("\n") + 1


@pytest.mark.parametrize(
    ("text", "path", "line", "got"),
    [
        ("a = 1\nb = 2\na = 3", ("a",), 3, "it again (first on line 1)"),
        ("[a]\n[b]\n[a]", ("a",), 3, "it again (first on line 1)"),
        ("a = {x = 1, x = 2}", ("a", "x"), 1, "it again (first on line 1)"),
        ("[[v]]\n[v.c]\n[[v]]\n[v.c]\n[v.c]", ("v", 1, "c"), 5, "it again (first on line 4)"),
        ("a = [\n1]\na = 2", ("a",), 3, "it again (first on line 1)"),
    ],
)
def test_scan_reports_a_key_written_twice(text: str, path: KeyPath, line: int, got: str) -> None:
    """The second place is named, with the line of the first."""
    flaw = scan(text).flaw
    assert flaw is not None
    assert (flaw.path, flaw.position.line) == (path, line)
    assert (flaw.expected, flaw.got) == ("every key and table once", got)
    with pytest.raises(ValueError, match=r"at|twice|Duplicate"):
        toml.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        "\na = " + "[" * 100_000,
        "\n" + "a." * 100_000 + "a = 1",
        "\n[" + "a." * 100_000 + "a]",
        "\n" + "a = {" * 100_000,
    ],
    ids=["arrays", "keys", "header", "tables"],
)
def test_scan_reports_what_is_nested_too_deep(text: str) -> None:
    """Depth that would take tomllib for ever, or past its recursion limit, is found first."""
    flaw = scan(text).flaw
    assert flaw is not None
    assert (flaw.path, flaw.position.line) == (("a",), 2)
    assert flaw.expected == f"at most {MAX_LEVELS} levels of tables and arrays"


def test_scan_allows_the_deepest_levels() -> None:
    """The limit itself is still inside."""
    text = ".".join("a" * MAX_LEVELS) + " = 1"
    assert scan(text).flaw is None
    assert len(scan(text).positions) == MAX_LEVELS


def test_scan_reports_a_number_that_is_too_long() -> None:
    """A number that Python would refuse to read is named with its key and line."""
    longest = "9" * MAX_NUMBER_CHARACTERS
    assert scan(f"a = {longest}").flaw is None
    flaw = scan(f"b = 1\na = [{longest}9]").flaw
    assert flaw is not None
    assert (flaw.path, flaw.position.line) == (("a", 0), 2)
    assert flaw.got == f"{MAX_NUMBER_CHARACTERS + 1} characters"


def test_nearest_falls_back_to_the_table_around() -> None:
    """A key that is not written has the position of its table, or the first line."""
    found = scan("\n[a]\nx = 1")
    assert found.nearest(("a", "x")) == Position(3, 1)
    assert found.nearest(("a", "y", 0)) == Position(2, 1)
    assert found.nearest(("b",)) == Position(1, 1)


def test_dotted_quotes_only_what_needs_it() -> None:
    """A path reads like TOML; what a terminal would not show is escaped."""
    assert dotted(("view", 0, "rule", 1, "low_mm")) == "view[0].rule[1].low_mm"
    assert dotted(("a b", "ä", "\u202e", "\ud800")) == '"a b"."ä"."\\u202e"."\\ud800"'
    assert dotted(()) == "the whole file"
