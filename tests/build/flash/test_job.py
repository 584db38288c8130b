"""A flash as somebody types it, onto disk images; the judges are programs of others."""

from __future__ import annotations

import hashlib
import json
import resource
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import FlashError
from gonogo.build.flash.image import checked
from gonogo.build.flash.job import flash
from gonogo.build.flash.means import Means
from gonogo.build.flash.options import Asked
from gonogo.tests.build.flash import boxes
from gonogo.tests.build.flash.boxes import (
    Shelf,
    bytes_of,
    counters_of,
    empty_disk,
    flashed,
    needs_tools,
    part,
    run,
    sha256,
    station_disk,
)
from gonogo.tests.build.flash.cut import CutDisk, DeadDisk, WrappingDisk, WrongDisk

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.flash.disk import Disk

pytestmark = needs_tools
READS = ("check", "dry-run", "verify-only", "status", "list")


@pytest.fixture
def tmp_path(memory: Path) -> Path:
    """Where a flush costs nothing."""
    return memory


def whole(disk: Path) -> tuple[str, int]:
    """Hash and time of a disk image: what a mode that only reads leaves as it was."""
    return sha256(disk), disk.stat().st_mtime_ns


def root_of(shelf: Shelf, image: Path, folder: Path) -> str:
    """The hash that RAUC says the root file system has."""
    return checked(image, shelf.keyring, folder).sha256


def test_an_empty_disk_becomes_a_station_that_others_find_whole(
    shelf: Shelf, tmp_path: Path
) -> None:
    """Partitions by sgdisk, file systems by e2fsck, counters by GRUB's own program."""
    disk = shelf.fresh
    assert "No problems found" in run("sgdisk", "-v", disk)
    for name in ("gonogo-boot", "gonogo-a", "gonogo-data"):
        run("e2fsck", "-fn", f"{disk}?offset={part(disk, name)[0]}")
    assert counters_of(disk) == {
        "ORDER": "A B", "A_OK": "1", "A_TRY": "0", "B_OK": "0", "B_TRY": "0",
    }  # fmt: skip
    root = bytes_of(disk, "gonogo-a", boxes.ROOT_MIB * boxes.MIB)
    assert hashlib.sha256(root).hexdigest() == root_of(shelf, shelf.new, tmp_path)


def test_the_loader_lies_where_the_first_sector_looks_for_it(shelf: Shelf, tmp_path: Path) -> None:
    """440 bytes at the beginning, the core at sector 2048: as the image has them."""
    out = tmp_path / "out"
    run("rauc", f"--keyring={shelf.keyring}", "extract", shelf.new, out)
    with shelf.fresh.open("rb") as opened:
        assert opened.read(440) == (out / "disk" / "mbr.img").read_bytes()
        core = (out / "disk" / "core.img").read_bytes()
        opened.seek(2048 * 512)
        assert opened.read(len(core)) == core


def test_a_station_gets_its_other_slot_and_nothing_else(shelf: Shelf, tmp_path: Path) -> None:
    """Slot B and the counters; slot A, data and table as they were, byte for byte."""
    disk = station_disk(shelf, tmp_path)
    names = ("gonogo-a", "gonogo-data", "gonogo-bios")
    before = {name: bytes_of(disk, name) for name in names}
    code, said = flashed(shelf, disk, image=shelf.newer)
    assert code == 0, said
    assert {name: bytes_of(disk, name) for name in names} == before
    root = bytes_of(disk, "gonogo-b", boxes.ROOT_MIB * boxes.MIB)
    assert hashlib.sha256(root).hexdigest() == root_of(shelf, shelf.newer, tmp_path)
    found = counters_of(disk)
    assert found == {"ORDER": "B A", "A_OK": "1", "A_TRY": "0", "B_OK": "1", "B_TRY": "0"}
    assert "No problems found" in run("sgdisk", "-v", disk)
    run("e2fsck", "-fn", f"{disk}?offset={part(disk, 'gonogo-boot')[0]}")
    assert "Not proven here: that it starts and inspects" in said


