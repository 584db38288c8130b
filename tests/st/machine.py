"""Memory of Structured Text: types, variables, function blocks that keep their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    Frame: TypeAlias = list[Any]
    Load: TypeAlias = Callable[[Frame], Any]
    Run: TypeAlias = Callable[[Frame], None]

RANGES = {"INT": (-(2**15), 2**15 - 1), "UINT": (0, 2**16 - 1), "UDINT": (0, 2**32 - 1)}
NAMES = {*RANGES, "BOOL", "STRING"}


class StError(Exception):
    """The text is no Structured Text, breaks its types, or went wrong while it ran."""


class Kind(NamedTuple):
    """The type of a variable; `size` 0 is a scalar, otherwise an array from `low` on.

    `alias`: its name, where the array has one; alike by another name is another type.
    """

    name: str
    low: int = 0
    size: int = 0
    alias: str = ""

    def fresh(self) -> object:
        """The value before anybody assigned one."""
        first = {"BOOL": False, "STRING": ""}.get(self.name, 0)
        return [first] * self.size if self.size else first


class Unit:
    """A compiled function or function block: slots for its variables, and its statements."""

    def __init__(self, name: str, result: str = "") -> None:
        self.name, self.result = name, result
        self.slots: dict[str, int] = {}
        self.kinds: dict[str, Kind] = {}
        self.inputs: list[str] = []
        self.constants: set[str] = set()
        self.first: Frame = []
        self.instances: dict[str, Unit] = {}
        self.body: tuple[Run, ...] = ()
        if result:
            self.declare(name, Kind(result), constant=False)

    def declare(self, name: str, kind: Kind, *, constant: bool) -> None:
        """A variable of this unit; its name counts without regard to case."""
        key = name.lower()
        if key in self.slots:
            raise StError(f"{self.name}: {name} is declared twice")
        self.slots[key], self.kinds[key] = len(self.first), kind
        self.first.append(kind.fresh())
        if constant:
            self.constants.add(key)

    def frame(self) -> Frame:
        """Memory with every variable at its first value."""
        frame = [value[:] if isinstance(value, list) else value for value in self.first]
        for key, unit in self.instances.items():
            frame[self.slots[key]] = unit.frame()
        return frame

    def run(self, frame: Frame) -> None:
        """All statements once."""
        for statement in self.body:
            statement(frame)


class Block:
    """An instance of a function block: it keeps its memory from scan to scan."""

    def __init__(self, unit: Unit) -> None:
        self._unit, self._frame = unit, unit.frame()

    def scan(self, **inputs: object) -> None:
        """One scan; inputs that are not named keep their last value."""
        for name, value in inputs.items():
            if name.lower() not in self._unit.inputs:
                raise StError(f"{self._unit.name} has no input {name}")
            self[name] = value
        self._unit.run(self._frame)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - the type is that of the variable
        """The value of an output, an input or an inner variable; an array as a list."""
        return self._frame[self._unit.slots[name.lower()]]

    def __setitem__(self, name: str, value: object) -> None:
        kind = self._unit.kinds[name.lower()]
        values = list(value) if isinstance(value, (list, tuple)) else [value]
        if len(values) != max(kind.size, 1):
            raise StError(f"{name}: expected {max(kind.size, 1)} values, got {len(values)}")
        for each in values:
            need_range(each, kind.name, name)
        self._frame[self._unit.slots[name.lower()]] = values if kind.size else value


def need_range(value: object, name: str, where: str) -> None:
    """StError unless `value` is one of the type `name`."""
    expected = {"BOOL": bool, "STRING": str}.get(name, int)
    if type(value) is not expected:
        raise StError(f"{where}: expected {name}, got {value!r}")
    if name in RANGES and not RANGES[name][0] <= int(str(value)) <= RANGES[name][1]:
        raise StError(f"{where}: {value} is outside {name}")
