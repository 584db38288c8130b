"""Reading a station file: the whole message of every kind of mistake."""

from __future__ import annotations

import os
import re
from enum import Enum
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import pytest
from pydantic import BaseModel, Field, model_validator

from gonogo.base.errors import StationFileError
from gonogo.base.section import Section
from gonogo.config.reader import MAX_BYTES, load
from gonogo.config.toml_positions import scan

if TYPE_CHECKING:
    from gonogo.config.key_positions import KeyPath


class Level(Enum):
    """A choice declared as an Enum."""

    QUIET = "quiet"
    LOUD = "loud"


class LineSection(Section):
    """What passes, and how fast."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    budget_ms: Annotated[int, Field(ge=1, le=10000)] = 200
    pitch_mm: Annotated[float, Field(gt=0, le=500)] = 100.0
    speed_mm_s: Annotated[float, Field(gt=0)] = 200.0
    loss_pct: Annotated[float, Field(ge=0.0, lt=100.0)] | None = None
    level: Level = Level.QUIET
    debug: bool = False

    @model_validator(mode="after")
    def _in_time(self) -> LineSection:
        takt_ms = 1000 * self.pitch_mm / self.speed_mm_s
        if self.budget_ms > takt_ms:
            raise ValueError(
                f"budget_ms: expected at most the takt of {takt_ms:g} ms, got {self.budget_ms}"
            )
        return self


class PlcTriggerSection(Section):
    """The PLC says when."""

    driver: Literal["plc"]


class TimerSection(Section):
    """A clock says when."""

    driver: Literal["timer"]
    period_s: Annotated[float, Field(ge=0.01, le=60)] = 1.0


class ClientSection(Section):
    """We call the PLC."""

    driver: Literal["modbus-client"]
    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 502
    bind: IPv4Address = IPv4Address("127.0.0.1")


class ServerSection(Section):
    """The PLC calls us."""

    driver: Literal["modbus-server"]
    port: Annotated[int, Field(ge=1, le=65535)] = 502


class SyntheticSection(Section):
    """Drawn parts."""

    driver: Literal["synthetic"]
    width_px: Annotated[int, Field(ge=16, le=8192, multiple_of=16)]
    exposure_us: int | Literal["auto"] = "auto"


class ReplaySection(Section):
    """Stored parts."""

    driver: Literal["replay"]
    folder: Path
    masks: tuple[Path, ...] = (Path("mask.png"),)


class EngineSection(Section):
    """The model of a view."""

    model: Path
    cache: Path = Path("cache")


class DimensionSection(Section):
    """A size."""

    kind: Literal["dimension"]
    name: Annotated[str, Field(pattern="^[a-z]+$")]
    mm_per_px: Annotated[float, Field(gt=0)]
    low_mm: float = 0.0
    high_mm: float

    @model_validator(mode="after")
    def _ordered(self) -> DimensionSection:
        if self.low_mm > self.high_mm:
            raise ValueError(f"expected low_mm <= high_mm, got {self.low_mm} > {self.high_mm}")
        return self


class ColourSection(Section):
    """A colour."""

    kind: Literal["colour"]
    roi_px: tuple[int, int, int, int]
    lab: Annotated[list[Annotated[float, Field(ge=-128, le=128)]], Field(min_length=3)] | None = (
        None
    )
    weights: dict[str, float] = Field(default_factory=dict)
    pair: tuple[str, float] | None = None


class ViewSection(Section):
    """One camera's look."""

    name: str
    camera: SyntheticSection | ReplaySection = Field(discriminator="driver")
    engine: EngineSection | None = None
    rule: tuple[Annotated[DimensionSection | ColourSection, Field(discriminator="kind")], ...] = ()


class EarlySection(Section):
    """Holds a section that is declared below it."""

    late: LateSection


class LateSection(Section):
    """Declared after its use."""

    folder: Path


class Station(Section):
    """A whole station file."""

    station: LineSection
    trigger: PlcTriggerSection | TimerSection = Field(discriminator="driver")
    plc: ClientSection | ServerSection = Field(discriminator="driver")
    view: Annotated[tuple[ViewSection, ...], Field(min_length=1, max_length=2)]

    @model_validator(mode="after")
    def _own_names(self) -> Station:
        names = [view.name for view in self.view]
        if len(set(names)) < len(names):
            raise ValueError(f"expected a name of its own for every view,\ngot {names}")
        return self