def test_the_slot_that_starts_is_never_written(shelf: Shelf, tmp_path: Path) -> None:
    """Not even when it is asked for."""
    disk = station_disk(shelf, tmp_path)
    before = whole(disk)
    code, said = flashed(shelf, disk, image=shelf.newer, slot="A")
    assert (code, whole(disk)) == (2, before)
    assert "expected B, so that it has a slot to start" in said


def test_back_and_forth_ends_where_it_began(shelf: Shelf, tmp_path: Path) -> None:
    """An update, and a rollback that is one change of the counters."""
    disk = station_disk(shelf, tmp_path)
    assert flashed(shelf, disk, image=shelf.newer)[0] == 0
    slot = bytes_of(disk, "gonogo-b")
    code, said = flashed(shelf, disk, mode="rollback")
    assert code == 0, said
    found = counters_of(disk)
    assert found == {"ORDER": "A B", "A_OK": "1", "A_TRY": "0", "B_OK": "1", "B_TRY": "0"}
    assert bytes_of(disk, "gonogo-b") == slot


@pytest.mark.parametrize(
    ("mode", "kind"),
    [*((mode, "station") for mode in READS), ("dry-run", "empty"), ("verify-only", "empty")],
)
def test_what_only_reads_changes_not_one_byte(
    shelf: Shelf, tmp_path: Path, mode: str, kind: str
) -> None:
    """The whole target, and its time, are as before."""
    disk = station_disk(shelf, tmp_path) if kind == "station" else empty_disk(tmp_path)
    before = whole(disk)
    code, said = flashed(shelf, disk, mode=mode, image=shelf.new)
    assert whole(disk) == before
    assert code == (6 if (mode, kind) == ("verify-only", "empty") else 0), said


def test_verify_only_says_which_slot_holds_the_image(shelf: Shelf, tmp_path: Path) -> None:
    """Byte for byte, and exit code 6 where one differs."""
    disk = station_disk(shelf, tmp_path)
    code, said = flashed(shelf, disk, mode="verify-only", image=shelf.new)
    assert code == 0
    assert "slot A: 0.2.0, byte for byte" in said
    at = part(disk, "gonogo-a")[0] + 3_000_000
    with disk.open("r+b") as opened:
        opened.seek(at)
        old = opened.read(1)
        opened.seek(at)
        opened.write(bytes([old[0] ^ 1]))
    code, said = flashed(shelf, disk, mode="verify-only", image=shelf.new)
    assert code == 6
    assert "no slot of A, B holds 0.2.0" in said


def test_a_program_reads_a_line_a_step(shelf: Shelf, tmp_path: Path) -> None:
    """JSON throughout, the log first and last, the exit code in the last line."""
    disk = station_disk(shelf, tmp_path)
    code, said = flashed(shelf, disk, image=shelf.newer, as_json=True)
    lines = [json.loads(line) for line in said.splitlines()]
    log = str(disk.with_name("disk.img.log"))
    assert (code, lines[0], lines[-1]["exit_code"], lines[-1]["log"]) == (0, {"log": log}, 0, log)
    steps = [line for line in lines if "step" in line]
    assert [(each["step"], each["of"]) for each in steps] == [(n, 7) for n in range(1, 8)]
    assert steps[2]["name"] == "write slot B"
    assert steps[2]["bytes"] == boxes.ROOT_MIB * boxes.MIB
    assert {"check": "lock", "ok": True, "says": "held: nobody else writes to it"} in lines


def test_factory_erases_the_data_and_keeps_the_slot(shelf: Shelf, tmp_path: Path) -> None:
    """Records, engines and keys go; what starts stays."""
    disk = station_disk(shelf, tmp_path)
    at = part(disk, "gonogo-data")[0]
    note = tmp_path / "note"
    note.write_text("a record")
    run("debugfs", "-w", "-R", f"write {note} note", f"{disk}?offset={at}")
    assert flashed(shelf, disk, image=shelf.newer)[0] == 0
    assert "a record" in run("debugfs", "-R", "cat note", f"{disk}?offset={at}")
    slot = bytes_of(disk, "gonogo-b")
    code, said = flashed(shelf, disk, image=shelf.newer, factory=True)
    assert code == 0, said
    assert "a record" not in run("debugfs", "-R", "cat note", f"{disk}?offset={at}")
    assert bytes_of(disk, "gonogo-b") == slot


