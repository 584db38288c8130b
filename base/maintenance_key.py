"""The maintenance key: what the station file holds of it, and how somebody proves to know it.

The file holds neither the key nor anything that unlocks: a salt, and a hash of what scrypt
(RFC 7914) makes of the key with it. Whoever asks for a fault does the work of scrypt himself
and sends what it made; the supervisor, which must not be held up, only hashes that once.

    scrypt$<log2 n>$<r>$<p>$<salt, hex>$<SHA-256 of the derived key, hex>
"""

from __future__ import annotations

import hashlib
import hmac
import os
from functools import lru_cache

# n from 2^14 to 2^19, r 8, p 1: 16 to 512 MiB for each guess; what is weaker or would take
# more than a box can spare is not taken from a station file
PATTERN = r"^scrypt\$1[4-9]\$8\$1\$[0-9a-f]{32}\$[0-9a-f]{64}$"
_LOG2_N, _R, _P = 15, 8, 1  # of new locks: 32 MiB
_SALT_BYTES = 16
_BLOCK_BYTES = 128  # scrypt's memory is this, times n, times r


def lock_of(key: str) -> str:
    """What the station file holds of a new key."""
    salt = f"scrypt${_LOG2_N}${_R}${_P}${os.urandom(_SALT_BYTES).hex()}"
    return f"{salt}${_hash(proof_of(salt, key))}"


def salt_of(lock: str) -> str:
    """The part of a lock that whoever has the key must know; it unlocks nothing."""
    return lock.rpartition("$")[0]


@lru_cache(maxsize=16)
def proof_of(salt: str, key: str) -> str:
    """What unlocks: some tens of milliseconds and megabytes of work, for whoever asks."""
    _, log2_n, r, p, salt_hex = salt.split("$")
    n = 1 << int(log2_n)
    derived = hashlib.scrypt(
        key.encode(),
        salt=bytes.fromhex(salt_hex),
        n=n,
        r=int(r),
        p=int(p),
        # OpenSSL's own limit is 32 MiB, and a little more than that is needed
        maxmem=2 * _BLOCK_BYTES * n * int(r),
        dklen=32,
    )
    return derived.hex()


def opens(lock: str, proof: object) -> bool:
    """Whether a proof belongs to the key of a lock; takes the time of one hash."""
    known = lock.rpartition("$")[2]
    # takes as long for a proof that is nearly right as for any other
    return hmac.compare_digest(_hash(str(proof)), known)


def _hash(proof: str) -> str:
    return hashlib.sha256(proof.encode(errors="replace")).hexdigest()
