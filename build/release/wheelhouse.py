"""The wheels of a release: what gonogo needs on its target, from an index or a folder.

Binary packages alone, each held against the hashes of the lock file, and nothing is run of
them. Markers are answered for the target here: pip answers them for the Python that it runs in.
"""

from __future__ import annotations

import hashlib
import re
import sys
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ReleaseToolMissing, WheelMissing
from gonogo.build.release.packages import canonicalize_name, metadata
from gonogo.build.release.tool import ended, last

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gonogo.base.errors import ReleaseNotBuilt
    from gonogo.build.release.lockfile import LockFile, Pin
    from gonogo.build.release.packages import Metadata
    from gonogo.build.release.targets import Target

_SILENT = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|Max retries|name resolution|ProxyError|"
    r"Network is unreachable|connection broken"
)
_NONE = re.compile(r"No matching distribution found for (\S+)")
_OTHER = re.compile(r"DO NOT MATCH THE HASHES.*?^ {4}(\S+)", re.DOTALL | re.MULTILINE)


_Asked = tuple[str, tuple[str, ...]]  # a package, and which of its extras
PIP = (sys.executable, "-I", "-m", "pip", "--disable-pip-version-check", "--no-input")


class Wheel(NamedTuple):
    """A wheel on the disk, with what it says of itself."""

    path: Path
    said: Metadata

    @property
    def sha256(self) -> str:
        """Of the file."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


class Wheelhouse:
    """Fetches wheels for `target` into `folder`; `offered`: a folder of wheels, and no index."""

    def __init__(
        self, target: Target, lock: LockFile, folder: Path, offered: Path | None = None
    ) -> None:
        if offered is not None and not offered.is_dir():  # pip would only find nothing there
            raise WheelMissing(f"--wheels {offered}: expected a folder of wheels")
        self._target, self._lock, self._folder = target, lock, folder
        self._from = [] if offered is None else ["--no-index", f"--find-links={offered.resolve()}"]

    def gather(self, own: Path, say: Callable[[str], None]) -> list[Wheel]:
        """Our own wheel and all that it needs, by name; WheelMissing, ReleaseNotBuilt."""
        first = metadata(own)
        found = {first.name: Wheel(own, first)}
        # an extra that this project does not have (yet) is nothing to fetch
        queue = {(first.name, tuple(each for each in self._target.extras if each in first.extras))}
        seen: set[_Asked] = set()
        while queue:
            seen |= queue
            wanted = self._wanted(found, queue)
            fresh = {name: by for (name, _), by in wanted.items() if name not in found}
            if fresh:
                say(f"fetching {len(fresh)} wheels: {', '.join(sorted(fresh))}")
                found |= self.fetch([self._lock.pin(name, by) for name, by in fresh.items()])
            queue = set(wanted) - seen
        return sorted(found.values(), key=lambda each: each.said.name)

    def _wanted(self, found: dict[str, Wheel], queue: set[_Asked]) -> dict[_Asked, str]:
        """What these need, each with the extras that are wanted of it, and who needs it."""
        return {
            (canonicalize_name(need.name), tuple(sorted(need.extras))): name
            for name, extras in sorted(queue)
            for need in found[name].said.needs(self._target, extras)
        }

    def fetch(self, pins: Sequence[Pin]) -> dict[str, Wheel]:
        """These very ones, by name; WheelMissing."""
        asked = self._folder / "asked.txt"
        asked.write_text("".join(f"{pin.line}\n" for pin in pins), encoding="utf-8")
        words = [*PIP, "download", "--quiet", "--no-deps", "--require-hashes"]
        # at least one retry: of the first failure pip says nothing
        words += ["--retries=3", *self._from, *self._target.wheels]
        words += ["--requirement", str(asked), "--dest", str(self._folder)]
        done = ended(words, self._folder)
        if done.returncode:
            raise missing(done, self._target)
        names = {pin.name for pin in pins}
        every = (Wheel(path, metadata(path)) for path in sorted(self._folder.glob("*.whl")))
        return {each.said.name: each for each in every if each.said.name in names}


def missing(done: subprocess.CompletedProcess[str], target: Target) -> ReleaseNotBuilt:
    """What pip says, as a sentence about one wheel."""
    said = done.stdout + done.stderr
    if "No module named pip" in said:
        return ReleaseToolMissing(f"pip: not in this environment; {sys.executable} -m ensurepip")
    which = _NONE.search(said)
    name = which[1].split("(")[0] if which else "a wheel"
    if other := _OTHER.search(said):
        return WheelMissing(
            f"{other[1]}: not the file that is locked (another SHA-256): damaged on the way, or "
            "exchanged; fetch it again, and where that does not help, ask why it was exchanged"
        )
    # without an index everything is missing, so this comes before what is missing
    if _SILENT.search(said):
        return WheelMissing(
            f"{name}: no package index answered; look at the network, or fetch the wheels "
            "elsewhere and name their folder with --wheels"
        )
    if which:
        return WheelMissing(
            f"{name}: no wheel for {target}; source packages are not built: have a wheel built "
            "and name its folder with --wheels, or lock another version"
        )
    return WheelMissing(f"pip could not fetch the wheels: {last(done)}")
