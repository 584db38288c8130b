"""A stand-in for NVIDIA's BSP, a machine to which a Jetson is plugged, and images for one.

The stand-in's l4t_initrd_flash.sh flashes nothing. It takes the options that NVIDIA documents and
no others (README_initrd_flash.txt, the tool's own usage, the Developer Guide's reference manual),
in the order in which getopts reads them, wants its folder, its root file system, root and one
board in recovery mode, writes down how it was called, and fails as the tool is known to fail.
Nothing of NVIDIA's is in it. Import as `gonogo.tests.build.flash.jetson.stand_in`.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.build.flash.job import flash
from gonogo.build.flash.means import Means
from gonogo.build.flash.options import Asked
from gonogo.tests.build.flash.boxes import run, signer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gonogo.tests.build.flash.boxes import Signer

COMPATIBLE = "gonogo-aarch64-jetpack6"
HOST_TOOLS = ("abootimg", "exportfs", "sshpass", "xmlstarlet", "zstd")
NX_16 = "7323"
PROGRAM = {
    "usr/lib/gonogo/bin/gonogo": "#!/bin/sh\n",
    "usr/lib/gonogo/release.json": json.dumps({"version": "0.2.0+program"}),
    "etc/systemd/system/gonogo.service": "[Service]\n",
}
TOOL = '''
"""Flashes nothing, and says so."""
import json, os, pathlib, shutil, signal, subprocess, sys, time

ALONE = {"external-only", "no-flash", "flash-only", "sparse", "showlogs", "erase-all", "initrd",
         "reuse", "append", "with-systemimg", "qspi-only", "keep"}
WITH_VALUE = {"external-device", "network", "usb-instance", "direct", "uefi-keys", "massflash"}
LETTERS = set("uvpkPcSi")
RECOVERY = {"7023", "7223", "7323", "7423", "7523", "7623"}
home = pathlib.Path(__file__).resolve().parents[2]

def say(*words):
    print(*words, flush=True)

def usage(why):
    say(f"Usage: {sys.argv[0]} <options> <board-name> <rootdev>  ({why})")
    sys.exit(1)

def parsed(words):
    given, words = {}, list(words)
    while words and words[0].startswith("-"):
        word = words.pop(0)
        name = word.removeprefix("--") if word.startswith("--") else word[1:]
        known = ALONE | WITH_VALUE if word.startswith("--") else LETTERS
        if name not in known:
            usage(f"unknown option {word}")
        given[name] = True if name in ALONE else words.pop(0)
    if len(words) != 2 or any(word.startswith("-") for word in words):
        usage(f"expected a board and a root device behind the options, not {words}")
    return given, words

def plugged():
    found = []
    for vendor in pathlib.Path(os.environ["STAND_IN_USB"]).glob("*/idVendor"):
        product = vendor.with_name("idProduct").read_text().strip()
        if vendor.read_text().strip() == "0955" and product in RECOVERY:
            found.append(vendor.parent)
    return found

given, (board, root) = parsed(sys.argv[1:])
if pathlib.Path.cwd().resolve() != home:
    usage("run it in Linux_for_Tegra")
if os.geteuid() != 0 and "STAND_IN_ANYBODY" not in os.environ:
    say("This script requires root privilege")
    sys.exit(1)
if "no-flash" in given and "flash-only" in given:
    usage("--no-flash makes images, --flash-only takes those that were made")
if "c" in given and "external-device" not in given:
    say("-c and --external-device must be specified together")
    sys.exit(2)
for path in [home / f"{board}.conf", home / given.get("c", "."),
             home / given.get("p", "").removeprefix("-c ").strip()]:
    if not path.exists():
        usage(f"no {path}")
program = home / "rootfs/usr/lib/gonogo/bin/gonogo"
with (home / "called.json").open("a") as kept:
    kept.write(json.dumps({
        "words": sys.argv[1:], "cwd": os.getcwd(), "has_program": program.exists(),
        "stdin": os.readlink("/proc/self/fd/0"), "pid": os.getpid(),
    }) + "\\n")
behaviour = (home / "behaviour").read_text()
boards = plugged()
if not boards:
    say("No devices to flash")
    sys.exit(1)
say(f"{sys.argv[0]}_internal --no-flash {' '.join(sys.argv[1:])}")
for number in range(200):
    say(f"[ {number / 10:8.4f} ] tegrasign_v3.py --key None --list images_list.xml")
say("Finish generating flash package.")
if len(boards) > 1:
    say("Error, too many devices in RCM mode")
    sys.exit(1)
say("Waiting for target to boot-up..." * 3)
if behaviour == "dies":
    os.kill(os.getpid(), signal.SIGKILL)
if behaviour == "hangs":
    child = subprocess.Popen(["sleep", "600"])
    (home / "child").write_text(str(child.pid))
    signal.signal(signal.SIGTERM, lambda *_: (say("Cleaning up..."), sys.exit(1)))
    time.sleep(600)
if behaviour == "fails":
    say("Error: Timeout")
    say("Error: Device ping failed after RCM boot.")
    say("Cleaning up...")
    sys.exit(1)
if behaviour == "leaves a child":
    child = subprocess.Popen(["sleep", "600"])
    (home / "child").write_text(str(child.pid))
if behaviour != "stays":
    shutil.rmtree(boards[0])
say("Successfully flash the external device")
say("Log is saved to Linux_for_Tegra/initrdlog/flash_1-3_0.log")
'''


class Bench(NamedTuple):
    """A BSP, sysfs' USB devices, and who signs images."""

    folder: Path
    bsp: Path
    usb: Path
    signer: Signer

    def behaves(self, how: str) -> None:
        """What the tool does from now on."""
        (self.bsp / "behaviour").write_text(how)

    @property
    def called(self) -> list[dict[str, object]]:
        """Each call of the tool."""
        path = self.bsp / "called.json"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]

    def flashed(self, image: Path, **asked: object) -> tuple[int, str]:
        """As somebody would who types --yes; the exit code, and all that was said."""
        return self.flashed_with(Means(), image=image, **asked)

    def flashed_with(self, means: Means, **asked: object) -> tuple[int, str]:
        """With other means."""
        out = io.StringIO()
        given: dict[str, object] = {
            "target": "jetson", "bsp": self.bsp, "yes": True, "no_reboot": True, "factory": True,
            "keyring": self.signer.keyring, "log": self.folder / "flash.log", **asked,
        }  # fmt: skip
        means = means._replace(out=out, scratch=self.folder, usb=self.usb)
        if means.euid is os.geteuid:
            means = means._replace(euid=lambda: 0)
        return flash(Asked(**given), means), out.getvalue()  # type: ignore[arg-type]


