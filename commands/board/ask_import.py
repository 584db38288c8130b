"""A child's work: import one module, and say its version, or why it cannot be imported.

    python -I ask_import.py MODULE

Run by its path, also by a Python that does not have gonogo: standard library alone. The answer
is the last line, JSON after a word of its own: libraries print whatever they like.
"""

from __future__ import annotations

import importlib
import json
import os
import sys

ANSWER = "gonogo-answer "


def answer_of(name: str) -> dict[str, str]:
    """`python` and `version` ("" where it names none), or `error` with what was raised."""
    python = ".".join(map(str, sys.version_info[:2]))
    try:
        module = importlib.import_module(name)
    except BaseException as error:  # noqa: BLE001 - whatever a vendor's module raises
        return {"python": python, "error": f"{type(error).__name__}: {error}"}
    return {"python": python, "version": _version(name) or str(getattr(module, "VERSION_TEXT", ""))}


def _version(name: str) -> str:
    """Its own, or that of the package around it."""
    while name:
        version = getattr(sys.modules[name], "__version__", "")
        if version:
            return str(version)
        name = name.rpartition(".")[0]
    return ""


if __name__ == "__main__":
    # as in every process of ours: nothing is told to their makers
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    sys.stdout.write("\n" + ANSWER + json.dumps(answer_of(sys.argv[1])) + "\n")
    sys.stdout.flush()
    # without the module's own clean-up: some vendors' libraries crash in it
    os._exit(0)
