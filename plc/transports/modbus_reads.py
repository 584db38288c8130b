"""What a Modbus device is asked about the ejector, request by request, and what arms its watchdog.

What lies close together is asked at once.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from pymodbus.pdu.bit_message import (
    ReadCoilsRequest,
    ReadDiscreteInputsRequest,
    WriteSingleCoilRequest,
)
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    WriteSingleRegisterRequest,
)

from gonogo.base.words import NS_PER_MS
from gonogo.plc.transports.sensing import Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pymodbus.pdu import ModbusPDU

    from gonogo.plc.transports.modbus_senses import (
        ArmSection,
        ModbusSensesSection,
        ModuleWatchdogSection,
    )

    Ask = Callable[[ModbusPDU, str], ModbusPDU]  # a request, and what it is for in messages

SPAN = 16  # bits that are asked for in one request
STATE_NS = 200 * NS_PER_MS  # the module's own state is asked this often
_READS = {
    1: ReadCoilsRequest,
    2: ReadDiscreteInputsRequest,
    3: ReadHoldingRegistersRequest,
    4: ReadInputRegistersRequest,
}
_BITS = (1, 2)


class Spot(NamedTuple):
    """One bit or word: `name` is the field of Sensed that it goes to."""

    name: str
    fc: int
    address: int
    means: int  # what it reads when it is true
    every_ns: int = 0


class Group(NamedTuple):
    """Spots that one request brings."""

    spots: tuple[Spot, ...]

    @property
    def first(self) -> int:
        """The address of the request."""
        return min(spot.address for spot in self.spots)

    @property
    def size(self) -> int:
        """How many bits or words it asks for."""
        return max(spot.address for spot in self.spots) - self.first + 1


def spots_of(
    section: ModbusSensesSection, watchdog: ModuleWatchdogSection | None
) -> tuple[Spot, ...]:
    """What a section wants to be read."""
    spots = []
    # the order of this list does not matter: `grouped` sorts it
    if section.read_at is not None:
        spots.append(Spot("output", section.readback_fc, section.read_at, 1))
    for name, sense in (("feedback", section.feedback), ("covered", section.confirm)):
        if sense is not None:
            spots.append(Spot(name, sense.fc, sense.address, int(not sense.inverted)))
    if watchdog is not None and watchdog.state is not None and watchdog.tripped is not None:
        fc, state = watchdog.state_fc, watchdog.state
        spots.append(Spot("tripped", fc, state, watchdog.tripped, STATE_NS))
    return tuple(spots)


def grouped(spots: Sequence[Spot]) -> tuple[Group, ...]:
    """Neighbours of one kind in one request; registers, and what is asked rarely, alone."""
    groups: list[Group] = []
    # the output first: what was just told is what is asked for right after
    for spot in sorted(spots, key=lambda spot: (spot.name != "output", spot.fc, spot.address)):
        for k, group in enumerate(groups):
            wider = Group((*group.spots, spot))
            # asked alike: one function code reads one space, and what is due rarely stays apart
            same = all((s.fc, s.every_ns) == (spot.fc, spot.every_ns) for s in group.spots)
            if same and spot.fc in _BITS and wider.size <= SPAN:
                groups[k] = wider
                break
        else:
            groups.append(Group((spot,)))
    return tuple(groups)


def turns_of(
    section: ModbusSensesSection,
    unit: int,
    ask: Ask,
    watchdog: ModuleWatchdogSection | None = None,
) -> tuple[Turn, ...]:
    """All that a section wants to be read, a request each."""
    groups = grouped(spots_of(section, watchdog))
    return tuple(Turn(partial(read, group, unit, ask), group.spots[0].every_ns) for group in groups)


def read(group: Group, unit: int, ask: Ask) -> Mapping[str, bool]:
    """What a group says; LinkError as an exchange."""
    fc, first, count = group.spots[0].fc, group.first, group.size
    names = " and ".join(_WHAT[spot.name] for spot in group.spots)
    request = _READS[fc](address=first, count=count, dev_id=unit)
    answer = ask(request, f"read of {names} at {_SPACES[fc]} {first}")
    values = [int(bit) for bit in answer.bits] if fc in _BITS else answer.registers
    return {spot.name: values[spot.address - first] == spot.means for spot in group.spots}


def arm(writes: Sequence[ArmSection], unit: int, ask: Ask) -> None:
    """Arm the module's watchdog, and end a safe state that it is in."""
    # in the order of the station file: a module may want its time set before it is started
    for write in writes:
        if write.coil_address is not None:
            coil, on = write.coil_address, bool(write.value)
            ask(
                WriteSingleCoilRequest(address=coil, bits=[on], dev_id=unit),
                f"write of {write.value} to coil {coil} (plc.watchdog.arm)",
            )
        elif write.register_address is not None:
            at = write.register_address
            ask(
                WriteSingleRegisterRequest(address=at, registers=[write.value], dev_id=unit),
                f"write of {write.value} to register {at} (plc.watchdog.arm)",
            )


_WHAT = {
    "output": "the output",
    "feedback": "plc.feedback",
    "covered": "plc.confirm",
    "tripped": "plc.watchdog.state",
}
_SPACES = {1: "coil", 2: "input", 3: "register", 4: "input register"}