VALID = """\
# a station
[station]
name = "demo"
budget_ms = 200
pitch_mm = 100
speed_mm_s = 200.0
loss_pct = 1.5
level = "loud"
debug = true

[trigger]
driver = "plc"

[plc]
driver = "modbus-client"
host = "127.0.0.1"
port = 1502
bind = "127.0.0.2"

[[view]]
name = "top"
[view.camera]
driver = "synthetic"
width_px = 640
exposure_us = 50
[view.engine]
model = "models/top.onnx"
[[view.rule]]
kind = "dimension"
name = "bore"
mm_per_px = 0.05
low_mm = 9.9
high_mm = 10.1
[[view.rule]]
kind = "colour"
roi_px = [
  0, 0,
  64, 48,
]
lab = [50.0, 0, 0]
weights = { "L*" = 1.0, a = 2 }

[[view]]
name = "side"
[view.camera]
driver = "replay"
folder = "../images"
masks = ["a.png", "/b.png"]
[[view.rule]]
kind = "colour"
roi_px = [1, 2, 3, 4]
"""


def findings(folder: Path, text: str | bytes, model: type[BaseModel] = Station) -> list[str]:
    """The lines of the message for a file with this text, without the file's name."""
    path = folder / "station.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(StationFileError) as caught:
        load(path, model)
    lines = str(caught.value.args[0]).split("\n")
    assert all(line.startswith(f"{path}:") for line in lines)
    return [line.removeprefix(f"{path}:") for line in lines]


def changed(old: str, new: str) -> str:
    """The valid file with one piece of it replaced; `old` stands there once."""
    assert VALID.count(old) == 1
    return VALID.replace(old, new)


