"""Real time: what makes parts late on this box, though every one is judged."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

from gonogo.base.errors import TimingRefused
from gonogo.commands.board.lack import TIMING
from gonogo.commands.doctor.finding import Fine, Ill

if TYPE_CHECKING:
    from gonogo.commands.board.found import Found
    from gonogo.commands.doctor.finding import Looked, Scene

AREA = "real time"
LATE = "a part is late, and rejected, when something else wants the processor"
CAP_IPC_LOCK = 14  # capabilities(7)
_RUNTIME, _PERIOD = (f"proc/sys/kernel/sched_rt_{name}_us" for name in ("runtime", "period"))
_ENOUGH_SHARE = 0.9  # of a period; the kernel has 0.95 by itself
_THP = "sys/kernel/mm/transparent_hugepage/enabled"
_AUTOGROUP = "proc/sys/kernel/sched_autogroup_enabled"


def look(scene: Scene, found: Found) -> Looked:
    """Scheduling, memory, clocks, cores, and what the kernel does behind one's back."""
    lacks = [lack for lack in found.lacks if lack.needed_by == TIMING]
    for lack in lacks:
        yield Ill(AREA, TimingRefused, lack.what, LATE, lack.commands)
    if found.realtime:
        yield Fine(AREA, "this user may schedule in real time")
    yield from _memory(scene)
    yield from _share(scene)
    yield from _cores(scene, found)
    yield from _pages(scene)
    yield from _groups(scene, found)
    yield from _heat(found)


def _memory(scene: Scene) -> Looked:
    soft, _hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if soft == resource.RLIM_INFINITY or scene.holds(CAP_IPC_LOCK):
        yield Fine(AREA, "memory may be locked")
        return
    what = f"memory may be locked up to {soft >> 10} kB, expected without a limit"
    means = "a page that went to the disk makes a part late"
    do = "echo $USER - memlock unlimited | sudo tee -a /etc/security/limits.d/gonogo.conf"
    yield Ill(AREA, TimingRefused, f"{what} (a service may, see `gonogo service`)", means, (do,))


def _share(scene: Scene) -> Looked:
    """Of each period, what the kernel leaves to real-time threads (sched(7))."""
    told = [scene.box.text(path) for path in (_RUNTIME, _PERIOD)]
    try:
        runtime_us, period_us = (int(each or "") for each in told)
    except ValueError:  # a kernel without it
        return
    if runtime_us < 0 or runtime_us >= _ENOUGH_SHARE * period_us:
        yield Fine(AREA, f"real-time threads have {runtime_us} of {period_us} us (-1: all)")
        return
    what = (
        f"kernel.sched_rt_runtime_us is {runtime_us} of {period_us} us, expected at least "
        f"{int(_ENOUGH_SHARE * period_us)}"
    )
    means = "the kernel stops the line for the rest of each period"
    yield Ill(
        AREA, TimingRefused, what, means, ("sudo sysctl -w kernel.sched_rt_runtime_us=950000",)
    )


def _cores(scene: Scene, found: Found) -> Looked:
    machine = found.machine
    if machine.usable_cores == 1:
        means = "line, engine and records share it, and the engine has to wait for the line"
        yield Ill(AREA, TimingRefused, "one core for this program, expected two or more", means)
    own = scene.station.realtime.line_core if scene.station else None
    if own is not None and own >= machine.cores:
        what = (
            f"[realtime] line_core = {own}, expected 0 to {machine.cores - 1}: this box has "
            f"{machine.cores} cores"
        )
        yield Ill(AREA, TimingRefused, what, "the line takes its turn on any core")
    isolated = machine.isolated_cores
    yield Fine(AREA, f"{machine.usable_cores} cores, isolated: {isolated or 'none'}")


def _pages(scene: Scene) -> Looked:
    told = scene.box.text(_THP)
    if told is None:
        return
    if "[always]" not in told:
        yield Fine(AREA, f"transparent huge pages: {told}")
        return
    what = "transparent huge pages are [always], expected madvise or never"
    means = "the kernel moves memory together while a part waits"
    yield Ill(AREA, TimingRefused, what, means, (f"echo madvise | sudo tee /{_THP}",))


def _groups(scene: Scene, found: Found) -> Looked:
    """Of processes without a rank the kernel then weighs logins, and not nice values (sched(7))."""
    told = scene.box.text(_AUTOGROUP)
    if told is None:
        return
    if told != "1" or found.realtime:
        yield Fine(AREA, f"autogroup {told}")
        return
    what = "kernel.sched_autogroup_enabled is 1, expected 0 where nothing may have a rank"
    means = "records and screen take as much of the processor as the line"
    yield Ill(
        AREA, TimingRefused, what, means, ("sudo sysctl -w kernel.sched_autogroup_enabled=0",)
    )


def _heat(found: Found) -> Looked:
    heat = found.heat
    if heat.error:
        yield Fine("heat", f"unknown: {heat.error}")
    elif heat.slowed:
        what = f"the chip slows itself down now ({', '.join(heat.slowed)})"
        means = "every part takes longer: cool it, or feed it by a stronger supply"
        yield Ill("heat", TimingRefused, what, means)
    else:
        yield Fine("heat", dict(heat.rows())["hottest"])
