"""Trees of sysfs as boards have them, in the names and units that their kernels use.

Import it as `gonogo.tests.drivers.board.trees`. The layouts are those of a Jetson Orin NX
(JetPack 6), a Raspberry Pi 5 and a PC; nothing here was copied from a board that we had.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

THERMAL, HWMON = "sys/class/thermal", "sys/class/hwmon"
CPUFREQ = "sys/devices/system/cpu/cpufreq/policy0"
NVPMODEL = """\
# a comment
< PARAM TYPE=FILE NAME=CPU_ONLINE >
< POWER_MODEL ID=0 NAME=MAXN >
CPU_ONLINE CORE_0 1
< POWER_MODEL ID=1 NAME=10W >
< POWER_MODEL ID=2 NAME=15W >
< POWER_MODEL ID=3 NAME=25W >
< PM_CONFIG DEFAULT=2 >
"""


def write(root: Path, files: Mapping[str, object]) -> Path:
    """Those files below a root, each with a line end as the kernel writes it."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n", encoding="ascii")
    return root


def zone(number: int, name: str, temp: object, trips: Mapping[str, int] = {}) -> dict[str, object]:
    """The files of a thermal zone; `trips` by their kind."""
    folder = f"{THERMAL}/thermal_zone{number}"
    files: dict[str, object] = {f"{folder}/type": name, f"{folder}/temp": temp}
    for k, (kind, value) in enumerate(trips.items()):
        files |= {f"{folder}/trip_point_{k}_type": kind, f"{folder}/trip_point_{k}_temp": value}
        files[f"{folder}/trip_point_{k}_hyst"] = 1000
    return files


def cooler(number: int, name: str, now: int, most: int) -> dict[str, object]:
    """The files of a cooling device."""
    folder = f"{THERMAL}/cooling_device{number}"
    return {f"{folder}/type": name, f"{folder}/cur_state": now, f"{folder}/max_state": most}


def orin(root: Path, gpu_mc: int = 52_312, throttle: int = 0) -> Path:
    """A Jetson Orin NX; its computer-vision zones are without power, as they mostly are."""
    trips = {"active": 51_000, "passive": 99_000, "critical": 104_500}
    rails = {"VDD_IN": (4984, 1856), "VDD_CPU_GPU_CV": (4992, 480), "VDD_SOC": (4984, 600)}
    files: dict[str, object] = {
        "proc/device-tree/model": "NVIDIA Jetson Orin NX Engineering Reference Developer Kit\0",
        **zone(0, "cpu-thermal", 49_968, trips),
        **zone(1, "gpu-thermal", gpu_mc, trips),
        **zone(2, "cv0-thermal", 0, trips),
        **zone(8, "tj-thermal", 50_100, {"passive": 99_000, "critical": 104_500}),
        **zone(10, "tboard-thermal", 41_500),
        **cooler(0, "cpufreq-cpu0", 0, 29),
        **cooler(1, "pwm-fan", 2, 10),
        **cooler(2, "cpu-throttle-alert", 0, 1),
        **cooler(3, "gpu-throttle-alert", throttle, 1),
        **cooler(4, "devfreq-17000000.gpu", 0, 10),
        **cooler(5, "hot-surface-alert", 1, 1),
        "sys/class/devfreq/17000000.gpu/cur_freq": 612_000_000,
        "sys/class/devfreq/17000000.gpu/min_freq": 306_000_000,
        "sys/class/devfreq/17000000.gpu/max_freq": 765_000_000,
        "sys/class/devfreq/17000000.gpu/available_frequencies": "306000000 612000000 918000000",
        "sys/class/devfreq/17000000.gpu/governor": "nvhost_podgov",
        "sys/class/devfreq/15340000.vic/cur_freq": 115_200_000,
        f"{CPUFREQ}/scaling_cur_freq": 1_190_400,
        f"{CPUFREQ}/scaling_min_freq": 729_600,
        f"{CPUFREQ}/scaling_max_freq": 1_497_600,
        f"{CPUFREQ}/cpuinfo_max_freq": 1_984_000,
        f"{CPUFREQ}/scaling_governor": "schedutil",
        f"{HWMON}/hwmon0/name": "cpu_thermal",
        f"{HWMON}/hwmon0/temp1_input": 49_968,
        f"{HWMON}/hwmon1/name": "ina3221",
        f"{HWMON}/hwmon1/curr4_input": 1856,
        f"{HWMON}/hwmon3/name": "soctherm_oc",
        **{f"{HWMON}/hwmon3/oc{k}_event_cnt": k - 1 for k in (1, 2, 3)},
        **{f"{HWMON}/hwmon3/oc{k}_throt_en": 1 for k in (1, 2, 3)},
        "var/lib/nvpmodel/status": "pmode:0003 fmode:quiet",
        "etc/nvpmodel.conf": NVPMODEL,
    }
    for k, (label, (milli_volt, milli_ampere)) in enumerate(rails.items(), 1):
        files |= {
            f"{HWMON}/hwmon1/in{k}_label": label,
            f"{HWMON}/hwmon1/in{k}_input": milli_volt,
            f"{HWMON}/hwmon1/curr{k}_input": milli_ampere,
            f"{HWMON}/hwmon1/curr{k}_crit_alarm": 0,
        }
    write(root, files)
    refuses(root / f"{THERMAL}/thermal_zone2/temp")
    return root


