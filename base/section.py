"""The base of every section of the station file.

Each component declares its own section beside itself: a frozen model with the
bounds in the type and the unit in the name.

How a section declares what it holds:

- numbers, text, true/false: `int`, `float`, `str`, `bool`, with bounds in `Annotated`.
  gonogo.config.reader reads files strictly: an int takes no `true`, no `"5"` and
  no `5.0`; a float takes whole numbers.
- files and folders: `Path`, `Path | None` or `tuple[Path, ...]`. A relative one becomes
  absolute against the folder of the station file, defaults too.
- arrays: `tuple[X, ...]`. Choices: `Literal`, or an Enum whose values are text.
- one of several drivers or kinds: a union with `Field(discriminator=...)`.
- a rule over several keys: a validator that raises ValueError with "what was expected,
  got what"; a message that begins with `key: ` is reported at that key's line.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator


class Section(BaseModel):
    """A frozen part of the station file; unknown keys are errors, numbers are finite."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        # whoever reads a file is strict by itself (gonogo.config.reader)
        strict=False,
        # nan compares with nothing: a limit of nan would be none
        allow_inf_nan=False,
        str_strip_whitespace=True,
        # a default may be a path, and is made absolute like one that was given
        validate_default=True,
    )

    @field_validator("*", mode="after")
    @classmethod
    def _absolute_paths(cls, value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401 - any field
        """Resolve paths against `context["base"]`, the folder of the station file, if given."""
        return _absolute(value, info.context["base"]) if info.context else value


def _absolute(value: Any, base: Path) -> Any:  # noqa: ANN401 - any field's value
    if isinstance(value, Path):
        # an absolute value replaces the base (pathlib); links stay as they are
        return Path(os.path.normpath(base / value))
    if isinstance(value, tuple):
        return tuple(_absolute(item, base) for item in value)
    return value


def brief(error: ValueError) -> str:
    """One line of what may be many findings."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"])) or "the file"
    return f"{error.error_count()} findings, the first: {where}: {first['msg']}"
