"""What is secret: by its key, or by how it looks."""

from __future__ import annotations

import json

import pytest

from gonogo.base.maintenance_key import lock_of
from gonogo.base.secret_words import LEFT_OUT, is_secret, masked, secrets_in, without_secrets
from gonogo.config.station import Station

PEM = "-----BEGIN PRIVATE KEY-----\nTOPSECRETabc\nTOPSECRETdef\n-----END PRIVATE KEY-----"


@pytest.mark.parametrize(
    "key",
    ["password", "PASSWORD", "opc_password", "passwd", "api_key", "apikey", "token", "auth_token",
     "key_scrypt", "secret", "client_secret", "pin", "door_pin", "key", "private", "user", "psk"],
)  # fmt: skip
def test_is_secret_by_its_name(key: str) -> None:
    """Also one that only another gonogo, or a plugin, knows."""
    assert is_secret(key)


def keys_of(schema: object) -> set[str]:
    """Every key of the station file, as its own schema has them."""
    if isinstance(schema, dict):
        found = set(schema.get("properties", {}))
        return found.union(*map(keys_of, schema.values()))
    return set().union(*map(keys_of, schema)) if isinstance(schema, list) else set()


def test_is_secret_of_the_keys_of_a_station_file_is_the_lock_alone() -> None:
    """Nothing that somebody needs to see is left out; what is new and secret is thought of."""
    keys = keys_of(Station.model_json_schema())
    assert len(keys) > 60
    assert {key for key in keys if is_secret(key)} == {"key_scrypt"}


@pytest.mark.parametrize(
    "text",
    [
        "password=TOPSECRET",
        "password: TOPSECRET, next",
        "the password is TOPSECRET",
        'PASSWORD = "TOPSECRET with blanks"',
        "{'token': 'TOPSECRET'}",
        '{"api_key": "TOPSECRET"}',
        '{"password": ["TOPSECRET", "TOPSECRET"]}',
        "gonogo fault clear --key TOPSECRET --station x",
        "prog --password TOPSECRET",
        "GONOGO_KEY=TOPSECRET gonogo fault clear",
        "https://me:TOPSECRET@host/x",
        "rtsp://TOPSECRET@10.0.0.1/live",
        "Authorization: Bearer TOPSECRET123",
        "Bearer TOPSECRET123",
        PEM,
        PEM[:50],
        f"key {PEM.replace('PRIVATE', 'EC PRIVATE')} end",
    ],
)
def test_without_secrets_leaves_out_what_looks_like_one(text: str) -> None:
    """In a log, a message, a file that was cut off."""
    assert "TOPSECRET" not in without_secrets(text)
    assert LEFT_OUT in without_secrets(text)


def test_without_secrets_leaves_out_the_lock_of_the_maintenance_key() -> None:
    """From it a weak key can be guessed."""
    lock = lock_of("let me")
    assert lock.split("$")[-1] not in without_secrets(f"read {lock} there")


@pytest.mark.parametrize(
    "text",
    [
        "part 4711: REJECT RULE: a rule measured a value outside its limits",
        "sha256 9889e8c91527cdaafddd0a21170d8e84fdebba79afd9ea05c831be4831b5a943",
        '{"trusted keys": {"maker.pub": "ab:cd"}, "key": "value"}',
        "wrong maintenance key; this attempt was logged",
    ],
)
def test_without_secrets_leaves_the_rest_as_it_is(text: str) -> None:
    """It is what the bundle is for."""
    assert without_secrets(text) == text


def test_without_secrets_leaves_json_readable() -> None:
    """With quotes where there were some."""
    text = json.dumps({"password": "x", "token": ["a", "b"], "n": 1})
    assert json.loads(without_secrets(text)) == {"password": LEFT_OUT, "token": LEFT_OUT, "n": 1}


def test_without_secrets_of_a_long_line_comes_to_an_end() -> None:
    """A megabyte without a blank is looked through once."""
    text = "a" * 1_000_000 + "-" * 100_000
    assert without_secrets(text) == text


def test_masked_and_secrets_in_know_all_that_stands_beneath_a_secret_key() -> None:
    """Tables and lists in it, too."""
    value = {"a": 1, "credentials": {"x": ["S1", {"y": "S2"}], "z": None}, "b": [{"pin": 4711}]}
    assert secrets_in(value) == {"S1", "S2", "4711"}
    assert masked(value) == {
        "a": 1,
        "credentials": {"x": [LEFT_OUT, {"y": LEFT_OUT}], "z": None},
        "b": [{"pin": LEFT_OUT}],
    }
