"""`gonogo check` of lines of a GPIO chip: each line, who has it, and its level now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import GonogoError, GpioHeld

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.base.catalogue import Catalogue
    from gonogo.base.gpio.chip import Found
    from gonogo.base.gpio.lines import Order
    from gonogo.commands.report import Report

    Look = Callable[[Order], list[Found]]


def found_by(
    report: Report, of: tuple[Catalogue, str], order: Order, look: Look | None = None
) -> list[Found]:
    """Each line as it is now; none, and a finding, where that cannot be asked.

    `of`: the driver that wants them. `look` instead of the kernel.
    """
    catalogue, driver = of
    try:
        # before anything of it is imported: a missing package is said by its extra
        catalogue.load(driver)
        return (look or _look)(order)
    except GonogoError as error:
        report.wrong(str(error))
        return []


def _look(order: Order) -> list[Found]:
    from gonogo.base.gpio.chip import look_at

    return look_at(order)


def say_lines(
    report: Report, found: Sequence[Found], order: Order, names: Sequence[str] = ()
) -> None:
    """A line each; `names`: what each of them is for, where there are several."""
    for place, each in enumerate(found):
        _say(report, each, order, f"{names[place]}: " if names else "")


def _say(report: Report, found: Found, order: Order, what: str) -> None:
    if found.consumer in {"", order.consumer}:
        own = ": this station runs" if found.consumer else ""
        report.say(f"  {what}{found.in_words()}{own}")
        return
    held = GpioHeld(f"{what}{found.in_words()}; end that program, or take another line")
    report.wrong(str(held))
