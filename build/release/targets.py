"""The boxes that releases are made for, and which wheels fit each of them."""

from __future__ import annotations

from typing import NamedTuple

from gonogo.base.errors import ReleaseNotBuilt

_GLIBC_2_5 = 5  # of manylinux1, the oldest platform that wheels name
_OLD_NAMES = {17: "2014", 12: "2010", 5: "1"}  # of platforms by the minor number of glibc 2
_OLD_EVERYWHERE = 17  # the oldest of these that aarch64 has


class Target(NamedTuple):
    """A kind of box: its processor, its system's Python and glibc (2.x), and the extras it wants.

    `home`: the folder of that Python. `sees_system`: whether packages of the system are seen
    behind those of the image (TensorRT is one of them on a Jetson, and comes no other way).
    """

    name: str
    machine: str
    python: str
    python_full: str
    glibc: int
    extras: tuple[str, ...] = ("openvino", "gpio", "pretrained")
    home: str = "/usr/bin"
    sees_system: bool = False

    def __str__(self) -> str:
        return f"{self.name} (Python {self.python}, {self.machine}, glibc 2.{self.glibc})"

    @property
    def platforms(self) -> list[str]:
        """What pip calls the platforms whose wheels run here, the newest first."""
        found = []
        oldest = _GLIBC_2_5 if self.machine == "x86_64" else _OLD_EVERYWHERE
        # pip 23 takes a platform to the letter: every older one has to be named
        for minor in range(self.glibc, oldest - 1, -1):
            found.append(f"manylinux_2_{minor}_{self.machine}")
            if minor in _OLD_NAMES:
                found.append(f"manylinux{_OLD_NAMES[minor]}_{self.machine}")
        return [*found, f"linux_{self.machine}"]

    @property
    def wheels(self) -> list[str]:
        """The options of pip that choose wheels for this box and no other."""
        found = ["--only-binary=:all:", f"--python-version={self.python}", "--implementation=cp"]
        abi = "cp" + self.python.replace(".", "")
        found += [f"--abi={each}" for each in (abi, "abi3", "none")]
        return found + [f"--platform={each}" for each in self.platforms]

    @property
    def markers(self) -> dict[str, str]:
        """What a marker of a requirement is held against (PEP 508)."""
        return {
            "implementation_name": "cpython",
            "implementation_version": self.python_full,
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": self.python_full,
            "python_version": self.python,
            "sys_platform": "linux",
            "extra": "",
        }


# the versions of the interpreters are those that the systems bring; no lock file tells them apart
TARGETS = {
    each.name: each
    for each in (
        Target("x86_64-debian12", "x86_64", "3.11", "3.11.2", 36),
        Target("aarch64-debian12", "aarch64", "3.11", "3.11.2", 36),
        # its engines run on TensorRT; OpenVINO is for the processors of the others
        Target(
            "aarch64-jetpack6", "aarch64", "3.10", "3.10.12", 35,
            extras=("gpio", "pretrained"), sees_system=True,
        ),
    )
}  # fmt: skip


def target_of(name: str) -> Target:
    """The target of that name; ReleaseNotBuilt names those that there are."""
    if name not in TARGETS:
        raise ReleaseNotBuilt(f"--target {name!r}: expected one of {', '.join(TARGETS)}")
    return TARGETS[name]
