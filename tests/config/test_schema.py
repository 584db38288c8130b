"""What a key may hold, in words: units, ranges, choices."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from gonogo.base.section import Section
from gonogo.config.schema import keys_of, shape_of, span, step, unit_of, words


class Dot(Section):
    """A section with a key that Python could not name."""

    kind: Literal["dot"]
    from_: int = Field(default=0, alias="from")


class Bar(Section):
    """Another, told apart by its kind."""

    kind: Literal["bar"]


@pytest.mark.parametrize(
    ("key", "unit"),
    [
        ("budget_ms", "ms"),
        ("speed_mm_s", "mm/s"),
        ("mm_per_px", "mm/px"),
        ("period_s", "s"),
        ("limit_degc", "degC"),
        ("share_pct", "%"),
        ("parts", ""),
        ("ms", ""),
    ],
)
def test_unit_of_reads_the_longest_suffix(key: str, unit: str) -> None:
    """A speed is not in seconds, and an element has the unit of its array."""
    assert unit_of(("view", 0, key)) == unit
    assert unit_of((key, 3)) == unit


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        (Field(ge=1, le=10), "1 to 10 mm"),
        (Field(ge=0.5), "at least 0.5 mm"),
        (Field(gt=0, lt=5.0), "more than 0 and less than 5 mm"),
        (Field(ge=0, le=8, multiple_of=2), "0 to 8 and a multiple of 2 mm"),
        (Field(), ""),
    ],
)
def test_span_says_bounds_with_their_unit(bounds: Any, said: str) -> None:  # noqa: ANN401 - FieldInfo
    """Both bounds are said where there are both, and whether they are inside."""
    assert span(shape_of(float, bounds), "mm") == said
    assert span(shape_of(Annotated[float, bounds] | None), "mm") == said


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (int, "a whole number in mm"),
        (bool, "true or false"),
        (Literal["a"], "'a'"),
        (Literal["a", 2], "one of 'a', '2'"),
        (float | Literal["auto"], "a number in mm or 'auto'"),
        (Annotated[str, Field(max_length=1)], "text of at most 1 character"),
        (Annotated[str, Field(min_length=2)], "text of at least 2 characters"),
        (
            Annotated[tuple[Dot, ...], Field(min_length=3, max_length=3)],
            "an array of 3 elements, each a table",
        ),
        (tuple[int, str], "an array of 2 elements, each a whole number in mm"),
        (tuple, "an array"),
        (dict[str, int], "a table"),
        (Annotated[Dot | Bar, Field(discriminator="kind")] | None, "a table"),
        (complex, "a value of the documented form"),
    ],
)
def test_words_say_what_is_expected(declared: Any, said: str) -> None:  # noqa: ANN401 - annotations
    """Each kind of declaration has plain words, without the type names of Python."""
    assert words(shape_of(declared), "mm") == said


def test_step_goes_through_what_is_declared() -> None:
    """Keys as the file spells them, elements, values of free tables; None beyond them."""
    union = shape_of(Annotated[Dot | Bar, Field(discriminator="kind")])
    assert union.choices == ("dot", "bar")
    assert keys_of(Dot) == ["kind", "from"]
    assert step(union.tagged()["dot"], "from") == shape_of(int)
    assert step(union.tagged()["bar"], "from") is None
    assert step(shape_of(dict[str, list[float]]), "any") == shape_of(list[float])
    assert step(shape_of(tuple[int, str]), 1) == shape_of(str)
    assert step(shape_of(int), 0) is None
