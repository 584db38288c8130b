"""What can start a part, each in a file of its own, found by `driver` in `[trigger]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.catalogue import Catalogue, Entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.base.words import TriggerEvent
    from gonogo.drivers.triggers.trigger import Trigger, TriggerSection

_HERE = "gonogo.drivers.triggers"
# what opens one is given the last part id and a hearer of refusals, whether it needs them or not
TRIGGERS = Catalogue(
    "trigger driver",
    "gonogo.triggers",
    {
        "camera": Entry(
            f"{_HERE}.by_camera.section:CameraTriggerSection",
            f"{_HERE}.by_camera.trigger:open_by_camera",
        ),
        "encoder": Entry(
            f"{_HERE}.gpio.section:EncoderSection", f"{_HERE}.gpio.opening:open_encoder", "gpio"
        ),
        "gpio": Entry(
            f"{_HERE}.gpio.section:GpioSection", f"{_HERE}.gpio.opening:open_gpio", "gpio"
        ),
        "plc": Entry(f"{_HERE}.plc_part_id:PlcTriggerSection", f"{_HERE}.plc_part_id:open_mailbox"),
        "timer": Entry(f"{_HERE}.timer:TimerSection", f"{_HERE}.timer:open_timer"),
    },
)


def open_trigger(
    section: TriggerSection, last_part_id: int, refused: Callable[[TriggerEvent], None]
) -> Trigger:
    """Open the trigger that `[trigger]` names.

    `last_part_id` is the last one of the line before, 0 where there was none. `refused` hears of
    parts that come while the line has no place for them.
    """
    trigger: Trigger = TRIGGERS.open(section.driver, section, last_part_id, refused)
    return trigger