# One line of the file, what stands there instead, and the whole message.
MISTAKES = r"""
budget_ms = 200
budgte_ms = 200
4: station.budgte_ms: expected one of name, budget_ms, pitch_mm, speed_mm_s, loss_pct, level,
debug, got the unknown key 'budgte_ms', did you mean 'budget_ms'

exposure_us = 50
"expo sure" = 5
25: view[0].camera."expo sure": expected one of driver, width_px, exposure_us,
got the unknown key 'expo sure', did you mean 'exposure_us'

driver = "plc"
driver = "plc"; period_s = 1
13: trigger.period_s: expected driver, got the unknown key 'period_s'

name = "demo"
# none
2: station.name: expected text of 1 to 40 characters, got nothing

width_px = 640
# none
22: view[0].camera.width_px: expected a whole number, 16 to 8192 and a multiple of 16 px,
got nothing

model = "models/top.onnx"
# none
26: view[0].engine.model: expected the path of a file or folder, got nothing

driver = "synthetic"
# none
22: view[0].camera.driver: expected one of 'synthetic', 'replay', got nothing

driver = "synthetic"
drivr = "synthetic"
23: view[0].camera.drivr: expected driver, got the unknown key 'drivr', did you mean 'driver'

budget_ms = 200
budget_ms = "5"
4: station.budget_ms: expected a whole number, 1 to 10000 ms, got "5"

budget_ms = 200
budget_ms = true
4: station.budget_ms: expected a whole number, 1 to 10000 ms, got true

budget_ms = 200
budget_ms = 5.0
4: station.budget_ms: expected a whole number, 1 to 10000 ms, got 5.0

pitch_mm = 100
pitch_mm = true
5: station.pitch_mm: expected a number, more than 0 and at most 500 mm, got true

low_mm = 9.9
low_mm = 2026-01-01
32: view[0].rule[0].low_mm: expected a number in mm, got 2026-01-01

debug = true
debug = 1
9: station.debug: expected true or false, got 1

name = "demo"
name = 5
3: station.name: expected text of 1 to 40 characters, got 5

model = "models/top.onnx"
model = 5
27: view[0].engine.model: expected the path of a file or folder, got 5

bind = "127.0.0.2"
bind = "plc"
18: plc.bind: expected an IP address, got "plc"

host = "127.0.0.1"
host = { a = 1 }
16: plc.host: expected text, got a table

exposure_us = 50
exposure_us = "x"
25: view[0].camera.exposure_us: expected a whole number in us or 'auto', got "x"

weights = { "L*" = 1.0, a = 2 }
weights = 3
41: view[0].rule[1].weights: expected a table, got 3

weights = { "L*" = 1.0, a = 2 }
weights = { "L*" = "b" }
41: view[0].rule[1].weights."L*": expected a number, got "b"

lab = [50.0, 0, 0]
lab = 3
40: view[0].rule[1].lab: expected an array of at least 3 elements, each a number, -128 to 128,
got 3

lab = [50.0, 0, 0]
lab = [; 1, 2, "3"]
41: view[0].rule[1].lab[2]: expected a number, -128 to 128, got "3"

lab = [50.0, 0, 0]
lab = [1]
40: view[0].rule[1].lab: expected an array of at least 3 elements, each a number, -128 to 128,
got an array of 1 element

  64, 48,
  1.5, 48,
38: view[0].rule[1].roi_px[2]: expected a whole number in px, got 1.5

  64, 48,
  64,
36: view[0].rule[1].roi_px[3]: expected a whole number in px, got nothing

  64, 48,
  64, 48, 1,
36: view[0].rule[1].roi_px: expected an array of 4 elements, each a whole number in px,
got an array of 5 elements

lab = [50.0, 0, 0]
pair = ["a", "b"]
40: view[0].rule[1].pair[1]: expected a number, got "b"

name = "bore"
name = "\u202e"
30: view[0].rule[0].name: expected text matching ^[a-z]+$, got "\u202e"

masks = ["a.png", "/b.png"]
masks = "a.png"
48: view[1].camera.masks: expected an array, each the path of a file or folder, got "a.png"

budget_ms = 200
budget_ms = 0
4: station.budget_ms: expected 1 to 10000 ms, got 0

budget_ms = 200
budget_ms = 10001
4: station.budget_ms: expected 1 to 10000 ms, got 10001

pitch_mm = 100
pitch_mm = -1
5: station.pitch_mm: expected more than 0 and at most 500 mm, got -1

speed_mm_s = 200.0
speed_mm_s = 0
6: station.speed_mm_s: expected more than 0 mm/s, got 0

loss_pct = 1.5
loss_pct = 100
7: station.loss_pct: expected at least 0 and less than 100 %, got 100

width_px = 640
width_px = 17
24: view[0].camera.width_px: expected 16 to 8192 and a multiple of 16 px, got 17

lab = [50.0, 0, 0]
lab = [50.0, 0, 500]
40: view[0].rule[1].lab[2]: expected -128 to 128, got 500

name = "demo"
name = " "
3: station.name: expected text of 1 to 40 characters, got " "

name = "bore"
name = "Öse"
30: view[0].rule[0].name: expected text matching ^[a-z]+$, got "Öse"

name = "bore"
name = "\u0007"
30: view[0].rule[0].name: expected text matching ^[a-z]+$, got "\u0007"

name = "bore"
name = "Abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"
30: view[0].rule[0].name: expected text matching ^[a-z]+$,
got "Abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefg...

speed_mm_s = 200.0
speed_mm_s = nan
6: station.speed_mm_s: expected a number, more than 0 mm/s, got nan

mm_per_px = 0.05
mm_per_px = inf
31: view[0].rule[0].mm_per_px: expected a number, more than 0 mm/px, got inf

pitch_mm = 100
pitch_mm = 1e308
5: station.pitch_mm: expected more than 0 and at most 500 mm, got 1e+308

level = "loud"
level = "lout"
8: station.level: expected one of 'quiet', 'loud', got "lout", did you mean 'loud'

level = "loud"
level = 3
8: station.level: expected one of 'quiet', 'loud', got 3

driver = "synthetic"
driver = "sinthetic"
23: view[0].camera.driver: expected one of 'synthetic', 'replay', got "sinthetic",
did you mean 'synthetic'

kind = "dimension"
kind = "presence"
29: view[0].rule[0].kind: expected one of 'dimension', 'colour', got "presence"

driver = "synthetic"
driver = 5
23: view[0].camera.driver: expected one of 'synthetic', 'replay', got 5

driver = "synthetic"
driver = []
23: view[0].camera.driver: expected one of 'synthetic', 'replay', got an array of 0 elements

[trigger]
[[trigger]]
11: trigger: expected a table, got an array of 1 element

[view.engine]
[view.engines]
26: view[0].engines: expected one of name, camera, engine, rule, got the unknown key 'engines',
did you mean 'engine'

# a station
view = 3
20: view: expected every key and table once, got it again (first on line 1)

pitch_mm = 100
pitch_mm = 10
4: station.budget_ms: expected at most the takt of 50 ms, got 200

low_mm = 9.9
low_mm = 11
28: view[0].rule[0]: expected low_mm <= high_mm, got 11.0 > 10.1

name = "side"
name = "top"
1: the whole file: expected a name of its own for every view, got ['top', 'top']

port = 1502
port = 1502; port = 1503
18: plc.port: expected every key and table once, got it again (first on line 17)

[[view]];name = "side"
[station]
43: station: expected every key and table once, got it again (first on line 2)

name = "demo"
name = demo
3: expected a value: text stands in quotes, a truth is true or false,
got a syntax error at column 8: Invalid value

pitch_mm = 100
pitch_mm = 0,5
5: expected the end of the line: one value a key, a point for decimals, no leading zeros,
got a syntax error at column 13: Expected newline or end of document after a statement

model = "models/top.onnx"
model = "C:\models\top"
27: expected no single \ in "...": write '...' or \\,
got a syntax error at column 14: Unescaped '\' in a string

budget_ms = 200
budget_ms 200
4: expected TOML, got a syntax error at column 11: Expected '=' after a key in a key/value pair

[plc]
[plc
14: expected TOML, got a syntax error at column 5:
Expected ']' at the end of a table declaration

[plc]
%
14: expected a key, a [table] or a # comment, got a syntax error at column 1: Invalid statement
"""


