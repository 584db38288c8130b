"""More rows of the table: what a technician tries on the box, and takes along."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from gonogo.base.errors import CommandUnknown
from gonogo.console.serial import power, reads_link, selftest, support
from gonogo.console.serial.table import Command

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.console.serial.table import Answer, At


def late(name: str) -> Callable[[At, Sequence[str]], Answer]:
    """MODULE:FUNCTION of this folder that knows the station file, or a box's: loaded when asked."""
    module, _, function = name.partition(":")

    def run(at: At, given: Sequence[str]) -> Answer:
        found: Callable[[At, Sequence[str]], Answer]
        found = getattr(import_module(f"gonogo.console.serial.{module}"), function)
        return found(at, given)

    return run


def _set_camera(row: Command, given: Sequence[str]) -> Command:
    """With a value it is a change, whose words are whole: `camera VIEW exposure US`."""
    if len(given) != len(("VIEW", "WHAT", "VALUE")):
        return row
    unit = {"exposure": "us", "gain": "dB"}.get(given[1])
    if unit is None:
        raise CommandUnknown(
            "expected a change of a camera in full: camera VIEW exposure US, or camera VIEW gain DB"
        )
    said = f"{given[1]} of view {given[0]} is {given[2]} {unit} on trial, and goes back by itself"
    run = late("camera_set:set_light")
    return row._replace(action="set-camera", run=run, changes=said, meant=None)


# fmt: off
BOX_COMMANDS: tuple[Command, ...] = (
    Command("selftest", "", "self-test", "Show what is well: tried now, or read. Nothing is asked "
            "of line, cameras and PLC, which belong to parts.", selftest.selftest),
    Command("limits", "", "see-status", "Show limits of rules and engines. Of each recipe, as the "
            "station was started with them, and what can be taken back.", late("limits:limits")),
    Command("limits undo", "", "set-limits", "Take back the limits of the last review. In the "
            "station file, for the next start.", late("limits:limits_undo"),
            "the limits before the last review stand in the station file again"),
    Command("plc probe", "", "probe-plc", "Show what is known of the PLC. From the link of the "
            "running station: no second connection is made.", reads_link.plc_probe),
    Command("io", "", "see-setup", "Show inputs and outputs of the link. Names, levels, and since "
            "when each is so.", reads_link.io),
    Command("io test", "", "force-output", "Begin test mode: outputs are tried by hand. Permit is "
            "off, and no part is accepted, for 120 s from the last `io force` on.",
            late("outputs:io_test"),
            "permit goes off, and no part is accepted, until test mode is over"),
    Command("io test end", "", "force-output", "End test mode. So do its time, and whoever leaves.",
            late("outputs:io_test_end"), "outputs are as the rules have them"),
    Command("io force", "OUTPUT LEVEL [SECONDS]", "force-output", "Force an output in test mode. "
            "OUTPUT: `eject` (to throw out alone), `degraded`, `warning`, `fault`; LEVEL: `on`, "
            "`off`; for 10 s, or 1 to 60.", late("outputs:io_force"),
            "an output is what is typed, for that time"),
    Command("camera", "[VIEW] [WHAT] [VALUE]", "see-setup", "Show the last frame of a view in "
            "figures. WHAT: `shot`, `send` (the picture by YMODEM), `exposure`, `gain`; without a "
            "view, all of them. `camera VIEW exposure US` and `camera VIEW gain DB` change it, on "
            "trial for 120 s.", late("camera:camera"), meant=_set_camera),
    Command("support usb", "[STICK]", "support-bundle", "Write a support bundle onto a USB stick. "
            "It has to be mounted; named by its disk or folder where there are several.",
            support.support_usb, "a support bundle is made and written onto the stick"),
    Command("support cable", "", "support-bundle", "Send a small support bundle by YMODEM.",
            support.support_cable, "a small support bundle is made and sent to this terminal"),
    Command("flash status", "", "see-setup", "Show which version is installed, and since when. On "
            "a box with slots also which one runs, how the last update stands, and what `flash "
            "start` would do.", late("flash:flash_status")),
    Command("flash start", "", "run-station", "Start an update that is written and waits. Not "
            "while parts pass: the box restarts.", late("flash_start:flash_start"),
            "the update that waits starts on trial, and the box restarts"),
    Command("reboot", "", "run-station", "Start the box anew. Not while parts pass.",
            power.reboot, "the box starts anew, and the station with it"),
)
# fmt: on
