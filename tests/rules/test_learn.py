"""Templates and golden images learnt from good parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.errors import ImageFileError, StationFileError
from gonogo.base.frame_shape import FrameShape
from gonogo.rules.presence import PresenceRule
from gonogo.rules.presence_section import PresenceSection
from gonogo.rules.seal import seal_path

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.rules.learn import LearntImage

SHAPE = FrameShape(60, 80, 3)


def part(seed: int, *, present: bool = True) -> NDArray[np.uint8]:
    """A part with a ring on it, a little moved and noisy."""
    rng = np.random.default_rng(seed)
    x, y = (int(v) for v in rng.integers(-3, 4, 2))
    frame = np.full(SHAPE.shape, 180, np.uint8)
    cv2.rectangle(frame, (15 + x, 10 + y), (65 + x, 50 + y), (90, 90, 90), -1)
    if present:
        cv2.circle(frame, (40 + x, 30 + y), 8, (220, 220, 220), 3)
    noise = rng.integers(0, 6, SHAPE.shape, np.uint8)
    return np.asarray(cv2.add(frame, noise), np.uint8)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A station folder with eight good images under good/."""
    folder = tmp_path / "good"
    folder.mkdir()
    for seed in range(8):
        (folder / f"{seed}.png").write_bytes(cv2.imencode(".png", part(seed))[1].tobytes())
    return tmp_path


def section(method: str, **keys: object) -> PresenceSection:
    """A rule learnt from good/ into learnt/p.png."""
    return PresenceSection.model_validate({
        "kind": "presence", "name": "p", "method": method, "image": "learnt/p.png",
        "learn_from": "good", "template_roi": {
            "x_px": 26, "y_px": 16, "width_px": 28, "height_px": 28,
        }, **keys,
    })  # fmt: skip


def image_of(rule: PresenceSection) -> LearntImage:
    """The image that a rule judges by."""
    assert rule.learnt is not None
    return rule.learnt


def learn(rule: PresenceSection, geometry: FrameShape, base: Path) -> Path:
    """Make it."""
    return image_of(rule).learn(geometry, base)


@pytest.mark.parametrize("work_px", [160, 40])
def test_learn_template_tells_present_from_absent(good: Path, work_px: int) -> None:
    """What is learnt from good parts finds the ring on others, and misses it where it is not."""
    ring = section("template", work_px=work_px)
    assert learn(ring, SHAPE, good) == good / "learnt/p.png"
    rule = PresenceRule(ring, SHAPE, good)
    assert min(rule.measure(part(seed)) for seed in range(20, 30)) > 80
    assert max(rule.measure(part(seed, present=False)) for seed in range(20, 30)) < 70


@pytest.mark.parametrize("work_px", [160, 40])
def test_learn_golden_tells_present_from_absent(good: Path, work_px: int) -> None:
    """A missing ring leaves the band of good parts, a moved good part does not."""
    ring = section("golden", work_px=work_px)
    learn(ring, SHAPE, good)
    rule = PresenceRule(ring, SHAPE, good)
    assert max(rule.measure(part(seed)) for seed in range(20, 30)) < 1
    assert min(rule.measure(part(seed, present=False)) for seed in range(20, 30)) > 2


def test_learn_gives_the_same_file_again(good: Path) -> None:
    """The same good images give the same bytes, and nothing else is left in the folder."""
    first = learn(section("golden"), SHAPE, good).read_bytes()
    assert learn(section("golden"), SHAPE, good).read_bytes() == first
    assert [p.name for p in sorted((good / "learnt").iterdir())] == ["p.png", "p.png.seal"]


def test_learn_refuses_flat_images(tmp_path: Path) -> None:
    """Blank images teach nothing."""
    (tmp_path / "good").mkdir()
    blank = cv2.imencode(".png", np.zeros(SHAPE.shape, np.uint8))[1].tobytes()
    (tmp_path / "good" / "a.png").write_bytes(blank)
    with pytest.raises(ImageFileError, match="expected structure in the roi"):
        learn(section("golden"), SHAPE, tmp_path)


def test_learn_refuses_a_template_outside_the_roi(good: Path) -> None:
    """The component must lie inside the rule's own ROI."""
    outside = section("template", roi={"x_px": 40, "width_px": 40, "height_px": 60})
    with pytest.raises(StationFileError, match="template_roi: expected inside the roi"):
        learn(outside, SHAPE, good)


def test_learn_refuses_an_image_that_is_made_from_nothing(tmp_path: Path) -> None:
    """A rule without learn_from has nothing to learn from; one that counts blobs has no image."""
    with pytest.raises(StationFileError, match="'p': needs image and learn_from to be learnt"):
        learn(section("golden", learn_from=None), SHAPE, tmp_path)
    blobs = PresenceSection(kind="presence", name="p", method="blobs", high=1)
    assert blobs.learnt is None
    blobs.prepare(SHAPE, tmp_path, "exact", again=True)
    assert list(tmp_path.iterdir()) == []


