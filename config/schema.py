"""What a key of the station file may hold: found from the section models, said in plain words.

Used by gonogo.config.reader to follow a key path through nested sections
and to say what was expected there, with its range and its unit.
"""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Mapping, Sequence
from enum import Enum
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gonogo.base.catalogue import Catalogue, NameOf

# The unit that ends a key, longest first: speed_mm_s is in mm/s, not in s.
UNITS = {
    "_mm_s2": "mm/s2",
    "mm_per_px": "mm/px",
    "px_per_mm": "px/mm",
    "_mm_s": "mm/s",
    "_bytes": "bytes",
    "_degc": "degC",
    "_mm2": "mm2",
    "_px2": "px2",
    "_pct": "%",
    "_mib": "MiB",
    "_kib": "KiB",
    "_deg": "deg",
    "_ns": "ns",
    "_us": "us",
    "_mb": "MB",
    "_ms": "ms",
    "_hz": "Hz",
    "_um": "um",
    "_mm": "mm",
    "_px": "px",
    "_s": "s",
    "_h": "h",
}

_WORDS: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "the path of a file or folder",
    IPv4Address: "an IP address",
    IPv6Address: "an IP address",
    dt.date: "a date",
    dt.time: "a time",
    dt.datetime: "a date and time",
}
_LIMITS = {
    "ge": "at least",
    "gt": "more than",
    "le": "at most",
    "lt": "less than",
    "multiple_of": "a multiple of",
}
_UNIONS = {Union, types.UnionType}


class Shape(NamedTuple):
    """A declared type without its wrapping; `key` tells the members of a union apart.

    `notes` holds the bounds (annotated_types and pydantic metadata).
    """

    annotation: Any
    notes: tuple[Any, ...] = ()
    key: str = ""

    @property
    def model(self) -> type[BaseModel] | None:
        """The section declared here, if it is one."""
        # on Python 3.10 list[int] is a type, too, and issubclass refuses it
        plain = isinstance(self.annotation, type) and get_origin(self.annotation) is None
        return self.annotation if plain and issubclass(self.annotation, BaseModel) else None

    @property
    def catalogue(self) -> Catalogue | None:
        """Where the sections are found that may stand here."""
        return next((note for note in self.notes if isinstance(note, Catalogue)), None)

    @property
    def members(self) -> tuple[Shape, ...]:
        """The alternatives of a union; empty where there is no choice."""
        if get_origin(self.annotation) not in _UNIONS:
            return ()
        return tuple(shape_of(each) for each in get_args(self.annotation) if each is not type(None))

    @property
    def choices(self) -> tuple[str, ...]:
        """The words allowed here: of a Literal, an Enum, or the key that decides a union."""
        # without loading one of them: a message must not need a vendor's library
        if self.catalogue:
            return self.catalogue.names
        named = next((note for note in self.notes if isinstance(note, NameOf)), None)
        if named:
            return named.names
        if self.key:
            return tuple(self.tagged())
        if get_origin(self.annotation) is Literal:
            return tuple(_word(each) for each in get_args(self.annotation))
        if _is_kind(self, Enum):
            return tuple(_word(each) for each in self.annotation)
        return ()

    def member(self, tag: str) -> Shape | None:
        """What the deciding key names: of a catalogue that one alone is loaded."""
        if self.catalogue is None:
            return self.tagged().get(tag)
        known = tag in self.catalogue.names
        return shape_of(self.catalogue.section_of(tag)) if known else None

    def tagged(self) -> dict[str, Shape]:
        """The members of a union by the value of the key that decides."""
        return {
            tag: member
            for member in self.members
            for tag in (step(member, self.key) or UNKNOWN).choices
        }


UNKNOWN = Shape(Any)


