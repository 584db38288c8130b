"""The lines of a chip as the kernel has them, by libgpiod's own binding (the package gpiod)."""

from __future__ import annotations

import contextlib
import errno
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import gpiod
from gpiod.line import Bias, Clock, Direction, Drive, Value
from gpiod.line import Edge as Detection

from gonogo.base.errors import GpioAbsent, GpioError, GpioHeld, GpioNotPermitted
from gonogo.base.gpio.lines import MOST_EDGES, Edge, Lines, Order, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

DEVICES = Path("/dev")
_BIAS = {
    "as-is": Bias.AS_IS,
    "disabled": Bias.DISABLED,
    "pull-up": Bias.PULL_UP,
    "pull-down": Bias.PULL_DOWN,
}
_DRIVE = {
    "push-pull": Drive.PUSH_PULL,
    "open-drain": Drive.OPEN_DRAIN,
    "open-source": Drive.OPEN_SOURCE,
}
_RISING = gpiod.EdgeEvent.Type.RISING_EDGE


class Found(NamedTuple):
    """One line of an order as it is now; `active` is None where nobody may ask.

    Another program has it, or it is to be an output: only whoever has it reads that.
    """

    chip: str
    name: str
    offset: int
    consumer: str
    active: bool | None

    def in_words(self) -> str:
        """For whoever checks a station file."""
        named = f" '{self.name}'" if self.name else ""
        whose = f"taken by '{self.consumer}'" if self.consumer else "free"
        level = "" if self.active is None else f", {'active' if self.active else 'inactive'} now"
        return f"{self.chip}, line {self.offset}{named}: {whose}{level}"


class ChipLines:
    """Lines that were asked for (see gonogo.base.gpio.lines.Lines)."""

    def __init__(self, request: gpiod.LineRequest, offsets: Sequence[int]) -> None:
        self._request = request
        self._offsets = tuple(offsets)
        self._places = {offset: place for place, offset in enumerate(offsets)}
        self._fd = request.fd

    @property
    def fd(self) -> int:
        """See Lines."""
        return self._fd

    def read(self) -> list[Edge]:
        """See Lines."""
        return [
            Edge(
                self._places[event.line_offset],
                event.timestamp_ns,
                event.event_type is _RISING,
                event.line_seqno,
            )
            for event in self._request.read_edge_events(MOST_EDGES)
        ]

    def levels(self) -> tuple[bool, ...]:
        """See Lines."""
        return tuple(bool(value) for value in self._request.get_values(self._offsets))

    def put(self, line: int, *, active: bool) -> None:
        """See Lines."""
        self._request.set_value(self._offsets[line], Value.ACTIVE if active else Value.INACTIVE)

    def close(self) -> None:
        """See Lines."""
        # a second time there is nothing to release
        if self._request:
            self._request.release()


def open_lines(order: Order) -> Lines:
    """Ask for the lines of an order; GpioError says which one cannot be had, and why."""
    with _there(order), _chip(order) as chip:
        offsets = _offsets(chip, order)
        # as the library has it: its dict is not read-only to the type checker
        config: dict[Iterable[int | str] | int | str, gpiod.LineSettings | None] = {
            offset: _settings(wanted) for offset, wanted in zip(offsets, order.lines, strict=True)
        }
        try:
            request = chip.request_lines(
                config, consumer=order.consumer, event_buffer_size=order.buffer_edges
            )
        except OSError as error:
            raise refused(chip, order, offsets, error) from error
    return ChipLines(request, offsets)


def look_at(order: Order) -> list[Found]:
    """Each line of an order as it is now, without keeping any; GpioError."""
    with _there(order), _chip(order) as chip:
        offsets = _offsets(chip, order)
        wanted = zip(order.lines, offsets, strict=True)
        return [_found(chip, order, each, offset) for each, offset in wanted]


def _found(chip: gpiod.Chip, order: Order, wanted: Wanted, offset: int) -> Found:
    name, info = _name(chip), chip.get_line_info(offset)
    if info.used:
        return Found(name, info.name or "", offset, info.consumer or "the kernel", None)
    if wanted.drive is not None:
        # to ask for its level would be to have it, and to switch it
        return Found(name, info.name or "", offset, "", None)
    settings = _settings(wanted)
    try:
        with chip.request_lines({offset: settings}, consumer=order.consumer) as request:
            active = bool(request.get_value(offset))
    except OSError as error:
        raise refused(chip, order, [offset], error) from error
    return Found(name, info.name or "", offset, "", active)


def _settings(wanted: Wanted) -> gpiod.LineSettings:
    if wanted.drive is not None:
        return gpiod.LineSettings(
            direction=Direction.OUTPUT,
            # as it is opened: there is no moment at which it is active
            output_value=Value.INACTIVE,
            drive=_DRIVE[wanted.drive],
            bias=_BIAS[wanted.bias],
            active_low=wanted.active_low,
        )
    return gpiod.LineSettings(
        direction=Direction.INPUT,
        # both, also where one is enough: what is missing between two is seen by the other one
        edge_detection=Detection.BOTH if wanted.edges else Detection.NONE,
        bias=_BIAS[wanted.bias],
        active_low=wanted.active_low,
        debounce_period=timedelta(microseconds=wanted.debounce_us),
        event_clock=Clock.MONOTONIC,
    )


