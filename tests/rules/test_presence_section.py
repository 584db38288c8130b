"""What the station file may say of a presence rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from gonogo.rules.learn import GoldenImage, TemplateImage
from gonogo.rules.presence_section import LEARNT, PresenceSection

LEARNS: dict[str, object] = {
    "image": "i.png",
    "learn_from": "good",
    "template_roi": {"width_px": 8, "height_px": 8},
}


def rule(keys: dict[str, object]) -> PresenceSection:
    """A rule named 'p'."""
    return PresenceSection.model_validate({"kind": "presence", "name": "p", **keys})


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"method": "intensity"}, "window_px: expected about"),
        ({"method": "golden"}, "image: expected a file"),
        ({"method": "template", "image": "a", "learn_from": "b"}, "template_roi: expected"),
    ],
)
def test_presence_section_names_the_missing_key(keys: dict[str, object], message: str) -> None:
    """A method without what it needs is refused."""
    with pytest.raises(ValidationError, match=message):
        rule(keys)


def test_presence_section_makes_an_image_only_where_it_learns_one() -> None:
    """Somebody else's image is read, and no folder is written for it."""
    learns = rule({"method": "golden", **LEARNS})
    assert (learns.makes, learns.learnt_from) == (Path("i.png"), Path("good"))
    counts = rule({"method": "intensity", "window_px": 8, **LEARNS})
    assert counts.makes is None, "it looks at no image"
    own = rule({"method": "golden", "image": "i.png"})
    assert (own.makes, own.learnt_from) == (None, None)


def test_presence_section_measures_the_parts_of_a_template_as_any_other() -> None:
    """Only a golden image is 0 for the very parts that it was learnt from."""
    assert rule({"method": "template", **LEARNS}).learnt_from is None


def test_presence_section_has_the_image_of_its_method() -> None:
    """Template or golden, and none of a method that learns nothing."""
    kinds = {"template": TemplateImage, "golden": GoldenImage}
    for method, kind in kinds.items():
        learnt = rule({"method": method, **LEARNS}).learnt
        assert learnt is not None
        assert (type(learnt), learnt.method) == (kind, method)
        assert learnt.of[:3] == ("p", Path("i.png"), Path("good"))
    assert tuple(kinds) == LEARNT
    assert rule({"method": "blobs", **LEARNS}).learnt is None


def test_presence_section_counts_blobs_and_measures_the_rest_in_percent() -> None:
    """Limits of a contrast are learnt as those of a ratio."""
    blobs, contrast = rule({"method": "blobs"}), rule({"method": "intensity", "window_px": 8})
    assert (blobs.unit, blobs.measures_a_ratio) == ("count", False)
    assert (contrast.unit, contrast.measures_a_ratio) == ("%", True)
