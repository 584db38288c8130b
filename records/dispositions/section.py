"""The reason codes of a station, who has the last word, and how often an audit asks again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, field_validator

from gonogo.base.section import Section
from gonogo.records.dispositions.words import Means

if TYPE_CHECKING:
    from collections.abc import Mapping

Text = Annotated[str, Field(min_length=1, max_length=60)]


class TextSection(Section):
    """A text for people, by language (ISO 639-1)."""

    en: Text
    """English: shown where the language that is asked for is not there."""
    cs: Text | None = None
    """Czech."""
    de: Text | None = None
    """German."""
    es: Text | None = None
    """Spanish."""
    fr: Text | None = None
    """French."""
    hu: Text | None = None
    """Hungarian."""
    it: Text | None = None
    """Italian."""
    ja: Text | None = None
    """Japanese."""
    ko: Text | None = None
    """Korean."""
    nl: Text | None = None
    """Dutch."""
    pl: Text | None = None
    """Polish."""
    pt: Text | None = None
    """Portuguese."""
    ro: Text | None = None
    """Romanian."""
    ru: Text | None = None
    """Russian."""
    sk: Text | None = None
    """Slovak."""
    tr: Text | None = None
    """Turkish."""
    zh: Text | None = None
    """Chinese."""

    def of(self, language: str) -> str:
        """In that language, else in English."""
        found: str | None = getattr(self, language, None) if language in self.languages else None
        return found or self.en

    @property
    def languages(self) -> list[str]:
        """Those that are given."""
        return [name for name in type(self).model_fields if getattr(self, name) is not None]


class ReasonCodeSection(Section):
    """Why a person says what they say of a part: a code that is kept, and its text for people.

    Dirt, a finger in the picture and bad light must be `means = "exclude"`: the part may be good,
    but a picture of it would teach that dirt is good.
    """

    code: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,23}$")]
    """Short; it is kept with each disposition, so its meaning should never change."""
    text: TextSection
    """What people read."""
    means: Means
    """What it says of the part: good, a defect, or nothing that may be taught."""


# with a text in each language of the screen
DEFAULTS = tuple(
    ReasonCodeSection.model_validate(each)
    for each in json.loads(Path(__file__).with_name("default_codes.json").read_text("utf-8"))
)


class DispositionsSection(Section):
    """Words on parts, and what they are to mean.

    The audit sample is that of the pictures: `audit_sample` in [records.images].
    """

    reason_code: Annotated[tuple[ReasonCodeSection, ...], Field(max_length=64)] = ()
    """Reason codes; left out, good-part, scratch, dent, broken, missing, wrong-size, wrong-colour,
    stain and other-defect, and of those that teach nothing dirt, bad-light, bad-picture, wrong-part
    and other."""
    supervisors: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] = ()
    """Login names of those who decide where two people differ; left out, nobody can."""
    shown_again_one_in: Annotated[int, Field(ge=0, le=1000)] = 10
    """One in so many parts of the audit sample is shown to the same person again; 0: none."""

    @field_validator("reason_code")
    @classmethod
    def _once_each(cls, codes: tuple[ReasonCodeSection, ...]) -> tuple[ReasonCodeSection, ...]:
        names = [each.code for each in codes]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"expected each code once, got {', '.join(twice)} again")
        return codes

    @property
    def codes(self) -> tuple[ReasonCodeSection, ...]:
        """Those of the station file, or those that hold without any."""
        return self.reason_code or DEFAULTS

    @property
    def means(self) -> Mapping[str, Means]:
        """What each code means."""
        return {each.code: each.means for each in self.codes}
