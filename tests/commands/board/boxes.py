"""Boxes for `gonogo board`: trees of files, and what programs and imports answer on them.

Import it as `gonogo.tests.commands.board.boxes`. Nothing here was copied from a board that we had:
names and layouts are those of the vendors' documents.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gonogo.commands.board import ask_board
from gonogo.commands.board.ask_import import ANSWER
from gonogo.commands.board.box import Box, Ran
from gonogo.tests.drivers.board import trees

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ABSENT = {"absent": "libcuda.so.1: cannot open shared object file: No such file or directory"}
NO_MODULE = "ModuleNotFoundError: No module named "
VENV = "/opt/gonogo/.venv/bin/python"
L4T = {
    "4.6.1": "# R32 (release), REVISION: 7.1, GCID: 1, BOARD: t210ref, EABI: aarch64, DATE: x",
    "5.1.2": "# R35 (release), REVISION: 4.1, GCID: 33958178, BOARD: t186ref, EABI: aarch64",
    "6.0": "# R36 (release), REVISION: 3.0, GCID: 36191598, BOARD: generic, EABI: aarch64",
    "6.1": "# R36 (release), REVISION: 4.0, GCID: 37537400, BOARD: generic, EABI: aarch64",
    "6.2": "# R36 (release), REVISION: 4.3, GCID: 38968081, BOARD: generic, EABI: aarch64",
    "7.1": "# R38 (release), REVISION: 4.0, GCID: 1, BOARD: generic, EABI: aarch64",
    "7.2": "# R39 (release), REVISION: 2.0, GCID: 1, BOARD: generic, EABI: aarch64",
}
ORIN_GPU = {"name": "Orin", "compute_capability": "8.7", "integrated": True}
IDENTIFY = """\
Executing on device: 0000:01:00.0
Identifying board
Control Protocol Version: 2
Firmware Version: 4.23.0 (release,app,extended context switch buffer)
Logger Version: 0
Board Name: Hailo-8
Device Architecture: {architecture}
Serial Number: <N/A>
"""


class Programs:
    """Answers in place of children; keeps what was asked.

    Keys: a module (imported by our Python), "system MODULE" (by the system's), "cuda", "driver
    NAME", "hailortcli". A module that has no answer is not installed; what has none otherwise
    is not there, and finds nothing missing.
    """

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers, self.asked = answers, list[list[str]]()

    def __call__(self, argv: Sequence[str], limit_s: float) -> Ran:
        """As run_child."""
        assert limit_s > 0
        self.asked.append(list(argv))
        if argv[0] == "hailortcli":
            found = self.answers.get("hailortcli", Ran(None, why="hailortcli: No such file"))
            return found if isinstance(found, Ran) else Ran(0, str(found))
        script, args = Path(argv[2]).stem, argv[3:]
        answer = self._answer(script, list(args), system=argv[0] != VENV)
        if isinstance(answer, Ran):
            return answer
        return Ran(0, f"a library says hello\n{ANSWER}{json.dumps(answer)}\n")

    def _answer(self, script: str, args: list[str], *, system: bool) -> Any:  # noqa: ANN401 - JSON
        if script == "ask_board":
            return ask_board.answer_of(Path(args[0]))
        if script == "ask_cuda":
            return self.answers.get("cuda", ABSENT)
        if script == "ask_driver":
            return self.answers.get(f"driver {args[1]}", {})
        name = f"system {args[0]}" if system else args[0]
        found = self.answers.get(name, {"error": f"{NO_MODULE}'{args[0]}'"})
        return {"version": found} if isinstance(found, str) else found


def orin_nano(root: Path, jetpack: str = "6.2", **answers: Any) -> Box:  # noqa: ANN401 - JSON
    """A Jetson Orin Nano as NVIDIA's image leaves it, with gonogo in an environment of its own."""
    trees.orin(root)
    trees.write(
        root,
        {
            "proc/device-tree/model": "NVIDIA Jetson Orin Nano Engineering Reference Developer Kit",
            "proc/device-tree/compatible": "nvidia,p3768-0000+p3767-0005\0nvidia,tegra234",
            "proc/device-tree/cpus/cpu@0/compatible": "arm,cortex-a78\0arm,armv8",
            "etc/nv_tegra_release": L4T[jetpack],
            "etc/os-release": 'PRETTY_NAME="Ubuntu 22.04.5 LTS"\nID=ubuntu\nVERSION_ID="22.04"',
            "proc/version": "Linux version 5.15.148-tegra (buildbrain@x) #1 SMP PREEMPT Tue Jan 7",
            "proc/sys/kernel/osrelease": "5.15.148-tegra",
            "proc/meminfo": "MemTotal:        7802848 kB\nMemFree: 1 kB",
            "sys/devices/system/cpu/online": "0-5",
            "sys/devices/system/cpu/isolated": "",
            "sys/module/nvgpu/uevent": "",
            "dev/nvmap": "",
        },
    )
    python = {"python": "3.10"}
    whole: dict[str, Any] = {
        "onnxruntime": "1.23.2",
        "openvino": "2026.4.1",
        "numpy": "2.2.6",
        "cuda": {"version": 12060, "devices": [ORIN_GPU]},
        "system tensorrt": {"version": "10.3.0", **python},
    }
    return _box(root, whole | answers)


def pi5(root: Path, chip: str | None = "HAILO8", **answers: Any) -> Box:  # noqa: ANN401 - JSON
    """A Raspberry Pi 5 with Raspberry Pi OS and `hailo-all`; `chip` None: without a Hailo."""
    trees.pi5(root)
    files = {
        "proc/device-tree/compatible": "raspberrypi,5-model-b\0brcm,bcm2712",
        "proc/device-tree/cpus/cpu@0/compatible": "arm,cortex-a76",
        "etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian',
        "proc/version": "Linux version 6.12.34+rpt-rpi-2712 (x) #1 SMP PREEMPT Debian",
        "sys/devices/system/cpu/online": "0-3",
        f"{trees.CPUFREQ}/scaling_governor": "ondemand",
    }
    whole: dict[str, Any] = {"onnxruntime": "1.32.0", "openvino": "2026.4.1", "numpy": "1.26.4"}
    if chip is not None:
        files |= hailo_on_pci() | {
            "sys/module/hailo_pci/version": "4.23.0",
            "usr/lib/libhailort.so.4.23.0": "",
            "dev/hailo0": "",
        }
        whole |= {
            "hailo_platform": "4.23.0",
            "hailortcli": IDENTIFY.format(architecture=chip),
        }
    trees.write(root, files)
    return _box(root, whole | answers)._replace(python="3.11.2")


def hailo_on_pci(device: str = "0x2864") -> dict[str, str]:
    """The files of a chip on the bus."""
    slot = "sys/bus/pci/devices/0001:01:00.0"
    return {
        f"{slot}/vendor": "0x1e60",
        f"{slot}/device": device,
        f"{slot}/current_link_speed": "8.0 GT/s PCIe",
        f"{slot}/current_link_width": "1",
    }


def nvidia_on_pci() -> dict[str, str]:
    """The files of a graphics card on the bus, and of the sound beside it."""
    slot = "sys/bus/pci/devices/0000:01:00."
    return {
        f"{slot}0/vendor": "0x10de", f"{slot}0/device": "0x2684", f"{slot}0/class": "0x030000",
        f"{slot}1/vendor": "0x10de", f"{slot}1/device": "0x22ba", f"{slot}1/class": "0x040300",
    }  # fmt: skip


def pc(root: Path, **answers: Any) -> Box:  # noqa: ANN401 - JSON
    """A plain PC with Debian 12."""
    trees.pc(root)
    trees.write(
        root,
        {
            "sys/class/dmi/id/sys_vendor": "Vendor Ltd.",
            "proc/cpuinfo": "processor\t: 0\nmodel name\t: Intel(R) Core(TM) i5-8365UE",
            "etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian',
            "proc/version": "Linux version 6.1.0-rt7-amd64 (x) #1 SMP PREEMPT_RT Debian",
            "sys/devices/system/cpu/online": "0-3,6",
            "sys/devices/system/cpu/isolated": "3",
            "proc/meminfo": "MemTotal:       16303352 kB",
        },
    )
    whole = {"onnxruntime": "1.32.0", "openvino": "2026.4.1", "numpy": "2.4.6"}
    return _box(root, whole | answers)._replace(architecture="x86_64", python="3.11.2")


def _box(root: Path, answers: Mapping[str, Any]) -> Box:
    trees.write(root, {"usr/bin/python3": ""})
    return Box(
        root,
        Programs(answers),
        "aarch64",
        may=lambda _path: True,
        python="3.10.12",
        libc="2.35",
        interpreter=VENV,
        environment=VENV.removesuffix("/bin/python"),
        cores=4,
        superuser=False,
        realtime=lambda: True,
    )
