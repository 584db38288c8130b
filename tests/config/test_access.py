"""The section [access], and the limits that it comes to."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gonogo.config.access import AccessSection
from gonogo.console.access.delays import DelayLimits
from gonogo.console.access.policy import delay_limits, session_limits
from gonogo.console.access.roles import Role
from gonogo.console.access.sessions import LIMITS


def test_access_left_out_is_what_the_parts_have_by_themselves() -> None:
    """One place for each number: a file that says nothing changes nothing."""
    assert session_limits(AccessSection()) == LIMITS
    assert delay_limits(AccessSection()) == DelayLimits()
    assert not AccessSection().lan


def test_access_gives_each_role_its_own_idle_time() -> None:
    """By the key that names it."""
    section = AccessSection.model_validate(
        {f"{role.value}_idle_s": 100 + n for n, role in enumerate(Role)} | {"longest_h": 2}
    )
    limits = session_limits(section)
    assert limits.idle_s == {role: 100 + n for n, role in enumerate(Role)}
    assert limits.longest_s == 7200


@pytest.mark.parametrize(
    "wrong",
    [
        {"names": ["a b"]},
        {"names": ["evil\n.example"]},
        {"names": [""]},
        {"security_idle_s": 0},
        {"operator_idle_s": 1e9},
        {"tls_port": 443},
        {"longest_wait_s": 1},
        {"free_tries": 0},
        {"pin": "123456"},
    ],
)
def test_access_refuses_what_would_keep_nobody_out(wrong: dict[str, object]) -> None:
    """Bounds in the type."""
    with pytest.raises(ValidationError):
        AccessSection.model_validate(wrong)
