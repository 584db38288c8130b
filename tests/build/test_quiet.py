"""What libraries log is nothing for the maker of an engine."""

from __future__ import annotations

import logging

import pytest

from gonogo.build.quiet import no_chatter


def test_no_chatter_drops_what_has_no_logger_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    """Ours is heard, and afterwards everybody is."""
    caplog.set_level(logging.INFO)
    with no_chatter():
        logging.getLogger().info("Created a copy of a bias")
        logging.getLogger("gonogo.build").warning("ours")
    logging.getLogger().info("later")
    assert [record.message for record in caplog.records] == ["ours", "later"]


def test_no_chatter_ends_with_an_error(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever happens within."""
    with pytest.raises(ValueError, match="within"), no_chatter():
        raise ValueError("within")
    logging.getLogger().warning("heard")
    assert [record.message for record in caplog.records] == ["heard"]
