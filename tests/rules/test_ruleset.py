"""All rules of a station together."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pydantic import TypeAdapter

from gonogo.base.errors import StationFileError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.words import Status
from gonogo.rules.colour import ColourSection
from gonogo.rules.dimension import DimensionSection
from gonogo.rules.presence_section import PresenceSection
from gonogo.rules.rule import judge
from gonogo.rules.ruleset import RULES, RuleSection, RuleSet
from gonogo.rules.window import BoundRule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.base.words import RuleResult

COLOUR, GREY = FrameShape(60, 80, 3), FrameShape(40, 50, 1)
SIZE = DimensionSection(kind="dimension", name="size", measure="width", low=20, high=30)
RED = ColourSection(
    kind="colour",
    name="red",
    measure="share",
    range_low=(340, 50, 30),
    range_high=(20, 100, 100),
    high=1,
)
SCREW = PresenceSection(
    kind="presence", name="screw", method="intensity", window_px=10, object_is="dark", low=50
)


def rules() -> RuleSet:
    """Two rules in a colour view, one in a grey one."""
    return RuleSet([(SIZE, RED), (SCREW,)], [COLOUR, GREY], Path())


def colour_frame(width: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A dark part of some width on white."""
    frame = np.full(COLOUR.shape, 240, np.uint8)
    frame[20:40, 10 : 10 + width] = 40
    return frame


def grey_frame() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A dark screw on grey."""
    frame = np.full(GREY.shape, 200, np.uint8)
    frame[10:30, 10:30] = 30
    return frame


def test_ruleset_lists_checks_in_station_order() -> None:
    """Names, units and checks run through the views in the order of the station file."""
    every = rules()
    assert every.names == ("size", "red", "screw")
    assert every.units == ("px", "%", "%")
    checks = every.check([colour_frame(25), grey_frame()])
    assert [c.status for c in checks] == [Status.PASS] * 3
    assert checks[0][1:4] == (25.0, 20.0, 30.0)
    assert checks[1].low == -math.inf


def test_ruleset_fails_the_rule_that_is_outside() -> None:
    """Each rule answers for itself."""
    ground = np.random.default_rng(2).integers(190, 200, GREY.shape, np.uint8)
    checks = rules().check([colour_frame(40), ground])
    assert [c.status for c in checks] == [Status.FAIL, Status.PASS, Status.FAIL]


def test_ruleset_cannot_tell_a_view_without_a_frame() -> None:
    """A view whose camera failed keeps its places in the list, with the limits."""
    checks = rules().check([None, grey_frame()])
    assert [c.status for c in checks] == [Status.CANNOT_TELL] * 2 + [Status.PASS]
    assert math.isnan(checks[0].value)
    assert checks[0][2:4] == (20.0, 30.0)


def test_ruleset_survives_a_rule_that_raises() -> None:
    """A frame that no rule can read (of another shape) is counted and fails the part."""
    every = rules()
    checks = every.check([np.zeros((0, 0, 3), np.uint8), grey_frame()])
    assert [c.status for c in checks] == [Status.CANNOT_TELL] * 2 + [Status.PASS]
    assert every.errors == 2


def test_ruleset_gives_the_same_answer_again() -> None:
    """Buffers hold nothing over from one part to the next."""
    every = rules()
    first = every.check([colour_frame(25), grey_frame()])
    noise = np.random.default_rng(1).integers(0, 256, COLOUR.shape, np.uint8)
    every.check([noise, 255 - grey_frame()])
    assert every.check([colour_frame(25), grey_frame()]) == first


def test_ruleset_refuses_a_rule_without_a_limit() -> None:
    """A rule whose limits are not yet learnt cannot judge."""
    unlearnt = SIZE.model_copy(update={"low": None, "high": None})
    with pytest.raises(StationFileError, match="'size': expected at least one limit"):
        RuleSet([(unlearnt,)], [COLOUR], Path())


def test_rule_section_is_chosen_by_its_kind() -> None:
    """The station file's `kind` picks the section, and each kind has its rule."""
    adapter: TypeAdapter[RuleSection] = TypeAdapter(RuleSection)
    for one in (SIZE, RED, SCREW):
        assert adapter.validate_python(one.model_dump()) == one
        assert one.kind in RULES.names


def test_ruleset_names_every_rule_without_limits_at_once() -> None:
    """Of all views: whoever adds limits to one is not told of the next one after that."""
    bare = [each.model_copy(update={"low": None, "high": None}) for each in (SIZE, RED, SCREW)]
    with pytest.raises(StationFileError) as caught:
        RuleSet([bare[:2], bare[2:]], [COLOUR, GREY], Path())
    lines = str(caught.value.args[0]).splitlines()
    assert [line.split(":")[0] for line in lines] == ["rule 'size'", "rule 'red'", "rule 'screw'"]
    assert all("gonogo limits" in line for line in lines)


class Reading(BoundRule):
    """Reads what a stranger has printed on a label; in the line the PLC's number as well."""

    unit = "count"
    wants_part_id = True
    label = ""

    def measure(self, pixels: NDArray[np.uint8]) -> float:
        """Always one."""
        return float(pixels.shape[0] > 0)

    def check(self, pixels: NDArray[np.uint8]) -> RuleResult:
        """With its text."""
        return judge(self.measure(pixels), self.low, self.high, f"{self.label}{self.part_id}")


def test_text_of_a_rule_is_made_harmless_and_the_part_id_is_told() -> None:
    """By whichever rule it is read: it goes to records, terminals and pages as it is."""
    every = RuleSet([(SIZE,)], [COLOUR], Path())
    reading = Reading(SIZE)
    every._views, every._by_part_id = ((reading,),), (reading,)
    frame = np.zeros(COLOUR.shape, np.uint8)
    for label, part_id, shown in (
        ("A\x1b[2J", 7, r"A\x1b[2J7"),
        ("\u202e", 65535, r"\u202e65535"),
        ("x" * 99, 1, "x" * 56 + "...(100)"),
    ):
        reading.label = label
        (found,) = every.check([frame], part_id)
        assert found.text == shown
    every.check([frame])
    assert reading.part_id is None
