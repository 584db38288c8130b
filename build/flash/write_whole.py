"""A disk without a station gets everything. Its first sector comes last: until then it is empty.

For firmware, and for the next flash alike: after a cut at any moment the same command begins anew.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from gonogo.base.errors import VerifyFailed
from gonogo.build.flash import ext, layout
from gonogo.build.flash.disk import MIB, SECTOR_BYTES
from gonogo.build.flash.probe import probe_empty
from gonogo.build.flash.verify import verify
from gonogo.build.flash.writer import erase, write

if TYPE_CHECKING:
    from gonogo.build.flash.boot_files import BootFiles
    from gonogo.build.flash.ready import Ready

STEPS = 7


def write_whole(ready: Ready, files: BootFiles) -> None:
    """Six of seven steps; the last one is the station's. DiskFailed, VerifyFailed, DiskLies."""
    disk, steps = ready.disk, ready.steps
    steps.begin("erase the old table")
    erase(disk, 0, MIB)
    erase(disk, _end(ready) - MIB, MIB)
    steps.end()
    steps.begin("probe the disk")
    probe_empty(disk)
    steps.end("it keeps what it is given")
    _write_root(ready)
    _write_beside(ready, files)
    _verify(ready, files)
    _write_table(ready, files)


def _end(ready: Ready) -> int:
    return ready.disk.size_bytes // SECTOR_BYTES * SECTOR_BYTES


def _write_root(ready: Ready) -> None:
    plan, steps = ready.plan, ready.steps
    steps.begin(f"write slot {plan.slot}", ready.image.size_bytes)
    source = ready.payload.rootfs
    done = write(ready.disk, plan.root.at, source, steps.tell, keep=ready.resumes)
    steps.end(ready.kept(done))


def _write_beside(ready: Ready, files: BootFiles) -> None:
    plan, steps, disk = ready.plan, ready.steps, ready.disk
    steps.begin("write boot and data", len(files.boot))
    write(disk, plan.parts[layout.BIOS].at, io.BytesIO(files.core), lambda _: None)
    write(disk, plan.parts[layout.BOOT].at, io.BytesIO(files.boot), steps.tell)
    make_data(ready)
    steps.end()


def make_data(ready: Ready) -> None:
    """An empty file system for station file, engines, records and keys."""
    data, config = ready.plan.data, ready.scratch / "mke2fs.conf"
    with ready.disk.lent():
        ext.make_empty(ready.target.path, data.at, data.length, layout.DATA, config)
    ready.disk.flush()


def _verify(ready: Ready, files: BootFiles) -> None:
    plan, steps, disk = ready.plan, ready.steps, ready.disk
    steps.begin("verify", ready.image.size_bytes)
    wanted = (ready.image.size_bytes, ready.image.sha256)
    verify(disk, plan.root.at, wanted, f"slot {plan.slot}", steps.tell)
    for name, data in ((layout.BIOS, files.core), (layout.BOOT, files.boot)):
        verify(disk, plan.parts[name].at, data, name, lambda _: None)
    verify_data(ready)
    steps.end("read back, the same")


def verify_data(ready: Ready) -> None:
    """VerifyFailed where e2fsck finds something in it."""
    wrong = ext.is_whole(ready.target.path, ready.plan.data.at)
    if wrong:
        raise VerifyFailed(f"{layout.DATA}: {wrong}; the disk does not keep what it is given")


def _write_table(ready: Ready, files: BootFiles) -> None:
    disk, steps = ready.disk, ready.steps
    steps.begin("write the partition table")
    places = ((_end(ready) - len(files.tail), files.tail), (SECTOR_BYTES, files.rest))
    for at, data in (*places, (0, files.first)):
        disk.write(at, data)
        disk.flush()
        verify(disk, at, data, "partition table", lambda _: None)
    steps.end("read back, the same")
