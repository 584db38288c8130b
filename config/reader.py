"""Reading a station file: everything that is wrong with it at once, each with its line.

`load` turns TOML into frozen pydantic models. What it reports has the form

    station.toml:12: view[0].camera.width_px: expected 1 to 8192 px, got 0

one finding a line, in the order of the file: where, what was expected with its
range and unit, what stands there, and the nearest key or word where one was
probably misspelt. pydantic finds the errors; the words come from the declared
types (gonogo.config.schema, gonogo.config.findings), the lines from
gonogo.config.toml_positions.
"""

from __future__ import annotations

import re
import stat
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from gonogo.base.errors import StationFileError
from gonogo.config.findings import findings_of
from gonogo.config.schema import UNKNOWN, Shape, is_list, shape_of, step
from gonogo.config.toml_positions import Scan, dotted, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gonogo.config.findings import Finding

M = TypeVar("M", bound=BaseModel)

MAX_BYTES = 1 << 20  # far more than any station file; a picture by mistake is refused at once
# some editors write it, and tomllib would call it an invalid statement
_BOM = b"\xef\xbb\xbf"
# What the usual slips look like to tomllib, and what to write instead.
_HINTS = {
    "Invalid value": "a value: text stands in quotes, a truth is true or false",
    "Expected newline or end of document after a statement": (
        "the end of the line: one value a key, a point for decimals, no leading zeros"
    ),
    "Unescaped '\\' in a string": "no single \\ in \"...\": write '...' or \\\\",
    "Invalid statement": "a key, a [table] or a # comment",
}

_module = "tomllib" if sys.version_info >= (3, 11) else "tomli"
_parse_toml: Callable[[str], dict[str, Any]] = import_module(_module).loads


def load(path: Path, model: type[M], folder: Path | None = None) -> M:
    """Read `path` as TOML into `model`; StationFileError lists all findings, one a line.

    Reading is strict: no text or truth value is taken for a number. Relative paths in
    the file are resolved against its folder, or `folder` (gonogo.base.section).
    """
    return parse(path, read(path), model, folder)


def parse(path: Path, raw: bytes, model: type[M], folder: Path | None = None) -> M:
    """As `load`, of bytes that were read from `path` already."""
    text = _decoded(path, raw)
    # first: what would hang tomllib, or take it for ever, is a flaw that it finds
    places = scan(text)
    data = _parse(path, text, places)
    # sections may name others that are declared further down
    model.model_rebuild()
    context = {"base": folder or path.absolute().parent, "strict": True}
    shape = shape_of(model)
    try:
        return model.model_validate(_typed(data, shape), strict=True, context=context)
    except ValidationError as error:
        findings = findings_of(error, shape, data)
    # Raised outside the handler: a traceback should not end in pydantic's own wording.
    raise StationFileError(_listed(path, places, findings))


def _listed(path: Path, places: Scan, findings: Sequence[Finding]) -> str:
    """All findings in the order of the file; several of one union say the same and are one."""
    lines = [(places.nearest(each.path).line, each) for each in dict.fromkeys(findings)]
    # stable: findings of one line stay in the order of the model
    lines.sort(key=lambda each: each[0])
    return "\n".join(f"{path}:{line}: {dotted(each.path)}: {each.text}" for line, each in lines)


def read(path: Path) -> bytes:
    """The bytes of the file; StationFileError says why there are none."""
    try:
        # A pipe or device would block or never end.
        if not stat.S_ISREG(path.stat().st_mode):
            what = "a folder" if path.is_dir() else "something that is not a file"
            raise StationFileError(f"{path}: expected a station file, got {what}")
        with path.open("rb") as file:
            # one more tells that there is more, without reading it all
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise StationFileError(f"{path}: expected a station file, got no such file") from error
    except PermissionError:
        raise StationFileError(
            f"{path}: expected a file that this user may read, got permission denied"
        ) from None
    except OSError as error:
        raise StationFileError(f"{path}: expected a station file, got {error.strerror}") from error
    if len(raw) > MAX_BYTES:
        raise StationFileError(f"{path}: expected at most 1 MiB, got more; is it a station file?")
    return raw


def _decoded(path: Path, raw: bytes) -> str:
    if raw.startswith(_BOM):
        raise StationFileError(
            f"{path}:1: expected UTF-8 without a byte order mark, got one; save without BOM"
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise StationFileError(
            f"{path}:{line}: expected UTF-8 text, got the byte 0x{raw[error.start]:02x};"
            " save the file as UTF-8"
        ) from None


def _parse(path: Path, text: str, places: Scan) -> dict[str, Any]:
    if places.flaw:
        flaw = places.flaw
        raise StationFileError(
            f"{path}:{flaw.position.line}: {dotted(flaw.path)}:"
            f" expected {flaw.expected}, got {flaw.got}"
        )
    try:
        return _parse_toml(text)
    except ValueError as error:
        raise StationFileError(f"{path}:{_syntax_error(str(error), text)}") from None


def _syntax_error(said: str, text: str) -> str:
    """What tomllib said, with its line first and, for the usual slips, what to write instead."""
    what, _, where = said.rpartition(" (at ")
    # without one, the error is at the end of the text
    at = re.match(r"line (\d+), column (\d+)", where)
    line, column = (at[1], f" at column {at[2]}") if at else (text.rstrip().count("\n") + 1, "")
    expected = _HINTS.get(what, "TOML")
    return f"{line}: expected {expected}, got a syntax error{column}: {what}"


def _typed(value: Any, shape: Shape) -> Any:  # noqa: ANN401 - a TOML value
    """`value` with what TOML lacks, so that pydantic can be strict: tuples, paths, enums."""
    # strict reading takes no list for a tuple and no text for a path: both are made here, by the
    # declared type
    if isinstance(value, dict):
        table = _chosen(shape, value)
        return {key: _typed(each, step(table, key) or UNKNOWN) for key, each in value.items()}
    if isinstance(value, list):
        items = [_typed(each, step(shape, index) or UNKNOWN) for index, each in enumerate(value)]
        return items if is_list(shape) else tuple(items)
    return _from_text(value, shape.annotation) if isinstance(value, str) else value


def _chosen(shape: Shape, table: dict[str, Any]) -> Shape:
    """The member of a union that the table's own deciding key names."""
    tag = table.get(shape.key)
    return (shape.member(tag) or UNKNOWN) if shape.key and isinstance(tag, str) else shape


def _from_text(value: str, declared: Any) -> Any:  # noqa: ANN401 - an annotation, and its value
    """`value` as the declared class where text stands for it (Path, Enum, addresses)."""
    # text where a number is due stays text: the strict pass refuses it
    if not isinstance(declared, type) or declared in {str, int, float, bool}:
        return value
    try:
        return TypeAdapter(declared).validate_python(value)
    except ValidationError:
        return value  # the strict pass reports it, at its place
