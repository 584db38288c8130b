"""All that was found of a box, and what it lacks, for a station or in general."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.commands.board.asking import Package, ask, ask_package
from gonogo.commands.board.cuda import Cuda, find_cuda
from gonogo.commands.board.hailo import Hailo, find_hailo
from gonogo.commands.board.heat import Heat, find_heat, lacks_clocks
from gonogo.commands.board.jetpack import JetPack, find_jetpack
from gonogo.commands.board.lack import ALL, TIMING, Lack
from gonogo.commands.board.lacks_hailo import lacks_hailo
from gonogo.commands.board.lacks_nvidia import lacks_nvidia
from gonogo.commands.board.machine import Machine, find_machine

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gonogo.commands.board.box import Box
    from gonogo.config.station import Station

ON_CPU = ("onnxruntime", "openvino")
PYTHONS = ((3, 10), (3, 13))  # as pyproject.toml and the lock files have it
LIBC_ARM = (2, 35)  # of the wheels for aarch64


class Needs(NamedTuple):
    """What a station names: backends and drivers, each as (kind, name)."""

    drivers: tuple[tuple[str, str], ...] = ()

    @property
    def backends(self) -> set[str]:
        """Those it names, or its engines are for; "auto" takes what there is, and needs none."""
        return {name for kind, name in self.drivers if kind == "backend"}

    @classmethod
    def of(cls, station: Station, served: Mapping[str, Collection[str]] | None = None) -> Needs:
        """Of all its views, and of those of its recipes.

        `served`: by the names of its installed engines, the backends that they are for. One that
        is for a single one needs it, whatever the file says.
        """
        named = [view.engine for view in station.view]
        named += [view.engine for recipe in station.recipe for view in recipe.view]
        engines = [engine for engine in named if engine is not None]
        backends = {engine.backend for engine in engines} - {"auto"}
        for engine in engines:
            can = set((served or {}).get(engine.bundle or "", ()))
            backends |= can if len(can) == 1 else set()
        found = {("camera", view.camera.driver) for view in station.view}
        found |= {("backend", name) for name in backends}
        found |= {("trigger", station.trigger.driver), ("plc", station.plc.driver)}
        return cls(tuple(sorted(found)))


class Found(NamedTuple):
    """A part is None where nothing of the box asks for it: no Jetson, no GPU, no chip."""

    machine: Machine
    jetpack: JetPack | None
    cuda: Cuda | None
    hailo: Hailo | None
    heat: Heat
    runtimes: dict[str, Package]
    realtime: bool
    lacks: tuple[Lack, ...]

    def lacking(self, needs: Needs) -> list[Lack]:
        """Those that keep a station from what its file asks for."""
        wanted = {ALL, *(name for _kind, name in needs.drivers)}
        return [each for each in self.lacks if each.needed_by in wanted]

    def complete(self) -> list[str]:
        """The backends for which nothing is missing."""
        tried = [*ON_CPU, *(["tensorrt"] if self.cuda else []), *(["hailo"] if self.hailo else [])]
        lacking = {each.needed_by for each in self.lacks}
        return [each for each in tried if each not in lacking and ALL not in lacking]


def find(box: Box, needs: Needs) -> Found:
    """Ask the box; what `needs` names is asked for even if nothing says that it is there."""
    machine = find_machine(box)
    jetpack = find_jetpack(box) if machine.kind == "jetson" else None
    cuda, hailo = find_cuda(box), find_hailo(box)
    nvidia = jetpack is not None or cuda.present or "tensorrt" in needs.backends
    chip = hailo.present or "hailo" in needs.backends
    runtimes = {name: ask_package(box, name) for name in ON_CPU}
    realtime, heat = box.realtime(), find_heat(box)
    lacks = [
        *_lacks_ground(machine),
        *_lacks_runtimes(box, runtimes),
        *(lacks_nvidia(box, machine, jetpack, cuda) if nvidia else []),
        *(lacks_hailo(box, machine, hailo) if chip else []),
        *_lacks_drivers(box, needs),
        *_lacks_realtime(permitted=realtime),
        *lacks_clocks(jetpack, heat),
    ]
    seen = cuda if nvidia else None, hailo if chip else None
    return Found(machine, jetpack, *seen, heat, runtimes, realtime, tuple(lacks))


def _lacks_ground(machine: Machine) -> Iterator[Lack]:
    first, last = PYTHONS
    if not first <= tuple(map(int, machine.python.split(".")[:2])) <= last:
        yield Lack(ALL, f"Python {machine.python}, expected 3.10 to 3.13")
    libc = tuple(int(each) for each in machine.libc.split(".") if each.isdigit())
    if machine.architecture == "aarch64" and libc and libc < LIBC_ARM:
        yield Lack(ALL, f"glibc {machine.libc}, expected 2.35 or newer: Debian 12 or Ubuntu 22.04")


def _lacks_runtimes(box: Box, runtimes: dict[str, Package]) -> Iterator[Lack]:
    for name, package in runtimes.items():
        if not package.there:
            state = "is not installed" if package.absent else f"cannot be used: {package.error}"
            yield Lack(name, f"{name} {state}", (_brings(box, name, package),))


def _brings(box: Box, name: str, package: Package) -> str:
    """What is there and not whole is installed again; pip leaves it as it is otherwise."""
    extra = "gonogo" if name == "onnxruntime" else f"gonogo[{name}]"
    what = f"'{extra}'" if package.absent else f"--force-reinstall --no-deps {name}"
    return f"{box.interpreter} -m pip install {what}"


def _lacks_drivers(box: Box, needs: Needs) -> Iterator[Lack]:
    """Of each driver and backend that the station names; those probed above say more."""
    for kind, name in needs.drivers:
        if kind == "backend" and name in {*ON_CPU, "tensorrt", "hailo"}:
            continue
        if error := ask(box, "ask_driver", kind, name).get("error"):
            what, _, command = error.rpartition("; pip install ")
            commands = (f"{box.interpreter} -m pip install {command}",) if what else ()
            yield Lack(name, what or error, commands)


def _lacks_realtime(*, permitted: bool) -> Iterator[Lack]:
    if not permitted:
        limits = "sudo tee -a /etc/security/limits.d/gonogo.conf"
        yield Lack(
            TIMING,
            "this user may not schedule in real time (a service may, see `gonogo service`); "
            "log in again afterwards",
            (f"echo $USER - rtprio 99 | {limits}", f"echo $USER - memlock unlimited | {limits}"),
        )


def as_json(found: Found, needs: Needs) -> dict[str, Any]:
    """For a program; what is unknown is null."""
    lacking = found.lacking(needs)
    return {
        "machine": found.machine._asdict(),
        "jetpack": found.jetpack and found.jetpack._asdict(),
        "nvidia": _plain(found.cuda),
        "hailo": _plain(found.hailo),
        "heat": _plain(found.heat),
        "runtimes": _plain(found.runtimes),
        "realtime": found.realtime,
        "complete": found.complete(),
        "lacks": [each._asdict() for each in found.lacks],
        "station_lacks": [each._asdict() for each in lacking],
    }


def _plain(value: Any) -> Any:  # noqa: ANN401 - a record of records
    if hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value