def mistakes() -> list[tuple[str, str, str]]:
    """The table above as (old, new, message); `;` stands for a line break in the first two."""
    blocks = [block.split("\n") for block in MISTAKES.strip("\n").split("\n\n")]
    return [
        (old.replace("; ", "\n").replace(";", "\n"), new.replace("; ", "\n"), " ".join(message))
        for old, new, *message in blocks
    ]


def test_load_reads_a_valid_file(tmp_path: Path) -> None:
    """Every kind of value arrives as its declared type."""
    path = tmp_path / "station.toml"
    path.write_text(VALID)
    station = load(path, Station)
    assert station.station == LineSection(name="demo", loss_pct=1.5, level=Level.LOUD, debug=True)
    assert isinstance(station.plc, ClientSection)
    assert station.plc.bind == IPv4Address("127.0.0.2")
    assert [rule.kind for rule in station.view[0].rule] == ["dimension", "colour"]
    colour = station.view[0].rule[1]
    assert isinstance(colour, ColourSection)
    assert colour.roi_px == (0, 0, 64, 48)
    assert colour.weights == {"L*": 1.0, "a": 2.0}


def test_load_resolves_paths_against_the_file(tmp_path: Path) -> None:
    """Relative paths, in tuples and defaults too, start at the file's folder; others stay."""
    path = tmp_path / "station.toml"
    path.write_text(VALID)
    top, side = load(Path(os.path.relpath(path)), Station).view
    here = tmp_path
    assert top.engine == EngineSection(model=here / "models/top.onnx", cache=here / "cache")
    assert side.camera == ReplaySection(
        driver="replay", folder=here.parent / "images", masks=(here / "a.png", Path("/b.png"))
    )


def test_load_reads_windows_line_ends(tmp_path: Path) -> None:
    """A file saved with CRLF is the same station, and its lines count the same."""
    path = tmp_path / "station.toml"
    path.write_bytes(VALID.replace("\n", "\r\n").encode())
    assert len(load(path, Station).view) == 2
    broken = changed("width_px = 640", "width_px = 8").replace("\n", "\r\n")
    assert findings(tmp_path, broken)[0].startswith("24: view[0].camera.width_px:")


@pytest.mark.parametrize(("old", "new", "message"), mistakes())
def test_load_says_what_is_wrong(tmp_path: Path, old: str, new: str, message: str) -> None:
    """One wrong line gives one finding: its line, its path, what was expected, what is there."""
    assert findings(tmp_path, changed(old, new)) == [message]


def test_load_refuses_numbers_that_no_machine_can_hold(tmp_path: Path) -> None:
    """A whole number of many digits is cut in the message, one of thousands is not even read."""
    nines = changed("budget_ms = 200", f"budget_ms = {'9' * 99}")
    assert findings(tmp_path, nines) == [
        f"4: station.budget_ms: expected 1 to 10000 ms, got {'9' * 60}..."
    ]
    thousands = changed("budget_ms = 200", f"budget_ms = {'9' * 5000}")
    assert findings(tmp_path, thousands) == [
        "4: station.budget_ms: expected a value of at most 100 characters, got 5000 characters"
    ]


