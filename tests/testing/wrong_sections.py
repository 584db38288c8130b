"""Sections that break what every section promises, one promise each."""

from __future__ import annotations

from typing import ClassVar, Literal

import pytest
from pydantic import ConfigDict, Field

from gonogo.base.catalogue import Catalogue, Entry
from gonogo.base.section import Section
from gonogo.testing.sections import SectionContract

HERE = "gonogo.tests.testing.wrong_sections"


class Plain(Section):
    """As it should be."""

    driver: Literal["plain"]
    period_ms: float = 2.0


class Tolerant(Plain):
    """Takes any key."""

    model_config = ConfigDict(extra="ignore")


class Nameless(Plain):
    """Takes any name."""

    driver: str  # type: ignore[assignment]  # that is what is wrong


class Forgetful(Plain):
    """Does not say all that it knows."""

    period_ms: float = Field(default=2.0, exclude=True)


class Changeable(Plain):
    """Can be written to."""

    model_config = ConfigDict(frozen=False)


def opened(section: Section) -> Section:
    """A driver that is its section."""
    return section


def catalogue_of(section: type[Section]) -> Catalogue:
    """One that holds that section alone."""
    entry = Entry(f"{HERE}:{section.__name__}", f"{HERE}:{opened.__name__}")
    return Catalogue("thing", "gonogo.tests.none", {"plain": entry})


class RightSection(SectionContract):
    """Passes."""

    catalogue: ClassVar = catalogue_of(Plain)
    section_type: ClassVar[type[Plain]] = Plain
    period_ms = 3.0

    @pytest.fixture
    def section(self) -> Section:
        """Not all of it as it is by default."""
        return self.section_type(driver="plain", period_ms=self.period_ms)


class WrongNowhere(RightSection):
    """The catalogue leads to another section."""

    catalogue: ClassVar = catalogue_of(Tolerant)
    fails = frozenset({"test_section_is_found_by_its_name"})


class WrongName(RightSection):
    """Another driver's section is taken for it."""

    catalogue: ClassVar = catalogue_of(Nameless)
    section_type: ClassVar = Nameless
    fails = frozenset({"test_section_says_its_name_and_no_other"})


class WrongTolerant(RightSection):
    """A misspelt key is a default."""

    catalogue: ClassVar = catalogue_of(Tolerant)
    section_type: ClassVar = Tolerant
    fails = frozenset({"test_section_refuses_a_key_that_it_does_not_know"})


class WrongForgetful(RightSection):
    """The line would get another value than the supervisor."""

    catalogue: ClassVar = catalogue_of(Forgetful)
    section_type: ClassVar = Forgetful
    fails = frozenset({"test_section_reads_back_what_it_says"})


class WrongChangeable(RightSection):
    """What was checked can be changed."""

    catalogue: ClassVar = catalogue_of(Changeable)
    section_type: ClassVar = Changeable
    fails = frozenset({"test_section_cannot_be_changed"})