def test_a_disk_with_something_else_is_erased_by_factory_alone(
    shelf: Shelf, tmp_path: Path
) -> None:
    """A file system of somebody's holidays is no empty disk."""
    disk = empty_disk(tmp_path)
    run("mke2fs", "-q", "-F", "-t", "ext4", disk)
    before = whole(disk)
    code, said = flashed(shelf, disk, image=shelf.new)
    assert (code, whole(disk)) == (2, before)
    assert "holds something else (ext4)" in said
    assert flashed(shelf, disk, image=shelf.new, factory=True)[0] == 0
    assert "No problems found" in run("sgdisk", "-v", disk)


def test_a_station_without_readable_counters_is_not_taken_for_an_empty_disk(
    shelf: Shelf, tmp_path: Path
) -> None:
    """Its data would be gone."""
    disk = station_disk(shelf, tmp_path)
    with disk.open("r+b") as opened:
        opened.seek(part(disk, "gonogo-boot")[0])
        opened.write(bytes(65_536))
    before = whole(disk)
    code, said = flashed(shelf, disk, image=shelf.new)
    assert (code, whole(disk)) == (2, before)
    assert "a station whose boot partition cannot be read" in said


def test_an_older_image_wants_a_word(shelf: Shelf, tmp_path: Path) -> None:
    """Refused, and taken with it."""
    disk = station_disk(shelf, tmp_path)
    assert flashed(shelf, disk, image=shelf.newer)[0] == 0
    before = whole(disk)
    code, said = flashed(shelf, disk, image=shelf.new)
    assert (code, whole(disk)) == (2, before)
    assert "0.2.0 is older than 0.3.0" in said
    assert flashed(shelf, disk, image=shelf.new, allow_downgrade=True)[0] == 0


def test_another_products_image_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    """Signed by the right key, and for something else: twice, by product and by box."""
    disk = station_disk(shelf, tmp_path)
    before = whole(disk)
    for compatible in ("toaster-7", "gonogo-aarch64-debian12"):
        other = boxes.bundle(tmp_path, shelf.signer, "0.4.0", compatible, for_empty=False)
        code, said = flashed(shelf, disk, image=other)
        assert (code, whole(disk)) == (3, before), said
        assert compatible in said


def test_an_image_without_a_loader_is_nothing_for_an_empty_disk(
    shelf: Shelf, tmp_path: Path
) -> None:
    """Said before a byte is written."""
    disk = empty_disk(tmp_path)
    before = whole(disk)
    code, said = flashed(shelf, disk, image=shelf.newer)
    assert (code, whole(disk)) == (3, before)
    assert "the image has no disk/mbr.img" in said


def test_a_disk_that_is_too_small_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    """With the size that is wanted."""
    disk = empty_disk(tmp_path, boxes.DISK_MIB - 1)
    before = whole(disk)
    code, said = flashed(shelf, disk, image=shelf.new)
    assert (code, whole(disk)) == (2, before)
    assert f"expected at least {boxes.DISK_MIB} MiB" in said


def test_a_disk_that_is_read_only_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    """Also where root could write it all the same."""
    disk = station_disk(shelf, tmp_path)
    disk.chmod(0o444)
    code, said = flashed(shelf, disk, image=shelf.newer)
    assert code == 2
    assert "read-only" in said


def test_two_flashes_at_once_are_one(shelf: Shelf, tmp_path: Path) -> None:
    """The second one is refused as long as the first one has the disk."""
    disk = station_disk(shelf, tmp_path)
    codes = []

    def ask(_: str) -> str:
        codes.append(flashed(shelf, disk, image=shelf.newer)[0])
        codes.append(flashed(shelf, disk, mode="check", image=shelf.newer)[0])
        return "disk"

    code, said = flashed(shelf, disk, Means(ask=ask), image=shelf.newer, yes=False)
    assert (codes, code) == ([4, 4], 0), said


@pytest.mark.parametrize("typed", ["", "y", "DISK", "disk.img"])
def test_nothing_but_the_last_four_confirms(shelf: Shelf, tmp_path: Path, typed: str) -> None:
    """Not a y."""
    disk = station_disk(shelf, tmp_path)
    before = whole(disk)
    code, said = flashed(shelf, disk, Means(ask=lambda _: typed), image=shelf.newer, yes=False)
    assert (code, whole(disk)) == (2, before)
    assert "nothing was written" in said


