"""A station's other slot is written. The counters of GRUB change twice, in one sector each time.

Before the first byte: the slot may not be started, as RAUC has it. After the verify: it is tried
once. A cut at any moment leaves a station that starts the slot that it started before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import VerifyFailed
from gonogo.build.flash import grubenv
from gonogo.build.flash.counters import on_trial, unfinished
from gonogo.build.flash.probe import probe_station
from gonogo.build.flash.verify import verify
from gonogo.build.flash.write_whole import make_data, verify_data
from gonogo.build.flash.writer import write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gonogo.build.flash.disk import Disk
    from gonogo.build.flash.ready import Ready

STEPS = 7


def write_slot(ready: Ready) -> None:
    """Six of seven steps; the last one is the station's. DiskFailed, VerifyFailed, DiskLies."""
    plan, steps, disk, image = ready.plan, ready.steps, ready.disk, ready.image
    steps.begin("probe the disk")
    probe_station(disk)
    steps.end("its end is there")
    steps.begin(f"mark slot {plan.slot} unfinished")
    env = change(disk, ready.found.env_at, ready.found.env, unfinished(plan.slot))
    steps.end()
    steps.begin(f"write slot {plan.slot}", image.size_bytes)
    done = write(disk, plan.root.at, ready.payload.rootfs, steps.tell, keep=ready.resumes)
    steps.end(ready.kept(done))
    steps.begin(f"verify slot {plan.slot}", image.size_bytes)
    wanted = (image.size_bytes, image.sha256)
    verify(disk, plan.root.at, wanted, f"slot {plan.slot}", steps.tell)
    steps.end("read back, the same")
    _data(ready)
    steps.begin(f"switch to slot {plan.slot}")
    change(disk, ready.found.env_at, env, on_trial(plan.slot))
    steps.end("it starts next, on trial")


def _data(ready: Ready) -> None:
    if not ready.plan.erases_data:
        ready.steps.begin("keep data")
        ready.steps.end("as it was")
        return
    ready.steps.begin("erase data")
    make_data(ready)
    verify_data(ready)
    ready.steps.end("an empty file system")


def change(disk: Disk, at: int, env: bytes, changes: Mapping[str, str]) -> bytes:
    """Write the block with these values, where it has others; as it stands now. VerifyFailed."""
    wanted = grubenv.edited(env, changes)
    if disk.fresh(at, len(wanted)) == wanted:
        return wanted
    disk.write(at, wanted)
    disk.flush()
    if disk.fresh(at, len(wanted)) != wanted:
        raise VerifyFailed("boot counters: read back otherwise than written; take another disk")
    return wanted
