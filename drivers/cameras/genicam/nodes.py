"""The features of a camera by their names, as the genicam package has them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from genicam import genapi as library
from genicam import gentl

from gonogo.base.errors import CameraError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LIBRARY_ERRORS = (gentl.GenericException, library.GenericException)
_READABLE = {library.EAccessMode.RO, library.EAccessMode.RW}
_WRITABLE = {library.EAccessMode.WO, library.EAccessMode.RW}


class Nodes:
    """What fails is a CameraError with the camera's and the feature's name."""

    def __init__(self, name: str, nodes: Any) -> None:  # noqa: ANN401 - the library has no types
        self.name = name
        self._nodes = nodes

    @contextmanager
    def saying(self, what: str) -> Iterator[None]:
        """Errors of the library as ours."""
        try:
            yield
        except LIBRARY_ERRORS as error:
            raise CameraError(f"{self.name}: {what}: {plain(str(error))}") from error

    def has(self, feature: str) -> bool:
        """Whether there is one of that name, and it can be read or written now."""
        return self._mode(feature) in _READABLE | _WRITABLE

    def writable(self, feature: str) -> bool:
        """Whether it can be written now."""
        return self._mode(feature) in _WRITABLE

    def _mode(self, feature: str) -> int:
        there = self._nodes.has_node(feature)
        return int(self._node(feature).get_access_mode() if there else library.EAccessMode.NI)

    def values(self, feature: str) -> Sequence[str]:
        """What an enumeration may be set to now."""
        with self.saying(feature):
            entries = self._node(feature).entries
            return tuple(each.symbolic for each in entries if each.get_access_mode() in _READABLE)

    def read(self, feature: str) -> str | float:
        """What it is, from the camera itself."""
        with self.saying(feature):
            node = self._node(feature)
            if isinstance(node, library.IEnumeration):
                value: str | float = node.to_string(False, True)  # noqa: FBT003 - not from the cache
                return value
            number: str | float = node.get_value(ignore_cache=True)
            return number

    def write(self, feature: str, value: str | float) -> None:
        """Set it; a whole number where it takes no other."""
        with self.saying(f"{feature} {value}"):
            node = self._node(feature)
            whole = isinstance(node, library.IInteger)
            node.value = round(value) if whole and not isinstance(value, str) else value

    def _node(self, feature: str) -> Any:  # noqa: ANN401 - the library has no types
        return self._nodes.get_node(feature)

    def bounds(self, feature: str) -> tuple[float, float]:
        """Between what a number may be set now, in the unit of the feature."""
        with self.saying(feature):
            node = self._node(feature)
            return float(node.min), float(node.max)

    def run(self, command: str) -> None:
        """Carry out a command."""
        with self.saying(command):
            self._node(command).execute()


def plain(text: str) -> str:
    """In the producer's own words, where it has any."""
    _, between, told = text.partition("(Message from the source: ")
    said = told.partition(") (ID:")[0] if between else text
    return (said or text).split(" : ", maxsplit=1)[0].strip().rstrip(".")
