"""What a server says, and what it must not."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.errors import UpdateServerRefused
from gonogo.build.update.ddi import words

SHA256, SHA1 = "ab" * 32, "cd" * 20
FILE = {
    "filename": "a.raucb", "size": 5, "hashes": {"sha1": SHA1, "sha256": SHA256},
    "_links": {"download": {"href": "https://h/a"}, "download-http": {"href": "http://h/a"}},
}  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["deployment", "chunks", "artifacts", "_links", "href", "size", "hashes",
                         "config", "polling", "sleep", "deploymentBase", "sha256"]),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


def deployment(*files: dict[str, Any], **more: str) -> dict[str, Any]:
    """An action with these files."""
    return {"deployment": {"chunks": [{"artifacts": list(files)}], **more}}


@pytest.mark.parametrize(
    ("said", "expected_s"),
    [
        ("00:05:00", 300), ("12:00:00", 43_200), ("00:00:00", words.SHORTEST_S),
        ("999:00:00", words.LONGEST_S), ("5", words.USUAL_S), (None, words.USUAL_S),
        ("00:99:00", words.USUAL_S), ("-1:00:00", words.USUAL_S),
    ],
)  # fmt: skip
def test_the_server_says_when_it_is_asked_again_within_bounds(
    said: object, expected_s: float
) -> None:
    """Never at once, and once a day at least."""
    assert words.sleep_s({"config": {"polling": {"sleep": said}}}) == expected_s


def test_an_action_is_known_by_the_end_of_its_link() -> None:
    """Whatever host the server thinks it has, and with hawkBit's own mark behind it."""
    base = {
        "_links": {"deploymentBase": {"href": "http://x/T/controller/v1/b/deploymentBase/7?c=1"}}
    }
    assert words.action_of(base, "deploymentBase") == "7"
    assert words.action_of(base, "cancelAction") is None
    for href in ("http://x/T/deploymentBase/", "http://x/deploymentBase/../../etc", 5):
        with pytest.raises(UpdateServerRefused):
            words.action_of({"_links": {"deploymentBase": {"href": href}}}, "deploymentBase")


def test_a_deployment_is_one_image_with_its_best_hash() -> None:
    """Encrypted where both are offered; beside other files the one that is an image."""
    found = words.deployment_of("7", deployment(FILE))
    assert found.artifact == ("https://h/a", 5, "sha256", SHA256)
    assert found.allowed
    beside = words.deployment_of("7", deployment({**FILE, "filename": "notes.txt"}, FILE))
    assert beside.artifact == found.artifact
    weaker = {
        **FILE,
        "hashes": {"sha1": SHA1.upper()},
        "_links": {"download": {"href": "http://h"}},
    }
    assert words.deployment_of("7", deployment(weaker)).artifact == ("http://h", 5, "sha1", SHA1)


@pytest.mark.parametrize(
    "more", [{"download": "skip"}, {"update": "skip"}, {"maintenanceWindow": "unavailable"}]
)
def test_a_server_that_says_not_now_is_obeyed(more: dict[str, str]) -> None:
    """Of each of its three words."""
    assert not words.deployment_of("7", deployment(FILE, **more)).allowed


@pytest.mark.parametrize(
    "said",
    [
        {}, {"deployment": None}, deployment(), deployment(FILE, FILE),
        deployment({**FILE, "size": -1}), deployment({**FILE, "size": "5"}),
        deployment({**FILE, "size": True}), deployment({**FILE, "size": 1 << 60}),
        deployment({**FILE, "hashes": {"md5": "0" * 32}}), deployment({**FILE, "hashes": None}),
        deployment({**FILE, "hashes": {"sha256": "zz" * 32}}), deployment({**FILE, "_links": []}),
    ],
)  # fmt: skip
def test_a_deployment_that_is_none_is_refused(said: dict[str, Any]) -> None:
    """By its number."""
    with pytest.raises(UpdateServerRefused):
        words.deployment_of("7", said)


@given(JSON)
def test_whatever_a_server_says_is_taken_or_refused(said: object) -> None:
    """And nothing else ends in another way."""
    body = said if isinstance(said, dict) else {"deployment": said, "_links": said}
    words.sleep_s(body)
    words.wants_config(body)
    with contextlib.suppress(UpdateServerRefused):
        words.action_of(body, "deploymentBase")
    with contextlib.suppress(UpdateServerRefused):
        words.deployment_of("7", body)
