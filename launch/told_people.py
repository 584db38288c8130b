"""What the processes are told at their start that people sit before: the console and the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.console.screen.plan import ScreenPlan, ScreenView
from gonogo.console.serial.plan import ConsolePlan
from gonogo.console.why.planned import why_plan

if TYPE_CHECKING:
    from gonogo.config.screen import ScreenSection
    from gonogo.config.station import Station
    from gonogo.launch.told import Given


def tell_console(given: Given) -> ConsolePlan:
    """Of the technician's console: its port, what it shows, and who may come in by it."""
    station = given.station
    if station.console is None:
        raise ValueError("a station without [console] has no such process")
    name = station.station.name
    return ConsolePlan(
        station=name,
        console=station.console,
        log=station.log.path,
        records=station.records.path,
        access=station.access,
        file=given.origin.file,
    )


def tell_screen(given: Given) -> ScreenPlan:
    """Of the screen."""
    if given.station.screen is None:
        raise ValueError("a station without [screen] has no such process")
    return screen_plan(given.station, given.station.screen)


def screen_plan(station: Station, screen: ScreenSection) -> ScreenPlan:
    """Where it is served, what it reads, and what people may say there."""
    return ScreenPlan(
        station=station.station.name,
        screen=screen,
        access=station.access,
        records=station.records.path,
        shift_starts=station.records.shift_starts,
        views=tuple(
            ScreenView(
                name=view.name,
                rules=tuple(rule.name for rule in view.rule),
                **view.camera.geometry._asdict(),
            )
            for view in station.view
        ),
        dispositions=station.dispositions,
        audited=station.records.images is not None,
        log=station.log.path,
        why=why_plan(station).model_dump_json(),
    )
