"""The end of a release as bytes: layout, digest, signature."""

from __future__ import annotations

import struct

import pytest

from gonogo.base.errors import ReleaseDamaged, ReleaseTooNew, ReleaseUntrusted
from gonogo.build.release.footer import (
    FORMAT,
    MAGIC,
    MAX_MANIFEST_BYTES,
    TRAILER_BYTES,
    check_manifest,
    parse_trailer,
    trailer_of,
)
from gonogo.tests.build.release.parcels import MAKER, STRANGER

RAW = b'{"a": 1}\n'


def test_trailer_is_as_its_docstring_draws_it() -> None:
    """Magic at the very end, signer first."""
    raw = trailer_of(RAW, MAKER).pack()
    assert len(raw) == TRAILER_BYTES == 144
    assert raw[136:] == MAGIC
    assert raw[:32] == MAKER.public.raw
    assert struct.unpack_from("<IHH", raw, 128) == (len(RAW), FORMAT, 0)
    assert parse_trailer(raw) == trailer_of(RAW, MAKER)


def test_signature_is_told_from_none_and_from_a_bad_one() -> None:
    """Who has signed, that nobody has, and that it does not fit."""
    assert check_manifest(trailer_of(RAW, MAKER), RAW) == MAKER.public
    unsigned = trailer_of(RAW, None)
    assert not unsigned.signed
    assert check_manifest(unsigned, RAW) is None
    with pytest.raises(ReleaseUntrusted, match="not that of key"):
        check_manifest(trailer_of(RAW, MAKER)._replace(signer=STRANGER.public.raw), RAW)
    with pytest.raises(ReleaseUntrusted, match="not that of key"):  # half of it wiped out
        check_manifest(trailer_of(RAW, MAKER)._replace(signature=bytes(64)), RAW)


def test_a_changed_manifest_is_damage() -> None:
    """Before anybody asks who signed it."""
    with pytest.raises(ReleaseDamaged, match="its manifest was changed"):
        check_manifest(trailer_of(RAW, MAKER), RAW + b" ")


@pytest.mark.parametrize(
    ("at", "value", "kind", "said"),
    [
        (132, FORMAT + 1, ReleaseTooNew, "release format 2, this gonogo reads 1"),
        (132, 0, ReleaseDamaged, "its last bytes were changed"),
        (134, 1, ReleaseDamaged, "its last bytes were changed"),
    ],
)
def test_another_format_is_said(at: int, value: int, kind: type[Exception], said: str) -> None:
    """A newer one is no damage."""
    raw = bytearray(trailer_of(RAW, None).pack())
    struct.pack_into("<H", raw, at, value)
    with pytest.raises(kind, match=said):
        parse_trailer(bytes(raw))


def test_what_claims_a_huge_manifest_is_not_read() -> None:
    """Nothing is allocated for it."""
    raw = trailer_of(RAW, None)._replace(manifest_bytes=MAX_MANIFEST_BYTES + 1).pack()
    with pytest.raises(ReleaseDamaged):
        parse_trailer(raw)


def test_other_bytes_are_no_trailer() -> None:
    """Which says nothing about what they are."""
    assert parse_trailer(bytes(TRAILER_BYTES)) is None