def bench(folder: Path) -> Bench:
    """All of it, with one Orin NX in recovery mode; the tool does well."""
    found = Bench(folder, bsp(folder), folder / "usb", signer(folder / "keys"))
    found.usb.mkdir()
    plug(found.usb)
    found.behaves("well")
    return found


def bsp(folder: Path) -> Path:
    """As NVIDIA's unpacks, after apply_binaries.sh: what of it a flash looks at."""
    home = folder / "Linux_for_Tegra"
    for name, said in {
        "tools/kernel_flash/l4t_initrd_flash.sh": f"#!{sys.executable} -I\n{TOOL}",
        "tools/kernel_flash/flash_l4t_t234_nvme.xml": "<partition_layout/>\n",
        "bootloader/generic/cfg/flash_t234_qspi.xml": "<partition_layout/>\n",
        "jetson-orin-nano-devkit.conf": "",
        "jetson-orin-nano-devkit-super.conf": "",
        "jetson-agx-orin-devkit.conf": "",
        "rootfs/etc/nv_tegra_release": "# R36 (release), REVISION: 4.3, GCID: 38968081\n",
        "rootfs/etc/hostname": "tegra-ubuntu\n",
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(said)
    (home / "rootfs" / "var").mkdir()
    (home / "rootfs" / "var" / "run").symlink_to("/run")  # as Ubuntu has it
    (home / "tools/kernel_flash/l4t_initrd_flash.sh").chmod(0o755)
    return home


def plug(usb: Path, product: str = NX_16, port: str = "1-3", serial: str = "") -> Path:
    """A device as sysfs shows it."""
    device = usb / port
    device.mkdir()
    said = {"idVendor": "0955", "idProduct": product, **({"serial": serial} if serial else {})}
    for name, text in said.items():
        (device / name).write_text(f"{text}\n")
    return device


def host_tools(folder: Path) -> str:
    """A PATH on which there is what NVIDIA's tool calls."""
    made = folder / "host"
    made.mkdir()
    for name in HOST_TOOLS:
        (made / name).write_text("#!/bin/sh\n")
        (made / name).chmod(0o755)
    return f"{made}:{os.environ['PATH']}"


def bundle(
    folder: Path, by: Signer, files: Mapping[str, str] = PROGRAM, compatible: str = COMPATIBLE
) -> Path:
    """An image for a Jetson, made as docs/flashing.md says."""
    tree, tar = folder / "tree", folder / "rootfs.tar"
    for name, said in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(said)
    run("tar", "-C", tree, "--owner=0", "--group=0", "--numeric-owner", "--sort=name",
        "-cf", tar, ".")  # fmt: skip
    return bundle_of(tar, by, compatible)


def bundle_of(tar: Path, by: Signer, compatible: str = COMPATIBLE) -> Path:
    """Of a file as it is, whatever it is."""
    content = tar.parent / f"content-{tar.name}-{compatible}"
    content.mkdir()
    tar.rename(content / tar.name)
    (content / "noise").write_bytes(os.urandom(8192))  # rauc wants more than a page
    manifest = f"[update]\ncompatible={compatible}\nversion=0.2.0\n[bundle]\nformat=verity\n"
    (content / "manifest.raucm").write_text(f"{manifest}[image.rootfs]\nfilename={tar.name}\n")
    out = tar.with_name(f"{tar.name}-{compatible}.raucb")
    run("rauc", f"--cert={by.certificate}", f"--key={by.key}", "bundle", content, out)
    return out


def tree_of(folder: Path) -> dict[str, str]:
    """Every name below it, with what it is; a file with its bytes and its time."""
    found = {}
    for path in sorted(folder.rglob("*")):
        kind = "link" if path.is_symlink() else "folder" if path.is_dir() else "file"
        more = f"{path.read_bytes().hex()} {path.stat().st_mtime_ns}" if kind == "file" else ""
        found[str(path.relative_to(folder))] = f"{kind} {more}"
    return found


def evil_tar(folder: Path, name: str, kind: bytes = tarfile.REGTYPE) -> Path:
    """A tar with one member of that name and kind, and the program."""
    path = folder / "rootfs.tar"
    with tarfile.open(path, "w") as tar:
        for each in ("usr/lib/gonogo/bin/gonogo", name):
            member = tarfile.TarInfo(each)
            member.type = kind if each == name else tarfile.REGTYPE
            member.linkname = "x" if kind != tarfile.REGTYPE else ""
            tar.addfile(member)
    return path


def is_alive(pid: int) -> bool:
    """Neither gone nor only waiting to be looked at."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return said.rpartition(")")[2].split()[0] != "Z"


def main(folder: Path, image: Path) -> int:
    """A flash in a process of its own: its exit code, and its lines at standard output."""
    given = Asked(
        target="jetson", bsp=folder / "Linux_for_Tegra", yes=True, no_reboot=True, factory=True,
        keyring=folder / "keys" / "keyring.pem", log=folder / "flash.log", image=image,
    )  # fmt: skip
    return flash(given, Means(scratch=folder, usb=folder / "usb", euid=lambda: 0))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