def test_load_lists_every_finding_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Mistakes in several tables are told at once, top to bottom."""
    text = VALID.replace("port = 1502", "port = 0").replace("width_px = 640", "width = 640")
    text = text.replace('name = "demo"', "name = 1").replace('driver = "plc"', 'driver = "plk"')
    assert findings(tmp_path, text) == [
        "3: station.name: expected text of 1 to 40 characters, got 1",
        "12: trigger.driver: expected one of 'plc', 'timer', got \"plk\", did you mean 'plc'",
        "17: plc.port: expected 1 to 65535, got 0",
        (
            "22: view[0].camera.width_px: expected a whole number, 16 to 8192 and a multiple of"
            " 16 px, got nothing"
        ),
        (
            "24: view[0].camera.width: expected one of driver, width_px, exposure_us,"
            " got the unknown key 'width', did you mean 'width_px'"
        ),
    ]


def test_load_follows_the_file_and_not_the_model(tmp_path: Path) -> None:
    """Tables in another order than the sections are declared in are told in the file's order."""
    text = '[trigger]\ndriver = "x"\n[station]\nname = 1\n'
    text += '[[view]]\nname = 2\ncamera = {}\n[plc]\ndriver = "y"\n'
    assert [finding.split(":")[0] for finding in findings(tmp_path, text)] == list("24679")


def test_load_reads_sections_that_name_later_ones(tmp_path: Path) -> None:
    """A section may be declared before those that it holds."""
    path = tmp_path / "station.toml"
    path.write_text('late = { folder = "x" }')
    assert load(path, EarlySection).late.folder == tmp_path / "x"


def test_load_names_missing_and_unknown_tables(tmp_path: Path) -> None:
    """An empty file lacks every table that has no default; a stranger is named."""
    assert findings(tmp_path, "\n[viev]\n") == [
        "1: station: expected a table, got nothing",
        "1: trigger: expected a table, got nothing",
        "1: plc: expected a table, got nothing",
        "1: view: expected an array of 1 to 2 elements, each a table, got nothing",
        (
            "2: viev: expected one of station, trigger, plc, view, got the unknown key 'viev',"
            " did you mean 'view'"
        ),
    ]


def test_load_tells_a_value_from_a_table(tmp_path: Path) -> None:
    """A value in the place of a table is named at its key."""
    text = changed('[trigger]\ndriver = "plc"', "")
    assert findings(tmp_path, f'trigger = "plc"\n{text}') == [
        '1: trigger: expected a table, got "plc"'
    ]


def test_load_counts_faulty_tables_too(tmp_path: Path) -> None:
    """A single [[view]] with a mistake in it is not reported as none at all."""
    text = VALID[: VALID.index("[[view.rule]]")].replace("width_px = 640", "width_px = 1")
    assert findings(tmp_path, text) == [
        "24: view[0].camera.width_px: expected 16 to 8192 and a multiple of 16 px, got 1"
    ]


def test_load_limits_the_number_of_tables(tmp_path: Path) -> None:
    """One [[view]] too many is reported at the first."""
    more = VALID + '[[view]]\nname = "x"\ncamera = { driver = "synthetic", width_px = 16 }\n'
    assert findings(tmp_path, more) == [
        "20: view: expected an array of 1 to 2 elements, each a table, got an array of 3 elements"
    ]


def test_load_names_the_last_line_where_the_end_is_missing(tmp_path: Path) -> None:
    """An array that never closes is reported at the end of the text."""
    assert findings(tmp_path, "[station]\nx = [1,\n2\n\n") == [
        "3: expected TOML, got a syntax error: Unclosed array"
    ]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            b"\xef\xbb\xbf" + VALID.encode(),
            "1: expected UTF-8 without a byte order mark, got one; save without BOM",
        ),
        (
            b"[station]\nname = '\xe4'\n",
            "2: expected UTF-8 text, got the byte 0xe4; save the file as UTF-8",
        ),
        (b"#" * (MAX_BYTES + 1), " expected at most 1 MiB, got more; is it a station file?"),
    ],
    ids=["bom", "latin-1", "huge"],
)
def test_load_refuses_what_is_no_utf8_text(tmp_path: Path, raw: bytes, message: str) -> None:
    """A wrong encoding says what to save instead; a huge file is not read to its end."""
    assert findings(tmp_path, raw) == [message]


def test_load_accepts_the_largest_file(tmp_path: Path) -> None:
    """Exactly 1 MiB is still a station file."""
    path = tmp_path / "station.toml"
    path.write_bytes(VALID.encode().ljust(MAX_BYTES, b"\n"))
    assert load(path, Station).station.name == "demo"


