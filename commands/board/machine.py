"""What the machine is: module, processor, memory, operating system, kernel, Python."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from gonogo.commands.board.box import Box

Kind = Literal["jetson", "raspberry-pi", "other"]
# what makers leave in their firmware where a name should stand
_NO_NAMES = {"", "None", "Default string", "System Product Name", "To Be Filled By O.E.M.",
             "To be filled by O.E.M.", "System manufacturer", "Not Specified"}  # fmt: skip
_PREEMPTION = re.compile(r"\b(PREEMPT_RT|PREEMPT_DYNAMIC|PREEMPT)\b")


class Machine(NamedTuple):
    """None is unknown. Cores: those that are on, those this program may use, those set apart.

    `os_family`: "debian" and "ubuntu" also of what is made from them; otherwise its own id.
    """

    model: str | None
    kind: Kind
    architecture: str
    processor: str | None
    cores: int
    usable_cores: int
    isolated_cores: str
    memory_mb: int | None
    os: str | None
    os_family: str
    os_version: str
    libc: str
    kernel: str | None
    preemption: str
    python: str

    def rows(self) -> list[tuple[str, str]]:
        """For a person."""
        cores = f"{self.cores} cores" if self.cores else "cores unknown"
        if self.cores != self.usable_cores:
            cores += f", {self.usable_cores} of them for this program"
        if self.isolated_cores:
            cores += f", isolated: {self.isolated_cores}"
        memory = "memory unknown" if self.memory_mb is None else f"{self.memory_mb} MB memory"
        libc = f"glibc {self.libc}" if self.libc else "no glibc"
        return [
            ("machine", f"{self.model or 'unknown'} ({self.architecture})"),
            ("processor", f"{self.processor or 'unknown'}, {cores}, {memory}"),
            ("operating system", f"{self.os or 'unknown'}, {libc}"),
            ("kernel", f"{self.kernel or 'unknown'}, {self.preemption}"),
            ("Python", self.python),
        ]


def find_machine(box: Box) -> Machine:
    """From the device tree or the firmware's tables (SMBIOS), /proc, /sys and os-release(5)."""
    model = _model(box)
    release = _release(box)
    return Machine(
        model,
        _kind(box, model or ""),
        box.architecture,
        _processor(box),
        _count(box.text("sys/devices/system/cpu/online") or ""),
        box.cores,
        box.text("sys/devices/system/cpu/isolated") or "",
        _memory_mb(box),
        release.get("PRETTY_NAME"),
        _family(release),
        release.get("VERSION_ID", ""),
        box.libc,
        box.text("proc/sys/kernel/osrelease"),
        _preemption(box),
        box.python,
    )


def in_a_line(box: Box) -> str:
    """The box in one line, from files alone: for `gonogo check`."""
    found = find_machine(box)
    rows = dict(found.rows())
    return f"this box: {rows['machine']}, {rows['processor']}; {rows['operating system']}"


def _model(box: Box) -> str | None:
    """Of the device tree, where there is one; otherwise maker and product of the SMBIOS."""
    if tree := box.text("proc/device-tree/model"):
        return tree
    for maker, product in (("sys_vendor", "product_name"), ("board_vendor", "board_name")):
        names = [box.text(f"sys/class/dmi/id/{each}") or "" for each in (maker, product)]
        named = [name for name in names if name not in _NO_NAMES]
        # a maker without a product says nothing of the machine
        if named and names[1] not in _NO_NAMES:
            return " ".join(named)
    return None


def _kind(box: Box, model: str) -> Kind:
    compatible = box.text("proc/device-tree/compatible") or ""
    if "nvidia,tegra" in compatible or box.there("etc/nv_tegra_release"):
        return "jetson"
    return "raspberry-pi" if "raspberrypi," in compatible or "Raspberry Pi" in model else "other"


def _processor(box: Box) -> str | None:
    """As the kernel names it; ARM kernels do not, there the device tree says which core it is."""
    for line in (box.text("proc/cpuinfo") or "").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    core = box.text("proc/device-tree/cpus/cpu@0/compatible")
    return core.split("\0")[0].partition(",")[2] if core else None


def _count(ranges: str) -> int:
    """How many numbers "0-3,6" holds (cpulist of the kernel); 0 where it is none."""
    total = 0
    for each in filter(None, ranges.split(",")):
        first, _, last = each.partition("-")
        if not (first.isdigit() and (last or first).isdigit()):
            return 0
        total += int(last or first) - int(first) + 1
    return total


def _memory_mb(box: Box) -> int | None:
    found = re.search(r"^MemTotal: +(\d+) kB", box.text("proc/meminfo") or "", re.MULTILINE)
    return int(found[1]) // 1024 if found else None


def _release(box: Box) -> dict[str, str]:
    text = box.text("etc/os-release") or ""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}


def _family(release: dict[str, str]) -> str:
    its = [release.get("ID", ""), *release.get("ID_LIKE", "").split()]
    return next((each for each in ("ubuntu", "debian") if each in its), its[0])


def _preemption(box: Box) -> str:
    """How soon the kernel hands over a core: only PREEMPT_RT bounds it."""
    if box.text("sys/kernel/realtime") == "1":
        return "PREEMPT_RT"
    found = _PREEMPTION.search(box.text("proc/version") or "")
    return found[1] if found else "preemption unknown"
