"""Which keys and words are secret: what no log, no trail and no support bundle may hold."""

from __future__ import annotations

import re
from typing import Any

LEFT_OUT = "(secret)"
_NAMES = (
    "password|passwd|passphrase|passcode|pwd|secret|token|credential|api_?key|access_?key|"
    "maintenance_key|authorization|gonogo_key"
)
_SECRET_KEY = re.compile(
    rf"(?:{_NAMES}|scrypt|private|community|auth)|(?:^|_)(?:pin|key|psk|user)(?:$|_)"
    r"|(?:^|(?<!without)_)login(?:$|_)",
    re.IGNORECASE,
)
_SCRYPT = re.compile(r"scrypt\$[0-9$a-fA-F]+")
# to the end where its last line is missing, as in a file that was cut off
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----"
    r"(?:(?!-----END)[\s\S])*(?:-----END [A-Z0-9 ]*PRIVATE KEY-----)?"
)
_IN_URL = re.compile(r"(?<=://)[^/\s\"'@]+@")
_BEARER = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE)
# password = x, "token": "x", --key x, GONOGO_KEY=x, password is x
_SAID = re.compile(
    rf"(?P<before>(?:(?:{_NAMES}|scrypt)[\w-]{{0,40}}[\"']?\s{{0,8}}(?:[=:]|\bis\b)|--key\b[\s=]"
    rf"|--(?:{_NAMES})\b[\s=])\s{{0,8}})"
    r"(?P<value>\"[^\"\n]*\"?|'[^'\n]*'?|\[[^\]\n]*\]?|[^\s,;})]+)",
    re.IGNORECASE,
)


def is_secret(key: str) -> bool:
    """Whether what stands under a key of that name is a secret."""
    return _SECRET_KEY.search(key) is not None


def without_secrets(text: str) -> str:
    """A text without what looks like a secret: private keys, locks, passwords, tokens."""
    text = _PRIVATE_KEY.sub(LEFT_OUT, text)
    text = _SCRYPT.sub(LEFT_OUT, text)
    text = _IN_URL.sub(f"{LEFT_OUT}@", text)
    text = _BEARER.sub(rf"\1 {LEFT_OUT}", text)
    return _SAID.sub(_quoted, text)


def masked(value: Any, *, beneath: bool = False) -> Any:  # noqa: ANN401 - what JSON can hold
    """The same with every text and number beneath a secret key left out."""
    if isinstance(value, dict):
        return {
            key: masked(each, beneath=beneath or is_secret(str(key))) for key, each in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [masked(each, beneath=beneath) for each in value]
    return LEFT_OUT if beneath and value is not None else value


def secrets_in(value: Any, *, beneath: bool = False) -> set[str]:  # noqa: ANN401 - as above
    """All texts beneath secret keys, to be looked for elsewhere."""
    if isinstance(value, dict):
        found = [
            secrets_in(each, beneath=beneath or is_secret(str(key))) for key, each in value.items()
        ]
    elif isinstance(value, (list, tuple)):
        found = [secrets_in(each, beneath=beneath) for each in value]
    else:
        found = [{str(value)} if beneath and value is not None else set()]
    return set().union(*found)


def _quoted(found: re.Match[str]) -> str:
    """With the quotes that were there, so that JSON and TOML stay what they are."""
    value = found["value"]
    quote = value[0] if value[0] in "\"'" else '"' if value[0] == "[" else ""
    return f"{found['before']}{quote}{LEFT_OUT}{quote}"
