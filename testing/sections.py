"""What the section of every driver promises, whatever it is a driver of.

The suites of the kinds inherit this one; a driver's author has nothing to do with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest
from pydantic import ValidationError

if TYPE_CHECKING:
    from gonogo.base.catalogue import Catalogue
    from gonogo.base.section import Section

UNKNOWN = "no_such_key"


class SectionContract:
    """A section that the catalogue of its kind holds under the name that it says."""

    catalogue: ClassVar[Catalogue]

    @pytest.fixture
    def section(self) -> Section:
        """How the driver is opened."""
        pytest.fail("give this class a fixture `section`: the driver's section of a station file")

    def test_section_is_found_by_its_name(self, section: Section) -> None:
        """The station file's word leads to this section, and to what opens the driver."""
        name = getattr(section, self.catalogue.key)
        assert name in self.catalogue
        assert self.catalogue.section_of(name) is type(section)
        # imported here: a missing package of its extra is said before anything is opened
        assert callable(self.catalogue.load(name))

    def test_section_says_its_name_and_no_other(self, section: Section) -> None:
        """Its key is a Literal: the section of another driver is not taken for it."""
        said = section.model_dump() | {self.catalogue.key: "another-driver"}
        with pytest.raises(ValidationError, match=self.catalogue.key):
            type(section).model_validate(said)

    def test_section_refuses_a_key_that_it_does_not_know(self, section: Section) -> None:
        """A misspelt key is no default."""
        with pytest.raises(ValidationError, match=UNKNOWN):
            type(section).model_validate(section.model_dump() | {UNKNOWN: 1})

    def test_section_reads_back_what_it_says(self, section: Section) -> None:
        """Processes hand sections to each other as JSON: nothing of it may be lost on the way."""
        assert type(section).model_validate_json(section.model_dump_json()) == section

    def test_section_cannot_be_changed(self, section: Section) -> None:
        """What was checked stays as it was checked."""
        with pytest.raises(ValidationError, match="frozen"):
            setattr(section, self.catalogue.key, "another-driver")
