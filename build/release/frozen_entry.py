"""Where the field tool begins: a program of its own, without a Python beside it.

PyInstaller runs this file, not Python. Processes are started as `sys.executable -I -m MODULE`
everywhere in gonogo; in the field tool that is the tool itself, which has to know what is meant.
"""

from __future__ import annotations

import runpy
import sys

_MODULE = ["-I", "-m"]


def main() -> None:
    """The module that a process is started for, else the command line."""
    if sys.argv[1:3] == _MODULE:
        module = sys.argv[3]
        sys.argv[:] = [module, *sys.argv[4:]]
        runpy.run_module(module, run_name="__main__")
        return
    from gonogo.commands.cli import main as gonogo  # noqa: PLC0415 - it loads every command

    gonogo()


if __name__ == "__main__":
    main()