def shape_of(annotation: Any, *notes: Any) -> Shape:  # noqa: ANN401 - annotations have no type
    """The shape of a declared type: Annotated, FieldInfo and `| None` are unwrapped."""
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        # outer notes first: the first bound of a name counts
        return shape_of(inner, *notes, *more)
    if get_origin(annotation) in _UNIONS:
        kinds = [each for each in get_args(annotation) if each is not type(None)]
        # "| None" only says that the key may be left out
        if len(kinds) == 1:
            return shape_of(kinds[0], *notes)
    return Shape(annotation, _flat(notes), _deciding_key(notes))


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys of a section as they are written in the file."""
    return [field.alias or name for name, field in model.model_fields.items()]


def step(shape: Shape, key: str | int) -> Shape | None:
    """The shape one key or index further in; None where nothing is declared."""
    if shape.model:
        fields = zip(keys_of(shape.model), shape.model.model_fields.values(), strict=True)
        return next((shape_of(f.annotation, f) for name, f in fields if name == key), None)
    if shape.members:
        # whichever of them has such a key: the reader has narrowed it where a key decides
        found = (step(member, key) for member in shape.members)
        return next((each for each in found if each), None)
    inner = get_args(shape.annotation)
    if is_table(shape) and inner:
        return shape_of(inner[-1])
    if is_array(shape) and inner and isinstance(key, int):
        # tuple[int, int] has a type for each place, tuple[int, ...] one for all
        fixed = Ellipsis not in inner and key < len(inner)
        return shape_of(inner[key if fixed else 0])
    return None


def is_table(shape: Shape) -> bool:
    """Whether a TOML table belongs here."""
    return bool(shape.model or shape.key) or _is_kind(shape, Mapping)


def is_array(shape: Shape) -> bool:
    """Whether a TOML array belongs here."""
    # text is a sequence as well
    return _is_kind(shape, Sequence) and not _is_kind(shape, str)


def is_list(shape: Shape) -> bool:
    """Whether a Python list is wanted, which a strict section tells from a tuple."""
    return _is_kind(shape, list)


def unit_of(path: Sequence[str | int]) -> str:
    """The unit that the last named key of a path carries; "" without one."""
    name = next((each for each in reversed(path) if isinstance(each, str)), "")
    # the table has longer suffixes first
    return next((unit for suffix, unit in UNITS.items() if name.endswith(suffix)), "")


def words(shape: Shape, unit: str) -> str:
    """What is expected: 'a whole number, 1 to 10000 ms', 'one of 'a', 'b'', 'a table'."""
    # before the choices: a table with a deciding key has those of the key
    if is_table(shape):
        return "a table"
    if shape.choices:
        return one_of(shape.choices)
    if shape.members:
        return " or ".join(dict.fromkeys(words(each, unit) for each in shape.members))
    if is_array(shape):
        inner = get_args(shape.annotation)
        fixed = _is_kind(shape, tuple) and inner and Ellipsis not in inner
        count = f" of {len(inner)} elements" if fixed else _length(shape.notes, "element")
        element = step(shape, 0)
        return f"an array{count}" + (f", each {words(element, unit)}" if element else "")
    return _WORDS.get(shape.annotation, "a value of the documented form") + _details(shape, unit)


def _details(shape: Shape, unit: str) -> str:
    """The range and unit of a number, the length and form of a text."""
    if shape.annotation in {int, float}:
        limits = span(shape, unit)
        return f", {limits}" if limits else f" in {unit}" if unit else ""
    if shape.annotation is str:
        form = _bound(shape, "pattern")
        return _length(shape.notes, "character") + (f" matching {form}" if form else "")
    return ""


def one_of(choices: Sequence[str]) -> str:
    """'one of 'a', 'b'', or just the one there is."""
    listed = ", ".join(f"'{choice}'" for choice in choices)
    return f"one of {listed}" if len(choices) > 1 else listed


def span(shape: Shape, unit: str) -> str:
    """The range of a number: '1 to 10000 ms', 'more than 0 and at most 5 mm'; "" without one."""
    bounds = {name: found for name in _LIMITS if (found := _bound(shape, name))}
    said = []
    if "ge" in bounds and "le" in bounds:
        said.append(f"{bounds.pop('ge')} to {bounds.pop('le')}")
    said += [f"{_LIMITS[name]} {value}" for name, value in bounds.items()]
    return f"{' and '.join(said)} {unit}".rstrip() if said else ""


def _bound(shape: Shape, name: str) -> str:
    value = next((v for note in shape.notes if (v := getattr(note, name, None)) is not None), "")
    # 5.0 is written 5: the unit stands behind it
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _length(notes: tuple[Any, ...], thing: str) -> str:
    """' of 1 to 40 characters'; "" where any length will do."""
    low = next((n for note in notes if (n := getattr(note, "min_length", None))), None)
    high = next((n for note in notes if (n := getattr(note, "max_length", None))), None)
    if low is None and high is None:
        return ""
    if high is None:
        return f" of at least {low} {thing}{'s' * (low != 1)}"
    count = f"at most {high}" if low is None else f"{low} to {high}" if low != high else f"{high}"
    return f" of {count} {thing}{'s' * (high != 1)}"


def _is_kind(shape: Shape, kind: type) -> bool:
    declared = get_origin(shape.annotation) or shape.annotation
    return isinstance(declared, type) and issubclass(declared, kind)


def _flat(notes: Sequence[Any]) -> tuple[Any, ...]:
    """Metadata with that inside Field(...) laid out."""
    # Field(ge=1) and Ge(1) say the same
    groups = (note.metadata if isinstance(note, FieldInfo) else [note] for note in notes)
    return tuple(each for group in groups for each in group)


def _deciding_key(notes: Sequence[Any]) -> str:
    named = next((note.key for note in _flat(notes) if isinstance(note, Catalogue)), "")
    if named:
        return named
    found = (note.discriminator for note in notes if isinstance(note, FieldInfo))
    return next((key for key in found if isinstance(key, str)), "")


def _word(value: Any) -> str:  # noqa: ANN401 - a Literal or Enum may hold anything
    return str(value.value if isinstance(value, Enum) else value)