def test_factory_asks_twice(shelf: Shelf, tmp_path: Path) -> None:
    """And the second no is a no."""
    disk = station_disk(shelf, tmp_path)
    before = whole(disk)
    answers = ["disk", "no"]
    means = Means(ask=lambda _: answers.pop(0))
    code, _ = flashed(shelf, disk, means, image=shelf.newer, yes=False, factory=True)
    assert (code, answers, whole(disk)) == (2, [], before)


def test_a_disk_that_wraps_round_is_found_out_before_anything_is_on_it(
    shelf: Shelf, tmp_path: Path
) -> None:
    """It says 35 MiB and has 16."""
    disk = empty_disk(tmp_path)
    means = Means(disk=lambda path, _: WrappingDisk(path, 16 * boxes.MIB))
    code, said = flashed(shelf, disk, means, image=shelf.new)
    assert code == 6
    assert "GN708" in said
    assert "[3/7]" not in said


@pytest.mark.parametrize("at_write", [1, 2])
def test_a_byte_that_the_disk_keeps_otherwise_is_found_in_verify(
    shelf: Shelf, tmp_path: Path, at_write: int
) -> None:
    """And the slot is not switched to."""
    disk = station_disk(shelf, tmp_path)
    before = bytes_of(disk, "gonogo-a")
    means = Means(disk=lambda path, _: WrongDisk(path, at_write))
    code, said = flashed(shelf, disk, means, image=shelf.newer)
    assert code == 6, said
    assert bytes_of(disk, "gonogo-a") == before
    assert (counters_of(disk)["ORDER"], counters_of(disk)["B_OK"]) == ("A B", "0")


def test_a_write_error_ends_with_its_place_and_the_old_slot(shelf: Shelf, tmp_path: Path) -> None:
    """As a disk says it; the same command again ends well."""
    disk = station_disk(shelf, tmp_path)
    before = bytes_of(disk, "gonogo-a")
    means = Means(disk=lambda path, _: DeadDisk(path, 2))
    code, said = flashed(shelf, disk, means, image=shelf.newer)
    assert code == 5
    assert "slot B was not finished; A starts as before" in said
    assert bytes_of(disk, "gonogo-a") == before
    assert (counters_of(disk)["ORDER"], counters_of(disk)["B_OK"]) == ("A B", "0")
    assert flashed(shelf, disk, image=shelf.newer)[0] == 0


