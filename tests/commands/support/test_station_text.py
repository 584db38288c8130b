"""A station file for strangers: as it stands, without secrets and remarks."""

from __future__ import annotations

import sys
from importlib import import_module

import pytest

from gonogo.base.secret_words import LEFT_OUT
from gonogo.commands.support.station_text import shown
from gonogo.tests.stations import DEMO, PLAIN_FILE

toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")


@pytest.mark.parametrize(
    "text",
    [
        'password = "TOPSECRET"',
        "password = 'TOPSECRET'",
        'password = """\nTOPSECRET\nTOPSECRET"""',
        "password = '''\nTOPSECRET'''\nx = 1",
        'password = "TOP \\" TOPSECRET"',
        "a.b.password = 'TOPSECRET'",
        'a."pass word".token = "TOPSECRET"',
        'plc = { host = "x", password = "a}b TOPSECRET", n = { token = "TOPSECRET" } }',
        'users = [ { name = "x", pin = "TOPSECRET" }, { pin = "TOPSECRET" } ]',
        'token = [ "TOPSECRET",\n "a ] TOPSECRET" ]',
        "[plc.credentials]\na = 1\nb = 'TOPSECRET'",
        "[[secret]]\nb = 'TOPSECRET'\n[other]\nc = 1",
        # files that are wrong
        'password = "TOPSECRET TOPSECRET',
        'password = """TOPSECRET\nTOPSECRET',
        "password = TOPSECRET",
        'password="TOPSECRET"; x',
        "# TOPSECRET of Anna",
        'x = "a # b" # TOPSECRET',
        'x = "unended # TOPSECRET',
        "x = 1 # it's TOPSECRET",
    ],
)
def test_shown_has_no_secret_and_no_remark(text: str) -> None:
    """Whatever form it has, also in a file that does not end."""
    assert "TOPSECRET" not in shown(text)


@pytest.mark.parametrize("text", [PLAIN_FILE, DEMO.read_text()])
def test_shown_of_a_file_without_secrets_says_the_same(text: str) -> None:
    """To the value, once read as TOML."""
    assert toml.loads(shown(text)) == toml.loads(text)


def test_shown_keeps_what_is_no_secret_beside_one() -> None:
    """And strings that hold a number sign."""
    found = shown('[plc]\nhost = "a # b"\npassword = "x"\nport = 1\n[view]\nname = "top"\n')
    assert toml.loads(found) == {
        "plc": {"host": "a # b", "password": LEFT_OUT, "port": 1},
        "view": {"name": "top"},
    }
