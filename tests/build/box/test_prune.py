"""Which modules of the kernel stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.build.box.data import listed
from gonogo.build.box.prune import kept, missing, needs, prune

if TYPE_CHECKING:
    from pathlib import Path

DEP = """\
kernel/fs/ext4/ext4.ko: kernel/fs/jbd2/jbd2.ko kernel/fs/mbcache.ko
kernel/fs/jbd2/jbd2.ko:
kernel/fs/mbcache.ko:
kernel/drivers/usb/serial/ftdi_sio.ko.xz: kernel/drivers/usb/serial/usbserial.ko.xz
kernel/drivers/usb/serial/usbserial.ko.xz:
kernel/sound/snd.ko:
"""


def test_kept_are_those_that_are_named_and_what_they_need() -> None:
    """A pattern for a folder, also where modules are compressed."""
    dep = needs(DEP)
    assert kept(dep, ["fs/ext4/ext4.ko"]) == {
        "kernel/fs/ext4/ext4.ko",
        "kernel/fs/jbd2/jbd2.ko",
        "kernel/fs/mbcache.ko",
    }
    assert len(kept(dep, ["drivers/usb/serial/*"])) == 2
    assert kept(dep, []) == set()
    assert missing(dep, ["fs/ext4/ext4.ko", "fs/xfs/xfs.ko", "drivers/usb/serial/ftdi_sio.ko"]) == [
        "fs/xfs/xfs.ko"
    ]


def test_prune_removes_all_others_and_empty_folders(tmp_path: Path) -> None:
    """On a tree such as a kernel's package has."""
    (tmp_path / "modules.dep").write_text(DEP)
    for module in needs(DEP):
        path = tmp_path / module
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    prune(tmp_path, ["drivers/usb/serial/*"])
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {
        "modules.dep",
        "kernel/drivers/usb/serial/ftdi_sio.ko.xz",
        "kernel/drivers/usb/serial/usbserial.ko.xz",
    }
    assert not (tmp_path / "kernel" / "sound").exists()


def test_list_keeps_what_a_station_needs() -> None:
    """The serial adapters, cameras, lines, networks, watchdogs and file systems of a station."""
    named = set(listed("modules"))
    assert {
        "drivers/usb/serial/*", "drivers/media/usb/uvc/*", "drivers/gpio/*", "fs/ext4/ext4.ko",
        "fs/squashfs/squashfs.ko", "drivers/md/dm-verity.ko",
        "drivers/net/ethernet/realtek/r8169.ko",
        "drivers/net/ethernet/intel/igb/*", "drivers/watchdog/iTCO_wdt.ko",
    } <= named  # fmt: skip