def test_purpose_says_what_the_pixels_mean() -> None:
    """To the letter: it is in the seals that lie beside the images of stations."""
    roi = {"x_px": 2, "y_px": 3, "width_px": 70, "height_px": 50}
    assert image_of(section("template", roi=roi)).purpose(SHAPE) == (
        "rule 'p' in p.png: template in roi 70x50+2+3, part 28x28+26+16, work 160 px, "
        "frames of 80x60x3"
    )
    assert image_of(section("golden")).purpose(SHAPE) == (
        "rule 'p' in p.png: golden in roi all, search 8 px, work 160 px, frames of 80x60x3"
    )


def test_prepare_makes_what_is_missing_and_no_more(good: Path) -> None:
    """An image without its seal counts as missing; what is whole is made anew only when asked."""
    ring = section("golden")
    path = good / "learnt/p.png"
    for missing in (path, seal_path(path)):
        missing.unlink(missing_ok=True)
        ring.prepare(SHAPE, good, "exact", again=False)
        PresenceRule(ring, SHAPE, good)
    before = path.read_bytes()
    for image in sorted((good / "good").iterdir())[1:]:
        image.unlink()
    ring.prepare(SHAPE, good, "exact", again=False)
    assert path.read_bytes() == before
    ring.prepare(SHAPE, good, "exact", again=True)
    assert path.read_bytes() != before


@pytest.mark.parametrize("method", ["template", "golden"])
def test_rule_refuses_an_image_that_has_changed(good: Path, method: str) -> None:
    """One grey level of one pixel, and it is not what was learnt any more."""
    ring = section(method)
    path = learn(ring, SHAPE, good)
    PresenceRule(ring, SHAPE, good)
    image = cv2.imread(str(path))
    assert image is not None
    image[3, 3] ^= 1
    path.write_bytes(cv2.imencode(".png", image)[1].tobytes())
    want = r"rule 'p': image: .*p.png: not as it was made.*prepare STATION --again"
    with pytest.raises(StationFileError, match=want):
        PresenceRule(ring, SHAPE, good)
    learn(ring, SHAPE, good)
    PresenceRule(ring, SHAPE, good)


@pytest.mark.parametrize(
    ("method", "changed"),
    [
        ("template", {"work_px": 40}),
        ("template", {"roi": {"x_px": 2, "y_px": 2, "width_px": 76, "height_px": 56}}),
        ("template", {"template_roi": {"x_px": 24, "y_px": 16, "width_px": 28, "height_px": 28}}),
        ("golden", {"search_px": 6}),
        ("golden", {"name": "q"}),
        ("template", {"name": "q"}),
    ],
)
def test_rule_refuses_an_image_that_was_learnt_for_something_else(
    good: Path, method: str, changed: dict[str, object]
) -> None:
    """A key that was edited after the learning: the pixels would be compared with others."""
    learn(section(method), SHAPE, good)
    with pytest.raises(StationFileError, match=r"made for another rule, region or camera"):
        PresenceRule(section(method, **changed), SHAPE, good)


def test_rule_refuses_the_image_of_a_rule_that_looks_at_the_same_place(good: Path) -> None:
    """Two recipes, two components at one place: image and seal of one copied over the other's."""
    path = learn(section("golden"), SHAPE, good)
    other = section("golden", image="learnt/q.png")
    for source in (path, seal_path(path)):
        source.with_name(source.name.replace("p.png", "q.png")).write_bytes(source.read_bytes())
    with pytest.raises(StationFileError, match=r"in p\.png.*each rule has a file of its own"):
        PresenceRule(other, SHAPE, good)


def test_rule_says_which_file_it_judges_by(good: Path) -> None:
    """Another digest once it has learnt another image."""
    ring = section("golden")
    learn(ring, SHAPE, good)
    first = PresenceRule(ring, SHAPE, good).digest
    for path in sorted((good / "good").iterdir())[1:]:
        path.unlink()
    learn(ring, SHAPE, good)
    assert len({first, PresenceRule(ring, SHAPE, good).digest, ""}) == 3


def test_rule_takes_somebody_elses_image_only_when_that_was_asked_for(good: Path) -> None:
    """Drawn by hand: taken as it is by `gonogo prepare STATION --again`, and sealed from then."""
    own = section("template", learn_from=None)
    path = learn(section("template"), SHAPE, good)
    seal_path(path).unlink()
    with pytest.raises(StationFileError, match=r"seal: cannot be read"):
        PresenceRule(own, SHAPE, good)
    own.prepare(SHAPE, good, "exact", again=False)
    assert not seal_path(path).exists()
    own.prepare(SHAPE, good, "exact", again=True)
    PresenceRule(own, SHAPE, good)
    with pytest.raises(StationFileError, match="cannot be read"):
        image_of(section("template", image="learnt/none.png")).adopt(SHAPE, good)
