"""What differs between two station files, key by key: old and new value, secrets left out."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gonogo.base.secret_words import LEFT_OUT, is_secret, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_module = "tomllib" if sys.version_info >= (3, 11) else "tomli"
_parse_toml: Callable[[str], dict[str, Any]] = import_module(_module).loads
ANOTHER = "(another secret)"


def key_changes(before: bytes, after: bytes) -> dict[str, list[Any]]:
    """[old, new] by key, as `view[0].rule[1].high`; None where one of them has not that key.

    Comments and order are no change. ValueError where one of them is no TOML.
    """
    old, new = (dict(_flat(_parse_toml(raw.decode()), "")) for raw in (before, after))
    keys = [*new, *(key for key in old if key not in new)]
    return {key: _shown(key, old, new) for key in keys if old.get(key) != new.get(key)}


def _shown(key: str, old: dict[str, Any], new: dict[str, Any]) -> list[Any]:
    # all beneath a secret table is secret as well
    if not any(is_secret(word.partition("[")[0]) for word in key.split(".")):
        return [_plain(each.get(key)) for each in (old, new)]
    both = key in old and key in new
    return [
        LEFT_OUT if key in old else None,
        (ANOTHER if both else LEFT_OUT) if key in new else None,
    ]


def _plain(value: Any) -> Any:  # noqa: ANN401 - a TOML value
    return without_secrets(value) if isinstance(value, str) else value


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - a TOML value
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _flat(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
        for number, each in enumerate(value):
            yield from _flat(each, f"{path}[{number}]")
    else:
        yield path, value
