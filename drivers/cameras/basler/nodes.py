"""The features of a camera by their names, as pylon has them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pypylon import genicam

from gonogo.base.errors import CameraError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Nodes:
    """What fails is a CameraError with the camera's and the feature's name."""

    def __init__(self, name: str, nodes: Any) -> None:  # noqa: ANN401 - the library has no types
        self.name = name
        self._nodes = nodes

    def refuse_lost(self) -> None:
        """Raise what says more than the library does, where there is such."""

    @contextmanager
    def saying(self, what: str) -> Iterator[None]:
        """Errors of the library as ours."""
        try:
            yield
        except genicam.GenericException as error:
            self.refuse_lost()
            raise CameraError(f"{self.name}: {what}: {plain(str(error))}") from error

    def has(self, feature: str) -> bool:
        """Whether there is one of that name, and it can be read or written now."""
        node = self._nodes.GetNode(feature)
        return bool(node.IsReadable() or node.IsWritable())

    def writable(self, feature: str) -> bool:
        """Whether it can be written now."""
        return bool(self._nodes.GetNode(feature).IsWritable())

    def values(self, feature: str) -> Sequence[str]:
        """What an enumeration may be set to now."""
        with self.saying(feature):
            return tuple(self._nodes.GetNode(feature).GetSettableValues())

    def read(self, feature: str) -> str | float:
        """What it is, from the camera itself: not what the library remembers."""
        with self.saying(feature):
            node = self._nodes.GetNode(feature)
            if isinstance(node, genicam.IEnumeration):
                text: str = node.ToString(False, True)  # noqa: FBT003 - the library's call
                return text
            value: str | float = node.GetValue(False, True)  # noqa: FBT003 - the library's call
            return value

    def write(self, feature: str, value: str | float) -> None:
        """Set it; a whole number where it takes no other."""
        node = self._nodes.GetNode(feature)
        whole = isinstance(node, genicam.IInteger)
        with self.saying(f"{feature} {value}"):
            node.SetValue(round(value) if whole and not isinstance(value, str) else value)

    def bounds(self, feature: str) -> tuple[float, float]:
        """Between what a number may be set now, in the unit of the feature."""
        with self.saying(feature):
            node = self._nodes.GetNode(feature)
            return float(node.GetMin()), float(node.GetMax())

    def run(self, command: str) -> None:
        """Carry out a command."""
        with self.saying(command):
            self._nodes.GetNode(command).Execute()


def plain(text: str) -> str:
    """Without the place in the library's source."""
    return text.split(" : ", maxsplit=1)[0].strip().rstrip(".")
