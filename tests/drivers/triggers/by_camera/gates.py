"""Sections of a camera that finds the parts, for tests.

Import as `gonogo.tests.drivers.triggers.by_camera.gates`.
"""

from __future__ import annotations

from typing import Any

from gonogo.drivers.triggers.by_camera.section import CameraTriggerSection

MS = 1_000_000
GATE = {
    "x_px": 8, "y_px": 4, "width_px": 10, "height_px": 10, "part_is": "brighter", "level": 100,
}  # fmt: skip


def keys(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - keys of the section
    """Of one whose parts are bright, in frames of 32 x 24 px; keys of the gate among them."""
    gate = {key: changes.pop(key) for key in list(changes) if key in GATE or key.endswith("_pct")}
    return {"driver": "camera", "gate": GATE | gate, **changes}


def section(**changes: Any) -> CameraTriggerSection:  # noqa: ANN401 - keys of the section
    """The same, checked."""
    return CameraTriggerSection.model_validate(keys(**changes))
