"""The limit of memory while an engine is loaded, and the words for what went wrong."""

from __future__ import annotations

import gc
import resource

import pytest

from gonogo.base.errors import BackendError, BundleDamaged, BundleTooLarge, ModelError
from gonogo.engines.serving.bounds import bounded, measured, refusal, resident_kb

MB = 1 << 20
ORT = ("onnxruntime",)


def test_bounded_refuses_more_memory_than_it_may_take() -> None:
    """The allocation fails as on a box that has no more; afterwards all is as before."""
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with pytest.raises(BundleTooLarge, match="more than 50 MB"), bounded(50, ORT):
        bytearray(300 * MB)
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    assert len(bytearray(300 * MB)) == 300 * MB
    with bounded(1000, ORT):
        assert len(bytearray(300 * MB)) == 300 * MB


def test_measured_says_afterwards_what_was_too_much() -> None:
    """Without a limit for the process: what judges beside it must not run out of memory."""
    before, kept = resource.getrlimit(resource.RLIMIT_DATA), []
    gc.collect()  # what other tests have left must not be given back meanwhile
    with pytest.raises(BundleTooLarge, match="expected at most 50 MB"), measured(50, ()):
        kept.append(bytearray(500 * MB))
    with measured(1000, ()):
        assert resource.getrlimit(resource.RLIMIT_DATA) == before
        kept.append(bytearray(100 * MB))


@pytest.mark.parametrize(
    "said",
    ["std::bad_alloc", "Failed to allocate memory for", "x\nFailed to allocate 9 bytes of memory"],
)
def test_bounded_knows_what_runtimes_say_without_memory(said: str) -> None:
    """However deep in the error it stands."""
    with pytest.raises(BundleTooLarge) as caught, bounded(50, ORT):
        raise ModelError("cannot load it") from RuntimeError(said)
    assert isinstance(caught.value.__cause__, ModelError)


def test_bounded_leaves_other_errors_as_they_are() -> None:
    """A model that is wrong is not one that is too large."""
    with pytest.raises(BackendError, match="self-test"), bounded(50, ORT):
        raise BackendError("self-test: no")


def test_refusal_has_the_number_of_the_error() -> None:
    """Ours with their own, anything else with that of the base."""
    assert refusal(BundleDamaged("cut off")) == ("GN321: cut off", 321)
    message, number = refusal(RuntimeError("one\ntwo"))
    assert number == 100
    assert message == "GN100: loading the engine failed: RuntimeError: one"


def test_resident_kb_grows_with_what_is_touched() -> None:
    """By what is touched, about."""
    before = resident_kb()
    kept = bytearray(b"x") * (100 * MB)
    assert resident_kb() - before > len(kept) // 2048
