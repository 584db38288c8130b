"""A child's work: import what a station file names, with all that it needs.

    python -I ask_driver.py KIND NAME        KIND: a key of CATALOGUES

`error` has what the catalogue says of it: which package is missing, and which extra brings it.
"""

from __future__ import annotations

import json
import os
import sys

from gonogo.base.errors import GonogoError
from gonogo.commands.board.ask_import import ANSWER
from gonogo.drivers.cameras.catalogue import CAMERAS
from gonogo.drivers.triggers.catalogue import TRIGGERS
from gonogo.engines.backends.catalogue import BACKENDS
from gonogo.plc.transports.catalogue import TRANSPORTS

CATALOGUES = {"backend": BACKENDS, "camera": CAMERAS, "trigger": TRIGGERS, "plc": TRANSPORTS}


def answer_of(kind: str, name: str) -> dict[str, str]:
    """Empty where it can be had."""
    try:
        CATALOGUES[kind].load(name)
    except GonogoError as error:
        return {"error": str(error)}
    except Exception as error:  # noqa: BLE001 - whatever a vendor's module raises
        return {"error": f"{kind} '{name}': {type(error).__name__}: {error}"}
    return {}


if __name__ == "__main__":
    sys.stdout.write("\n" + ANSWER + json.dumps(answer_of(*sys.argv[1:])) + "\n")
    sys.stdout.flush()
    os._exit(0)
