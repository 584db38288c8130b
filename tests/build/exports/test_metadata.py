"""What an export says of itself is read as literals, and never an error."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.build.exports.metadata import ANOMALIB, ULTRALYTICS, Said, read_metadata

YOLO = {
    "description": "Ultralytics YOLO26n-seg model trained on parts.yaml",
    "author": "Ultralytics",
    "stride": "32",
    "task": "segment",
    "imgsz": "[320, 160]",
    "names": "{0: 'scratch', 1: 'dent'}",
    "args": "{'batch': 1, 'nms': True, 'simplify': False}",
    "channels": "3",
    "end2end": "False",
}


def test_read_metadata_reads_what_ultralytics_writes() -> None:
    """Height before width, as arrays are indexed."""
    assert read_metadata(YOLO) == Said(
        tool=ULTRALYTICS,
        task="segment",
        names={0: "scratch", 1: "dent"},
        size_px=(320, 160),
        stride_px=32,
        channels=3,
        end_to_end=False,
        nms=True,
    )


@pytest.mark.parametrize(
    ("metadata", "wanted"),
    [
        ({}, {}),
        (
            {"stride": "[8, 16, 32]", "names": "['a', 'b']"},
            {"stride_px": 32, "names": {0: "a", 1: "b"}},
        ),
        ({"id2label": '{"0": "good", "1": "bad"}'}, {"names": {0: "good", 1: "bad"}}),
        ({"imgsz": "640"}, {"size_px": (640, 640)}),
        ({"input_size": "(3, 224, 192)"}, {"size_px": (224, 192)}),
        ({"end2end": "True", "kpt_shape": "[17, 3]"}, {"end_to_end": True, "keypoints": 17}),
        ({"framework": "anomalib 2.7"}, {"tool": ANOMALIB}),
        # what cannot be read is not said
        ({"imgsz": "[640]", "stride": "-1", "channels": "three"}, {}),
        ({"imgsz": "[999999, 999999]", "stride": "0", "args": "[1]", "task": "3"}, {}),
        ({"names": "{0: 'bad'"}, {}),
        ({"names": "__import__('os').system('true')"}, {}),
        ({"names": "{'a': 'bad'}"}, {}),
        ({"names": "(" * 5000}, {}),
        ({"names": "[" * 300_000}, {}),
        ({"stride": "9" * 5000}, {}),
    ],
)
def test_read_metadata_takes_what_it_can(metadata: dict[str, str], wanted: dict[str, Any]) -> None:
    """Lists, dictionaries, JSON, numbers; the rest is as if nothing stood there."""
    assert read_metadata(metadata) == Said()._replace(**wanted)


KEYS = st.sampled_from(["names", "imgsz", "stride", "args", "channels", "end2end", "kpt_shape"])


@given(st.dictionaries(KEYS, st.text("[](){}:,'0123456789.-eEinfa _TrueNo", max_size=40)))
def test_read_metadata_never_fails(metadata: dict[str, str]) -> None:
    """Whatever somebody wrote."""
    said = read_metadata(metadata)
    assert all(isinstance(place, int) for place in said.names)
    assert said.size_px is None or min(said.size_px) > 0
