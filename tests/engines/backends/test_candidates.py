"""The numbers of threads that are worth a measurement."""

from __future__ import annotations

import pytest

from gonogo.engines.backends.candidates import EACH_UP_TO, Wanted, numbers_up_to
from gonogo.engines.backends.catalogue import AUTO, THREADS_MAX


@pytest.mark.parametrize("cores", range(1, EACH_UP_TO + 1))
def test_numbers_up_to_a_few_cores_are_all(cores: int) -> None:
    """Each one, and no more than there are cores."""
    assert list(numbers_up_to(cores)) == list(range(1, cores + 1))


@pytest.mark.parametrize("cores", [9, 12, 13, 31, 64, 65, 500])
def test_numbers_up_to_many_cores_skip_some_and_reach_the_last(cores: int) -> None:
    """In order, none twice, all cores among them as far as the station file allows."""
    found = numbers_up_to(cores)
    assert list(found) == sorted(set(found))
    assert found[:EACH_UP_TO] == tuple(range(1, EACH_UP_TO + 1))
    assert found[-1] == min(cores, THREADS_MAX)
    assert len(found) <= EACH_UP_TO + 6


def test_wanted_threads_are_those_of_the_station_file_or_all() -> None:
    """A backend that computes on none of the processor's has nothing to vary."""
    assert list(Wanted("one", AUTO, 3).threads_for(uses_threads=True)) == [1, 2, 3]
    assert list(Wanted("one", 5, 3).threads_for(uses_threads=True)) == [5]
    assert list(Wanted("one", AUTO, 3).threads_for(uses_threads=False)) == [0]
    assert list(Wanted("one", 5, 3).threads_for(uses_threads=False)) == [0]
