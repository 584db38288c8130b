"""Files of ours that change a verdict end in a digest of everything before it.

    body    what the reader uses, and all that it uses
    tail    SHA-256 of the kind of file and of the body's very bytes, written as that kind of
            file can carry it (a JSON member, a comment, a PNG chunk)

Whoever reads such a file reads it once, and takes what `open` gives it and nothing else.
It tells damage and edits, not forgery: who may write the file may make the digest, too.
What comes from others is signed (gonogo.engines.bundles).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Seal(NamedTuple):
    """How one kind of file bears its digest; `tail` has the same length for every digest."""

    kind: str
    tail: Callable[[str], bytes]

    def close(self, body: bytes) -> bytes:
        """The bytes of the file."""
        # with the kind in it, a file of one kind never passes for one of another
        return body + self.tail(hashlib.sha256(self.kind.encode() + b"\0" + body).hexdigest())

    def open(self, raw: bytes) -> bytes | None:
        """The body of a file; None unless it ends, to the bit, in the digest of what it holds."""
        body = raw[: -len(self.tail("0" * 64))]
        return body if self.close(body) == raw else None
