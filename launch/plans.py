"""Plans for TensorRT, built before a station starts, whose engine process would build them else.

Each engine that TensorRT may run on this box is opened once; its plan is built where none is kept.
What fails is told and left: the station starts, its engine process says the same, and rules decide.
"""

from __future__ import annotations

import signal
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from gonogo.base.errors import GonogoError
from gonogo.base.frame_shape import FrameShape
from gonogo.config.recipe_switch import others
from gonogo.config.view_limits import engines_of
from gonogo.engines.backends.catalogue import AUTO, open_backend
from gonogo.engines.backends.cuda.wanted import reached_by
from gonogo.engines.backends.progress import told_to
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.serving.source import Sources
from gonogo.launch.told import view_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.config.station import Station
    from gonogo.engines.serving.hostplan import ViewPlan

    Say = Callable[[str], object]
    Begins = Callable[[int, int, str], object]

TENSORRT = "tensorrt"
QUIET_S = 600  # a builder says a word every two seconds; one that is mute so long hangs


def wants_plans(station: Station) -> bool:
    """Whether there is a TensorRT here, and a view that it may judge; nothing is imported."""
    return find_spec(TENSORRT) is not None and any(True for _ in _views(station))


def build_plans(station: Station, begins: Begins, say: Say) -> None:
    """Open each engine that TensorRT may run; of those that it alone may run, the first error.

    `begins` is told of each (its number from 1, of how many, the view's name), `say` what a build
    says. A vendor's library that hangs ends this process by SIGALRM.
    """
    wrong: GonogoError | None = None
    # one that judges several views, or in several recipes, has one plan
    engines: dict[object, tuple[str, ViewPlan]] = {}
    for name, plan in _views(station):
        engines.setdefault((plan.model, plan.bundle), (name, plan))
    for number, (name, plan) in enumerate(engines.values(), 1):
        begins(number, len(engines), name)
        try:
            _open(station, plan, say)
        except GonogoError as error:
            say(f"view '{name}': no plan: {error}")
            if plan.backend == TENSORRT:
                wrong = wrong or error
    if wrong is not None:
        raise wrong


def _views(station: Station) -> Iterator[tuple[str, ViewPlan]]:
    for each in (station, *others(station).values()):
        for index, view in enumerate(each.view):
            if view.engine is not None and view.engine.backend in {TENSORRT, AUTO}:
                yield view.name, view_plan(index, view, view.engine)


def _open(station: Station, plan: ViewPlan, say: Say) -> None:
    paths = {name: chosen.path for name, chosen in engines_of(station).items()}
    policy = policy_of(station.engines) if station.engines is not None else None
    # asked for by name: what other backends would open is not unpacked
    geometry = FrameShape(plan.height_px, plan.width_px, plan.channels)
    wanted = plan.model_copy(update={"backend": TENSORRT})
    with Sources([wanted], paths, policy) as sources, sources.by_name():
        model = sources.of(wanted).model
        if TENSORRT not in model.proven:
            return  # it is for CPUs, or another chip
        with _bounded(say) as told, told_to(told), reached_by(plan.cuda):
            open_backend(TENSORRT, model.file_of(TENSORRT), geometry, 1).close()


@contextmanager
def _bounded(say: Say) -> Iterator[Say]:
    """A say that puts off the end of a process in which nothing is said any more."""

    def told(text: str) -> None:
        signal.alarm(QUIET_S)
        say(text)

    # the kernel's doing: what hangs in a library takes no Python
    signal.alarm(QUIET_S)
    try:
        yield told
    finally:
        signal.alarm(0)
