"""`why`: what led to the verdict of a part, and of an engine's score where on the part that is.

The records are read at once. The place is worked out on the picture that was kept, by a process of
its own behind all others (gonogo.console.why), which may take seconds: it is an errand.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import GonogoError
from gonogo.console.known_engines import kept_names, makers
from gonogo.console.serial.reads import records_of
from gonogo.console.serial.reads_parts import newest
from gonogo.console.serial.table import GIVE_UP, Answer
from gonogo.console.show.part import as_json, why_lines
from gonogo.console.started import started
from gonogo.console.why.asked import EngineWhy
from gonogo.console.why.causes import causes_of, question_of
from gonogo.console.why.client import Explainer
from gonogo.console.why.planned import why_plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.console.serial.table import At
    from gonogo.console.why.asked import Question, RuleWhy
    from gonogo.records.questions.details import Details
    from gonogo.records.questions.part_row import PartRow

LOOKING = "where that is, is looked for on the picture that was kept; Ctrl-C gives up"
PATIENCE_S = 120.0  # of a box that has much else to do; whoever asked may give up
_LONGEST_PX = 64  # of the picture that comes back, which nobody sees here: as small as may be
_ENGINE = "ENGINE"  # reasons that a score led to begin so


class Place(NamedTuple):
    """Where the engine saw most on a view; `why_not`: why that is not known, '' where it is.

    `place_px`: top, left, bottom, right on the frame. `distance`: from the nearest good patch, in
    the spread of the engine's features; it is no score. `good_of`: the picture of that patch.
    """

    view: str
    place_px: tuple[float, float, float, float] | None = None
    distance: float | None = None
    good_of: str = ""
    why_not: str = ""

    @property
    def line(self) -> str:
        """In words."""
        if self.place_px is None:
            return f"  place    {self.view}: not known: {self.why_not}"
        top, left, bottom, right = self.place_px
        return (
            f"  place    {self.view}: x {left:.0f} to {right:.0f}, y {top:.0f} to {bottom:.0f} px; "
            f"distance {self.distance:.3g} from the nearest good patch, of {self.good_of}"
        )


def why(at: At, given: Sequence[str]) -> Answer:
    """Why a part was judged so; by an engine's score with the place, where a picture was kept."""
    path = records_of(at)
    row, about = newest(path, given[0])
    engines = makers(kept_names(path))
    lines = list(why_lines(row, about, engines))
    value = as_json(row, about, engines)
    questions, places = _questions(row, about)
    if not questions:
        return _answer(lines, value, places)
    try:
        plan = why_plan(started(path).station).model_dump_json()
    except GonogoError as error:  # what the records know is an answer all the same
        return _answer(lines, value, [*places, *(_unknown(each.view, error) for each in questions)])
    looking = Looking(Explainer(plan, limit_s=PATIENCE_S), questions, places, lines[1:], value)
    return Answer([lines[0], LOOKING], value, looking)


def _questions(row: PartRow, about: Details) -> tuple[list[Question], list[Place]]:
    """What is to be asked, a view each; and of which views nothing can be asked."""
    questions, places = [], []
    for cause in causes_of(row, about) if row.reason.startswith(_ENGINE) else ():
        if not cause.view:
            continue
        try:
            questions.append(question_of(cause, row, about, _LONGEST_PX))
        except GonogoError as error:
            places.append(_unknown(cause.view, error))
    return questions, places


def _unknown(view: str, error: GonogoError) -> Place:
    return Place(view, why_not=str(error.args[0]) if error.args else type(error).__name__)


def _answer(lines: Sequence[str], value: dict[str, Any], places: Sequence[Place]) -> Answer:
    shown = [*lines, *(place.line for place in places)]
    return Answer(shown, {**value, "places": [place._asdict() for place in places]})


class Looking:
    """Questions that are being answered, one after the other; then the lines, and the places.

    Whoever gives up has what the records know all the same.
    """

    def __init__(
        self,
        explainer: Explainer,
        questions: Sequence[Question],
        places: Sequence[Place],
        lines: Sequence[str],
        value: dict[str, Any],
    ) -> None:
        self._explainer, self._questions = explainer, questions
        self._lines, self._value = lines, value
        self._places = [*places]  # those of which nothing can be asked
        self._thread = threading.Thread(target=self._ask, name="why", daemon=True)
        self._thread.start()

    def receive(self, data: bytes, now_s: float) -> None:  # noqa: ARG002 - an errand's
        """Nothing but the end of it is listened to."""
        if any(key in data for key in GIVE_UP):
            self.cancel()

    def tick(self, now_s: float, waiting: int) -> bytes:  # noqa: ARG002 - an errand's
        """It says nothing until it ends."""
        return b""

    def finished(self) -> Answer | None:
        """What the records know, and a place or why there is none for each question."""
        if self._thread.is_alive():
            return None
        return _answer(self._lines, self._value, self._places)

    def cancel(self) -> bytes:
        """What works it out is ended, also in the middle of an answer."""
        self._explainer.close()
        return b""

    def _ask(self) -> None:
        for question in self._questions:
            try:
                place = _placed(question.view, self._explainer.ask(question))
            except GonogoError as error:
                place = _unknown(question.view, error)
            self._places.append(place)
        self._explainer.close()


def _placed(view: str, said: EngineWhy | RuleWhy) -> Place:
    if not isinstance(said, EngineWhy):
        raise TypeError(f"asked for a view's score, answered of the rule of view {said.view}")
    return Place(view, said.place_px, said.distance, said.good_of)
