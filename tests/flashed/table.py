"""The table of docs/the-box.md, of what a rehearsal found.

python -I -m gonogo.tests.flashed.table FOUND.json docs/the-box.md
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- rehearsal -->\n", "<!-- end of the rehearsal -->\n"
NOT_RUN = "not run"


def rows(found: dict[str, Any]) -> list[tuple[str, str]]:
    """What was done, and what came of it; a step that was not run says so."""
    return [
        ("flash image; its root of its slot", _sizes(found.get("prepare"))),
        ("GRUB alone, with slots that hold nothing", _counters(found.get("counters"))),
        ("power on to GRUB's choice; to the question for a station file", _first(found)),
        (
            "station file put there, to its third verdict",
            _seconds(found, "first", "first_verdicts_s"),
        ),
        ("power on to the third verdict, a station file being there", _boot(found)),
        ("parts of the first boot at the PLC", _parts(found, "first")),
        ("`rauc install` of the other slot", _seconds(found, "update", "install_s")),
        ("reboot into it, until it is found good", _trial(found)),
        ("an image that boots and cannot inspect", _back(found, "blind")),
        ("an image whose kernel finds no init", _back(found, "dead")),
        ("power cut while the other slot is written", _cuts(found.get("cuts"))),
        ("`gonogo rehearse` in the box itself, all on its one processor", _inside(found)),
    ]


def table(found: dict[str, Any]) -> str:
    """In Markdown."""
    lines = [f"| {what} | {came} |" for what, came in rows(found)]
    return "\n".join(["| step | what came of it |", "|---|---|", *lines]) + "\n"


def _sizes(found: dict[str, Any] | None) -> str:
    if found is None:
        return NOT_RUN
    return f"{found['image_mb']:.0f} MB; {found['root_mib']} of {found['slot_mib']} MiB"


def _counters(told: dict[str, Any] | None) -> str:
    if told is None:
        return NOT_RUN
    boots = sum(len(took) for _, took in told["found"].values())
    names = ", ".join(told["found"])
    return (
        f"the right slot in {told['right']} of {len(told['found'])} states of its counters "
        f"({names}), over {boots} boots"
    )


def _first(found: dict[str, Any]) -> str:
    if "first" not in found:
        return NOT_RUN
    return f"{found['first']['grub_s']:.0f} s; {found['first']['commissioning_s']:.0f} s"


def _seconds(found: dict[str, Any], step: str, key: str) -> str:
    return f"{found[step][key]:.0f} s" if step in found else NOT_RUN


def _boot(found: dict[str, Any]) -> str:
    return _seconds(found, "update", "boot_to_judged_s")


def _parts(found: dict[str, Any], step: str) -> str:
    if step not in found:
        return NOT_RUN
    told = found[step]["judged"]
    return (
        f"{told['parts']}, {told['verdicts']} verdicts in time; {told['late']} late, "
        f"{told['missing']} missing, {told['wrong_part']} for a wrong part"
    )


def _trial(found: dict[str, Any]) -> str:
    if "update" not in found:
        return NOT_RUN
    told = found["update"]
    return f"{told['good_after_s']:.0f} s: {told['reason']}"


def _back(found: dict[str, Any], step: str) -> str:
    if step not in found:
        return NOT_RUN
    told = found[step]
    return (
        f"back on slot {told['slot'].split()[2]} after {told['back_after_s']:.0f} s, reason kept: "
        f"*{told['reason']}*; then {_parts(found, step)}"
    )


def _cuts(told: dict[str, Any] | None) -> str:
    if told is None:
        return NOT_RUN
    at = ", ".join(f"{each['pct']}" for each in told["made"])
    return (
        f"{told['survived']} of {told['cuts']} survived (at {at} % of its time): each booted the "
        "slot that it was on, and judged parts"
    )


def _inside(found: dict[str, Any]) -> str:
    if "inside" not in found:
        return NOT_RUN
    told = found["inside"]
    return f"exit code {told['code']}: {told['says']}"


def main(words: list[str]) -> None:
    """Put it between its marks."""
    found = json.loads(Path(words[0]).read_text(encoding="utf-8"))
    page = Path(words[1])
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n{table(found)}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
