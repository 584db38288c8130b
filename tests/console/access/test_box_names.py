"""The names of a box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.console.access.box_names import box_names, of_this_box
from gonogo.tests.box import Box

if TYPE_CHECKING:
    from pathlib import Path


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


def test_of_this_box_has_every_address_of_it(tmp_path: Path) -> None:
    """Of all its interfaces, as the kernel's files say now."""
    box = Box(tmp_path)
    box.interface("eth0", "10.1.2.3/16", mtu=1500, speed=1000)
    box.interface("eth1", "192.168.40.1/24", mtu=1500, speed=1000)
    found = of_this_box(["qa"], box.host, lambda: "BOX7")
    assert found.hosts == ("localhost", "box7", "box7.local", "qa")
    assert set(found.addresses) == {"127.0.0.1", "::1", "10.1.2.3", "192.168.40.1"}
    assert "127.0.0.1" in of_this_box().addresses
