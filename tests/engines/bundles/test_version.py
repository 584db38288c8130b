"""Version numbers: which are taken, and in what order."""

from __future__ import annotations

import random

import pytest

from gonogo.engines.bundles.version import is_version, numbers, order, running

ORDERED = [
    "0.9.10", "0.10.0", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1",
    "1.0.0-rc", "1.0.0", "1.0.1", "1.10.0",
]  # fmt: skip


def test_version_order_is_that_of_semver() -> None:
    """Numbers as numbers; candidates before their release."""
    shuffled = random.Random(3).sample(ORDERED, len(ORDERED))  # noqa: S311 - no secret
    assert sorted(shuffled, key=order) == ORDERED


@pytest.mark.parametrize("text", ORDERED)
def test_version_is_the_name_of_a_folder(text: str) -> None:
    """Of one that is neither hidden nor above."""
    assert is_version(text)
    assert not text.startswith(".")


@pytest.mark.parametrize(
    "text",
    ["", "1.0", "1.0.0.0", "01.0.0", "1.0.0-", "1.0.0-a..b", "1.0.0/x", "1.0.0\n", "9" * 50],
)
def test_version_that_is_none_is_known(text: str) -> None:
    """Too short, too long, with what a path is made of."""
    assert not is_version(text)


def test_version_of_a_development_build_counts_by_its_numbers() -> None:
    """As pip names one: 0.2.0.dev3."""
    assert numbers("0.2.0.dev3") == (0, 2, 0)
    assert numbers("unknown") == ()
    assert is_version(running())
