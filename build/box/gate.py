"""The health gate of a box: whether the slot that has booted stays, or the other one boots.

It runs in the root image by the system's own Python and imports nothing of the product: an image
whose program is broken is what it is there for. Copied to /usr/lib/gonogo-box/gate.py, started by
gonogo-health.service. What it decides stands in /data/box/health.json, with the reason.

A slot is on trial until its image was once found healthy. On trial it has `limit_s` seconds, of
which those do not count in which the station judges and no part comes, nor those in which its
engines are made, an hour in all; without health it is marked bad and the box boots the other slot.
Of a slot that was healthy before, a boot is enough: a PLC that is switched off is no reason to
change the program.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any, NamedTuple

GOOD, WAIT, BAD, ALONE = "good", "wait", "bad", "alone"
JUDGES = ("judging", "rules-only")  # the words of gonogo status
LIMIT_S, CYCLES, TRIES = 600.0, 5, 3
PREPARE_S = 3600.0  # in which a making that hangs is told from one that takes long
PREPARE = "gonogo-prepare.service"
POLL_S, ASK_S = 5.0, 60.0


class Seen(NamedTuple):
    """What is known when the gate decides.

    `status`: of `gonogo status --json`, None where no station answers. `commissioned`: there is a
    station file. `answers`: the program itself runs. `sick_s`: seconds on trial without health.
    `proven`: this image was healthy in this slot before. `other`: another slot may be booted.
    `preparing`: its engines are being made, for which the station waits.
    """

    status: dict[str, Any] | None
    commissioned: bool
    answers: bool
    sick_s: float
    proven: bool
    other: bool
    preparing: bool = False


def healthy(status: dict[str, Any] | None) -> str:
    """Why a station does not judge with its PLC; empty where it does."""
    if status is None:
        return "no station answers"
    link = status.get("link") or {}
    if status.get("word") not in JUDGES:
        return str(status.get("says") or status.get("word"))
    for what in ("connected", "alive", "synced", "permit"):
        if not link.get(what):
            return f"the PLC link is not {what}"
    return ""


def decide(seen: Seen, limit_s: float = LIMIT_S, cycles: int = CYCLES) -> tuple[str, str]:
    """GOOD, WAIT, BAD or ALONE (no other slot to go to), and the reason."""
    if seen.proven:
        return GOOD, "healthy before; it has booted"
    if not seen.commissioned:
        if seen.answers:
            return GOOD, "no station file yet: it has booted, and the program answers"
        why = "the program does not answer"
    else:
        why = healthy(seen.status)
        if why and seen.preparing:
            why = "its engines are being made"
    if not why and seen.status is not None:
        done = int(seen.status.get("cycles") or 0)
        if done >= cycles:
            return GOOD, f"{done} parts judged, {seen.status['mode']}, the PLC follows"
        return WAIT, f"{done} of {cycles} parts judged"
    if seen.sick_s < limit_s:
        return WAIT, why
    told = f"{why}, for {seen.sick_s:.0f} s"
    return (BAD, told) if seen.other else (ALONE, f"{told}; there is no other slot to go to")


def counted(seen: Seen, took_s: float, free_s: float) -> tuple[float, float]:
    """How many of some seconds count against the slot, and how many engines may still take."""
    if not healthy(seen.status):
        return 0.0, free_s
    free = min(took_s, free_s) if seen.preparing else 0.0
    return took_s - free, free_s - free


def slot_of(words: str) -> str:
    """A or B, of the kernel's command line; empty where it does not say."""
    found = re.search(r"\brauc\.slot=([AB])\b", words)
    return found.group(1) if found else ""


def gave_up(env: dict[str, str], slot: str) -> str:
    """The slot that should have booted and did not within its tries; empty where there is none."""
    first = env.get("ORDER", "").split()[:1]
    if not first or first[0] == slot:
        return ""
    ok, tried = env.get(f"{first[0]}_OK"), env.get(f"{first[0]}_TRY")
    return first[0] if (ok, tried) == ("1", str(TRIES)) else ""


class Box(NamedTuple):
    """Where a box keeps what the gate reads and writes; others in tests."""

    state: Path = Path("/data/box")
    station: Path = Path("/data/station/station.toml")
    grub: Path = Path("/boot/env/grub")
    image: Path = Path("/usr/lib/gonogo-box/image.json")
    cmdline: Path = Path("/proc/cmdline")
    program: Path = Path("/usr/lib/gonogo/bin/gonogo")
    user: str = "gonogo"