def test_a_file_system_that_takes_no_more_is_a_write_error(shelf: Shelf, tmp_path: Path) -> None:
    """The kernel's own word for it: RLIMIT_FSIZE, with EFBIG."""
    disk = station_disk(shelf, tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    limit = part(disk, "gonogo-b")[0] + boxes.MIB
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        code, said = flashed(shelf, disk, image=shelf.newer)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert code == 5, said
    assert "File too large" in said
    assert counters_of(disk)["B_OK"] == "0"


@pytest.mark.parametrize("at_write", range(4))
def test_somebody_stops_it_and_it_goes_on(shelf: Shelf, tmp_path: Path, at_write: int) -> None:
    """Before each of its writes: exit code 130, and with --resume only what was not written is."""
    disk = station_disk(shelf, tmp_path)
    means = Means(disk=lambda path, _: CutDisk(path, at_write, 0.0, KeyboardInterrupt))
    code, said = flashed(shelf, disk, means, image=shelf.newer)
    assert code == 130
    assert "slot B was not finished; A starts as before" in said
    assert counters_of(disk)["ORDER"] == "A B"
    code, said = flashed(shelf, disk, image=shelf.newer, resume=True)
    assert code == 0, said
    assert "MiB of it stood there already" in said


def test_a_block_device_becomes_a_station(shelf: Shelf, loop: Path, tmp_path: Path) -> None:
    """Held by O_EXCL, with file systems made through it all the same; then its other slot."""
    log = tmp_path / "log"
    code, said = flashed(shelf, loop, image=shelf.new, log=log)
    assert code == 0, said
    assert "No problems found" in run("sgdisk", "-v", loop)
    code, said = flashed(shelf, loop, image=shelf.newer, log=log)
    assert code == 0, said
    assert bytes_of(loop, "gonogo-a") == bytes_of(shelf.fresh, "gonogo-a")


def test_a_process_that_is_asked_to_end_says_what_is_on_the_disk(
    shelf: Shelf, tmp_path: Path
) -> None:
    """A real one, that gets SIGTERM while it writes."""
    disk = station_disk(shelf, tmp_path)
    done = killed(shelf, disk, "SIGTERM", 1)
    assert done.returncode == 130, done.stderr
    assert counters_of(disk)["ORDER"] == "A B"


@pytest.mark.parametrize("at_write", range(4))
def test_a_process_that_is_killed_leaves_the_old_slot(
    shelf: Shelf, tmp_path: Path, at_write: int
) -> None:
    """SIGKILL before a write, in a process of its own; the same command again ends well."""
    disk = station_disk(shelf, tmp_path)
    before = bytes_of(disk, "gonogo-a")
    assert killed(shelf, disk, "SIGKILL", at_write).returncode == -9
    assert list(tmp_path.glob("gonogo-flash-*"))
    assert bytes_of(disk, "gonogo-a") == before
    assert counters_of(disk)["ORDER"] == "A B"
    code, said = flashed(shelf, disk, image=shelf.newer)
    assert code == 0, said
    assert not list(tmp_path.glob("gonogo-flash-*"))


def killed(shelf: Shelf, disk: Path, sign: str, at_write: int) -> subprocess.CompletedProcess[str]:
    """A flash that gets a signal at its write of that number."""
    module = "gonogo.tests.build.flash.killed"
    command = [sys.executable, "-I", "-m", module, sign, at_write, disk, shelf.newer, shelf.keyring]
    return subprocess.run(
        [str(each) for each in command], check=False, capture_output=True, text=True
    )


def test_the_stick_is_pulled_while_it_is_read(shelf: Shelf, tmp_path: Path) -> None:
    """What was read before is of no use, and nothing was written."""
    disk = station_disk(shelf, tmp_path)
    before = whole(disk)
    stick = tmp_path / "stick"
    stick.mkdir()
    image = stick / "image.raucb"
    shutil.copy(shelf.newer, image)

    def disk_after_pull(path: Path, _: bool) -> Disk:  # noqa: FBT001 - as Means has it
        raise AssertionError(path)

    code, said = flashed(shelf, disk, Means(disk=disk_after_pull), image=stick / "no.raucb",
                         target=str(tmp_path / "nothing"))  # fmt: skip
    assert code == 2
    assert "is its stick in?" in said
    assert whole(disk) == before


def test_the_stick_is_pulled_once_writing_has_begun_and_nobody_needs_it(
    shelf: Shelf, tmp_path: Path
) -> None:
    """All of it was read before the first write."""
    disk = station_disk(shelf, tmp_path)
    image = tmp_path / "image.raucb"
    shutil.copy(shelf.newer, image)

    def ask(_: str) -> str:
        image.unlink()
        return "disk"

    code, said = flashed(shelf, disk, Means(ask=ask), image=image, yes=False)
    assert code == 0, said


def test_a_log_that_cannot_be_written_is_said_before_anything_else(
    shelf: Shelf, tmp_path: Path
) -> None:
    """A folder that is not there, and the target itself."""
    disk = station_disk(shelf, tmp_path)
    before = whole(disk)
    for log in (tmp_path / "no" / "flash.log", disk, shelf.newer):
        asked = Asked(image=shelf.newer, target=str(disk), yes=True, no_reboot=True, log=log)
        with pytest.raises(FlashError, match="GN713"):
            flash(asked)
    assert whole(disk) == before


def test_a_log_on_a_full_disk_does_not_end_a_flash(shelf: Shelf, tmp_path: Path) -> None:
    """It says that lines are missing."""
    disk = station_disk(shelf, tmp_path)
    full = tmp_path / "full"
    full.symlink_to("/dev/full")
    code, said = flashed(shelf, disk, image=shelf.newer, log=full)
    assert code == 0, said
    assert "it is not whole: No space left on device" in said.splitlines()[-1]
