"""`gonogo check`: whether the frames of all cameras come through, before one of them is opened.

Link by link: a technician sees all that this box, its networks and its USB do not allow at once.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import CameraLinkError
from gonogo.base.host_network import HostNetwork, Interface
from gonogo.runtime.budget import CAMERA_SHARE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gonogo.commands.report import Report
    from gonogo.config.station import LineSection, Station
    from gonogo.drivers.camera_link import CameraLink

FULL_PCT = 90  # of a link; the rest is for what is asked for again, and for control
_BYTES_PER_KB = 1 << 10


class LinkedView(NamedTuple):
    """A view whose frames come over a link."""

    name: str
    link: CameraLink
    delay_ms: float
    """From the trigger until the part is before it."""


class _Shared(NamedTuple):
    """An interface, and the cameras that are reached by it."""

    interface: Interface
    views: list[LinkedView]


def check_links(
    report: Report, station: Station, host: HostNetwork | None = None
) -> dict[str, float]:
    """Say what is wrong, and how long each view's frame takes from its trigger on, in ms."""
    host, line = host or HostNetwork(), station.station
    linked = [
        LinkedView(view.name, link, delay_ms)
        for view, delay_ms in zip(station.view, station.delays_ms, strict=True)
        if (link := view.camera.link) is not None
    ]
    for found in (*_box(linked, host), *_ways(linked, host)):
        report.wrong(str(CameraLinkError(found)))
    took_ms: dict[str, float] = {}
    for shared in _by_interface(linked, host):
        report.say(f"cameras on {_in_words(shared, line)}")
        for found in (*_packets(shared), *_load(shared, line)):
            report.wrong(str(CameraLinkError(found)))
        took_ms |= {view.name: _frame_ms(view.link, shared) for view in shared.views}
    # of those that are on no network of this box their own pace alone is known
    for view in linked:
        took_ms.setdefault(view.name, view.link.exposure_ms + view.link.readout_ms)
    for found in (*_pace(linked, took_ms, line), *_dates(station, took_ms)):
        report.wrong(str(CameraLinkError(found)))
    return took_ms


def _box(linked: Sequence[LinkedView], host: HostNetwork) -> Iterator[str]:
    """Memory that the kernel grants, or does not."""
    wanted_kb = max((view.link.socket_buffer_kb for view in linked if view.link.address), default=0)
    granted, wanted = host.rmem_max(), wanted_kb * _BYTES_PER_KB
    if 0 < granted < wanted:
        yield (
            f"socket_buffer_kb = {wanted_kb}: net.core.rmem_max is {granted}, expected at least "
            f"{wanted}; as root: sysctl -w net.core.rmem_max={wanted}, and a line in /etc/sysctl.d"
        )
    # one limit for all of them together
    on_usb = [view for view in linked if not view.link.address and view.link.may_be_usb]
    short = host.usb_memory_short(sum(view.link.frame_bytes for view in on_usb))
    if short:
        yield f"{_named(on_usb)}: {short} (one in a network: name it by its IPv4 address)"


def _ways(linked: Sequence[LinkedView], host: HostNetwork) -> Iterator[str]:
    """Subnets: the camera's must be one of ours, and of one interface alone."""
    for name, link, _ in linked:
        ways = host.ways_to(link.address) if link.address else None
        if ways is None:
            continue
        if not ways:
            ours = [f"{at} ({net.interface})" for net in host.subnets() for at in net.ours]
            subnet = link.address.rpartition(".")[0]
            last = 2 if link.address.endswith(".1") else 1
            yield (
                f"view '{name}': camera {link.address} is in no subnet of this box, which has "
                f"{', '.join(ours) or 'no address'}; expected both in one: as root: "
                f"ip address add {subnet}.{last}/24 dev INTERFACE, or give the camera an address "
                "(`arv-tool-0.8`, its maker's program)"
            )
        elif len(ways) > 1:
            names = " and ".join(way.interface for way in ways)
            yield (
                f"view '{name}': camera {link.address}: {ways[0].network} is on {names}, expected "
                "on one: the kernel sends to all of it by the same one; as root: give the other "
                "another subnet (ip address del ADDRESS dev INTERFACE, ip address add)"
            )


def _by_interface(linked: Sequence[LinkedView], host: HostNetwork) -> list[_Shared]:
    found: dict[str, list[LinkedView]] = defaultdict(list)
    for view in linked:
        ways = host.ways_to(view.link.address) if view.link.address else []
        if ways:
            found[ways[0].interface].append(view)
    return [_Shared(host.interface(name), views) for name, views in found.items()]


def _packets(shared: _Shared) -> Iterator[str]:
    """What the interface passes."""
    at = shared.interface
    if not at.carrier:
        yield (
            f"{_named(shared.views)}: nothing is at the other end of {at.name}, expected a camera "
            f"or a switch; check cable and power; as root: ip link set {at.name} up"
        )
    for name, link, _ in shared.views:
        if link.packet(at.mtu_bytes) > at.mtu_bytes:
            yield (
                f"view '{name}': packet_bytes = {link.packet_bytes}: the MTU of {at.name} is "
                f"{at.mtu_bytes}, expected at least {link.packet_bytes}: not one would come; leave "
                f"it out, or, as root: ip link set {at.name} mtu {link.packet_bytes}"
            )


