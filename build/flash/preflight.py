"""The table before any write: every line is looked at, and the first refusal ends it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from gonogo.base.errors import FlashError, ImageGone
from gonogo.build.flash import image as images
from gonogo.build.flash import targets, tools
from gonogo.build.flash.boot_files import boot_files
from gonogo.build.flash.contents import Kind, contents
from gonogo.build.flash.disk import MIB
from gonogo.build.flash.health import demand_stopped
from gonogo.build.flash.layout import table
from gonogo.build.flash.plan import check_version, planned
from gonogo.build.flash.power import power
from gonogo.build.flash.report import Row, clock
from gonogo.build.flash.scratch import room_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.build.flash.boot_files import BootFiles
    from gonogo.build.flash.contents import Contents
    from gonogo.build.flash.disk import Disk
    from gonogo.build.flash.image import Image, Payload
    from gonogo.build.flash.means import Means
    from gonogo.build.flash.options import Asked
    from gonogo.build.flash.plan import Plan
    from gonogo.build.flash.report import Report
    from gonogo.build.flash.targets import Target

T = TypeVar("T")

# what such disks take and give, in MB/s, for an estimate: seen before a write, not measured on it
_RATES = {"usb": 30, "mmc": 20, "sata": 150, "nvme": 400, "file": 200}
_RATE = 60


class Table:
    """Lines of the table. `refused`: the first error among them."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.refused: FlashError | None = None

    def look(self, name: str, find: Callable[[], tuple[T, str]]) -> T | None:
        """What was found, and its line; None where it was refused."""
        try:
            found, says = find()
        except FlashError as error:
            self.refused = self.refused or error
            self._report.row(Row(name, ok=False, says=str(error)))
            return None
        self._report.row(Row(name, ok=True, says=says))
        return found

    def demand(self) -> None:
        """Raise the first refusal."""
        if self.refused is not None:
            raise self.refused


class Seen(NamedTuple):
    """What the table found; None of each that was refused, or not asked for."""

    image: Image | None = None
    payload: Payload | None = None
    target: Target | None = None
    disk: Disk | None = None
    found: Contents | None = None
    plan: Plan | None = None
    files: BootFiles | None = None


def look(asked: Asked, means: Means, report: Report, scratch: Path) -> tuple[Seen, Table]:
    """Every line, whatever the others say. The disk that is seen is open: close it."""
    lines = Table(report)
    lines.look("tools", _tools)
    image, payload = _look_at_image(asked, lines, scratch)
    target = lines.look("target", lambda: _target(asked))
    disk = target and lines.look("lock", lambda: _held(asked, means, target))
    found = None
    if disk is not None and target is not None:
        found = lines.look("disk", lambda: _contents(target))
    seen = Seen(image, payload, target, disk, found)
    if found and image and payload and target and asked.mode != "verify-only":
        seen = _look_at_plan(asked, lines, seen, scratch)
    lines.look("power", lambda: (None, power(means.supplies)))
    if asked.station is not None:
        lines.look("line", lambda: (None, line_says(asked, means)))
    lines.look("health", lambda: (None, how_proven(asked)))
    return seen, lines


def _tools() -> tuple[None, str]:
    wanted = (*tools.FOR_IMAGE, *tools.FOR_DISK, *tools.FOR_WRITING)
    tools.check(wanted)
    return None, _versions()


@lru_cache(maxsize=1)
def _versions() -> str:
    shown = ("rauc", "sgdisk", "debugfs", "lsblk")
    return ", ".join(f"{tool} {tools.version(tool)}" for tool in shown)


def _look_at_image(
    asked: Asked, lines: Table, scratch: Path
) -> tuple[Image | None, Payload | None]:
    path = asked.image
    if path is None:
        return None, None
    image = lines.look("signature", lambda: signed(path, asked.keyring, scratch))
    if image is None:
        return None, None
    lines.look("compatible", lambda: (None, images.compatible_with(image, None)))
    return image, lines.look("image", lambda: _unpacked(image, asked.keyring, scratch))


def signed(path: Path, keyring: Path, scratch: Path) -> tuple[Image, str]:
    """The image, once its signature is good, and its line."""
    found = images.checked(path, keyring, scratch)
    return found, f"{path.name} {found.version}, signed by {found.signer}"


