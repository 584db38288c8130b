"""Where the field tool begins: a program of its own, without a Python beside it.

PyInstaller runs this file, not Python. Processes are started as `sys.executable -I -m MODULE`
everywhere in gonogo; in the field tool that is the tool itself, which has to know what is meant.
"""

from __future__ import annotations

import os
import runpy
import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping

_MODULE = ["-I", "-m"]
_LIBRARIES = "LD_LIBRARY_PATH"


def main() -> None:
    """The module that a process is started for, else the command line."""
    give_back(os.environ)
    if sys.argv[1:3] == _MODULE:
        module = sys.argv[3]
        sys.argv[:] = [module, *sys.argv[4:]]
        runpy.run_module(module, run_name="__main__")
        return
    # by its name: the commands lie above what builds
    import_module("gonogo.commands.cli").main()


def give_back(environment: MutableMapping[str, str]) -> None:
    """The user's own path to libraries: programs of the system must not find those packed here."""
    own = environment.pop(f"{_LIBRARIES}_ORIG", None)
    if own is not None:
        environment[_LIBRARIES] = own
    elif getattr(sys, "frozen", False):
        environment.pop(_LIBRARIES, None)


if __name__ == "__main__":
    main()
