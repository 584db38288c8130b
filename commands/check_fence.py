"""`gonogo check`: what keeps the order of shared memory on this box, and whether it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base import fence
from gonogo.base.errors import FenceBroken, NoFence
from gonogo.proving.litmus import litmus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.commands.report import Report
    from gonogo.proving.litmus import Count

EACH_S = 0.25  # two patterns, each without fences and with them


def check_fence(
    report: Report,
    of: Callable[[], fence.Fence] = fence.here,
    run: Callable[[float], Sequence[Count]] = litmus,
) -> None:
    """Which fence there is, and where one is needed how often two processes saw it fail."""
    try:
        made = of()
    except NoFence as error:
        report.wrong(str(error))
        return
    report.say(f"memory order: {made.said}")
    if made is fence.NONE:
        report.say("  litmus run: skipped, there is no fence to try")
        return
    try:
        counts = run(EACH_S)
    except OSError as error:
        report.say(f"  litmus run: not run: {error}")
        return
    for each in counts:
        how = "with fences" if each.fenced else "without fences"
        report.say(f"  {each.pattern.words}, {how}: {each.violations} of {each.tried} out of order")
    broken = sum(each.violations for each in counts if each.fenced)
    if broken:
        report.wrong(str(_broken(made, broken)))


def _broken(made: fence.Fence, times: int) -> FenceBroken:
    return FenceBroken(
        f"memory order: {times} out of order with fences ({made.said}), expected none: a torn "
        "frame or score could pass for a whole one; no part may be judged here: report this line "
        "and the name of the processor"
    )