def _unpacked(image: Image, keyring: Path, scratch: Path) -> tuple[Payload, str]:
    room = room_bytes(scratch)
    try:
        found = images.unpacked(image, keyring, scratch)
    except OSError as error:
        if isinstance(error, FlashError):
            raise
        raise ImageGone(f"{image.path}: {error.strerror}; is its stick still in?") from error
    return found, (
        f"{image.size_bytes / MIB:.1f} MiB, every byte of it checked; unpacked to "
        f"{scratch.parent}, where {room / MIB:.0f} MiB were free"
    )


def _target(asked: Asked) -> tuple[Target, str]:
    if asked.target == "auto":
        found = targets.only_one(targets.listed())
    else:
        found = targets.named(asked.path)
    if found.why_not is not None:
        raise found.why_not
    serial = found.serial or "none"
    return found, (
        f"{found.path}: {found.model}, serial {serial}, {found.size_bytes / MIB:.0f} MiB, "
        f"{found.transport}; its last four: {found.last_four}"
    )


def _held(asked: Asked, means: Means, target: Target) -> tuple[Disk, str]:
    return means.disk(target.path, asked.changes), "held: nobody else writes to it"


def _contents(target: Target) -> tuple[Contents, str]:
    found = contents(target.path)
    if found.kind is not Kind.STATION:
        return found, found.kind.value + (f": {found.says}" if found.says else "")
    return found, f"a station: {slots_of(found)}"


def slots_of(found: Contents) -> str:
    """Its slots, their versions, and which one starts."""
    said = [f"{name} {version or 'empty'}" for name, version in found.versions.items()]
    return f"slots {', '.join(said)}; {found.active or 'none'} starts next"


def _look_at_plan(asked: Asked, lines: Table, seen: Seen, scratch: Path) -> Seen:
    image, payload, found, target = seen.image, seen.payload, seen.found, seen.target
    if image is None or payload is None or found is None or target is None:
        return seen
    if found.compatible is not None:
        lines.look("box", lambda: (None, images.compatible_with(image, found.compatible)))
    lines.look("version", lambda: (None, check_version(asked, found, image)))
    plan = lines.look("slot", lambda: _planned(asked, seen, image, payload, found))
    if plan is None:
        return seen
    seen = seen._replace(plan=plan)
    if plan.whole:
        size = target.size_bytes
        made = lines.look("loader", lambda: _loader(payload, plan, size, scratch))
        seen = seen._replace(files=made)
    lines.look("data", lambda: (None, _data(plan)))
    lines.look("time", lambda: (None, _time(image, target)))
    return seen


def _planned(
    asked: Asked, seen: Seen, image: Image, payload: Payload, found: Contents
) -> tuple[Plan, str]:
    size = seen.target.size_bytes if seen.target else 0
    plan = planned(asked, found, payload, image, size)
    if plan.whole:
        return plan, f"everything is written, {plan.slot} starts: (empty) -> {image.version}"
    now = found.versions.get(plan.slot) or "(empty)"
    return plan, f"{plan.slot} is written, {plan.stays or 'none'} stays: {now} -> {image.version}"


def _loader(payload: Payload, plan: Plan, size_bytes: int, scratch: Path) -> tuple[BootFiles, str]:
    made = boot_files(payload, plan, table(size_bytes, plan.parts, scratch))
    return made, f"GRUB, and {len(plan.parts)} partitions"


def _data(plan: Plan) -> str:
    if plan.whole:
        return "made anew, empty"
    gone = "made anew: station file, engines, records and keys go"
    return gone if plan.erases_data else "kept"


def line_says(asked: Asked, means: Means) -> str:
    """What the station says of its line; FlashLineRuns where parts flow."""
    station = means.station(str(asked.station))
    try:
        return demand_stopped(station.health(), line_stopped=asked.line_stopped)
    finally:
        station.close()


def how_proven(asked: Asked) -> str:
    """What will say that it inspects."""
    if asked.station is not None and not asked.no_reboot:
        return f"asked at {asked.station} after the start, for {asked.patience_s:.0f} s"
    return "not seen from here: the station judges itself at its first start"


def _time(image: Image, target: Target) -> str:
    rate = _RATES.get(target.transport, _RATE)
    # written once, and read back once
    seconds = 2 * image.size_bytes / 1e6 / rate
    return f"some {clock(seconds)}, if it takes {rate} MB/s as such disks mostly do"
