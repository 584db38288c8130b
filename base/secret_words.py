"""Which keys and words are secret: what no log, no trail and no support bundle may hold."""

from __future__ import annotations

import re

LEFT_OUT = "(secret)"
_NAMES = "passw(?:or)?d|passwd|passphrase|passcode|pwd|secret|token|credential|api_?key|auth"
_SECRET_KEY = re.compile(
    rf"(?:{_NAMES}|scrypt|private|community)|(?:^|_)(?:pin|key|psk)(?:$|_)", re.IGNORECASE
)
_SCRYPT = re.compile(r"scrypt\$[0-9$a-fA-F]+")
# to the end where its last line is missing, as in a file that was cut off
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----"
    r"(?:(?!-----END)[\s\S])*(?:-----END [A-Z0-9 ]*PRIVATE KEY-----)?"
)
_IN_URL = re.compile(r"(?<=://)[^/\s\"'@]+@")
_BEARER = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE)
# password = x, "token": "x", --password x, GONOGO_KEY=x
_SAID = re.compile(
    rf"(?P<before>[\w-]*(?:{_NAMES}|scrypt|GONOGO_KEY|--key|\bpsk\b|\bpin\b)[\w-]*[\"']?"
    r"\s*(?:[=:]|\bis\b|(?<=--key)|(?<=password)\s)\s*)"
    r"(?P<value>\"[^\"\n]*\"?|'[^'\n]*'?|[^\s,;}\])]+)",
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


def _quoted(found: re.Match[str]) -> str:
    """With the quotes that were there, so that JSON and TOML stay what they are."""
    value = found["value"]
    quote = value[0] if value[0] in "\"'" else ""
    return f"{found['before']}{quote}{LEFT_OUT}{quote}"
