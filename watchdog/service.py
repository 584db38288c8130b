"""The systemd unit of a station, filled in for one box."""

from __future__ import annotations

from pathlib import Path

TEMPLATE = Path(__file__).with_name("units") / "gonogo.service"


def unit_text(gonogo: Path, station: Path, user: str) -> str:
    """The unit that runs `gonogo run station` as `user`; both paths absolute, without spaces."""
    text = TEMPLATE.read_text(encoding="utf-8")
    for name, value in (("gonogo", gonogo), ("station", station), ("user", user)):
        text = text.replace(f"{{{name}}}", str(value))
    return text
