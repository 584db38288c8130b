"""What the station file says of who may do what: [access]."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gonogo.base.section import Section

IdleS = Annotated[float, Field(ge=30, le=86_400)]


class AccessSection(Section):
    """Who may do what: how long somebody stays signed in, and from where the screen is reached.

    Accounts stand in a file of their own beside the records (`gonogo users`).
    """

    lan: bool = False
    """Whether other machines reach the screen by TLS, with the box's own CA, though the `host` of
    [screen] is this box alone; where it is another address, they do anyhow."""
    tls_port: Annotated[int, Field(ge=1024, le=65_535)] = 9443
    """TCP port for that; two stations on one box need two."""
    names: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,253}$")], ...] = ()
    """Further names and addresses under which browsers reach this box; its own host name, that name
    with .local, and its IPv4 addresses need none."""
    observer_idle_s: IdleS = 28_800.0
    """An observer who does nothing for so long is signed out."""
    operator_idle_s: IdleS = 3600.0
    """The same for an operator."""
    technician_idle_s: IdleS = 900.0
    """The same for a technician."""
    supervisor_idle_s: IdleS = 600.0
    """The same for a supervisor."""
    security_idle_s: IdleS = 300.0
    """The same for whoever manages accounts."""
    longest_h: Annotated[float, Field(gt=0, le=168)] = 12.0
    """Whoever is signed in for so long signs in again, whatever is done."""
    free_tries: Annotated[int, Field(ge=1, le=10)] = 3
    """Wrong PINs of an account in a row, after which the next one waits 1 s, then 2 s, 4 s, ..."""
    longest_wait_s: Annotated[float, Field(ge=10, le=3600)] = 60.0
    """How long the next attempt waits at most."""

    @property
    def idle_s(self) -> dict[str, float]:
        """By the name of a role."""
        return {
            "observer": self.observer_idle_s,
            "operator": self.operator_idle_s,
            "technician": self.technician_idle_s,
            "supervisor": self.supervisor_idle_s,
            "security": self.security_idle_s,
        }
