"""What there is of one kind (cameras, triggers, rules, ...): each in one file, found by name.

A catalogue holds names, and where to find what each one stands for: its section of the station
file, and what opens it. Nothing is imported before somebody asks for that name, so a process loads
the one driver that its station names. A package of somebody else adds to it by an entry point:

    [project.entry-points."gonogo.cameras"]
    newest-file = "plant_cameras.newest_file:ENTRY"      # an Entry

In a section, `Annotated[CameraSection, CAMERAS]` is a field that holds any of them.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from copy import copy
from functools import cache, partial
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic_core import core_schema

from gonogo.base.errors import MissingExtra, UnknownDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from importlib.metadata import EntryPoint

    from pydantic import GetCoreSchemaHandler, ValidationInfo

    from gonogo.base.section import Section


class Entry(NamedTuple):
    """One of a kind; both are "module:name".

    `opens` is called with the section, and what else its kind needs. `extra` brings its packages
    (`pip install 'gonogo[extra]'`), "" where none are needed. `alone`: the package by which it
    opens a device that only one process of the box can have, "" where there is no such device.
    `devices`: files under /dev that it must be let open.
    """

    section: str
    opens: str
    extra: str = ""
    alone: str = ""
    devices: tuple[str, ...] = ()

    @property
    def is_alone(self) -> bool:
        """Whether, on this box, only one process can have what it opens."""
        return bool(self.alone) and find_spec(self.alone) is not None


@cache
def _plugged(group: str) -> Mapping[str, EntryPoint]:
    """Entry points of other packages, in the order of their names; looked up once a process."""
    found = sorted(entry_points(group=group), key=lambda point: point.name)
    return {point.name: point for point in found}


class Catalogue:
    """All of one kind. `kind` is for messages; `key` tells them apart in the station file.

    `plugged` finds what other packages add to the group.
    """

    def __init__(
        self,
        kind: str,
        group: str,
        entries: Mapping[str, Entry],
        key: str = "driver",
        plugged: Callable[[str], Mapping[str, EntryPoint]] = _plugged,
    ) -> None:
        self.kind, self.key = kind, key
        self._plugged = plugged
        self._group = group
        self._entries = dict(entries)
        self._loading: Callable[[str], AbstractContextManager[object]] = nullcontext

    @property
    def names(self) -> tuple[str, ...]:
        """Ours first, then those of other packages; ours cannot be replaced."""
        return (
            *self._entries,
            *(name for name in self._plugged(self._group) if name not in self._entries),
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def section_of(self, name: str) -> type[Section]:
        """What the station file says of it; UnknownDriver, MissingExtra."""
        section: type[Section] = self._found(name, self.entry(name).section)
        return section

    def watched(self, loading: Callable[[str], AbstractContextManager[object]]) -> Catalogue:
        """The same, where each import is made within `loading(name)`, which may refuse it."""
        same = copy(self)
        same._loading = loading  # noqa: SLF001 - of its own class
        return same

    def load(self, name: str) -> Any:  # noqa: ANN401 - a class or function
        """Import what opens it, with all that it needs; UnknownDriver, MissingExtra."""
        entry = self.entry(name)
        with self._loading(name):
            return self._found(name, entry.opens)

    def open(self, name: str, *args: object) -> Any:  # noqa: ANN401 - what its kind is
        """Call what opens it; UnknownDriver, MissingExtra, and its own errors."""
        return self.load(name)(*args)

    def entry(self, name: str) -> Entry:
        """What is said of one, nothing of it imported; UnknownDriver, MissingExtra."""
        # ours first: a package that takes one of our names changes nothing
        if name in self._entries:
            return self._entries[name]
        if name not in (plugged := self._plugged(self._group)):
            raise UnknownDriver(f"{self.kind} '{name}'; known: {', '.join(self.names)}")
        where = f"{self.kind} '{name}': entry point {plugged[name].value} of group {self._group}"
        try:
            entry = plugged[name].load()
        except ImportError as error:
            raise MissingExtra(f"{where}: {error}; install its package anew, whole") from error
        # its package is there, and does not have what its entry point names
        except AttributeError as error:
            raise UnknownDriver(f"{where}: {error}; its package must have what it names") from error
        if not isinstance(entry, Entry):
            raise UnknownDriver(
                f"{where}: expected a gonogo.base.catalogue.Entry, got {type(entry).__name__}"
            )
        return entry

    def _found(self, name: str, where: str) -> Any:  # noqa: ANN401 - a class
        module, _, attribute = where.partition(":")
        try:
            imported = import_module(module)
        # a vendor's package raises what it likes: a library that it lacks may be an OSError
        except Exception as error:
            extra = self.entry(name).extra
            hint = f"pip install 'gonogo[{extra}]'" if extra else "reinstall gonogo"
            said = str(error) or type(error).__name__
            raise MissingExtra(f"{self.kind} '{name}': {said}; {hint}") from error
        try:
            return getattr(imported, attribute)
        except AttributeError as error:
            raise UnknownDriver(f"{self.kind} '{name}': {error}; expected {where}") from error

    # -- as a field of a section ---------------------------------------------------------

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """A union told apart by the key, each member loaded when it is named."""
        # made of names alone: no driver is imported before the station file names it
        choices: dict[str, core_schema.CoreSchema] = {
            name: core_schema.with_info_plain_validator_function(partial(self._validated, name))
            for name in self.names
        }
        return core_schema.tagged_union_schema(choices, self.key)

    def _validated(self, name: str, value: object, info: ValidationInfo) -> Section:
        section = self.section_of(name)
        # one that was made in the program was checked when it was made
        if isinstance(value, section):
            return value
        strict = bool(info.context and info.context.get("strict"))
        # None: as the section itself has it
        return section.model_validate(value, strict=strict or None, context=info.context)


class NameOf:
    """A field that holds a name out of a catalogue, or one of a few words more."""

    def __init__(self, catalogue: Catalogue, *more: str) -> None:
        self.names = (*more, *catalogue.names)

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """One of these words."""
        return core_schema.literal_schema(list(self.names))


def plugged_names(group: str) -> tuple[str, ...]:
    """The names that packages of others add to a group."""
    return tuple(_plugged(group))
