"""How a model file says how frames get to its size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.engines.backends.fit import FILTERS, KEYS, KINDS, SQUEEZE, Cut, Fit, fit_of

_CUTS = st.none() | st.builds(Cut, *[st.integers(0, 5000)] * 4)


@given(
    fit=st.builds(Fit, st.sampled_from(KINDS), st.sampled_from(FILTERS), st.integers(0, 255), _CUTS)
)
def test_fit_is_read_as_it_was_written(fit: Fit) -> None:
    """Whatever it is; the grey of bars only where there are bars."""
    read = fit_of(fit.metadata)
    assert read == (fit if fit.kind == "letterbox" else fit._replace(fill=SQUEEZE.fill))


def test_fit_of_a_file_that_says_nothing_is_what_it_always_was() -> None:
    """Files without any key are squeezed into with antialiasing, for which nothing is written."""
    assert fit_of({"producer": "somebody"}) == SQUEEZE
    assert SQUEEZE.metadata == {}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("gonogo.fit", "stretch"),
        ("gonogo.filter", "cubic"),
        ("gonogo.fill", "256"),
        ("gonogo.fill", "-1"),
        ("gonogo.fill", "\u0661"),
        ("gonogo.cut", "1,2,3"),
        ("gonogo.cut", "1,2,3,-4"),
    ],
)
def test_fit_of_a_later_kind_is_refused_by_its_key(key: str, value: str) -> None:
    """It is never taken for another one: scores would be wrong without a word."""
    assert key in KEYS
    with pytest.raises(ValueError, match=rf"{key} is .*expected"):
        fit_of({key: value})
