"""What is missing for the backend `tensorrt`, and the commands that bring it.

Sources: NVIDIA, "JetPack SDK Setup" (apt), "Jetson Linux Developer Guide"; Ubuntu Server, "NVIDIA
drivers installation"; Debian wiki, "NvidiaGraphicsDrivers".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.commands.board.asking import SYSTEM_PYTHON
from gonogo.commands.board.lack import Lack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.commands.board.asking import Package
    from gonogo.commands.board.box import Box
    from gonogo.commands.board.cuda import Cuda
    from gonogo.commands.board.jetpack import JetPack
    from gonogo.commands.board.machine import Machine

BACKEND = "tensorrt"
TENSORRT, BEYOND = (10, 3), (12,)  # what JetPack 6.1 brings; a line that is not known yet
CUDA = (12, 0)  # of the driver: TensorRT 10 and cuda-bindings 12 are for CUDA 12
JETPACK = ("sudo apt update", "sudo apt install nvidia-jetpack python3-libnvinfer")
# the driver of a PC; other families have their own ways, which we have not looked up
INSTALLS = {
    "ubuntu": ("sudo ubuntu-drivers install", "sudo reboot"),
    "debian": (
        "sudo apt install software-properties-common",
        # NVIDIA's driver is in sections that are not looked through at first
        "sudo apt-add-repository -y contrib non-free non-free-firmware",
        "sudo apt update",
        "sudo apt install nvidia-driver firmware-misc-nonfree",
        "sudo reboot",
    ),
}


def lacks_nvidia(box: Box, machine: Machine, jetpack: JetPack | None, cuda: Cuda) -> list[Lack]:
    """In the order in which they are to be mended."""
    # all else comes with a newer JetPack, or changes with it
    if jetpack is not None and jetpack.too_old:
        return [Lack(BACKEND, *_old(jetpack))]
    return [
        Lack(BACKEND, what, commands)
        for found in (_driver(machine, cuda), _tensorrt(box, machine, cuda), _bindings(box, cuda))
        for what, commands in found
    ]


def _old(jetpack: JetPack) -> tuple[str, tuple[str, ...]]:
    what = f"{jetpack.name} is too old, expected JetPack 6.1 or newer (Jetson Linux 36.4)"
    if jetpack.l4t is not None and jetpack.l4t.startswith("36."):
        source = "/etc/apt/sources.list.d/nvidia-l4t-apt-source.list"
        return what, (
            rf"sudo sed -i 's/r36\.[0-9]*/r36.4/' {source}",
            "sudo apt update",
            "sudo apt dist-upgrade",
            JETPACK[-1],
            "sudo reboot",
        )
    return what + "; no package leads there, the board is to be flashed anew (SDK Manager)", ()


def _driver(machine: Machine, cuda: Cuda) -> Iterator[tuple[str, tuple[str, ...]]]:
    if cuda.forbidden:
        files = ", ".join(cuda.forbidden)
        groups = "sudo usermod -aG video,render $USER"
        yield f"this user may not use {files}; log in again afterwards", (groups,)
    elif not cuda.libcuda:
        what = "no CUDA driver (libcuda.so.1)"
        if not cuda.present:
            what += ", and no GPU of NVIDIA is seen on PCI"
        yield what, _installs(machine)
    elif cuda.error:
        yield f"the CUDA driver does not start: {cuda.error}", _restarts(machine)
    elif cuda.version and cuda.version < CUDA:
        have, want = (".".join(map(str, each)) for each in (cuda.version, CUDA))
        yield f"the driver is for CUDA {have}, expected {want} or newer", _installs(machine)
    elif not cuda.devices:
        yield "the CUDA driver starts, and finds no device", _restarts(machine)


def _installs(machine: Machine) -> tuple[str, ...]:
    if machine.kind == "jetson":
        return JETPACK
    return INSTALLS.get(machine.os_family, ())


def _restarts(machine: Machine) -> tuple[str, ...]:
    """A driver that was exchanged while it ran starts after a reboot; on a PC, this may do."""
    module = ("sudo modprobe nvidia_uvm",) if machine.kind != "jetson" else ()
    return (*module, "sudo reboot")


def _tensorrt(box: Box, machine: Machine, cuda: Cuda) -> Iterator[tuple[str, tuple[str, ...]]]:
    found, elsewhere = cuda.tensorrt, cuda.tensorrt_elsewhere
    if found.absent and elsewhere is not None and elsewhere.there:
        yield from seen_elsewhere(box, "TensorRT", elsewhere)
        return
    # one that is broken is no better where our environment does not look
    found = elsewhere if found.absent and elsewhere is not None else found
    if found.absent:
        yield "TensorRT is not installed", _brings(box, machine, cuda)
    elif not found.there:
        what = f"TensorRT is installed and cannot be used: {found.error}"
        yield what, _brings(box, machine, cuda)
    elif found.below(*TENSORRT) or not found.below(*BEYOND):
        what = f"TensorRT {found.version}, expected 10.3 or newer, below 12"
        yield what, _brings(box, machine, cuda)


def seen_elsewhere(box: Box, what: str, package: Package) -> Iterator[tuple[str, tuple[str, ...]]]:
    """A module of the system's Python that our environment does not see."""
    told = f"{what} {package.in_words} is installed for {SYSTEM_PYTHON} alone"
    opens = f"{SYSTEM_PYTHON} -m venv --system-site-packages "
    if package.python == ".".join(box.python.split(".")[:2]):
        yield f"{told}; this environment does not look there", (opens + box.environment,)
    else:
        told += f", which is Python {package.python}; this environment has {box.python}: make it "
        told += "anew with that one, in gonogo's folder"
        anew = f"make PYTHON={SYSTEM_PYTHON} .venv/.installed"
        yield told, ("rm -r .venv", anew, opens + ".venv")


def _brings(box: Box, machine: Machine, cuda: Cuda) -> tuple[str, ...]:
    if machine.kind == "jetson":
        return JETPACK
    major = cuda.version[0] if cuda.version else 12
    return (f"{box.interpreter} -m pip install 'tensorrt-cu{major}>=10.3,<12'",)


def _bindings(box: Box, cuda: Cuda) -> Iterator[tuple[str, tuple[str, ...]]]:
    # a driver that is too old is to be exchanged first, for one of CUDA 12 at least
    major = max(cuda.version or CUDA, CUDA)[0]
    # within one major version a newer package runs with an older driver
    newer = cuda.version is not None and not cuda.bindings.below(major + 1)
    if (cuda.bindings.there and not newer) or (cuda.bindings.absent and cuda.pycuda.there):
        return
    what = "no Python package for CUDA (cuda-bindings)"
    if cuda.bindings.there:
        what = f"cuda-bindings {cuda.bindings.version} is newer than the driver, for CUDA {major}"
    elif not cuda.bindings.absent:
        what = f"cuda-bindings is installed and cannot be used: {cuda.bindings.error}"
    yield what, (f"{box.interpreter} -m pip install 'cuda-bindings=={major}.*,>=12.6'",)
