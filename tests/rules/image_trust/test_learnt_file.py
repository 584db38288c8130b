"""The learnt file: read back as it was written, or refused with its number and the remedy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base import strict_json
from gonogo.base.errors import OutputError, TrustFileError
from gonogo.base.frame_shape import FrameShape
from gonogo.rules.image_trust.learnt_file import (
    AGAIN,
    FILE,
    MAX_BYTES,
    SEAL,
    Learnt,
    read_learnt,
    trusted,
)
from gonogo.rules.image_trust.limits import CHECKS
from gonogo.rules.image_trust.sample import Sampler
from gonogo.tests.rules.image_trust.pictures import COLOUR, good

if TYPE_CHECKING:
    from pathlib import Path

LEARNT = Learnt(
    view="top", height_px=COLOUR.height_px, width_px=COLOUR.width_px, channels=3, pictures=40,
    light_at=2, light_mean=99.5, edge_levels=20, fewest_edges=5,
    across=tuple(float(k) for k in range(160)),
    down=(*(float(k) for k in range(119)), 255.0),
    limits={"torn": 5.0, "too dark": 80.0, "blurred": 40.0},
)  # fmt: skip


def plain() -> dict[str, Any]:
    """Its keys."""
    found: dict[str, Any] = json.loads(strict_json.encode(LEARNT))
    return found


def test_learnt_file_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    """And says of a picture the same; its limits come in the order of the checks."""
    path = tmp_path / "top.trust.json"
    FILE.write(path, LEARNT)
    found, written = read_learnt(path, "top", COLOUR), trusted(LEARNT)
    sample = Sampler(COLOUR, 20).take(good(1))
    assert found.reference.values(sample) == written.reference.values(sample)
    assert list(found.limits.items()) == [("too dark", 80.0), ("blurred", 40.0), ("torn", 5.0)]
    assert list(found.limits) == [name for name in CHECKS if name in LEARNT.limits]
    assert found.light_mean == 99.5
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_learnt_file_is_refused_where_a_byte_was_changed_or_is_missing(tmp_path: Path) -> None:
    """Damage and edits alike: a limit that somebody typed was drawn by no good part."""
    path = tmp_path / "top.trust.json"
    FILE.write(path, LEARNT)
    raw = path.read_bytes()
    edited = raw.replace(b'"torn": 5.0', b'"torn": 9.0')
    assert edited != raw
    for wrong in (edited, raw[:-1], raw[:100], b"", raw + b" ", bytes([raw[0] ^ 1]) + raw[1:]):
        path.write_bytes(wrong)
        with pytest.raises(TrustFileError, match="damaged or edited; learn it again") as caught:
            read_learnt(path, "top", COLOUR)
        assert str(caught.value).startswith(f"GN220: {path}: ")


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        (FrameShape(120, 160, 1), "160 x 120 px, 1 channel"),
        (FrameShape(120, 168, 3), "168 x 120 px, 3 channel"),
        (FrameShape(160, 120, 3), "120 x 160 px, 3 channel"),
    ],
)
def test_learnt_file_is_for_frames_of_one_shape(
    tmp_path: Path, geometry: FrameShape, said: str
) -> None:
    """Another camera, or another region of it, shows something else."""
    path = tmp_path / "top.trust.json"
    FILE.write(path, LEARNT)
    with pytest.raises(TrustFileError) as caught:
        read_learnt(path, "top", geometry)
    for part in ("learnt from frames of 160 x 120 px, 3 channel", said, AGAIN):
        assert part in str(caught.value)


def test_learnt_file_is_for_one_view(tmp_path: Path) -> None:
    """Two views of one kind of camera differ in what is good."""
    path = tmp_path / "top.trust.json"
    FILE.write(path, LEARNT)
    with pytest.raises(TrustFileError, match="learnt for view 'top', expected one for 'side'"):
        read_learnt(path, "side", COLOUR)


def test_learnt_file_has_a_digest_of_all_that_was_learnt() -> None:
    """By which the PLC is told that a station judges otherwise."""
    limits = {"torn": 5.0, "too dark": 80.0, "blurred": 39.0}
    other = LEARNT.model_copy(update={"limits": limits})
    assert trusted(LEARNT).digest == trusted(LEARNT).digest != trusted(other).digest


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": 2}, "expected version 1, got 2"),
        ({"version": None}, "expected version 1, got None"),
        ({"limits": {"torn": "5"}}, "limits.torn"),
        ({"limits": {"colour": 5.0}}, "limits.colour"),
        ({"edge_levels": 0}, "edge_levels"),
        ({"light_at": 7}, "light_at"),
        ({"across": [255.5] * 160}, "across.0"),
        ({"across": [-0.5] * 160}, "across.0"),
        ({"across": [1.0] * 159}, "expected 160 columns and 120 rows, got 159 and 120"),
        ({"down": [1.0] * 121}, "expected 160 columns and 120 rows, got 160 and 121"),
        ({"more": 1}, "more"),
    ],
)
def test_learnt_file_holds_what_it_must_and_nothing_else(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    """Also one whose digest is right: it was written by another version, or by hand."""
    path = tmp_path / "top.trust.json"
    path.write_bytes(strict_json.sealed(plain() | changes, SEAL))
    with pytest.raises(TrustFileError) as caught:
        read_learnt(path, "top", COLOUR)
    assert said in str(caught.value)
    assert str(caught.value).endswith(AGAIN)


def test_learnt_file_that_is_missing_or_too_large_says_so(tmp_path: Path) -> None:
    """With the remedy; one of more than 1 MiB is not read to its end."""
    assert MAX_BYTES == 1024 * 1024
    path = tmp_path / "top.trust.json"
    with pytest.raises(TrustFileError, match=r"cannot be read: No such file.*learn it again"):
        read_learnt(path, "top", COLOUR)
    path.write_bytes(b" " * MAX_BYTES)
    with pytest.raises(TrustFileError, match="damaged or edited"):
        read_learnt(path, "top", COLOUR)
    path.write_bytes(b" " * (MAX_BYTES + 1))
    with pytest.raises(TrustFileError, match=f"at most {MAX_BYTES} bytes"):
        read_learnt(path, "top", COLOUR)


def test_learnt_file_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """The folder is not there."""
    with pytest.raises(OutputError, match="cannot be written: No such file"):
        FILE.write(tmp_path / "none" / "top.trust.json", LEARNT)


def test_learnt_file_of_the_largest_frame_is_small_enough(tmp_path: Path) -> None:
    """A number a row and a column of the small picture."""
    large = FrameShape(8000, 8000, 1)
    profile = tuple(200.12 for _ in range(1000))
    size = {"height_px": 8000, "width_px": 8000, "channels": 1}
    path = tmp_path / "top.trust.json"
    FILE.write(path, LEARNT.model_copy(update=size | {"across": profile, "down": profile}))
    assert read_learnt(path, "top", large).limits
