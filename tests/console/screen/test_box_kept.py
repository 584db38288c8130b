"""Names and certificate of the box, as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.config.access import AccessSection
from gonogo.console.access.box_names import box_names
from gonogo.console.access.ca_shown import beside_records, fingerprint_of
from gonogo.console.screen.box_kept import READY_S, BoxKept

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

    from gonogo.console.access.box_names import BoxNames
    from gonogo.tests.console.screen.scene import Scene

LAN = AccessSection(lan=True, names=("line3.example",))


class Box:
    """Has the addresses that it is given, and a clock that goes when it is told to."""

    def __init__(self) -> None:
        self.addresses, self.now_s, self.looked = ["192.168.1.7"], 100.0, 0

    def look(self, more: Iterable[str]) -> BoxNames:
        """As it is called now."""
        self.looked += 1
        return box_names("box7", self.addresses, more)

    def kept(self, scene: Scene, limits: AccessSection = LAN) -> BoxKept:
        """What the screen of a scene keeps of it."""
        return BoxKept(scene.plan(limits=limits), self.look, lambda: self.now_s)


def has_one(kept: BoxKept) -> bool:
    """Whether there is a certificate for the next connection."""
    return kept.context is not None


def test_names_are_those_that_the_box_has_now(scene: Scene) -> None:
    """With those of the station file; an address that came meanwhile opens the page."""
    box = Box()
    kept = box.kept(scene, AccessSection(names=("line3.example",)))
    assert {"box7", "192.168.1.7", "line3.example", "localhost"} <= set(kept.names())
    box.addresses = ["10.0.0.4"]
    kept.turn()
    assert "10.0.0.4" in kept.names()
    assert "192.168.1.7" not in kept.names()
    assert (kept.context, kept.ca_pem) == (None, None)
    assert not beside_records(scene.records).exists()


def test_certificate_is_made_once_and_anew_for_another_address(scene: Scene) -> None:
    """By the same CA, whose fingerprint anybody at the box may read; not at each look."""
    box = Box()
    kept = box.kept(scene)
    assert not has_one(kept)
    kept.turn()
    first, mark = kept.context, fingerprint_of(scene.records)
    assert first is not None
    kept.turn()
    assert kept.context is first
    box.addresses = ["192.168.1.8"]
    kept.turn()
    assert kept.context is not first
    assert fingerprint_of(scene.records) == mark
    box.now_s += READY_S
    again = kept.context
    kept.turn()
    assert kept.context is not again


def test_certificate_that_cannot_be_made_is_told_once_and_had_once_it_can(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    """The screen by HTTP goes on; a key that others may read is no key."""
    box = Box()
    box.kept(scene).turn()
    key = beside_records(scene.records) / "ca.pem"
    key.chmod(0o644)
    kept = box.kept(scene)
    for _ in range(2):
        kept.turn()
    assert not has_one(kept)
    assert [record.levelname for record in caplog.records].count("ERROR") == 1
    assert "GN667" in caplog.text
    key.chmod(0o600)
    kept.turn()
    assert has_one(kept)