def test_load_says_why_there_is_no_file(tmp_path: Path) -> None:
    """Nothing there, a folder, a pipe, or a file where a folder should be."""
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    expected = {
        "none.toml": "no such file",
        ".": "a folder",
        "pipe": "something that is not a file",
        "file/station.toml": "Not a directory",
    }
    for name, got in expected.items():
        path = tmp_path / name
        with pytest.raises(StationFileError) as caught:
            load(path, Station)
        assert caught.value.args[0] == f"{path}: expected a station file, got {got}"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_load_says_that_reading_is_not_permitted(tmp_path: Path) -> None:
    """A file of another user names the reason."""
    path = tmp_path / "station.toml"
    path.touch(mode=0o000)
    with pytest.raises(StationFileError, match="that this user may read, got permission denied"):
        load(path, Station)


def keys() -> list[tuple[KeyPath, int]]:
    """Every key of the valid file that has a value on its own line, with that line."""
    return [
        (path, at.line)
        for path, at in scan(VALID).positions.items()
        if isinstance(path[-1], str)
        and re.match(r"[a-z_]+ = [^\[{]+$", VALID.split("\n")[at.line - 1])
    ]


MUTATIONS = {
    "missing": "",
    "text": '{key} = "zzz"',
    "number": "{key} = 7",
    "fraction": "{key} = 7.5",
    "truth": "{key} = true",
    "date": "{key} = 2026-02-03",
    "array": "{key} = [1, [2]]",
    "table": "{key} = {{ x = 1 }}",
    "nan": "{key} = nan",
    "inf": "{key} = -inf",
    "huge": "{key} = 1e308",
    "overflow": "{key} = 1e999",
    "minus": "{key} = -1",
    "twice": "{old}\n{old}",
    "misspelt": "x{old}",
    "empty": "{key} =",
    "unquoted": "{key} = abc",
    "null": '{key} = "a\\u0000"',
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_load_names_the_place_of_every_mutation(tmp_path: Path, mutation: str) -> None:
    """Whatever happens to a key: a valid station, or findings at that key or its tables."""
    refused = 0
    lines = VALID.split("\n")
    for path, number in keys():
        old = lines[number - 1]
        line = MUTATIONS[mutation].format(key=path[-1], old=old)
        text = "\n".join([*lines[: number - 1], line, *lines[number:]])
        file = tmp_path / "station.toml"
        file.write_text(text)
        try:
            load(file, Station)
        except StationFileError as error:
            refused += 1
            assert_placed(str(error.args[0]), file, text, path, number)
    # A few mutations suit keys of the right type, none suits them all.
    assert refused > len(keys()) // 3


def assert_placed(message: str, file: Path, text: str, path: KeyPath, number: int) -> None:
    """Each finding names the line where its path stands, and concerns the mutated key."""
    positions = scan(text)
    for finding in message.split("\n"):
        match = re.fullmatch(
            re.escape(f"{file}:") + r"(\d+): (?:(\S+|the whole file): )?(.+)", finding
        )
        assert match is not None
        assert "nput should" not in finding
        assert "expected " in finding
        line, named = int(match[1]), parsed(match[2] or "")
        if "syntax error" in finding:
            assert line == number
        elif "(first on line" in finding:
            assert (line, named) == (number + 1, path)
        else:
            assert line == positions.nearest(named).line
            # The key itself, a misspelling beside it, or a rule over its tables.
            assert named[: len(path) - 1] == path[: len(named)][: len(path) - 1]


def parsed(dotted: str) -> KeyPath:
    """`view[0].name` as a key path."""
    if dotted == "the whole file":
        return ()
    parts = re.findall(r"[\w-]+", dotted)
    return tuple(int(part) if part.isdigit() else part for part in parts)


def test_load_never_shows_the_words_of_pydantic(tmp_path: Path) -> None:
    """Neither the message nor what a traceback prints before it comes from pydantic."""
    path = tmp_path / "station.toml"
    path.write_text(changed("budget_ms = 200", "budget_ms = 0"))
    with pytest.raises(StationFileError) as caught:
        load(path, Station)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_load_takes_defaults_where_there_is_no_file_to_resolve_against() -> None:
    """A section built in Python keeps its paths as they are."""
    assert EngineSection(model=Path("a.onnx")).cache == Path("cache")
