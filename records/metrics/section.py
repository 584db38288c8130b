"""Where the station file says figures are served: [metrics]."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated

from pydantic import Field, field_validator

from gonogo.base.ports import joined, own_address
from gonogo.base.section import Section


class MetricsSection(Section):
    """Serves the figures of the station to Prometheus, by HTTP, in a process of its own."""

    host: str = "127.0.0.1"
    """The address of this box on which they are served, to whoever reaches it; 0.0.0.0 is all."""
    # below 1024 it would need a right of the system's
    port: Annotated[int, Field(ge=1024, le=65_535)] = 9464
    """TCP port there; two stations on one box need two."""

    @field_validator("host")
    @classmethod
    def _address(cls, host: str) -> str:
        return own_address(host)

    def in_words(self) -> str:
        """For whoever checks a station file."""
        whom = "this box alone" if self.here_alone else "whoever reaches that address, no password"
        return f"figures at http://{joined(self.host, self.port)}/metrics, for {whom}"

    @property
    def here_alone(self) -> bool:
        """Whether only this box reaches it."""
        return ip_address(self.host).is_loopback