def _load(shared: _Shared, line: LineSection) -> Iterator[str]:
    """What all cameras of a link send together, against what it carries."""
    speed = shared.interface.speed_mbit_s
    if speed is None:
        return
    loads = [_load_of(view, shared, line) for view in shared.views]
    most = speed * FULL_PCT / 100
    if sum(loads) > most:
        each = ", ".join(
            f"{view.name} {load:.0f}" for view, load in zip(shared.views, loads, strict=True)
        )
        yield (
            f"{shared.interface.name}: its cameras send {sum(loads):.0f} Mbit/s ({each}), expected "
            f"at most {most:.0f} of {speed} Mbit/s; give one a port of its own, or take a smaller "
            "region, a source_format of fewer bytes, a longer pitch_mm, or jumbo frames: as root: "
            f"ip link set {shared.interface.name} mtu 9000"
        )


def _pace(
    linked: Sequence[LinkedView], took_ms: dict[str, float], line: LineSection
) -> Iterator[str]:
    """Exposure and read-out against the time from frame to frame, and the camera's half."""
    half_ms = line.budget_ms / CAMERA_SHARE
    for name, link, delay_ms in linked:
        frame_ms, interval_ms = took_ms[name], link.interval_ms(line.pitch_ms)
        parts = f"exposure {link.exposure_ms:g} ms and read-out {frame_ms - link.exposure_ms:.1f}"
        if frame_ms > interval_ms:
            yield (
                f"view '{name}': {parts} ms: a frame every {frame_ms:.1f} ms at best, expected "
                f"one in {interval_ms:.1f} ms; a trigger meanwhile is lost: shorten exposure_us or "
                "packet_delay_us, or take a smaller region, a faster link, or a longer pitch_mm"
            )
        # one that runs free may just have begun another frame
        wait_ms = interval_ms if link.rate_hz is not None else 0.0
        there_ms = delay_ms + frame_ms + wait_ms
        if there_ms > half_ms:
            way = f"the part on its way {delay_ms:.1f} ms, " if delay_ms else ""
            yield (
                f"view '{name}': its frame is there {there_ms:.1f} ms after the trigger "
                f"({way}{parts} ms{f', waiting {wait_ms:.1f} ms' if wait_ms else ''}), expected at "
                f"most {half_ms:g} ms, half of budget_ms; raise it, or shorten exposure_us"
            )


def _dates(station: Station, took_ms: dict[str, float]) -> Iterator[str]:
    """A frame may be dated so much later than the station file says as its link is slower."""
    pitch_ms = station.trigger.least_pitch_ms(station.station.pitch_ms) - station.trigger.early_ms
    for name, camera in ((view.name, view.camera) for view in station.view):
        link = camera.link
        if link is None or link.mbit_s is None or took_ms[name] <= link.planned_ms:
            continue
        before_ms = camera.before_ms + took_ms[name] - link.planned_ms
        if before_ms >= pitch_ms:
            yield (
                f"view '{name}': its frame takes {took_ms[name]:.1f} ms, expected at most the "
                f"{link.planned_ms:.1f} ms of exposure_us and link_mbit_s = {link.mbit_s:g}: one "
                "of the part before may pass; say link_mbit_s as it is for this camera alone"
            )


def _frame_ms(link: CameraLink, shared: _Shared) -> float:
    """From its trigger to its last packet, when all cameras of the link send at once."""
    mtu_bytes, speed = shared.interface.mtu_bytes, shared.interface.speed_mbit_s
    on_wire_ms = 0.0
    if speed is not None:
        alone_ms = link.transfer_ms(mtu_bytes, speed)
        sent = sum(view.link.wire_bytes(mtu_bytes) for view in shared.views)
        on_wire_ms = max(alone_ms, sent * 8 / speed / 1000)
    return link.exposure_ms + max(link.readout_ms, on_wire_ms)


def _in_words(shared: _Shared, line: LineSection) -> str:
    at = shared.interface
    loads = sum(_load_of(view, shared, line) for view in shared.views)
    of = f"of {at.speed_mbit_s}" if at.speed_mbit_s else "of an unknown number of"
    return f"{at.name} (MTU {at.mtu_bytes}): {_named(shared.views)}, {loads:.1f} {of} Mbit/s"


def _load_of(view: LinkedView, shared: _Shared, line: LineSection) -> float:
    return view.link.load_mbit_s(shared.interface.mtu_bytes, line.pitch_ms)


def _named(views: Sequence[LinkedView]) -> str:
    return f"view{'s' * (len(views) > 1)} " + ", ".join(f"'{view.name}'" for view in views)
