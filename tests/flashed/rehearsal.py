"""A box from the empty disk to the roll-back, in QEMU: `make flash-rehearsal`.

    python -I -m gonogo.tests.flashed.rehearsal IMAGE CERT KEY WORK [STEP...]

IMAGE: what `gonogo box build` made. CERT and KEY sign the images of this rehearsal, and are whom
the box of IMAGE trusts. WORK: a folder of 6 GB. Steps run in the order of STEPS, on the disk that
the one before left. What they find is kept in WORK/found.json; gonogo.tests.flashed.table makes
the table of docs/the-box.md from it.

The PLC simulator is a process of this machine, outside of the box, and judges each boot anew.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.build.box.epoch import Epoch
from gonogo.build.box.flash_image import sha256_of
from gonogo.config.station import load_station
from gonogo.proving.plcsim.judge import judge
from gonogo.proving.rehearse import simulator, simulator_plan
from gonogo.tests.flashed import bench
from gonogo.tests.flashed.counters import CASES, tried
from gonogo.tests.flashed.guest import POLL_S, Guest, switched_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.proving.plcsim.judge import Judgement

EPOCH = Epoch(1_764_500_000)
STATE = "/data/box/health.json"
MOUNT = "mkdir -p /run/stick; mountpoint -q /run/stick || mount -o ro /dev/vdb /run/stick"
LIMIT_S, CYCLES = 300, 3  # of the health gate, in this rehearsal
BOOT_S, JUDGED_S, INSTALL_S = 300, 420, 1200
CUTS_AT_PCT = (5, 35, 65, 95)  # of the time that an install takes


class Place(NamedTuple):
    """Where a rehearsal works, and with what."""

    image: Path
    signer: tuple[Path, Path]
    work: Path

    @property
    def disk(self) -> Path:
        """Of the box."""
        return self.work / "disk.img"

    @property
    def content(self) -> Path:
        """The image, unpacked."""
        return self.work / "content"

    @contextmanager
    def on(self) -> Iterator[Guest]:
        """The box, switched on."""
        with switched_on(self.disk, self.work / "stick.img", self.work) as guest:
            yield guest

    @contextmanager
    def plc(self, name: str) -> Iterator[Callable[[], Judgement]]:
        """A PLC outside of the box, from now on, and what it found; parts come without end."""
        journal = self.work / f"plc-{name}.jsonl"
        journal.unlink(missing_ok=True)
        file = self.work / "outside.toml"
        file.write_text(bench.station_text("127.0.0.1"), encoding="utf-8")
        plan = simulator_plan(
            load_station(file),
            100_000,
            journal,
            start_timeout_s=3600,
            stall_timeout_s=3600,
            heart_limit_ms=3000,  # an emulated box holds its beat, but not to 0.3 s
        )
        with simulator(plan):
            yield lambda: judge(journal)


def prepare(place: Place) -> dict[str, Any]:
    """The disk as a flasher leaves it, and the stick."""
    if not place.content.exists():
        words = ["unsquashfs", "-q", "-n", "-d", str(place.content), str(place.image)]
        subprocess.run(words, check=True, capture_output=True)
    rootfs = place.content / "rootfs.ext4"
    bads = (bench.GOOD_B, bench.CANNOT_INSPECT, bench.CANNOT_BOOT)
    images = [bench.bad_image(each, rootfs, place.work, place.signer) for each in bads]
    bench.stick(place.work / "stick.img", images, EPOCH)
    bench.flashed(place.disk, place.content, EPOCH)
    return {
        "image_mb": place.image.stat().st_size / 1e6,
        "root_mib": rootfs.stat().st_size >> 20,
        "slot_mib": json.loads((place.content / "disk/layout.json").read_text())["slot_mib"],
    }


def counters(place: Place) -> dict[str, Any]:
    """GRUB alone, with slots that hold nothing: which one it takes, and how often."""
    found = {
        case.name: (list(case.takes), tried(case, place.content / "disk", place.work))
        for case in CASES
    }
    return {"found": found, "right": sum(wanted == took for wanted, took in found.values())}


def first(place: Place) -> dict[str, Any]:
    """An empty disk boots, asks for a station file, gets one, and judges; what is open there."""
    found: dict[str, Any] = {}
    with place.plc("first") as judged, place.on() as guest:
        guest.slot()
        found["grub_s"] = guest.on_s
        guest.console.expect(r"gonogo: this box has no station file yet", BOOT_S)
        found["commissioning_s"] = guest.on_s
        guest.ready()
        guest.run(MOUNT)
        begun_s = guest.on_s
        guest.run(
            f"printf 'GONOGO_HEALTH_LIMIT_S={LIMIT_S}\\nGONOGO_HEALTH_CYCLES={CYCLES}\\n' "
            ">/data/box/health.env; install -o gonogo -m 600 /run/stick/station.toml "
            "/data/station/; sync; systemctl start gonogo-station"
        )
        _until_judged(judged)
        found["first_verdicts_s"] = guest.on_s - begun_s
        found |= _looked_at(guest, place)
        found["judged"] = _told(judged())
        guest.run("sync")
    return found


def inside(place: Place) -> dict[str, Any]:
    """`gonogo rehearse` in the box itself: station, PLC and judge on its one processor."""
    with place.on() as guest:
        guest.slot()
        guest.ready()
        guest.run(MOUNT)
        guest.run("systemctl stop gonogo.service gonogo-update.service || true", 300)
        said = guest.run(
            "cp /run/stick/inside.toml /run/; install -d -o gonogo -m 700 /run/rehearse; "
            "setpriv --reuid=gonogo --regid=gonogo --init-groups "
            "env GONOGO_RUNTIME_DIR=/run/rehearse HOME=/tmp COLUMNS=120 "
            "/usr/lib/gonogo/bin/gonogo rehearse /run/inside.toml --parts 8 "
            ">/run/rehearsed.txt 2>&1; echo $?; grep 'verdicts at the PLC' /run/rehearsed.txt",
            900,
        )
    code, _, line = said.partition("\n")
    return {"code": int(code), "says": line}


def _looked_at(guest: Guest, place: Place) -> dict[str, Any]:
    """Ports, what can be written, what the slot's bytes are, units that failed."""
    size = (place.content / "rootfs.ext4").stat().st_size
    unit = "/run/systemd/system/gonogo.service"
    guest.run(
        f"sed -e 's#^ExecStart=.*#ExecStart=/usr/bin/python3 -I /run/stick/prober.py#' "
        "-e 's/^User=.*//; s/^Type=notify/Type=oneshot/; s/^Restart=.*//; /^WatchdogSec/d' "
        "-e 's/^TimeoutStartSec=.*/TimeoutStartSec=infinity/' "
        "-e 's/^ExecStopPost=.*//; /^RuntimeDirectory/d; s/^StateDirectory=.*//' "
        f"{unit} >/run/systemd/system/probe.service; systemctl daemon-reload"
    )
    # as root of the box itself, and as root of a process of the station
    bare = guest.run("python3 -I /run/stick/prober.py", 300)
    guest.run("systemctl start probe.service", 300)
    fenced = guest.run("journalctl -u probe.service -o cat | grep folders | tail -1")
    return {
        "ports": guest.run("ss -lntuH"),
        "failed_units": guest.run("systemctl --failed --no-legend --plain"),
        "root_writes": json.loads(bare),
        "station_writes": json.loads(fenced),
        "security": guest.run("systemd-analyze security --no-pager 2>/dev/null | grep gonogo"),
        "slot_unchanged": guest.run(
            f"head -c {size} /dev/disk/by-partlabel/gonogo-a | sha256sum", 300
        ).split()[0]
        == sha256_of(place.content / "rootfs.ext4"),
        "shadow": guest.run("grep ^root: /etc/shadow | cut -d: -f2"),
        "machine_id": guest.run("cat /etc/machine-id"),
        "watchdog": guest.run("cat /sys/class/watchdog/watchdog0/{identity,state}"),
        "memory": guest.run("free -m | sed -n 2p"),
        "userspace": guest.run("systemd-analyze | head -1"),
    }


