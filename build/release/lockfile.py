"""Reading a lock file of requirements/: what is pinned for one kind of box, with its hashes."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ReleaseNotBuilt
from gonogo.build.release.packages import canonicalize_name, requirement

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gonogo.build.release.targets import Target

_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})\b")


class Pin(NamedTuple):
    """One package: its version, and the SHA-256 of every file that may be taken for it."""

    name: str
    version: str
    hashes: tuple[str, ...]

    @property
    def line(self) -> str:
        """As pip reads it; its marker has been answered already."""
        pinned = f"{self.name}=={self.version}"
        return " ".join([pinned, *(f"--hash=sha256:{each}" for each in self.hashes)])


class LockFile(NamedTuple):
    """What is pinned for one target, by canonical name, and the digest of the whole file."""

    path: Path
    sha256: str
    pins: dict[str, Pin]

    def pin(self, name: str, wanted_by: str) -> Pin:
        """The pin of a package; ReleaseNotBuilt without one."""
        if name not in self.pins:
            raise ReleaseNotBuilt(
                f"{self.path}: lacks {name}, which {wanted_by} needs on this target; "
                "have it locked: make lock"
            )
        return self.pins[name]


def read_lock(path: Path, target: Target) -> LockFile:
    """What the file pins for that box; ReleaseNotBuilt says what is wrong, and in which line."""
    try:
        raw = path.read_bytes()
        text = raw.decode()
    except (OSError, ValueError) as error:
        raise ReleaseNotBuilt(
            f"{path}: expected a lock file as `make lock` writes it, got: "
            f"{getattr(error, 'strerror', None) or 'no text'}"
        ) from error
    pins = (_pin(path, number, said, target) for number, said in _entries(text))
    return LockFile(
        path, hashlib.sha256(raw).hexdigest(), {pin.name: pin for pin in pins if pin is not None}
    )


def _entries(text: str) -> Iterable[tuple[int, str]]:
    """Line number and text of each requirement, its continuation lines joined."""
    begun, parts = 0, []
    for number, line in enumerate(text.splitlines(), start=1):
        said = line.split(" #")[0].strip() if not line.lstrip().startswith("#") else ""
        if not said:
            continue
        begun = begun or number
        parts.append(said.rstrip("\\").strip())
        if not said.endswith("\\"):
            yield begun, " ".join(parts)
            begun, parts = 0, []
    if parts:
        yield begun, " ".join(parts)


def _pin(path: Path, number: int, said: str, target: Target) -> Pin | None:
    """None for what is not meant for such a box."""
    wanted = requirement(said.partition("--hash")[0].strip(), f"{path}:{number}")
    hashes = tuple(sorted(_HASH.findall(said)))
    pinned = [each.version for each in wanted.specifier if each.operator == "=="]
    if not hashes or len(pinned) != 1:
        raise ReleaseNotBuilt(
            f"{path}:{number}: expected name==version with --hash=sha256:..., got "
            f"{said[:60]!r}; a release takes nothing that is not locked: make lock"
        )
    if wanted.marker is not None and not wanted.marker.evaluate(dict(target.markers)):
        return None
    return Pin(canonicalize_name(wanted.name), pinned[0], hashes)
