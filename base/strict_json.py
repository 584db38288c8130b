"""JSON from strangers, read as strictly as JSON can be.

No key twice, no NaN or infinity, no whole number beyond 19 digits, UTF-8 without a byte
order mark. Two programs can then not read two things from the same bytes.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from pydantic import ValidationError

from gonogo.base.errors import BundleManifestError
from gonogo.base.seal import Seal
from gonogo.base.section import Section, brief

if TYPE_CHECKING:
    from collections.abc import Sequence

S = TypeVar("S", bound=Section)

_END = b"\n}\n"  # of an encoded table
_MAX_DIGITS = 19  # of a signed 64-bit number; a minus sign counts as one
_LONGEST_MESSAGE = 300  # characters


def decode(raw: bytes, what: str) -> Any:  # noqa: ANN401 - a JSON value
    """The value of a JSON text; BundleManifestError says what is wrong with `what`."""
    try:
        return json.loads(
            # strictly: json.loads of bytes would guess among UTF-8, 16 and 32
            raw.decode(),
            object_pairs_hook=_table,
            parse_int=_whole,
            parse_float=_finite,
            parse_constant=_no_constant,
        )
    except RecursionError:
        raise BundleManifestError(f"{what}: nested too deeply; have it built again") from None
    except ValueError as error:
        raise BundleManifestError(f"{what}: {_plain(str(error))}; have it built again") from None


def read(raw: bytes, model: type[S], what: str) -> S:
    """A section from its JSON text; BundleManifestError says what is wrong with `what`."""
    value = decode(raw, what)
    try:  # encoded anew, so that what pydantic reads is what was checked
        return model.model_validate_json(json.dumps(value), strict=True)
    except RecursionError:
        message = f"{what}: nested too deeply; have it built again"
    except ValidationError as error:
        message = f"{what}: {_plain(brief(error))}; have it built again"
    raise BundleManifestError(message)


def encode(value: Section | dict[str, Any]) -> bytes:
    """The JSON text that `decode` or `read` takes back."""
    plain = value.model_dump(mode="json") if isinstance(value, Section) else value
    return json.dumps(plain, indent=1, allow_nan=False).encode() + b"\n"


def seal_of(kind: str) -> Seal:
    """How a JSON file of ours bears its digest: as its last member."""
    return Seal(kind, lambda digest: f',\n "digest": "{digest}"\n}}\n'.encode())


def sealed(value: Section | dict[str, Any], seal: Seal) -> bytes:
    """The JSON text with its digest in it."""
    return seal.close(encode(value).removesuffix(_END))


def unsealed(raw: bytes, seal: Seal) -> bytes | None:
    """The JSON text without its digest; None unless that is, to the bit, what was sealed."""
    body = seal.open(raw)
    return None if body is None else body + _END


def _table(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    # of a key that stands there twice one reader takes the first, another the last
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a key stands there twice")
    return table


def _whole(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError(f"a whole number of more than {_MAX_DIGITS} digits")
    return int(digits)


def _finite(digits: str) -> float:
    # 1e999 is JSON, and infinity to whoever reads it
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number beyond all bounds")
    return number


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name}, which is no JSON")


def _plain(message: str) -> str:
    """A message without what could drive a terminal: keys and words in it are a stranger's."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in message)
    return shown if len(shown) <= _LONGEST_MESSAGE else f"{shown[:_LONGEST_MESSAGE]}..."
