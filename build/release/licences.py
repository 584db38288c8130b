"""The licence texts of everything that goes in, and which packages bring none."""

from __future__ import annotations

import re
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.release.wheelhouse import Wheel

_TEXT = re.compile(
    r"(.*[-_.])?(licen[cs]es?|copying|copyright|notice|third-?party-?(notices?|programs?))"
    r"([-_.].*)?",
    re.IGNORECASE,
)
_CODE = {".py", ".pyi", ".pyc", ".so", ".h", ".hpp", ".json"}


def gather(wheel: Wheel, folder: Path) -> int:
    """Copy the licence texts of a wheel into `folder`, by their paths in it; how many there are."""
    place = folder / f"{wheel.said.name}-{wheel.said.version}"
    with zipfile.ZipFile(wheel.path) as archive:
        names = [name for name in archive.namelist() if _is_text(name)]
        for name in names:
            path = place / name.replace("/", "__")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.read(name))
    return len(names)


def _is_text(name: str) -> bool:
    """By its name, or because it lies where wheels have such (PEP 639)."""
    path = PurePosixPath(name)
    if name.endswith("/") or path.suffix in _CODE:
        return False
    # licences of tests that are not taken along are of no interest
    in_place = len(path.parts) > 2 and path.parts[0].endswith(".dist-info")  # noqa: PLR2004
    return bool(_TEXT.fullmatch(path.name)) or (in_place and path.parts[1] == "licenses")
