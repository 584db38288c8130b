"""Ed25519 keys (RFC 8032) that sign bundles: two small files, and a fingerprint for people.

PATH       the private key, PEM PKCS8, readable by its owner only; it stays with the maker
PATH.pub   the public key, one line, for every box that trusts the maker:

    gonogo-ed25519 BASE64 [comment]
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from gonogo.base.atomic_file import SYSTEM, fill
from gonogo.base.atomic_folder import FOLDERS
from gonogo.base.errors import KeyFileError

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.atomic_file import Files

KIND = "gonogo-ed25519"
KEY_BYTES = 32
MAX_FILE_BYTES = 4096  # either half is below 200; more is another kind of file
MAX_COMMENT = 100
_GROUP, _GROUPS = 4, 5  # of the fingerprint: 100 bits, enough against a key made to look alike


class PublicKey(NamedTuple):
    """Whose signature it is; `raw` is the 32 bytes of RFC 8032."""

    raw: bytes
    comment: str = ""

    @property
    def fingerprint(self) -> str:
        """Five groups of four letters and digits, to be read out on the telephone."""
        # base32 has no 0, 1, 8 and 9 (RFC 4648): none is heard, or read, for a letter
        text = base64.b32encode(hashlib.sha256(self.raw).digest()).decode()
        return "-".join(text[at : at + _GROUP] for at in range(0, _GROUP * _GROUPS, _GROUP))

    @property
    def line(self) -> str:
        """The line of its file."""
        return " ".join([KIND, base64.b64encode(self.raw).decode(), self.comment]).strip()

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether its owner has signed these very bytes."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):  # ValueError: these bytes are no key
            return False
        return True


class PrivateKey:
    """What signs; never printed."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key().public_bytes_raw())

    @classmethod
    def new(cls) -> PrivateKey:
        """Of the system's random bytes."""
        return cls(Ed25519PrivateKey.generate())

    @property
    def pem(self) -> bytes:
        """The text of its file."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def sign(self, message: bytes) -> bytes:
        """64 bytes of signature."""
        return self._key.sign(message)


def public_path(private: Path) -> Path:
    """Where the public half of a private key file lies."""
    return private.with_name(private.name + ".pub")


def write_pair(out: Path, comment: str = "", files: Files = SYSTEM) -> PublicKey:
    """A new key in `out` and `out`.pub; KeyFileError rather than overwrite either."""
    _check_comment(comment)
    public = public_path(out)
    for path in (out, public):
        # both: a link that points nowhere does not "exist", and is somebody's all the same
        if path.exists() or path.is_symlink():
            raise KeyFileError(
                f"{path} is there already, and no key is ever overwritten; "
                "take another --out, or move it away"
            )
    key = PrivateKey.new()
    found = PublicKey(key.public.raw, comment)
    _write(out, key.pem, files)  # made for its owner alone (0600), the other for everybody (0644)
    try:
        _write(public, f"{found.line}\n".encode(), FOLDERS)
    except KeyFileError:
        # half a pair is of no use, and the next attempt would not overwrite it
        with contextlib.suppress(OSError):
            out.unlink()
        raise
    return found


def _write(path: Path, data: bytes, files: Files) -> None:
    try:
        fill(path, [data], files)
    except OSError as error:
        if not isinstance(error, FileExistsError):  # one that was there first is not ours
            with contextlib.suppress(OSError):
                path.unlink()
        raise KeyFileError(
            f"{path}: cannot write the key: {error.strerror}; check the folder and its rights"
        ) from error


def _check_comment(comment: str) -> None:
    if len(comment) > MAX_COMMENT or not comment.isprintable():
        raise KeyFileError(f"comment: expected at most {MAX_COMMENT} characters in one line")


def read_private(path: Path) -> PrivateKey:
    """The private key of a file that only its owner may read; KeyFileError says what is wrong."""
    raw, mode = _read(path, "private")
    # of what was read, not of what stands under the path a moment later
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyFileError(
            f"{path}: others than its owner may read it (mode {stat.S_IMODE(mode):04o}), expected "
            "0600; chmod 600 it, and ask yourself who has seen it"
        )
    try:
        key = load_pem_private_key(raw, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:  # TypeError: it has a password
        hint = "; that is the public half" if raw.startswith(KIND.encode()) else ""
        raise KeyFileError(
            f"{path}: expected a private key without password (PEM PKCS8), as "
            f"`gonogo keys new` writes it{hint}"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(
            f"{path}: expected an Ed25519 key, got another kind; make one: gonogo keys new"
        )
    return PrivateKey(key)


def read_public(path: Path) -> PublicKey:
    """The public key of a file; KeyFileError says what is wrong."""
    raw, _ = _read(path, "public")
    # said apart: who names the wrong half here has a private key lie about on a box
    if b"PRIVATE KEY" in raw:
        raise KeyFileError(
            f"{path}: expected the public key, got the private one, which stays with the maker; "
            f"name {public_path(path).name}"
        )
    try:
        return parse_public(raw.decode())
    except ValueError as error:
        raise KeyFileError(
            f"{path}: expected one line '{KIND} BASE64 [comment]', {error}"
        ) from None


def parse_public(text: str) -> PublicKey:
    """The public key of its line; ValueError says what it got."""
    kind, encoded, comment, *_ = [*text.strip().split(maxsplit=2), "", "", ""]
    if len(text.strip().splitlines()) > 1:
        raise ValueError("got several; one file, one key")
    if kind != KIND:
        raise ValueError("got something else; copy the .pub file again")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    # encoded again: the last letter has bits to spare, and one key shall have one text
    if len(raw) != KEY_BYTES or base64.b64encode(raw).decode() != encoded:
        raise ValueError(f"got no {KEY_BYTES} bytes of BASE64; copy the .pub file again")
    if len(comment) > MAX_COMMENT or not comment.isprintable():
        raise ValueError(f"got a comment that is no plain text of at most {MAX_COMMENT} letters")
    return PublicKey(raw, comment)


def _read(path: Path, kind: str) -> tuple[bytes, int]:
    """Content and mode of a small regular file, both of one descriptor."""
    try:
        # a pipe in its place would otherwise wait for a writer
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            mode = os.fstat(fd).st_mode
            # one byte more than may be, so that a longer file shows
            raw = os.read(fd, MAX_FILE_BYTES + 1) if stat.S_ISREG(mode) else b""
        finally:
            os.close(fd)
    except OSError as error:
        raise KeyFileError(
            f"{path}: expected a {kind} key file, got: {error.strerror}; "
            "`gonogo keys new --out PATH` makes a pair"
        ) from error
    if not stat.S_ISREG(mode) or len(raw) > MAX_FILE_BYTES:
        raise KeyFileError(
            f"{path}: expected a {kind} key file of at most {MAX_FILE_BYTES} bytes, got something "
            "else; is it the right path?"
        )
    return raw, mode
