"""Where the station file says the operator's screen is served: [screen]."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, field_validator

from gonogo.base.ports import joined, own_address
from gonogo.base.section import Section

if TYPE_CHECKING:
    from gonogo.config.access import AccessSection


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
    language: Literal["en", "de"] = "en"
    """Of the page, until somebody chooses another one there."""
    local_operator: bool = False
    """Whether who sits at this box may do without a login what an operator may, as `screen`; from
    anywhere else nobody may."""
    look_without_login: bool = True
    """Whether who has not signed in sees parts, pictures and states; else they see who they are
    asked to be, and nothing more."""
    picture_px: Annotated[int, Field(ge=160, le=4096)] = 1024
    """The longer side of a picture as it is shown; what is larger is made smaller for it."""

    @field_validator("host")
    @classmethod
    def _address(cls, host: str) -> str:
        return own_address(host)

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
