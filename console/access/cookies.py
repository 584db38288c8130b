"""The cookie that carries the id of a session: what is set, and what is taken.

No script can read it (HttpOnly), no other site's page sends it (SameSite=Strict), and by TLS it
never travels without (Secure, and a name that a browser takes with it alone). It ends with the
browser; the session behind it ends before.
"""

from __future__ import annotations

import re

CSRF_HEADER = "x-gonogo-csrf"  # beside it, in every request that changes something
LONGEST_HEADER = 4096  # characters of a Cookie header that are looked at
_ID = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits, as secrets.token_urlsafe writes them


class SessionCookie:
    """Of one station; a browser does not tell two ports of one box apart, so its name does."""

    def __init__(self, station: str, *, secure: bool) -> None:
        self.name = f"{'__Host-' * secure}gonogo-{station}"
        self._attributes = f"Path=/; HttpOnly; SameSite=Strict{'; Secure' * secure}"

    def set(self, session_id: str) -> str:
        """The Set-Cookie header of a session that was opened."""
        return f"{self.name}={session_id}; {self._attributes}"

    def clear(self) -> str:
        """The Set-Cookie header that makes a browser forget it."""
        return f"{self.name}=; Max-Age=0; {self._attributes}"

    def id_in(self, cookie_header: str | None) -> str | None:
        """The id in a Cookie header: one of the right form, and no second one beside it."""
        if cookie_header is None or len(cookie_header) > LONGEST_HEADER:
            return None
        pairs = (each.strip(" \t").partition("=") for each in cookie_header.split(";"))
        # of two cookies of one name nobody can say which of them we have set
        values = [value for name, _, value in pairs if name == self.name]
        return values[0] if len(values) == 1 and _ID.fullmatch(values[0]) else None
