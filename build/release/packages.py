"""Names, markers and metadata of packages: `packaging`, which only whoever builds needs."""

from __future__ import annotations

import zipfile
from email.parser import BytesParser
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ReleaseNotBuilt, ReleaseToolMissing, WheelMissing

try:
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name
except ImportError:  # on a box, which opens releases and builds none
    raise ReleaseToolMissing(
        "packaging: a release is built with this package; pip install 'gonogo[dev]'"
    ) from None

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

    from gonogo.build.release.targets import Target

__all__ = ["Metadata", "canonicalize_name", "metadata", "requirement"]


class Metadata(NamedTuple):
    """What a wheel says of itself (METADATA); `spdx`: its licence is an SPDX expression."""

    name: str
    version: str
    licence: str
    spdx: bool
    requires: tuple[str, ...]
    extras: tuple[str, ...]

    def needs(self, target: Target, extras: tuple[str, ...]) -> list[Requirement]:
        """What it needs on such a box, with these of its extras."""
        found = []
        for line in self.requires:
            each = requirement(line, self.name)
            asked = [{**target.markers, "extra": extra} for extra in ("", *extras)]
            if each.marker is None or any(each.marker.evaluate(dict(env)) for env in asked):
                found.append(each)
        return found


def metadata(wheel: Path) -> Metadata:
    """Of a wheel; WheelMissing for what is none."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            (path,) = (n for n in archive.namelist() if _is_metadata(n))
            said = BytesParser().parsebytes(archive.read(path), headersonly=True)
    except (zipfile.BadZipFile, ValueError) as error:
        raise WheelMissing(f"{wheel.name}: no wheel, or not a whole one; fetch it again") from error
    return Metadata(
        canonicalize_name(str(said["Name"])),
        str(said["Version"]),
        _licence(said),
        bool(said["License-Expression"]),
        tuple(map(str, said.get_all("Requires-Dist", []))),
        tuple(map(str, said.get_all("Provides-Extra", []))),
    )


def requirement(line: str, where: str) -> Requirement:
    """A requirement of its text; ReleaseNotBuilt."""
    try:
        return Requirement(line)
    except InvalidRequirement as error:
        raise ReleaseNotBuilt(f"{where}: expected a requirement, got {line[:60]!r}") from error


def _is_metadata(name: str) -> bool:
    return name.count("/") == 1 and name.endswith(".dist-info/METADATA")


def _licence(said: Message) -> str:
    """In one line: an SPDX expression, the short old field, or what it is classified as."""
    for field in ("License-Expression", "License"):
        text = " ".join(str(said[field] or "").split())
        # some write all of the text there
        if 0 < len(text) <= 100 and text != "UNKNOWN":  # noqa: PLR2004 - characters
            return text
    begins = "License :: "
    classes = [str(c) for c in said.get_all("Classifier", []) if str(c).startswith(begins)]
    return "; ".join(each.rpartition(" :: ")[2] for each in classes)