# -- which chip, which line ----------------------------------------------------------------


@contextlib.contextmanager
def _there(order: Order) -> Iterator[None]:
    """A chip may go between any two calls: whatever fails by that is a GpioError as well."""
    try:
        yield
    except GpioError:
        raise
    except OSError as error:
        raise GpioError(
            f"chip {order.chip}: opened, and cannot be asked: {error}; look at its cable"
        ) from error


def _chip(order: Order) -> gpiod.Chip:
    """The chip of that path, name or label."""
    if order.chip.startswith("/"):
        return _opened(order.chip)
    found = [path for path in _paths() if order.chip in names(path)]
    if not found:
        raise GpioAbsent(
            f"chip '{order.chip}' is not there; expected a path, or a name or label of "
            f"{_known()}; plug it in, or see gpiodetect (apt install gpiod)"
        )
    if len(found) > 1:
        raise GpioAbsent(
            f"chip '{order.chip}': {len(found)} have that name ({', '.join(found)}); expected one: "
            "name it by its path"
        )
    return _opened(found[0])


def _opened(path: str) -> gpiod.Chip:
    try:
        return gpiod.Chip(path)
    except PermissionError as error:
        raise GpioNotPermitted(
            f"{path}: this user may not open it; expected a user of the group that owns it (see "
            "ls -l /dev/gpiochip*): usermod -aG gpio USER, or a udev rule (docs/triggers.md)"
        ) from error
    except FileNotFoundError as error:
        raise GpioAbsent(
            f"chip {path} is not there; there are: {_known()}; plug it in, or see gpiodetect "
            "(apt install gpiod)"
        ) from error
    except OSError as error:
        raise GpioError(f"{path}: expected a GPIO chip: {error}; see gpiodetect") from error


def _paths() -> Iterator[str]:
    return (str(path) for path in sorted(DEVICES.glob("gpiochip*")))


def names(path: str) -> tuple[str, ...]:
    """Name and label of a chip; none of one that cannot be opened, or goes meanwhile."""
    with contextlib.suppress(OSError), _opened(path) as chip:
        info = chip.get_info()
        return (info.name, info.label)
    return ()


def _known() -> str:
    return ", ".join(f"{path} ({', '.join(names(path)) or '?'})" for path in _paths()) or "no chip"


def _name(chip: gpiod.Chip) -> str:
    info = chip.get_info()
    return f"{chip.path} ({info.label})"


def _offsets(chip: gpiod.Chip, order: Order) -> list[int]:
    """Of each line; GpioError where two names are of one."""
    offsets = [_offset(chip, order, wanted) for wanted in order.lines]
    for place, offset in enumerate(offsets):
        first = offsets.index(offset)
        if first != place:
            raise GpioError(
                f"chip {_name(chip)}: '{order.lines[first].name}' and '{order.lines[place].name}' "
                f"are both line {offset}; expected a line of its own for each; see gpioinfo"
            )
    return offsets


def _offset(chip: gpiod.Chip, order: Order, wanted: Wanted) -> int:
    try:
        return chip.line_offset_from_id(wanted.name)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno not in {errno.ENOENT, errno.EINVAL}:
            raise GpioError(f"chip {order.chip}, line {wanted.name}: {error}") from error
        raise GpioAbsent(
            f"chip {_name(chip)} has no line '{wanted.name}'; expected a name, or 0 to "
            f"{chip.get_info().num_lines - 1}; see gpioinfo"
        ) from error


def refused(chip: gpiod.Chip, order: Order, offsets: Sequence[int], error: OSError) -> GpioError:
    """What a request that was refused means."""
    where = f"chip {_name(chip)}"
    if error.errno == errno.EBUSY:
        return GpioHeld(f"{where}: {_holders(chip, offsets)}; end it, or take another line")
    if error.errno in {errno.EPERM, errno.EACCES}:
        return GpioNotPermitted(f"{where}: {error}; see docs/triggers.md for the group")
    asked = ", ".join(f"{each.name} ({_asked(each)})" for each in order.lines)
    return GpioError(
        f"{where}: it refuses line {asked}: {error}; expected a chip with interrupts for edges, "
        'resistors where bias is not "as-is", and lines that may be outputs; see gpioinfo'
    )


def _asked(wanted: Wanted) -> str:
    """What is asked of a line, in words."""
    kind = "edges" if wanted.edges else "input"
    return f"{wanted.drive or kind}, {wanted.bias}"


def _holders(chip: gpiod.Chip, offsets: Sequence[int]) -> str:
    """Who has the lines that are taken."""
    infos = [chip.get_line_info(offset) for offset in offsets]
    taken = [
        f"line {info.offset} is taken by '{info.consumer or 'the kernel'}'"
        for info in infos
        if info.used
    ]
    return ", ".join(taken) or "a line was taken a moment ago"
