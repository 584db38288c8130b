"""A digest at the end of a file: what was sealed comes back, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.seal import Seal

SEAL = Seal("a kind", lambda digest: f"\n-- {digest}\n".encode())
OTHER = SEAL._replace(kind="another kind")


@given(st.binary(max_size=300))
def test_seal_gives_back_what_was_sealed(body: bytes) -> None:
    """Nothing is added to it, not even to nothing."""
    assert SEAL.open(SEAL.close(body)) == body


@given(st.binary(max_size=300), st.data())
def test_seal_opens_nothing_in_which_a_bit_is_another(body: bytes, data: st.DataObject) -> None:
    """Of the body, of the digest, or of what stands around it."""
    raw = bytearray(SEAL.close(body))
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8
    assert SEAL.open(bytes(raw)) is None


@given(st.binary(max_size=300), st.data())
def test_seal_opens_nothing_that_is_shorter_or_longer(body: bytes, data: st.DataObject) -> None:
    """Cut off anywhere, or with something behind or before it."""
    raw = SEAL.close(body)
    assert SEAL.open(raw[: data.draw(st.integers(0, len(raw) - 1))]) is None
    more = data.draw(st.binary(min_size=1, max_size=80))
    assert SEAL.open(raw + more) is None
    assert SEAL.open(more + raw) is None


@given(st.binary(max_size=300))
def test_seal_of_another_kind_opens_nothing(body: bytes) -> None:
    """A file of one kind put in the place of one of another kind."""
    assert OTHER.open(SEAL.close(body)) is None
