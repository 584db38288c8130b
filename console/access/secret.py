"""PINs and badges: which are taken, and what is kept of one.

    scrypt$<log2 n>$<r>$<p>$<salt, hex>$<derived key, hex>

Not gonogo.base.maintenance_key: that one lets the work be done by whoever asks and remembers what
it made. Here whoever guesses must not find out by the time which accounts there are, so each
attempt does the work once, whatever was typed.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import AccountUnfit
from gonogo.console.access.names import folded

if TYPE_CHECKING:
    from collections.abc import Callable

PATTERN = r"^scrypt\$1[4-7]\$8\$1\$[0-9a-f]{32}\$[0-9a-f]{64}$"
PIN_DIGITS, BADGE_LETTERS, LONGEST = 6, 8, 128
_FORM = re.compile(PATTERN)
_LOG2_N, _R, _P = 15, 8, 1  # of new ones: 32 MiB
_SALT_BYTES, _KEY_BYTES = 16, 32
_BLOCK_BYTES = 128  # scrypt's memory is this, times n, times r
_FEW = 3  # different signs in a badge: no fewer
_SHORT = 3  # letters of a name
_MODULUS = 10


class Cost(NamedTuple):
    """The parameters of scrypt (RFC 7914): n from 2^14 to 2^17, r 8, p 1: 16 to 128 MiB."""

    log2_n: int = _LOG2_N
    r: int = _R
    p: int = _P

    @property
    def max_bytes(self) -> int:
        """The memory that OpenSSL may take for it, with a little more than is needed."""
        return 2 * _BLOCK_BYTES * (1 << self.log2_n) * self.r


if TYPE_CHECKING:
    Derive = Callable[[bytes, bytes, Cost], bytes]


def derive(secret: bytes, salt: bytes, cost: Cost) -> bytes:
    """The derived key: some tens of milliseconds and megabytes of work."""
    return hashlib.scrypt(
        secret,
        salt=salt,
        n=1 << cost.log2_n,
        r=cost.r,
        p=cost.p,
        maxmem=cost.max_bytes,
        dklen=_KEY_BYTES,
    )


def kept(secret: str, by: Derive = derive, cost: Cost = Cost()) -> str:  # noqa: B008 - immutable
    """What the file of accounts holds of a secret that was found fit."""
    salt = os.urandom(_SALT_BYTES)
    key = by(_plain(secret), salt, cost)
    return f"scrypt${cost.log2_n}${cost.r}${cost.p}${salt.hex()}${key.hex()}"


NOBODY = f"scrypt${_LOG2_N}${_R}${_P}${'00' * _SALT_BYTES}${'00' * _KEY_BYTES}"


def opens(lock: str | None, secret: str, by: Derive = derive) -> bool:
    """Whether the secret is that of the lock; for None, and for any text, the same work is done."""
    used = lock if lock is not None and _FORM.fullmatch(lock) else NOBODY
    _, log2_n, r, p, salt, key = used.split("$")
    found = by(_plain(secret), bytes.fromhex(salt), Cost(int(log2_n), int(r), int(p)))
    same = hmac.compare_digest(found, bytes.fromhex(key))
    # nothing derives to nobody's key, but that is not left to chance
    return same and used is lock and len(secret) <= LONGEST


def check(secret: str, name: str) -> None:
    """AccountUnfit unless it is a PIN of 6 digits or more, or a badge of 8 to 128 signs.

    What anybody would try first is neither; `name` is that of its account.
    """
    wrong = _wrong(secret, name)
    if wrong:
        raise AccountUnfit(
            f"{wrong}; expected a PIN of {PIN_DIGITS} digits or more that nobody guesses, or a "
            f"badge of {BADGE_LETTERS} to {LONGEST} printable characters"
        )


def _wrong(secret: str, name: str) -> str:
    """What is wrong with a secret, without the secret; "" where nothing is."""
    plain = _plain(secret).decode()
    longest = max(len(secret), len(plain))  # NFKC makes eighteen letters of some
    if longest > LONGEST:
        return f"{longest} characters"
    if not plain.isprintable():
        return "a character that cannot be printed"
    if plain.isascii() and plain.isdecimal():
        return _wrong_pin(plain, name)
    if len(plain) < BADGE_LETTERS:
        return f"{len(plain)} characters, not all of them digits 0 to 9"
    if len(set(plain)) <= _FEW:
        return "hardly two characters of it differ"
    return "the name of the account" if _is_named(plain, name) else ""


def _wrong_pin(pin: str, name: str) -> str:
    if len(pin) < PIN_DIGITS:
        return f"{len(pin)} digits"
    if _is_named(pin, name):
        return "the name of the account"
    return "one of the PINs that are tried first" if _is_trivial(pin) else ""


def _is_trivial(pin: str) -> bool:
    """Few digits, a run, a block again and again, or two runs: 000000 123456 121212 147258."""
    half = len(pin) // 2
    blocks = (pin[:size] for size in range(1, half + 1) if len(pin) % size == 0)
    again = any(block * (len(pin) // len(block)) == pin for block in blocks)
    runs = _is_run(pin[:half]) and _is_run(pin[half:])
    single = "".join(one for one, before in zip(pin, " " + pin, strict=False) if one != before)
    return len(set(pin)) <= 2 or again or runs or _is_run(pin) or _is_run(single)  # noqa: PLR2004


def _is_run(digits: str) -> bool:
    """Whether each digit is as far from the one before as the next: 123456, 975310, 890123."""
    steps = {(int(after) - int(before)) % _MODULUS for before, after in pairwise(digits)}
    return len(steps) <= 1


def _is_named(secret: str, name: str) -> bool:
    """Whether it is the name, forwards or backwards, once or more often, with digits or not."""
    said, known = folded(secret), folded(name)
    if len(known) < _SHORT:  # it stands in many by chance
        return said == known
    left = said.replace(known, "").replace(known[::-1], "")
    return left != said and len(left) < PIN_DIGITS


def _plain(secret: str) -> bytes:
    """As it is worked on: NFKC, so that two keyboards type the same; never more than it may be."""
    cut = unicodedata.normalize("NFKC", secret[: LONGEST + 1])[: LONGEST + 1]
    return cut.encode(errors="replace")