def pi5(root: Path, throttled: str = "0") -> Path:
    """A Raspberry Pi 5."""
    trips = {"active": 50_000, "critical": 110_000}
    return write(
        root,
        {
            "proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0",
            **zone(0, "cpu-thermal", 61_450, trips),
            **cooler(0, "pwm-fan", 1, 4),
            f"{HWMON}/hwmon0/name": "cpu_thermal",
            f"{HWMON}/hwmon0/temp1_input": 61_450,
            f"{HWMON}/hwmon2/name": "rpi_volt",
            f"{HWMON}/hwmon2/in0_lcrit_alarm": 0,
            f"{CPUFREQ}/scaling_cur_freq": 2_400_000,
            "sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled": throttled,
        },
    )


def pc(root: Path) -> Path:
    """A PC with an Intel processor; its radio is off, so that its sensor cannot be read."""
    folder = "sys/devices/system/cpu"
    write(
        root,
        {
            "sys/class/dmi/id/product_name": "Box PC 420",
            **zone(0, "acpitz", 27_800, {"critical": 119_000}),
            **zone(1, "acpitz", 29_800),
            **zone(2, "x86_pkg_temp", 62_000, {"passive": 0}),
            **zone(3, "iwlwifi_1", 0),
            **cooler(0, "Processor", 0, 10),
            **cooler(1, "Processor", 3, 10),
            **cooler(2, "intel_powerclamp", -1, 50),
            **cooler(3, "TCC Offset", 5, 63),
            **cooler(4, "LCD", 60, 100),
            f"{HWMON}/hwmon4/name": "coretemp",
            f"{HWMON}/hwmon4/temp1_label": "Package id 0",
            f"{HWMON}/hwmon4/temp1_input": 63_000,
            f"{HWMON}/hwmon4/temp1_max": 80_000,
            f"{HWMON}/hwmon4/temp1_crit": 100_000,
            f"{HWMON}/hwmon4/temp2_input": 60_000,
            f"{HWMON}/hwmon5/name": "nvme",
            f"{HWMON}/hwmon5/temp1_input": 71_850,
            f"{folder}/cpu0/thermal_throttle/package_throttle_count": 7,
            f"{folder}/cpu0/thermal_throttle/core_throttle_count": 2,
            f"{folder}/cpu1/thermal_throttle/package_throttle_count": 7,
            f"{folder}/cpu1/thermal_throttle/core_throttle_count": 4,
        },
    )
    refuses(root / f"{THERMAL}/thermal_zone3/temp")
    return root


def refuses(path: Path) -> None:
    """A file that opens and answers each read with EIO, as a sensor that sleeps does."""
    path.unlink(missing_ok=True)
    path.symlink_to("/proc/self/mem")  # nothing is mapped at its beginning


def not_now(path: Path) -> tuple[int, int]:
    """A file that answers each read with EAGAIN, while these descriptors are open."""
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    reads = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    return reads, os.open(path, os.O_WRONLY | os.O_NONBLOCK)
