"""One table says who may do what, and every way that asks the station is in it."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from gonogo.base.errors import AccessDenied
from gonogo.console.access.roles import (
    ASKED,
    COMMANDED,
    PLC_MAY,
    TABLE,
    Action,
    Role,
    allowed,
    demand,
)
from gonogo.plc.register_map import Command

ROOT = Path(__file__).parents[3]
LADDER = (Role.OBSERVER, Role.OPERATOR, Role.TECHNICIAN, Role.SUPERVISOR)


@pytest.mark.parametrize(("lower", "higher"), list(pairwise(LADDER)))
def test_table_gives_each_step_what_the_one_below_has_and_more(lower: Role, higher: Role) -> None:
    """Observer, operator, technician, supervisor."""
    assert TABLE[lower] < TABLE[higher]


def test_table_keeps_accounts_and_what_they_are_for_apart() -> None:
    """Security sets no limit and no verdict aside; a supervisor gives nobody an account."""
    looking = {each for each in Action if each.value.startswith("see-")}
    apart = {Action.MANAGE_ACCOUNTS, Action.MANAGE_KEYS}
    assert TABLE[Role.SECURITY] - looking == apart | {Action.NOTE}
    assert not TABLE[Role.SUPERVISOR] & apart
    assert Action.SEE_AUDIT in TABLE[Role.SECURITY]


def test_table_leaves_no_action_to_nobody() -> None:
    """What nobody may do would be no action."""
    given = frozenset().union(*TABLE.values(), PLC_MAY)
    assert given == frozenset(Action)


def test_table_cannot_be_changed() -> None:
    """By whichever module that has imported it."""
    with pytest.raises(TypeError):
        TABLE[Role.OBSERVER] = frozenset(Action)  # type: ignore[index]


@pytest.mark.parametrize(
    ("purpose", "path"),
    [("control", "watchdog/commands.py"), ("control", "watchdog/master_part.py"),
     ("control", "watchdog/output_test.py"),
     ("engines", "engines/loading/request_handler.py")],
)  # fmt: skip
def test_asked_names_every_request_of_the_sockets(purpose: str, path: str) -> None:
    """Those that the handlers have in their tables, as they stand there."""
    text = (ROOT / path).read_text(encoding="utf-8")
    requests = set(re.findall(r'^ {12}"([a-z-]+)": \(?self\.', text, re.MULTILINE))
    requests |= set(re.findall(r'"(master-part[a-z-]*)": self\.', text))
    assert requests
    assert {(purpose, each) for each in requests} <= set(ASKED)


def test_asked_names_no_request_that_is_not_there() -> None:
    """Each `do` is a word of the handlers of its purpose."""
    paths = {
        "control": (
            "watchdog/commands.py",
            "watchdog/master_part.py",
            "watchdog/output_test.py",
        ),
        "engines": ("engines/loading/request_handler.py",),
    }
    texts = {
        purpose: "".join((ROOT / path).read_text(encoding="utf-8") for path in some)
        for purpose, some in paths.items()
    }
    assert [each for each in ASKED if f'"{each[1]}": ' not in texts[each[0]]] == []


def test_commanded_names_every_command_of_the_plc() -> None:
    """And the PLC may give it."""
    assert set(COMMANDED) == {each.name for each in Command}
    assert set(COMMANDED.values()) == PLC_MAY


def test_allowed_lets_nobody_do_nothing() -> None:
    """Whoever has not signed in is no role."""
    assert not any(allowed(None, each) for each in Action)
    assert allowed(Role.OPERATOR, Action.SAY_DISPOSITION)


def test_demand_says_who_may() -> None:
    """With its number, and nothing else happens."""
    demand(Role.SUPERVISOR, Action.SET_LIMITS)
    with pytest.raises(AccessDenied, match=r"GN665: set-limits: .*operator.*: supervisor"):
        demand(Role.OPERATOR, Action.SET_LIMITS)
    with pytest.raises(AccessDenied, match=r"nobody who has signed in .*: security"):
        demand(None, Action.MANAGE_KEYS)


def test_document_has_the_same_table() -> None:
    """docs/security.md: a row an action, a column a role, and one for the PLC."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \|[^|]*((?:\| *x? *){6})\|$", text, re.MULTILINE)
    said = {Action(name): [bool(cell.strip()) for cell in cells.split("|")[1:]]
            for name, cells in rows}  # fmt: skip
    assert said == {
        each: [*(each in TABLE[role] for role in Role), each in PLC_MAY] for each in Action
    }
    (head,) = re.findall(r"^\| action \|[^|]*\|(.*)\| PLC \|$", text, re.MULTILINE)
    assert [cell.strip() for cell in head.split("|")] == [role.value for role in Role]
