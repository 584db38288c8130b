"""Backends that say which file of a bundle they open, and run nothing.

Import as `gonogo.tests.engines.serving.accelerators`; `catalogue` has them beside ONNX Runtime.
"""

from __future__ import annotations

from gonogo.base.catalogue import Catalogue, Entry

_HERE, _SECTION = (
    "gonogo.tests.engines.serving.accelerators",
    "gonogo.engines.section:EngineSection",
)


class Accelerator:
    """Opens the file that is made for it."""

    file_role = "tensorrt"


class OtherDevice:
    """Opens a file that no bundle has: it is of a device of tomorrow."""

    file_role = "device9"


class Silent:
    """Of a package that was written before backends had roles."""


def catalogue(opens: str, name: str = "tensorrt") -> Catalogue:
    """ONNX Runtime, and what `opens` names here (or any "module:name") by this name."""
    where = opens if ":" in opens else f"{_HERE}:{opens}"
    entries = {
        "onnxruntime": Entry(_SECTION, "gonogo.engines.backends.onnxruntime:OrtBackend"),
        name: Entry(_SECTION, where, "jetson"),
    }
    return Catalogue("engine backend", "gonogo.tests.no_such_group", entries, key="backend")
