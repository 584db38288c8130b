"""What is asked of the process that works out why, and what it answers: a line of JSON each.

Nothing here imports an engine or a rule: the screen asks, and knows neither.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from gonogo.base.section import Section

QUESTION_MAX = 1 << 20  # bytes of a line; the first one is the plan
ANSWER_MAX = 64 << 20  # three pictures, as text


class Question(Section):
    """Why a part was judged so: by an engine's score of a view, or by a rule.

    `pictures`: those that were kept, by the names of their views. `engine`: id in hex of the one
    that scored `view`, "" to ask for the rule of that name. `recipe`: that it was judged by.
    `longest_px`: of the picture that comes back.
    """

    pictures: dict[str, Path]
    view: str = ""
    recipe: Annotated[int, Field(ge=0)] = 0
    engine: Annotated[str, Field(max_length=16)] = ""
    rule: Annotated[str, Field(max_length=40)] = ""
    longest_px: Annotated[int, Field(ge=64, le=8192)] = 1024


class Picture(Section):
    """A JPEG as it travels in JSON."""

    jpeg: str

    @property
    def data(self) -> bytes:
        """Its bytes."""
        return base64.b64decode(self.jpeg, validate=True)


def picture_of(jpeg: bytes) -> Picture:
    """One that is sent."""
    return Picture(jpeg=base64.b64encode(jpeg).decode())


class EngineWhy(Section):
    """The worst patch, and the good one nearest to it.

    `place_px`: of the worst patch on the frame: top, left, bottom, right. `good_of`: the name of
    the good picture; `good_at_pct`: where its patch lies there: from the left, from the top.
    `whole`: the picture with the place in it; `worst`, `good`: as the engine sees them.
    """

    kind: Literal["engine"] = "engine"
    place_px: tuple[float, float, float, float]
    distance: float
    good_of: str
    good_at_pct: tuple[float, float]
    whole: Picture
    worst: Picture
    good: Picture


class RuleWhy(Section):
    """What a rule measured, drawn on the picture of its view.

    `value`: measured anew on that picture, in `unit`; None where it cannot tell.
    """

    kind: Literal["rule"] = "rule"
    view: str
    value: float | None
    unit: str
    whole: Picture


class Refusal(Section):
    """An error of ours: its class in gonogo.base.errors, and its words."""

    kind: Literal["refusal"] = "refusal"
    error: str
    text: str


class Answer(Section):
    """A line of the process."""

    said: Annotated[EngineWhy | RuleWhy | Refusal, Field(discriminator="kind")]
