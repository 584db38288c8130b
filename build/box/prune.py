"""Which modules of the kernel a box keeps: those that are listed, and what these need."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


def needs(text: str) -> dict[str, list[str]]:
    """modules.dep (depmod(8)): each module with what it needs, by path below its folder."""
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {module: rest.split() for module, _, rest in pairs}


def kept(dep: Mapping[str, list[str]], wanted: Iterable[str]) -> set[str]:
    """Of modules.dep those that a pattern names, and all that they need."""
    patterns = [f"kernel/{each}" for each in wanted]
    named = {each for each in dep if any(fnmatchcase(_plain(each), one) for one in patterns)}
    # modules.dep has what a needed one needs as well (modprobe(8) looks nothing up twice)
    return named.union(*(dep[each] for each in named))


def missing(dep: Mapping[str, list[str]], wanted: Iterable[str]) -> list[str]:
    """Patterns that name no module of this kernel: built in, or called otherwise by now."""
    plain = [_plain(each) for each in dep]
    return [each for each in wanted if not any(fnmatchcase(one, f"kernel/{each}") for one in plain)]


def prune(folder: Path, wanted: Iterable[str]) -> set[str]:
    """Remove all others below a folder of modules (/lib/modules/VERSION); those that stay."""
    stay = kept(needs((folder / "modules.dep").read_text(encoding="ascii")), wanted)
    for path in list((folder / "kernel").rglob("*.ko*")):
        if str(path.relative_to(folder)) not in stay:
            path.unlink()
    for path in sorted((folder / "kernel").rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    return stay


def _plain(path: str) -> str:
    """Without the ending of its compression."""
    return path.removesuffix(".xz").removesuffix(".zst").removesuffix(".gz")