class Gate:
    """One boot: asks, decides, and does it."""

    def __init__(self, box: Box, limit_s: float, cycles: int, prepare_s: float = PREPARE_S) -> None:
        self.box, self.limit_s, self.cycles = box, limit_s, cycles
        self.prepare_s = prepare_s
        self.slot = slot_of(box.cmdline.read_text(encoding="utf-8"))
        self.other = "A" if self.slot == "B" else "B"
        self.image = json.loads(box.image.read_text(encoding="utf-8"))

    def run(self) -> None:
        """Until it is decided; a box without another slot goes on asking."""
        self._mend_counters()
        env = self._env()
        lost = gave_up(env, self.slot)
        if lost:
            said("rauc", "status", "mark-bad", "other")
            self._keep(lost, BAD, f"it did not come up in {TRIES} boots", {})
        other, sick_s, last = env.get(f"{self.other}_OK") == "1" and not lost, 0.0, ""
        free_s = self.prepare_s
        while True:
            begun = time.monotonic()
            seen = self._seen(sick_s, other=other)
            status = seen.status
            word, reason = decide(seen, self.limit_s, self.cycles)
            if reason != last:
                print(f"slot {self.slot}: {word}: {reason}", flush=True)  # noqa: T201 - into the journal
            if word == GOOD:
                self._good(reason, status, tell=not seen.proven)
                return
            if word == BAD:
                self._bad(reason, status)
                return
            if word == ALONE and not last.startswith(reason.split(", for ")[0]):
                self._keep(self.slot, word, reason, status)
            last = reason
            time.sleep(POLL_S)
            against_s, free_s = counted(seen, time.monotonic() - begun, free_s)
            sick_s += against_s

    def _seen(self, sick_s: float, *, other: bool) -> Seen:
        """Asked only for what the decision needs: the program takes a moment to answer."""
        proven, commissioned = self._proven(), self.box.station.exists()
        asked = commissioned and not proven
        preparing = asked and preparing_now()
        return Seen(
            # the station waits for its engines: what asked it would be in the way
            status=self._status() if asked and not preparing else None,
            commissioned=commissioned,
            answers=not commissioned and not proven and self._answers(),
            sick_s=sick_s,
            proven=proven,
            other=other,
            preparing=preparing,
        )

    def _good(self, reason: str, status: dict[str, Any] | None, *, tell: bool) -> None:
        said("rauc", "status", "mark-good", "booted")
        if tell:
            replace(self.box.state / f"good-{self.slot}", self.image["image"] + "\n")
            self._keep(self.slot, GOOD, reason, status)
        # what GRUB reads where a power cut damaged the block itself
        block = (self.box.grub / "grubenv").read_bytes()
        replace(self.box.grub / "grubenv.good", block.decode("ascii"))

    def _bad(self, reason: str, status: dict[str, Any] | None) -> None:
        self._keep(self.slot, BAD, reason, status)
        journal = said("journalctl", "-b", "-n", "200", "--no-pager", "-o", "short-monotonic")
        replace(self.box.state / f"journal-{self.slot}.txt", journal)
        said("rauc", "status", "mark-bad", "booted")
        said("systemctl", "--no-block", "reboot")

    def _keep(self, slot: str, word: str, reason: str, status: dict[str, Any] | None) -> None:
        kept = {
            "slot": slot,
            "word": word,
            "reason": reason,
            "version": self.image["version"] if slot == self.slot else None,
            "booted": self.slot,
            "status": status,
        }
        replace(self.box.state / "health.json", json.dumps(kept, indent=1) + "\n")

    def _proven(self) -> bool:
        try:
            kept = (self.box.state / f"good-{self.slot}").read_text(encoding="ascii")
        except OSError:
            return False
        return kept.strip() == str(self.image["image"])

    def _mend_counters(self) -> None:
        """A block that a power cut damaged is made anew from its copy: RAUC reads no other."""
        if "ORDER" in self._env():
            return
        copy = self.box.grub / "grubenv.good"
        if copy.exists():
            replace(self.box.grub / "grubenv", copy.read_text(encoding="ascii"))

    def _env(self) -> dict[str, str]:
        listed = said("grub-editenv", str(self.box.grub / "grubenv"), "list")
        return dict(line.split("=", 1) for line in listed.splitlines() if "=" in line)

    def _status(self) -> dict[str, Any] | None:
        try:
            found = json.loads(self._asked("status", "--json"))
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    def _answers(self) -> bool:
        return bool(self._asked("--version"))

    def _asked(self, *words: str) -> str:
        """As the station's user: nobody else may look into it."""
        user = self.box.user
        become = ("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups")
        return said(*become, str(self.box.program), *words)


def preparing_now() -> bool:
    """Whether engines are being made: a unit that runs once is "activating" for as long."""
    words = ("systemctl", "show", "--property=ActiveState", "--value", PREPARE)
    return said(*words).strip() == "activating"


def said(*words: str) -> str:
    """What a program says; empty where it fails, is not there, or takes too long."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=ASK_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def replace(path: Path, text: str) -> None:
    """Whole or not at all, also when the power goes; where it cannot be written, it is left."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    except OSError as error:
        print(f"{path}: {error.strerror}", flush=True)  # noqa: T201 - into the journal


def main() -> None:
    """As gonogo-health.service starts it; /data/box/health.env may name other limits."""
    limit_s = float(os.environ.get("GONOGO_HEALTH_LIMIT_S") or LIMIT_S)
    cycles = int(os.environ.get("GONOGO_HEALTH_CYCLES") or CYCLES)
    prepare_s = float(os.environ.get("GONOGO_HEALTH_PREPARE_S") or PREPARE_S)
    Gate(Box(), limit_s, cycles, prepare_s).run()


if __name__ == "__main__":
    main()
