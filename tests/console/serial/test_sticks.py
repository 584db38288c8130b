"""Which mounted disks are sticks: by files as the kernel writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.base.errors import NotTakenAlong
from gonogo.console.serial.sticks import Disks, Stick, chosen

OURS = Path("/var/lib/gonogo/parts.sqlite")


class Box:
    """Disks and mounts in files of a test's own."""

    def __init__(self, folder: Path) -> None:
        self._sys, self._mounts = folder / "sys", folder / "mountinfo"
        (self._sys / "dev").mkdir(parents=True)
        self._lines = ["22 1 0:21 / /proc rw,nosuid - proc proc rw", "no mount at all"]

    def disk(self, name: str, bus: str = "pci/ata1", *, removable: bool = False) -> Path:
        """A whole disk on a bus."""
        place = self._sys / "devices" / bus / "block" / name
        place.mkdir(parents=True)
        (place / "removable").write_text(f"{removable:d}\n")
        return place

    def partition(self, disk: Path, device: str) -> None:
        """One of it, with its number."""
        place = disk / f"{disk.name}{device.partition(':')[2]}"
        place.mkdir()
        (place / "partition").write_text("1\n")
        (self._sys / "dev" / device).symlink_to(place)

    def whole(self, disk: Path, device: str) -> None:
        """A disk without partitions, as some sticks are."""
        (self._sys / "dev" / device).symlink_to(disk)

    def mount(self, device: str, folder: str, options: str = "rw", more: str = "rw") -> None:
        """A line of it."""
        self._lines.append(f"30 1 {device} / {folder} {options} shared:1 - vfat /dev/x {more}")

    def sticks(self, ours: Path = OURS) -> list[Stick]:
        """What is found."""
        self._mounts.write_text("\n".join(self._lines) + "\n")
        return Disks(self._mounts, self._sys / "dev").sticks(ours)


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """Its system is on a disk that cannot be taken out."""
    found = Box(tmp_path)
    found.partition(found.disk("sda"), "8:1")
    found.mount("8:1", "/")
    return found


def test_sticks_are_what_can_be_taken_out(box: Box) -> None:
    """By the kernel's word; with and without partitions; blanks in a folder are octal there."""
    box.partition(box.disk("sdb", removable=True), "8:17")
    box.whole(box.disk("sdc", removable=True), "8:32")
    box.mount("8:17", r"/media/my\040stick")
    box.mount("8:32", "/mnt/b")
    assert box.sticks() == [
        Stick(Path("/media/my stick"), "sdb", read_only=False),
        Stick(Path("/mnt/b"), "sdc", read_only=False),
    ]


def test_sticks_are_disks_on_usb_too(box: Box) -> None:
    """A disk in a case says that it cannot be taken out."""
    box.partition(box.disk("sdb", "pci/usb2/2-1"), "8:17")
    box.mount("8:17", "/mnt/usb")
    box.partition(box.disk("sdc", "pci/ata2"), "8:33")
    box.mount("8:33", "/mnt/data")
    assert [stick.disk for stick in box.sticks()] == ["sdb"]


@pytest.mark.parametrize("folder", ["/", "/boot/efi", "/var/lib/docker", "/home", "/usr"])
def test_sticks_are_none_that_the_system_lives_on(tmp_path: Path, folder: str) -> None:
    """Whatever bus it hangs on: neither that partition nor another one of the same disk."""
    box = Box(tmp_path)
    disk = box.disk("sdb", "usb1", removable=True)
    box.partition(disk, "8:17")
    box.partition(disk, "8:18")
    box.mount("8:17", folder)
    box.mount("8:18", "/media/rest")
    assert box.sticks() == []


def test_sticks_are_none_that_the_station_s_records_lie_on(box: Box) -> None:
    """A disk on USB that is the station's own."""
    box.partition(box.disk("sdb", "usb1"), "8:17")
    box.mount("8:17", "/mnt/records")
    assert box.sticks() != []
    assert box.sticks(Path("/mnt/records/line/parts.sqlite")) == []
    assert box.sticks(Path("/mnt/records2/parts.sqlite")) != []


def test_sticks_are_none_below_an_overlay(box: Box) -> None:
    """The root is made of folders of it."""
    box.partition(box.disk("mmc", "usb1", removable=True), "179:2")
    box.mount("179:2", "/media/root-ro", "ro")
    box.mount("0:40", "/", more="rw,lowerdir=/media/root-ro/system,upperdir=/run/up,workdir=/run/w")
    assert box.sticks() == []


def test_chosen_takes_the_only_one_or_the_one_that_is_named() -> None:
    """By its disk, or by its folder."""
    one = Stick(Path("/media/a"), "sdb", read_only=False)
    other = Stick(Path("/media/b"), "sdc", read_only=False)
    assert chosen([one], "") == one
    assert chosen([one, other], "sdc") == other
    assert chosen([one, other], "/media/a") == one


@pytest.mark.parametrize(
    ("sticks", "name", "said"),
    [
        ([], "", "found: none"),
        ([("/media/a", "sdb"), ("/media/b", "sdc")], "", "sdb at /media/a, sdc at /media/b"),
        ([("/media/a", "sdb")], "sda", "mounted as sda, found: sdb at /media/a"),
    ],
)
def test_chosen_says_what_there_is(sticks: list[tuple[str, str]], name: str, said: str) -> None:
    """None, or more than one that may be meant."""
    found = [Stick(Path(folder), disk, read_only=False) for folder, disk in sticks]
    with pytest.raises(NotTakenAlong, match="GN658") as error:
        chosen(found, name)
    assert said in str(error.value)


@pytest.mark.parametrize(("options", "more"), [("ro,nosuid", "rw"), ("rw", "ro,errors=remount-ro")])
def test_chosen_refuses_a_stick_that_is_read_only(box: Box, options: str, more: str) -> None:
    """Mounted so, or a file system that has found itself damaged."""
    box.partition(box.disk("sdb", removable=True), "8:17")
    box.mount("8:17", "/media/a", options, more)
    with pytest.raises(NotTakenAlong, match="read-only"):
        chosen(box.sticks(), "")
