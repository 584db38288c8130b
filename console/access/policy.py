"""What the section [access] of the station file comes to: limits of sessions and of attempts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.console.access.delays import DelayLimits
from gonogo.console.access.roles import Role
from gonogo.console.access.sessions import SessionLimits

if TYPE_CHECKING:
    from gonogo.config.access import AccessSection

_S_PER_H = 3600.0


def session_limits(section: AccessSection) -> SessionLimits:
    """How long somebody stays signed in."""
    idle_s = {Role(name): each for name, each in section.idle_s.items()}
    return SessionLimits(idle_s, section.longest_h * _S_PER_H)


def delay_limits(section: AccessSection) -> DelayLimits:
    """How long the next attempt waits."""
    return DelayLimits(free_account=section.free_tries, longest_s=section.longest_wait_s)
