"""How a HEF says what an ONNX file says in its metadata: in a trailer of ours behind it.

    | HEF as Hailo's compiler wrote it | JSON object | its length, 4 bytes little-endian | MAGIC |

A HEF into which frames are squeezed has none, and is what the compiler wrote, byte for byte. The
trailer is taken off before HailoRT sees the file. It stands in the file itself and not in the
bundle's manifest, so that the digest of the file covers it, and whoever opens the file has it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gonogo.engines.backends.fit import KEYS, SQUEEZE, Fit, fit_of

if TYPE_CHECKING:
    from typing import Any

MAGIC = b"gonogo fit 1\n"
_LENGTH_BYTES = 4
_LONGEST = 4096  # of the JSON object


def with_fit(hef: bytes, fit: Fit) -> bytes:
    """A HEF as it was compiled, with what is to be said of it."""
    if not fit.metadata:
        return hef
    said = json.dumps(fit.metadata).encode()
    return hef + said + len(said).to_bytes(_LENGTH_BYTES, "little") + MAGIC


def without_fit(content: bytes) -> tuple[bytes, Fit]:
    """The HEF as HailoRT wants it, and its fit; ValueError for a trailer of another kind."""
    if not content.endswith(MAGIC):
        return content, SQUEEZE
    end = len(content) - len(MAGIC) - _LENGTH_BYTES
    length = int.from_bytes(content[end : end + _LENGTH_BYTES], "little")
    start = end - length
    if not 0 < length <= _LONGEST or start < 0:
        raise ValueError(f"its trailer has {length} bytes, expected 1 .. {_LONGEST}")
    return content[:start], fit_of(_entries(content[start:end]))


def _entries(raw: bytes) -> dict[str, str]:
    try:
        found: Any = json.loads(raw)
    except ValueError as error:
        raise ValueError(f"its trailer is no JSON: {error}") from error
    if not isinstance(found, dict) or any(
        key not in KEYS or not isinstance(value, str) for key, value in found.items()
    ):
        raise ValueError(f"its trailer holds something else than text for {', '.join(KEYS)}")
    return found
