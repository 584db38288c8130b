"""The stand-in in use: in this process, and in an interpreter whose children have it as well."""

from __future__ import annotations

import importlib
import site
import sys
import sysconfig
import venv
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.engines.backends.hailo.device import Chip
from gonogo.tests.vendors.hailo_fake.bench import VARIABLE, Bench
from gonogo.tests.vendors.hailo_fake.declared import declare

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = Path(__file__).with_name("path")
ANY_NUMPY = "numpy"  # as HailoRT 5 on Python 3.13 says it: these tests run on either


@contextmanager
def chip_here(folder: Path, numpy: str = ANY_NUMPY) -> Iterator[Bench]:
    """The chip for this process: it can import the package; no rule may have been broken."""
    bench = Bench(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(folder))
        patch.syspath_prepend(str(declare(folder / "declared", numpy=numpy)))
        patch.syspath_prepend(str(PATH))
        yield bench
        for name in [name for name in sys.modules if name.partition(".")[0] == "hailo_platform"]:
            del sys.modules[name]
    importlib.invalidate_caches()
    assert bench.violations == []
    assert Chip.opened() is None, "the chip was left open"


@contextmanager
def chip_for_children(folder: Path) -> Iterator[Bench]:
    """The chip for the processes of a station: they are started by an interpreter that has it."""
    folder.mkdir()
    bench = Bench(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(folder))
        patch.syspath_prepend(str(PATH))  # never imported here: that it is there is asked
        patch.setattr(sys, "executable", str(_interpreter(folder)))
        yield bench
    assert bench.violations == []


def _interpreter(folder: Path) -> Path:
    """All that this one has, and the package: -I leaves no other way in."""
    home = folder / "python"
    venv.EnvBuilder(symlinks=True).create(home)
    more = Path(sysconfig.get_path("purelib", vars={"base": str(home)}))
    lines = [f"import site; site.addsitedir({each!r})" for each in site.getsitepackages()]
    lines += [str(PATH), str(declare(folder / "declared", numpy=ANY_NUMPY))]
    (more / "hailo_fake.pth").write_text("\n".join(lines) + "\n")
    return home / "bin" / "python"