def update(place: Place) -> dict[str, Any]:
    """To B by `rauc install`, which is found good; how long it takes, and that the id stays."""
    found: dict[str, Any] = {}
    with place.on() as guest:
        with place.plc("update-a") as judged:
            found["from"] = guest.slot()
            guest.ready()
            _until_judged(judged)
            found["boot_to_judged_s"] = guest.on_s
        found["machine_id"] = guest.run("cat /etc/machine-id")
        found["install_s"] = _install(guest, "good")
        guest.run("systemctl --no-block reboot")
        found |= _trial(place, guest, "update-b")
    return found


def blind(place: Place) -> dict[str, Any]:
    """An image that boots and cannot inspect: back where it was, with the reason."""
    with place.on() as guest:
        before = guest.slot()
        guest.ready()
        found: dict[str, Any] = {"from": before, "install_s": _install(guest, "blind")}
        # what does not come up at all need not be waited for as long
        guest.run("printf 'GONOGO_HEALTH_LIMIT_S=60\\n' >/data/box/health.env; sync")
        guest.run("systemctl --no-block reboot")
        found["trial"] = guest.slot(BOOT_S)
        begun_s = guest.on_s
        found["back"] = guest.slot(BOOT_S + 120)
        found["back_after_s"] = guest.on_s - begun_s
        guest.ready()
        found["reason"] = json.loads(guest.run(f"cat {STATE}"))["reason"]
        guest.run(
            f"printf 'GONOGO_HEALTH_LIMIT_S={LIMIT_S}\\nGONOGO_HEALTH_CYCLES={CYCLES}\\n' "
            ">/data/box/health.env; sync"
        )
    found |= _judges(place, "blind")
    return found


