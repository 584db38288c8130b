"""Asking about the ejector over Modbus, as often as there is time: never in the way of an edge.

One request at a time means that a coil cannot be written while a reply is awaited. So nothing
is asked when the next edge of the coil is nearer than a reply usually takes, unless nothing
could be read for as long as an output may differ. What lies close together is asked at once.
"""

from __future__ import annotations

import time
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
from gonogo.plc.transports.senses import Sensed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pymodbus.pdu import ModbusPDU

    from gonogo.plc.transports.senses import ArmSection, ModuleWatchdogSection, SensesSection

    Ask = Callable[[ModbusPDU, str], ModbusPDU]  # a request, and what it is for in messages

SPAN = 16  # bits that are asked for in one request
STATE_NS = 200 * NS_PER_MS  # the module's own state is asked this often
PATIENCE = 4  # replies without one before an edge has to wait for it
_SPARE_NS = NS_PER_MS
_FOREVER_NS = 1 << 62
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


def spots_of(section: SensesSection, watchdog: ModuleWatchdogSection | None) -> tuple[Spot, ...]:
    """What a section wants to be read."""
    spots = []
    # the order of this list does not matter: `grouped` sorts it
    if section.readback_address is not None:
        spots.append(Spot("output", section.readback_fc, section.readback_address, 1))
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


class Plan(NamedTuple):
    """What is read of one unit, how often, and what arms its watchdog.

    `alone`: no PLC is there that could clear a fault.
    """

    unit: int
    groups: tuple[Group, ...]
    poll_ms: float
    readback_ms: float
    arm: tuple[ArmSection, ...] = ()
    alone: bool = False


def plan_of(
    section: SensesSection,
    unit: int,
    watchdog: ModuleWatchdogSection | None = None,
    *,
    alone: bool = False,
) -> Plan:
    """As a section says it."""
    return Plan(
        unit,
        grouped(spots_of(section, watchdog)),
        section.poll_ms,
        section.readback_ms,
        watchdog.arm if watchdog is not None else (),
        alone,
    )


class Sensing:
    """Owned by a transport; `ask` brings one request to the module and its reply back."""

    def __init__(self, plan: Plan, ask: Ask) -> None:
        self._plan = plan
        self._ask = ask
        self._poll_ns = round(plan.poll_ms * NS_PER_MS)
        self._starved_ns = round(plan.readback_ms * NS_PER_MS)
        self._connection = 0
        self.reply_ns = 0  # what a reply takes: the longest of late
        self.connected()

    def connected(self) -> None:
        """A new connection: what was told before is not known to stand."""
        # answers of the connection before are told apart by it (gonogo.plc.link.proof)
        self._connection += 1
        self._told: tuple[bool, int] | None = None
        # 0: all are due at once
        self._asked_ns = dict.fromkeys(self._plan.groups, 0)
        self._read_ns = time.monotonic_ns()
        self._next = 0

    def near(self, edge_ns: int) -> bool:
        """Whether an edge of the coil comes before a reply would; 0 and -1: none to wait for."""
        left_ns = edge_ns - time.monotonic_ns() if edge_ns > 0 else _FOREVER_NS
        return left_ns < self.reply_ns + _SPARE_NS

    def sense(self, edge_ns: int, *, told: bool, wrote: bool = False) -> Sensed:
        """Right after a write was acknowledged, or none was due: what there is time for.

        A slow module is either written or read in one exchange (`wrote`: written in this one).
        """
        now_ns = time.monotonic_ns()
        # a change dates from now: whatever is read from here on must show it in time
        if self._told is None or self._told[0] is not told:
            self._told = (told, now_ns)
            self._next = 0  # its read-back first
        found: dict[str, bool] = {}
        sent_ns = now_ns
        # edge_ns -1: the caller must know how it stands, however long that takes
        slow = wrote and self.reply_ns > self._poll_ns and edge_ns >= 0
        for _ in () if slow else self._plan.groups:
            if not self._may(edge_ns, now_ns, first=not found):
                break
            group = self._plan.groups[self._next]
            # also where it is not due: the others must get their turn
            self._next = (self._next + 1) % len(self._plan.groups)
            if self._due(group, now_ns):
                found |= self._read(group)
        return Sensed(
            self._connection, *self._told, sent_ns, time.monotonic_ns(), alone=self._plan.alone
        )._replace(**found)

    def _may(self, edge_ns: int, start_ns: int, *, first: bool) -> bool:
        """The first one unless an edge is near; further ones while they fit into a poll."""
        now_ns = time.monotonic_ns()
        if self.near(edge_ns):
            # a dense line always has an edge near: now and then one of them waits for a reply
            starved_ns = max(self._starved_ns, PATIENCE * self.reply_ns)
            return first and now_ns - self._read_ns >= starved_ns
        return first or now_ns - start_ns + self.reply_ns < self._poll_ns

    def _due(self, group: Group, now_ns: int) -> bool:
        return now_ns - self._asked_ns[group] >= group.spots[0].every_ns

    def _read(self, group: Group) -> Mapping[str, bool]:
        start_ns = self._asked_ns[group] = time.monotonic_ns()
        values = self.values(group)
        self._read_ns = time.monotonic_ns()
        took_ns = self._read_ns - start_ns
        # a peak is forgotten over some sixteen replies: one slow reply must not stop the asking
        self.reply_ns = max(took_ns, self.reply_ns - self.reply_ns // 16)
        return {spot.name: values[spot.address - group.first] == spot.means for spot in group.spots}

    def values(self, group: Group) -> Sequence[int]:
        """The raw words or bits of a group."""
        fc, first, count = group.spots[0].fc, group.first, group.size
        names = " and ".join(_WHAT[spot.name] for spot in group.spots)
        request = _READS[fc](address=first, count=count, dev_id=self._plan.unit)
        answer = self._ask(request, f"read of {names} at {_SPACES[fc]} {first}")
        return [int(bit) for bit in answer.bits] if fc in _BITS else answer.registers

    def every(self) -> Mapping[str, bool]:
        """All there is to read, at once."""
        found: dict[str, bool] = {}
        for group in self._plan.groups:
            found |= self._read(group)
        return found

    def arm(self) -> None:
        """Arm the module's watchdog, and end a safe state that it is in."""
        # in the order of the station file: a module may want its time set before it is started
        for write in self._plan.arm:
            if write.coil_address is not None:
                coil, on = write.coil_address, bool(write.value)
                self._ask(
                    WriteSingleCoilRequest(address=coil, bits=[on], dev_id=self._plan.unit),
                    f"write of {write.value} to coil {coil} (plc.watchdog.arm)",
                )
            elif write.register_address is not None:
                at = write.register_address
                self._ask(
                    WriteSingleRegisterRequest(
                        address=at, registers=[write.value], dev_id=self._plan.unit
                    ),
                    f"write of {write.value} to register {at} (plc.watchdog.arm)",
                )


_WHAT = {
    "output": "the output",
    "feedback": "plc.feedback",
    "covered": "plc.confirm",
    "tripped": "plc.watchdog.state",
}
_SPACES = {1: "coil", 2: "input", 3: "register", 4: "input register"}
