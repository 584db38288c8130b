"""The file that names the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import UpdateSettingsWrong
from gonogo.build.update.settings import NAME, authorization, settings

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = """[server]
url = "https://192.168.1.5:8443"
id = "line-4"
token_file = "token"
ca = "/data/box/ca.pem"
"""


def test_a_box_without_the_file_has_no_server(tmp_path: Path) -> None:
    """Most have none."""
    assert settings(tmp_path) is None


def test_a_whole_file_is_read_and_its_paths_lie_beside_it(tmp_path: Path) -> None:
    """As a station file's."""
    (tmp_path / NAME).write_text(WHOLE)
    found = settings(tmp_path)
    assert found is not None
    assert (found.tenant, found.token_file) == ("DEFAULT", tmp_path / "token")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("https:", "http:"), "unencrypted = true"),
        (("https://192.168.1.5:8443", "192.168.1.5"), "expected https"),
        (("https://", "https://me:word@"), "expected https"),
        ((":8443", ":99999"), "expected https"),
        (("line-4", "../line"), "id"),
        (("token_file", "token"), "token"),
        (("ca =", "cas ="), "cas"),
        (("[server]", "[server"), NAME),
        (("line-4", "\udcff"), NAME),
    ],
)
def test_a_wrong_file_says_what_is_wrong(
    tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    """With the key."""
    (tmp_path / NAME).write_bytes(WHOLE.replace(*change).encode("utf-8", "surrogateescape"))
    with pytest.raises(UpdateSettingsWrong, match=says):
        settings(tmp_path)


@pytest.mark.parametrize("token", [b"", b"two words", b"line\nline", b"\xff", None])
def test_a_token_that_is_none_is_told_without_it(tmp_path: Path, token: bytes | None) -> None:
    """What stands in its file stands in no message."""
    (tmp_path / NAME).write_text(WHOLE)
    if token is not None:
        (tmp_path / "token").write_bytes(token)
    found = settings(tmp_path)
    assert found is not None
    with pytest.raises(UpdateSettingsWrong) as error:
        authorization(found)
    assert "words" not in str(error.value)
    assert str(tmp_path / "token") in str(error.value)