def dead(place: Place) -> dict[str, Any]:
    """An image whose kernel finds no init: three tries, then back, with the reason."""
    with place.on() as guest:
        before = guest.slot()
        guest.ready()
        found: dict[str, Any] = {"from": before, "install_s": _install(guest, "dead")}
        guest.run("systemctl --no-block reboot")
        begun_s = guest.on_s
        found["boots"] = [guest.slot(BOOT_S) for _ in range(4)]
        found["back_after_s"] = guest.on_s - begun_s
        guest.ready()
        guest.run(f"until grep -q 'did not come up' {STATE}; do sleep 2; done", 120)
        found["reason"] = json.loads(guest.run(f"cat {STATE}"))["reason"]
        guest.run("sync")
    found |= _judges(place, "dead")
    return found


def cuts(place: Place, at_pct: tuple[int, ...] = CUTS_AT_PCT) -> dict[str, Any]:
    """The plug pulled while the other slot is written; each time the box judges afterwards."""
    made: list[dict[str, Any]] = []
    whole_s = json.loads((place.work / "found.json").read_text())["update"]["install_s"]
    for pct in at_pct:
        with place.on() as guest:
            guest.slot()
            guest.ready()
            guest.run(MOUNT)
            guest.run("systemctl stop gonogo.service || true", 300)
            guest.shell.socket.sendall(b"rauc install /run/stick/good.raucb\n")
            time.sleep(whole_s * pct / 100)
            guest.cut()
        made.append({"pct": pct, **_judges(place, f"cut-{pct}")})
    survived = sum(each["judged"]["verdicts"] >= CYCLES for each in made)
    return {"made": made, "cuts": len(made), "survived": survived}


def _judges(place: Place, name: str) -> dict[str, Any]:
    """Switched on again: which slot, how long, and what the PLC saw."""
    with place.plc(name) as judged, place.on() as guest:
        slot = guest.slot()
        guest.ready()
        _until_judged(judged)
        return {"slot": slot, "judged_after_s": guest.on_s, "judged": _told(judged())}


def _trial(place: Place, guest: Guest, name: str) -> dict[str, Any]:
    """The box reboots by itself, with a PLC that is there anew; found good."""
    with place.plc(name) as judged:
        slot = guest.slot(BOOT_S)
        begun_s = guest.on_s
        guest.ready()
        now, ask = slot.split()[2], f"grep -q '%s' {STATE}"
        both = " && ".join((ask % f'"slot": "{now}"', ask % '"word": "good"'))
        guest.run(f"until {both}; do sleep 2; done", JUDGED_S)
        return {
            "to": slot,
            "good_after_s": guest.on_s - begun_s,
            "reason": json.loads(guest.run(f"cat {STATE}"))["reason"],
            "kept_id": guest.run("cat /etc/machine-id"),
            "counters": guest.run("grub-editenv /boot/env/grub/grubenv list").split("\n"),
            "judged": _told(judged()),
        }


def _install(guest: Guest, name: str) -> float:
    """Seconds of `rauc install` of an image of the stick, with the station stopped.

    Beside a station, whose line has a rank, the idle class of one emulated processor has next to
    nothing: ten minutes were not enough.
    """
    guest.run(MOUNT)
    guest.run("systemctl stop gonogo.service || true", 300)
    begun = time.monotonic()
    guest.run(f"rauc install /run/stick/{name}.raucb 2>&1", INSTALL_S)
    took_s = time.monotonic() - begun
    guest.run("rauc status mark-active other 2>&1")  # what is written does not start by itself
    guest.run("sync")
    return took_s


def _until_judged(judged: Callable[[], Judgement]) -> None:
    """Until the PLC has that many verdicts: who asks the box itself takes its one processor."""
    ends_s = time.monotonic() + JUDGED_S
    while judged().verdicts < CYCLES:
        if time.monotonic() > ends_s:
            raise TimeoutError(f"no {CYCLES} verdicts at the PLC within {JUDGED_S} s")
        time.sleep(POLL_S)


def _told(found: Judgement) -> dict[str, int]:
    names = ("parts", "verdicts", "late", "missing", "wrong_part", "doubled")
    return {name: getattr(found, name) for name in names}


STEPS: dict[str, Callable[[Place], dict[str, Any]]] = {
    "prepare": prepare,
    "counters": counters,
    "first": first,
    "update": update,
    "blind": blind,
    "dead": dead,
    "cuts": cuts,
    "inside": inside,
}


def main(words: list[str]) -> None:
    """The steps that are named, or all; each adds to what was found."""
    image, certificate, key, work = map(Path, words[:4])
    place = Place(image.absolute(), (certificate.absolute(), key.absolute()), work.absolute())
    place.work.mkdir(parents=True, exist_ok=True)
    kept = place.work / "found.json"
    for name in words[4:] or STEPS:
        found = json.loads(kept.read_text()) if kept.exists() else {}
        begun = time.monotonic()
        found[name] = STEPS[name](place)
        found[name]["took_s"] = time.monotonic() - begun
        kept.write_text(json.dumps(found, indent=1) + "\n")
        print(name, json.dumps(found[name], indent=1), flush=True)  # noqa: T201 - a program


if __name__ == "__main__":
    main(sys.argv[1:])
