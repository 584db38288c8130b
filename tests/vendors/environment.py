"""An interpreter that finds stand-ins: for the processes of a station, which take no PYTHONPATH."""

from __future__ import annotations

import site
import venv
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def python_with(folder: Path, *stand_ins: Path) -> Path:
    """An environment in `folder` with all that this one has, and these folders on its path."""
    venv.create(folder, symlinks=True, with_pip=False)
    (packages,) = folder.glob("lib/python3*/site-packages")
    # addsitedir: what is installed to be edited is a .pth file there, and is read by it
    lines = [f"import site; site.addsitedir({each!r})" for each in site.getsitepackages()]
    lines += map(str, stand_ins)
    (packages / "stand_ins.pth").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "bin" / "python"
