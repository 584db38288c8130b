"""What the station file says of the way to CUDA reaches whoever opens a device meanwhile."""

from __future__ import annotations

import threading
from importlib.util import find_spec

import pytest

from gonogo.base.errors import MissingExtra
from gonogo.engines.backends.cuda.wanted import reached_by, wanted
from gonogo.engines.backends.tensorrt.backend import HERE


def test_wanted_is_what_the_block_says_and_auto_around_it() -> None:
    """Also after an error; a load in another thread has its own."""
    seen = [wanted()]

    def load() -> None:
        seen.append(wanted())
        other = threading.Thread(target=lambda: seen.append(wanted()))
        other.start()
        other.join()
        raise KeyError

    with pytest.raises(KeyError), reached_by("pycuda"):
        load()
    assert [*seen, wanted()] == ["auto", "pycuda", "auto", "auto"]


@pytest.mark.skipif(find_spec("pycuda") is not None, reason="pycuda is installed")
def test_backend_opens_its_device_by_the_way_that_is_wanted() -> None:
    """That it is not there is told with what brings it."""
    with reached_by("pycuda"), pytest.raises(MissingExtra, match="build pycuda on this box"):
        HERE.cuda()
