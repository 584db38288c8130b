"""Where the station file says the operator's screen is served: [screen]."""

from __future__ import annotations

from difflib import get_close_matches
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, field_validator

from gonogo.base.ports import joined, own_address
from gonogo.base.section import Section
from gonogo.records.dispositions.section import TextSection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.config.access import AccessSection
    from gonogo.config.recipe import RecipeSection
    from gonogo.config.view import ViewSection


class NameSection(Section):
    """What people call a rule or a view of this file. Records and messages keep its own name."""

    of: Annotated[str, Field(min_length=1, max_length=40)]
    """Its name in this file; of several of that name it is the text of all."""
    text: TextSection
    """What people read."""


class ScreenSection(Section):
    """Serves the operator's screen to browsers, by HTTP, in a process of its own.

    Plain HTTP from another machine only looks; whoever does something there comes by TLS, which is
    served as soon as other machines reach the screen ([access]).
    """

    host: str = "127.0.0.1"
    """The address of this box on which it is served, to whoever reaches it; 0.0.0.0 is all."""
    # below 1024 it would need a right of the system's
    port: Annotated[int, Field(ge=1024, le=65_535)] = 8470
    """TCP port there; two stations on one box need two."""
    language: Literal["en", "de", "tr", "ru", "zh"] = "en"
    """Of the page, until somebody chooses another one in his browser."""
    local_operator: bool = False
    """Whether who sits at this box may do without a login what an operator may, as `screen`; from
    anywhere else nobody may."""
    look_without_login: bool = True
    """Whether who has not signed in sees parts, pictures and states; else they see who they are
    asked to be, and nothing more."""
    picture_px: Annotated[int, Field(ge=160, le=4096)] = 1024
    """The longer side of a picture as it is shown; what is larger is made smaller for it."""
    name: Annotated[tuple[NameSection, ...], Field(max_length=128)] = ()
    """What people call rules and views, by language; left out, as this file does."""

    @field_validator("host")
    @classmethod
    def _address(cls, host: str) -> str:
        return own_address(host)

    @field_validator("name")
    @classmethod
    def _once_each(cls, names: tuple[NameSection, ...]) -> tuple[NameSection, ...]:
        twice = sorted({each.of for each in names if [one.of for one in names].count(each.of) > 1})
        if twice:
            raise ValueError(f"expected each rule and view once, got {', '.join(twice)} again")
        return names

    @property
    def names(self) -> dict[str, dict[str, str]]:
        """The texts of each, by language."""
        return {
            each.of: {language: each.text.of(language) for language in each.text.languages}
            for each in self.name
        }

    def in_words(self, access: AccessSection) -> str:
        """For whoever checks a station file."""
        whom = "this box alone" if self.here_alone else "whoever reaches that address to look"
        says = "who sits at this box" if self.local_operator else "nobody without a login"
        where = f"http://{joined(self.host, self.port)}/"
        tls = self.tls_address(access)
        more = f", and by TLS at https://{joined(*tls)}/" if tls else ""
        return f"the screen at {where}, for {whom}{more}; {says} may say words on parts there"

    def tls_address(self, access: AccessSection) -> tuple[str, int] | None:
        """Where it is served by TLS as well; None: no other machine reaches it."""
        if self.here_alone and not access.lan:
            return None
        return ("0.0.0.0" if self.here_alone else self.host), access.tls_port  # noqa: S104 - asked for

    @property
    def here_alone(self) -> bool:
        """Whether only this box reaches it."""
        return ip_address(self.host).is_loopback


def problem(
    screen: ScreenSection | None, views: Sequence[ViewSection], recipes: Sequence[RecipeSection]
) -> str:
    """What is wrong with the names of the screen of a station with these; '' where nothing is."""
    in_recipes = (view.rule for recipe in recipes for view in recipe.view)
    rules = {rule.name for its in (*(view.rule for view in views), *in_recipes) for rule in its}
    known = sorted({view.name for view in views} | rules)
    for number, each in enumerate(screen.name if screen else ()):
        if each.of not in known:
            near = get_close_matches(each.of, known, 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            return (
                f"screen.name[{number}].of: expected the name of a rule or a view of this file, "
                f"got '{each.of}'{hint}"
            )
    return ""
