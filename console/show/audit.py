"""A row of the audit trail in lines for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gonogo.base.plain_text import harmless

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.ipc.audit.row import Row

LONGEST = 160


def in_lines(row: Row, trail: str) -> Iterator[str]:
    """When, who and what; then what differs, a key a line, and why."""
    # harmless once more: what stands there may be of another hand
    state = "" if row.state == "noted" else f" {row.state.upper()}"
    asked = "" if row.asked is None else f" (asked in row {row.asked})"
    what = harmless(f"{row.what}{state}{asked}", LONGEST)
    yield f"{harmless(row.at)}  {_who(row.who)}  {what}  [{trail} {row.number}]"
    if row.torn:
        yield "    a line before it was torn: the power was cut while it was written"
    if row.lost is not None:
        yield f"    ROWS ARE MISSING before it: row {row.lost.number} was known as the newest"
    yield from (f"    {line}" for line in _changes(row.old, row.new))
    if row.why:
        yield f"    why: {harmless(row.why)}"


def _who(who: Any) -> str:  # noqa: ANN401 - whatever stands there
    if "way" in who:  # by an account of the station, or by nobody's
        return _by_account(who)
    login, user = str(who.get("login", "?")), str(who.get("user", "?"))
    over = who.get("over", "")
    as_other = "" if login == user else f" as {user}" + (f" over {over}" if over else "")
    return harmless(f"{login}{as_other} at {who.get('place', '?')}")


def _by_account(who: Any) -> str:  # noqa: ANN401 - as above
    login = str(who.get("login", ""))
    own = login if login != who.get("user") else "nobody"  # the process is not who it was
    role = f" ({who['role']})" if who.get("role") else ""
    whence = f" from {who['from']}" if who.get("from") else ""
    return harmless(f"{who.get('account') or own}{role} by {who['way']}{whence}")


def _changes(old: Any, new: Any) -> Iterator[str]:  # noqa: ANN401 - what a row holds
    if isinstance(new, dict) and (old is None or isinstance(old, dict)):
        for key, value in new.items():
            yield from _change(str(key), (old or {}).get(key), value)
    elif old is not None or new is not None:
        yield _arrow("", old, new)


def _change(key: str, old: Any, new: Any) -> Iterator[str]:  # noqa: ANN401 - as above
    if key == "changes" and isinstance(new, dict):
        for each, pair in new.items():
            known = isinstance(pair, list) and len(pair) == 2  # noqa: PLR2004 - old and new
            yield _arrow(str(each), *(pair if known else (None, pair)))
    elif isinstance(new, dict):
        before = old if isinstance(old, dict) else {}
        for each, value in new.items():
            yield from _change(f"{key}.{each}", before.get(each), value)
    elif old != new or old is None:
        yield _arrow(key, old, new)


def _arrow(key: str, old: Any, new: Any) -> str:  # noqa: ANN401 - as above
    name = f"{key}: " if key else ""
    before = "" if old is None else f"{_text(old)} -> "
    return harmless(f"{name}{before}{_text(new)}", LONGEST)


def _text(value: Any) -> str:  # noqa: ANN401 - as above
    if value is None:
        return "(none)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
