"""NVIDIA's BSP (Linux_for_Tegra): whether it is one, of which release, and what it is called with.

It is NVIDIA's, comes from NVIDIA alone, and is named by whoever has it.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import BspUnfit, FlashNoRoom
from gonogo.build.flash.disk import MIB
from gonogo.build.flash.scratch import room_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.flash.jetson.boards import Board

TOOL = "tools/kernel_flash/l4t_initrd_flash.sh"
LAYOUT = "tools/kernel_flash/flash_l4t_t234_nvme.xml"
QSPI = "bootloader/generic/cfg/flash_t234_qspi.xml"
RELEASE = "etc/nv_tegra_release"
TOOLS = ("abootimg", "exportfs", "sshpass", "xmlstarlet", "zstd")  # which NVIDIA's tool calls
MAJOR, LEAST_MINOR = 36, 4.0  # JetPack 6.1, the first with TensorRT 10.3 (docs/on-a-jetson.md)
_SAID = re.compile(r"# R(\d+) \(release\), REVISION: (\d+(?:\.\d+)?)(\.\d+)?")
_DEVICE = "nvme0n1p1"
_COPIES, _SPARE_BYTES = 2, 2048 * MIB


class Bsp(NamedTuple):
    """A BSP that is whole. `release`: of Jetson Linux, as 36.4.3."""

    folder: Path
    release: str

    @property
    def rootfs(self) -> Path:
        """What becomes the root file system of the board."""
        return self.folder / "rootfs"

    def check_board(self, name: str) -> None:
        """BspUnfit where it has no such configuration."""
        if not re.fullmatch(r"[\w.+-]+", name) or not (self.folder / f"{name}.conf").is_file():
            known = sorted(each.stem for each in self.folder.glob("jetson-*orin*.conf"))
            raise BspUnfit(
                f"{self.folder}: no {name}.conf; expected --board with one of its configurations, "
                f"as {', '.join(known) or '(it has none for Orin)'}"
            )

    def check_room(self) -> str:
        """Whether the tool has room for the images that it makes; FlashNoRoom."""
        needed = _COPIES * _size_bytes(self.rootfs) + _SPARE_BYTES
        room = room_bytes(self.folder)
        if room < needed:
            raise FlashNoRoom(
                f"{self.folder}: {room / MIB:.0f} MiB free; expected {needed / MIB:.0f} MiB, as "
                "NVIDIA's tool makes its images there; make room"
            )
        return f"{room / MIB:.0f} MiB where the tool makes its images, some {needed / MIB:.0f} used"


def bsp_of(folder: Path) -> Bsp:
    """The BSP there; BspUnfit says what is missing, and what brings it."""
    home = folder.absolute()
    if re.search(r"[^\w./+-]", str(home)):
        # it hands its own path to eval
        raise BspUnfit(f"{home}: NVIDIA's tool takes no such path; expected one without blanks")
    for name in (TOOL, LAYOUT, QSPI):
        if not (home / name).is_file():
            raise BspUnfit(
                f"{home}: no {name}; expected Linux_for_Tegra of Jetson Linux {MAJOR}, as NVIDIA's "
                "Jetson_Linux_R36.*_aarch64.tbz2 unpacks"
            )
    if not os.access(home / TOOL, os.X_OK):
        raise BspUnfit(f"{home}/{TOOL} is no program; unpack the BSP anew, by root: sudo tar xpf")
    try:
        said = (home / "rootfs" / RELEASE).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise BspUnfit(
            f"{home}/rootfs: not filled ({RELEASE}: {error.strerror}); unpack NVIDIA's sample root "
            "file system there (sudo tar xpf), then sudo ./apply_binaries.sh in the BSP"
        ) from error
    return Bsp(home, _release(home, said))


def words(bsp: Bsp, board: Board, config: str) -> list[str]:
    """What NVIDIA's tool is called with, in the BSP's folder: options first, as it documents."""
    layouts = ["--external-device", _DEVICE, "-c", LAYOUT]
    if board.kind.qspi:
        layouts += ["-p", f"-c {QSPI}"]
    # not --showlogs: without --massflash all it says comes here anyway
    return [str(bsp.folder / TOOL), *layouts, "--network", "usb0", config, board.kind.root]


def _release(home: Path, said: str) -> str:
    found = _SAID.match(said)
    if found is None:
        raise BspUnfit(f"{home}/rootfs/{RELEASE}: expected '# R36 (release), REVISION: 4.3'")
    release = f"{found[1]}.{found[2]}"
    if int(found[1]) != MAJOR or float(found[2]) < LEAST_MINOR:
        raise BspUnfit(
            f"{home}: Jetson Linux {release}; expected {MAJOR}.4 or a newer {MAJOR} (JetPack 6.1 "
            "or newer), which the image is for"
        )
    return release


def _size_bytes(folder: Path) -> int:
    """What its files hold, links not followed."""
    total = 0
    for here, _, names in os.walk(folder):
        total += sum(os.lstat(f"{here}/{name}").st_size for name in names)
    return total
