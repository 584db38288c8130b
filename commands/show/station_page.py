"""The page of the station file, docs/station-file.md, from the section models themselves.

    python -I -m gonogo.commands.show.station_page docs/station-file.md     (make docs)

Ranges and units are those that messages give (config/schema.py); the sentence of a key is the
string that stands behind it in its section.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from gonogo.config.schema import Shape, is_array, shape_of, step, unit_of, words
from gonogo.config.station import Station

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

HEAD = """# The station file

Made from the program itself by `make docs`; a test holds it against it. Every key of every section:
what it may hold, with its unit, what it is when it is left out ("must be given": it may not be),
and what it is for. Relative paths start at the folder of the file.
[`stations/demo.toml`](../stations/demo.toml) is a whole one with comments.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_sections(Station, ""), ""])


def _sections(model: type[BaseModel], path: str) -> Iterator[str]:
    """The tables of a section, and those of the sections in it."""
    for name, field in model.model_fields.items():
        shape = shape_of(field.annotation, field)
        # a value stands in the table of its section; a section gets one of its own
        inner = _inner(shape)
        if inner is None:
            continue
        where = f"{path}.{name}".lstrip(".")
        bracket = f"[[{where}]]" if is_array(shape) else f"[{where}]"
        yield from _tables(inner, where, bracket, _sentence(model, name))


def _inner(shape: Shape) -> Shape | None:
    """The section that belongs here, of an array that of an element; None: it is a value."""
    element = step(shape, 0) if is_array(shape) else shape
    return element if element and (element.catalogue or element.model) else None


def _tables(shape: Shape, where: str, bracket: str, sentence: str) -> Iterator[str]:
    if shape.catalogue is None:
        assert shape.model is not None  # noqa: S101 - _inner has looked
        yield from ["", f"## `{bracket}`", "", sentence, *_table(shape.model)]
        yield from _sections(shape.model, where)
        return
    yield from ["", f"## `{bracket}`", "", f"{sentence} Told apart by `{shape.catalogue.key}`:"]
    for name in shape.catalogue.names:
        model = shape.catalogue.section_of(name)
        yield from ["", f'### `{bracket}` with `{shape.catalogue.key} = "{name}"`']
        yield from _table(model)
        yield from _sections(model, where)


def _table(model: type[BaseModel]) -> Iterator[str]:
    yield from ["", inspect.cleandoc(model.__doc__ or ""), ""]
    yield from ["| key | may be | left out | what it is for |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        shape = shape_of(field.annotation, field)
        cells = (
            f"`{name}`",
            words(shape, unit_of((name,))),
            _default(field),
            _sentence(model, name),
        )
        # a bar within a cell would end it
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default(field: FieldInfo) -> str:
    value: Any = field.default
    if value is PydanticUndefined:
        return "must be given"
    # a section that may be left out whole
    if isinstance(value, BaseModel):
        return "as its keys say"
    if value is None or value == ():
        return "none"
    if isinstance(value, tuple):
        return ", ".join(_word(each) for each in value)
    return _word(value)


def _word(value: object) -> str:
    # as it is typed in TOML: true, 2, "shuffle"
    plain = value.value if isinstance(value, Enum) else value
    return (
        str(plain).lower()
        if isinstance(plain, bool)
        else f"{plain:g}"
        if isinstance(plain, float)
        else str(plain)
    )


def _sentence(model: type[BaseModel], name: str) -> str:
    """What stands behind a key, in its own section or the one that it inherits it from."""
    # nearest first: a driver may say of an inherited key what it means there
    owners = [each for each in model.__mro__ if name in _sentences(each)]
    return _sentences(owners[0])[name] if owners else ""


@cache
def _sentences(model: type) -> dict[str, str]:
    if not issubclass(model, BaseModel) or model is BaseModel:
        return {}
    # pydantic keeps no docstrings of fields unless each model asks for it; the source has them
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(body, ast.ClassDef)  # noqa: S101 - getsource of a class
    # a key, and the string right behind it
    pairs = zip(body.body, body.body[1:], strict=False)
    return {
        key.target.id: inspect.cleandoc(said.value.value).replace("\n", " ")
        for key, said in pairs
        if isinstance(key, ast.AnnAssign)
        and isinstance(key.target, ast.Name)
        and isinstance(said, ast.Expr)
        and isinstance(said.value, ast.Constant)
        and isinstance(said.value.value, str)
    }


def main(target: Path) -> None:
    """Write the page."""
    target.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
