"""What a rehearsal needs before a box is switched on: a disk, a stick, and images that are bad."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.build.box.disk import MIB, divide, first_mib, smallest_mib
from gonogo.build.box.ext4 import File, make
from gonogo.tests.flashed.guest import PLC_IN_GUEST

if TYPE_CHECKING:
    from gonogo.build.box.epoch import Epoch

ROOT = Path(__file__).parents[2]
STATION_UID = 700  # packaging/box/rootfs/etc/sysusers.d
_WORDS = (  # a shell; and what it does, on a processor that may have a tenth of its time
    "systemd.debug_shell=ttyS1 systemd.show_status=1 systemd.default_device_timeout_sec=600"
)
BENCH_CFG = f'set kernel_words="${{kernel_words}} {_WORDS}"\n'
# times that an emulated processor can hold, and the PLC where the guest finds it
_SUBSTITUTES = (
    (r"^(budget_ms = ).*", r"\g<1>5000"),
    (r"^(pitch_mm = ).*", r"\g<1>1200"),
    (r"^(decision_distance_mm = ).*", r"\g<1>1000"),
    (r"^scan_ms = .*", "scan_ms = 50\ntimeout_ms = 1000\npoll_ms = 20"),
    (r"^(seed = .*)", r"\g<1>\npool = 4"),
    (r"^(max_escape_pct = ).*", r"\g<1>100"),
    # its start takes a minute of the one processor
    (r"^(name = \"demo\")$", r"\g<1>\nwarm_spare = false"),
    # the rules alone
    (r"^\[view\.engine\]\n(?s:.*?)(?=^\[\[view\.rule)", ""),
)


class Bad(NamedTuple):
    """What is done to an image, in debugfs's words."""

    name: str
    version: str
    words: tuple[str, ...] = ()


GOOD_B = Bad("good", "2")
CANNOT_INSPECT = Bad("blind", "3", ("rm /usr/lib/gonogo/site/cv2/__init__.py",))
CANNOT_BOOT = Bad("dead", "4", ("rm /usr/lib/systemd/systemd", "rm /usr/sbin/init"))


def station_text(host: str) -> str:
    """The demo with the rules alone, in times that the emulator holds."""
    text = (ROOT / "stations" / "demo.toml").read_text(encoding="utf-8")
    for pattern, instead in _SUBSTITUTES:
        text, count = re.subn(pattern, instead, text, flags=re.MULTILINE)
        if not count:
            raise ValueError(f"demo.toml has nothing like {pattern} any more")
    text = text.replace('host = "127.0.0.1"', f'host = "{host}"')
    return text.replace("../var/demo/records.sqlite", "/data/records/records.sqlite")


def put(disk: Path, source: Path, at_mib: int) -> None:
    """Copy a file into a disk; what is zero stays a hole."""
    with source.open("rb") as file, disk.open("r+b") as out:
        out.seek(at_mib * MIB)
        while chunk := file.read(MIB):
            if chunk.count(0) == len(chunk):
                out.seek(len(chunk), 1)
            else:
                out.write(chunk)


def flashed(disk: Path, content: Path, epoch: Epoch) -> None:
    """A disk as a flasher leaves it, with the root in slot A and a shell for the bench."""
    told = json.loads((content / "disk/layout.json").read_text(encoding="ascii"))
    disk.unlink(missing_ok=True)
    with disk.open("wb") as file:
        file.truncate(smallest_mib(told["slot_mib"]) * MIB)
    divide(disk, told["slot_mib"])
    at = first_mib(told["slot_mib"])
    with disk.open("r+b") as file:
        file.write((content / "disk/mbr.img").read_bytes())
    boot = disk.with_name("boot.ext4")
    shutil.copyfile(content / "disk/boot.ext4", boot)
    with tempfile.NamedTemporaryFile("w") as bench:
        bench.write(BENCH_CFG)
        bench.flush()
        changed(boot, (f"write {bench.name} /grub/bench.cfg",))
    put(disk, content / "disk/core.img", at["gonogo-bios"])
    put(disk, boot, at["gonogo-boot"])
    put(disk, content / "rootfs.ext4", at["gonogo-a"])
    data = disk.with_name("data.ext4")
    with tempfile.TemporaryDirectory() as empty:
        size = 256 * MIB
        name = "6f1d4c1e-0b6a-4a5e-9f62-676f6e6f6770"
        make(data, Path(empty), File(size, "gonogo-data", name, "has_journal"), epoch)
    put(disk, data, at["gonogo-data"])


def changed(image: Path, words: tuple[str, ...]) -> None:
    """What debugfs does to a file system; RuntimeError with its complaint."""
    for each in words:
        done = subprocess.run(
            ["/sbin/debugfs", "-w", "-R", each, str(image)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        complaint = [line for line in done.stderr.splitlines() if not line.startswith("debugfs 1")]
        if complaint:
            raise RuntimeError(f"{each}: {complaint}")


def bad_image(bad: Bad, rootfs: Path, work: Path, signer: tuple[Path, Path]) -> Path:
    """A flash image (of the root alone) whose root was changed so; signed like any."""
    out = work / f"{bad.name}.raucb"
    if out.exists():
        return out
    content = work / f"{bad.name}.content"
    shutil.rmtree(content, ignore_errors=True)
    content.mkdir(parents=True)
    image = content / "rootfs.ext4"
    subprocess.run(["cp", "--sparse=always", str(rootfs), str(image)], check=True)
    told = content / "image.json"
    name = {"version": bad.version, "target": "x86_64-debian12", "image": bad.name}
    told.write_text(json.dumps(name), encoding="ascii")
    place = "/usr/lib/gonogo-box/image.json"
    changed(image, (f"rm {place}", f"write {told} {place}", *bad.words))
    told.unlink()
    (content / "manifest.raucm").write_text(
        f"[update]\ncompatible=gonogo-x86_64-debian12\nversion={bad.version}\n"
        "[bundle]\nformat=verity\n[image.rootfs]\nfilename=rootfs.ext4\n",
        encoding="ascii",
    )
    certificate, key = signer
    words = [f"--cert={certificate}", f"--key={key}"]
    packed = "--mksquashfs-args=-comp zstd -Xcompression-level 1"
    subprocess.run(["rauc", *words, packed, "bundle", str(content), str(out)], check=True)
    shutil.rmtree(content)
    return out


def stick(path: Path, images: list[Path], epoch: Epoch) -> None:
    """A file system with images, station files and the prober, for the second disk."""
    folder = path.with_suffix(".files")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for image in images:
        (folder / image.name).hardlink_to(image)
    (folder / "station.toml").write_text(station_text(PLC_IN_GUEST), encoding="utf-8")
    inside = station_text("127.0.0.1").replace('name = "demo"', 'name = "inside"')
    inside = inside.replace("/data/records/records.sqlite", "/run/rehearse/records/records.sqlite")
    (folder / "inside.toml").write_text(inside, encoding="utf-8")
    shutil.copyfile(Path(__file__).with_name("prober.py"), folder / "prober.py")
    used = sum(each.stat().st_size for each in folder.iterdir())
    name = "6f1d4c1e-0b6a-4a5e-9f62-676f6e6f6771"
    size = (used // MIB + 32) * MIB
    make(path, folder, File(size, "GONOGO", name, "^has_journal"), epoch)
    shutil.rmtree(folder)
