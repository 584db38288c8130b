"""The names of a box."""

from __future__ import annotations

from gonogo.console.access.box_names import box_names


def test_box_names_has_each_once_and_folded() -> None:
    """Its host name, also in the local network, its addresses, and what the file adds."""
    found = box_names(
        "Box7", ["192.168.1.7", "127.0.0.1"], ["QA.example.com", "2001:DB8::7", "box7"]
    )
    assert found.hosts == ("localhost", "box7", "box7.local", "qa.example.com")
    assert found.addresses == ("127.0.0.1", "::1", "192.168.1.7", "2001:db8::7")
    assert found.strange == ()
    assert found.all == {*found.hosts, *found.addresses}


def test_box_names_takes_a_whole_name_as_it_is() -> None:
    """One with a domain has no .local beside it."""
    assert box_names("box7.plant.example.", []).hosts == ("localhost", "box7.plant.example")


def test_box_names_sets_aside_what_is_none() -> None:
    """A certificate with such a name would be one that no browser takes."""
    strange = ["", "*", "*.local", "a b", "a\x00b", "-a", "a..b", "b\u00f6x", "x" * 64, "1.2.3.4/8"]
    found = box_names("box7", [], strange)
    assert set(found.strange) == set(strange)
    assert found.hosts == ("localhost", "box7", "box7.local")
