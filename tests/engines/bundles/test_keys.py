"""Keys: made once, never overwritten, and every damaged key file told apart."""

from __future__ import annotations

import base64
import os
import stat
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.errors import KeyFileError
from gonogo.engines.bundles.keys import (
    KIND,
    PrivateKey,
    PublicKey,
    parse_public,
    public_path,
    read_private,
    read_public,
    write_pair,
)
from gonogo.tests.engines.bundles.breaking import FailingFolders
from gonogo.tests.engines.bundles.parcels import MAKER, STRANGER

if TYPE_CHECKING:
    from pathlib import Path

# RFC 8032, section 7.1, test 2: secret key, public key, message, signature.
RFC_PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
RFC_SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_public_key_verifies_as_rfc_8032_says() -> None:
    """The document's own example; one bit off, and it is none."""
    key = PublicKey(RFC_PUBLIC)
    assert key.verifies(RFC_SIGNATURE, b"\x72")
    assert not key.verifies(RFC_SIGNATURE, b"\x73")
    assert not key.verifies(RFC_SIGNATURE[:-1], b"\x72")
    assert not STRANGER.public.verifies(RFC_SIGNATURE, b"\x72")


def test_pair_is_written_for_its_owner_and_read_back(tmp_path: Path) -> None:
    """Whatever the umask, nobody else may read the private half."""
    path = tmp_path / "line3.key"
    before = os.umask(0)
    try:
        public = write_pair(path, "line 3, Ann")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    assert public_path(path).read_text() == f"{public.line}\n"
    assert read_public(public_path(path)) == public
    assert public.comment == "line 3, Ann"
    assert public.verifies(read_private(path).sign(b"part"), b"part")


def test_two_pairs_differ(tmp_path: Path) -> None:
    """Or they were not made of random bytes."""
    assert write_pair(tmp_path / "a").raw != write_pair(tmp_path / "b").raw


@pytest.mark.parametrize("there", ["line3.key", "line3.key.pub"])
def test_pair_overwrites_nothing(tmp_path: Path, there: str) -> None:
    """Neither half, not even where a link leads nowhere."""
    (tmp_path / there).symlink_to(tmp_path / "nowhere")
    with pytest.raises(KeyFileError, match="there already"):
        write_pair(tmp_path / "line3.key")
    assert [path.name for path in tmp_path.iterdir()] == [there]


def test_pair_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    """The N-th system call fails; the next attempt finds the place free."""
    for nth in range(1, 5):
        with pytest.raises(KeyFileError, match="no space left"):
            write_pair(tmp_path / "key", files=FailingFolders(nth))
        assert not list(tmp_path.iterdir())
    with pytest.raises(KeyFileError, match="cannot write the key"):
        write_pair(tmp_path / "none" / "key")


@pytest.mark.parametrize("comment", ["two\nlines", "x" * 101, "\x1b[2J"])
def test_pair_with_a_comment_that_is_no_line_is_refused(tmp_path: Path, comment: str) -> None:
    """It stands in a file of one line, and on terminals."""
    with pytest.raises(KeyFileError, match="comment"):
        write_pair(tmp_path / "key", comment)
    assert not list(tmp_path.iterdir())


def test_fingerprint_can_be_read_out_on_the_telephone() -> None:
    """Five groups of four, without the digits that look like letters."""
    groups = MAKER.public.fingerprint.split("-")
    assert [len(group) for group in groups] == [4] * 5
    assert not set("".join(groups)) & set("0189")
    assert MAKER.public.fingerprint == MAKER.public._replace(comment="other").fingerprint
    assert MAKER.public.fingerprint != STRANGER.public.fingerprint


def private_file(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    """A key file of these bytes."""
    path = folder / "key"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def locked() -> bytes:
    """A private key behind a password."""
    key = load_pem_private_key(MAKER.pem, password=None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))


def other_kind() -> bytes:
    """A private key that signs nothing."""
    key = x25519.X25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "PEM PKCS8"),
        (b"hello", "PEM PKCS8"),
        (b"\0\xff" * 100, "PEM PKCS8"),
        (MAKER.pem[:60], "PEM PKCS8"),
        (MAKER.pem.replace(b"MC4C", b"MC4D"), "PEM PKCS8"),
        (MAKER.public.line.encode(), "that is the public half"),
        (locked(), "without password"),
        (other_kind(), "expected an Ed25519 key"),
        (MAKER.pem * 50, "at most 4096 bytes"),
    ],
)
def test_private_key_file_that_is_none_is_refused(
    tmp_path: Path, content: bytes, words: str
) -> None:
    """With what was expected."""
    with pytest.raises(KeyFileError, match=words):
        read_private(private_file(tmp_path, content))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_private_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """It is no longer private."""
    with pytest.raises(KeyFileError, match=r"mode 06\d\d.*chmod 600"):
        read_private(private_file(tmp_path, MAKER.pem, mode))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "got something else"),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", "got something else"),
        (KIND, "32 bytes of BASE64"),
        (f"{KIND} ????", "32 bytes of BASE64"),
        (f"{KIND} {base64.b64encode(bytes(31)).decode()}", "32 bytes of BASE64"),
        (f"{KIND} {base64.b64encode(bytes(33)).decode()}", "32 bytes of BASE64"),
        (f"{KIND} {'A' * 42}B=", "32 bytes of BASE64"),  # bits that no encoder sets
        (f"{MAKER.public.line}\n{STRANGER.public.line}", "got several"),
        (f"{MAKER.public.line} {'x' * 101}", "comment"),
        (f"{MAKER.public.line} \x1b[2J", "no plain text"),
        (MAKER.pem.decode(), "the private one"),
        ("\udcff", "expected one line"),
    ],
)
def test_public_key_file_that_is_none_is_refused(tmp_path: Path, line: str, words: str) -> None:
    """With what was expected."""
    path = tmp_path / "key.pub"
    path.write_bytes(line.encode(errors="surrogateescape"))
    with pytest.raises(KeyFileError, match=words):
        read_public(path)


def test_key_file_must_be_a_file_that_may_be_read(tmp_path: Path) -> None:
    """No file, a folder, a pipe that nobody writes to."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "none", tmp_path, tmp_path / "pipe"):
        for read in (read_private, read_public):
            with pytest.raises(KeyFileError, match="key file"):
                read(path)


COMMENTS = st.text(st.characters(categories=["L", "N", "P"]), max_size=40)


@given(raw=st.binary(min_size=32, max_size=32), words=st.lists(COMMENTS, max_size=3))
def test_public_key_line_is_read_back(raw: bytes, words: list[str]) -> None:
    """Any key; any comment, up to the spaces around it."""
    key = PublicKey(raw, " ".join(words).strip()[:100].strip())
    assert parse_public(key.line) == key
    assert parse_public(f"  {key.line}\r\n") == key


@given(text=st.text())
def test_public_key_line_of_anything_is_read_or_refused(text: str) -> None:
    """Never anything but a ValueError."""
    try:
        key = parse_public(f"{KIND} {text}")
    except ValueError:
        return
    assert len(key.raw) == 32


def test_private_key_is_never_printed() -> None:
    """Neither by name nor by accident."""
    key = PrivateKey.new()
    secret = key.pem.decode().splitlines()[1]
    assert secret not in repr(key) + str(key)
