"""What the stand-in says of numpy, by the same metadata as a wheel of HailoRT: its dist-info.

HailoRT 4 is made for numpy 1; HailoRT 5 takes numpy 2 on Python 3.13. A test says by `declare`
which of them it stands for; what gonogo looks at is that file, and nothing else.
"""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def declare(folder: Path, *, numpy: str) -> Path:
    """Beside the package, in a folder on the path; `numpy`: the requirement, as "numpy<2"."""
    info = folder / "hailort-4.23.0.dist-info"
    info.mkdir(parents=True)
    text = f"Metadata-Version: 2.1\nName: hailort\nVersion: 4.23.0\nRequires-Dist: {numpy}\n"
    (info / "METADATA").write_text(text)
    return folder


def takes_numpy_2() -> bool:
    """Whether what is declared does not forbid it."""
    try:
        return not any("numpy<2" in each for each in metadata.requires("hailort") or [])
    except metadata.PackageNotFoundError:
        return False
