"""/data/box/update.toml: which server is asked for images, and as whom.

A file of its own, beside the station file: who updates a box need not be who inspects parts, and
a box without a station asks, too. Tokens lie in files of their own, which only root reads.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, model_validator

from gonogo.base.errors import UpdateSettingsWrong
from gonogo.base.section import Section, brief

_toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
NAME = "update.toml"
_LARGEST_BYTES = 64 << 10
_NAME = r"^[A-Za-z0-9_.:-]{1,128}$"
_PORTS = {"https": 443, "http": 80}


class ServerSection(Section):
    """[server]. `token`: whether its file holds this box's own token, or its gateway's."""

    url: str
    id: Annotated[str, Field(pattern=_NAME)]
    tenant: Annotated[str, Field(pattern=_NAME)] = "DEFAULT"
    token: Literal["target", "gateway"] = "target"  # noqa: S105 - whose
    token_file: Path | None = None
    ca: Path | None = None
    unencrypted: bool = False

    @model_validator(mode="after")
    def _is_an_address(self) -> ServerSection:
        parts = urlsplit(self.url)
        try:
            whole = parts.scheme in _PORTS and parts.hostname and parts.port != 0
        except ValueError:
            whole = False
        if not whole or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError(f"url: expected https://ADDRESS:PORT, got {self.url!r}")
        if parts.scheme == "http" and not self.unencrypted:
            raise ValueError(
                "url: by http anybody can listen; expected https, or unencrypted = true"
            )
        return self


class Settings(Section):
    """The file."""

    server: ServerSection


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address; ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"expected http(s)://HOST, got {url!r}")
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]


def settings(folder: Path) -> ServerSection | None:
    """The server of this box; None where it has none. UpdateSettingsWrong."""
    path = folder / NAME
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UpdateSettingsWrong(f"{path}: {error.strerror}") from error
    try:
        found = Settings.model_validate(_toml.loads(raw.decode()), context={"base": folder})
    except ValidationError as error:
        raise UpdateSettingsWrong(f"{path}: {brief(error)}") from error
    except ValueError as error:  # no TOML, or no UTF-8
        raise UpdateSettingsWrong(f"{path}: {error}") from error
    return found.server


def authorization(server: ServerSection) -> str | None:
    """The header that says who this box is; None without a token. UpdateSettingsWrong.

    The token itself stands in no message.
    """
    if server.token_file is None:
        return None
    try:
        token = server.token_file.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not ASCII"
        raise UpdateSettingsWrong(f"{server.token_file}: {why}; expected a token") from error
    if not token or not token.isprintable() or " " in token:
        raise UpdateSettingsWrong(f"{server.token_file}: expected one token, without blanks")
    return f"{server.token.capitalize()}Token {token}"
