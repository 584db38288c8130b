"""Whether this machine may run out of power before a slot is written."""

from __future__ import annotations

from pathlib import Path

from gonogo.base.errors import FlashRefused

SUPPLIES = Path("/sys/class/power_supply")
LEAST_PCT = 20


def power(supplies: Path = SUPPLIES) -> str:
    """How it is supplied; FlashRefused of a battery that is nearly empty and not being charged."""
    found = {each.name: _facts(each) for each in supplies.glob("*")}
    if any(facts.get("online") == "1" for facts in found.values()):
        return "mains"
    discharging = [
        int(facts["capacity"])
        for facts in found.values()
        if facts.get("type") == "Battery"
        and facts.get("status") == "Discharging"
        and facts.get("capacity", "").isdigit()
        and facts.get("scope") != "Device"  # a mouse has a battery, too
    ]
    if not discharging:
        return "mains, or not known to this machine"
    if min(discharging) < LEAST_PCT:
        raise FlashRefused(
            f"battery at {min(discharging)} %; expected at least {LEAST_PCT} %, or the mains: plug "
            "it in"
        )
    return f"battery at {min(discharging)} %"


def _facts(folder: Path) -> dict[str, str]:
    names = ("type", "online", "status", "capacity", "scope")
    return {name: _word(folder / name) for name in names if (folder / name).exists()}


def _word(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:  # a supply that went away
        return ""
