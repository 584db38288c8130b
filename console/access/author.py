"""Who is told to the audit trail: the person by their account, beside the process that acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gonogo.base.plain_text import harmless
from gonogo.ipc.audit.who import who

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.console.access.accounts_file import Account
    from gonogo.console.access.ways import Way


def author(
    account: Account | None, way: Way, source: str, process: Callable[[], dict[str, Any]] = who
) -> Callable[[], dict[str, Any]]:
    """What gonogo.ipc.audit.trail.Trail takes as its author.

    `account` None: nobody has signed in. `source` as gonogo.console.access.ways.source_of.
    """
    person = {
        "account": account.name if account is not None else "",
        "role": account.role.value if account is not None else "",
        "way": way.value,
        "from": harmless(source),
    }
    return lambda: {**process(), **person}
