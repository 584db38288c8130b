"""Where the station file says the operator's screen is served: [screen]."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Literal

from pydantic import Field, field_validator

from gonogo.base.ports import joined, own_address
from gonogo.base.section import Section


class ScreenSection(Section):
    """Serves the operator's screen to browsers, by HTTP, in a process of its own.

    Whoever reaches it sees everything; who may say a word on a part is another question.
    """

    host: str = "127.0.0.1"
    """The address of this box on which it is served, to whoever reaches it; 0.0.0.0 is all."""
    # below 1024 it would need a right of the system's
    port: Annotated[int, Field(ge=1024, le=65_535)] = 8470
    """TCP port there; two stations on one box need two."""
    language: Literal["en", "de"] = "en"
    """Of the page, until somebody chooses another one there."""
    local_operator: bool = False
    """Whether who sits at this box may say words on parts without a login, as `screen`; from
    anywhere else nobody may."""
    picture_px: Annotated[int, Field(ge=160, le=4096)] = 1024
    """The longer side of a picture as it is shown; what is larger is made smaller for it."""

    @field_validator("host")
    @classmethod
    def _address(cls, host: str) -> str:
        return own_address(host)

    def in_words(self) -> str:
        """For whoever checks a station file."""
        whom = "this box alone" if self.here_alone else "whoever reaches that address"
        says = "who sits at this box" if self.local_operator else "nobody without a login"
        where = f"http://{joined(self.host, self.port)}/"
        return f"the screen at {where}, for {whom}; {says} may say words on parts there"

    @property
    def here_alone(self) -> bool:
        """Whether only this box reaches it."""
        return ip_address(self.host).is_loopback
