"""The field tool: gonogo as one folder for a laptop, without what judges (docs/release.md)."""

from __future__ import annotations

import sys

from gonogo.base.errors import FieldToolOnly

# packages that are not in it, and the commands that are nothing without them
LEFT_OUT = ("onnx", "onnxruntime", "openvino", "tensorrt", "hailo_platform", "hailo_sdk_client")
JUDGES = frozenset({
    "bench", "build", "campaign", "measure", "models", "new", "prepare", "rehearse", "run", "teach",
})  # fmt: skip


def is_field_tool() -> bool:
    """Whether this is it: PyInstaller's mark, which no Python has."""
    return bool(getattr(sys, "frozen", False))


def demand_whole(command: str) -> None:
    """FieldToolOnly where this is the field tool, and that command judges parts."""
    if is_field_tool() and command in JUDGES:
        raise not_here(f"gonogo {command}")


def without(error: ModuleNotFoundError) -> FieldToolOnly | None:
    """What a package that is missing means in the field tool; None where it means something else.

    For all that JUDGES does not name: a command that comes to an engine on its way.
    """
    name = (error.name or "").partition(".")[0]
    return not_here(name) if is_field_tool() and name in LEFT_OUT else None


def not_here(what: str) -> FieldToolOnly:
    """The error, in words."""
    return FieldToolOnly(
        f"this is the field tool: {what} is not in it; do that on the station, or in a whole "
        "installation (pip install gonogo)"
    )
