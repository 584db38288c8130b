"""Candidates of rules, by what the good pictures look like: many, of which few are chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.build.firstday.candidate import Candidate, roi
from gonogo.build.firstday.colours import colours
from gonogo.build.firstday.look import Box
from gonogo.build.firstday.places import objects, places

if TYPE_CHECKING:
    from gonogo.base.frame_shape import FrameShape
    from gonogo.build.firstday.look import Look, Way

# measure, what it is in words, whether it says something of the part as a whole
_MEASURES = (
    ("area", "a piece that is missing, or too much", True),
    ("width", "too long, too short, or broken off", True),
    ("height", "too long, too short, or broken off", True),
    ("length", "of the turned box: also where parts lie turned", False),
    ("breadth", "of the turned box: also where parts lie turned", False),
    ("solidity", "a notch, a gap or a crack at the edge", True),
    ("hull_area", "what it would cover without notches", False),
)
WHOLE = 0.97  # of the frame: a place so large needs no roi


def propose(look: Look, geometry: FrameShape, *, bad: bool, stretched: bool) -> list[Candidate]:
    """What might tell good parts from bad ones; `bad`: whether there are any to tell.

    `stretched`: pictures of several shapes were brought to one, and no length means anything.
    """
    place = place_of(look, geometry)
    found: list[Candidate] = []
    if not stretched:
        for number, way in enumerate(look.ways):
            found += dimensions(way, geometry, number)
    if geometry.channels > 1:
        found += colours(look, place, roi_of(place, geometry))
    found += objects(look, place, roi_of(place, geometry))
    # without bad parts nobody knows which place matters
    return [*found, *places(look, place, geometry)] if bad else found


def place_of(look: Look, geometry: FrameShape) -> Box:
    """Where the part lies: the box that holds it on every good picture, or all of the frame."""
    return look.ways[0].box if look.ways else Box(0, 0, geometry.width_px, geometry.height_px)


def roi_of(box: Box, geometry: FrameShape) -> dict[str, object]:
    """The keys of a place; none where it is the frame."""
    share = box.width * box.height / (geometry.width_px * geometry.height_px)
    return {} if share > WHOLE else {"roi": roi(*box)}


def dimensions(way: Way, geometry: FrameShape, number: int) -> list[Candidate]:
    """Lengths and areas of the part, as one way of telling it has them."""
    segment = {"channel": way.segment.channel, "object_is": way.segment.object_is}
    suffix = f" by {way.segment.channel}" if number else ""
    return [
        Candidate(
            {
                "kind": "dimension", "name": f"{measure}{suffix}", "measure": measure,
                **roi_of(way.box, geometry), "segment": segment,
            },
            why, measure, holds and not number,
        )
        for measure, why, holds in _MEASURES
    ]  # fmt: skip
