"""FB_GoNoGo.st as an SCL source for TIA Portal: the same statements in Siemens' spelling.

The .scl file in plc/blocks is what this makes of the .st file; a test compares them.
After a change of the .st file:

    .venv/bin/python -c 'from gonogo.tests.plc.scl import write; write()'
"""

from __future__ import annotations

import re
from pathlib import Path

BLOCKS = Path(__file__).parents[2] / "plc" / "blocks"
TYPES = {"UINT": "UInt", "UDINT": "UDInt", "INT": "Int", "BOOL": "Bool", "STRING": "String"}
_HEAD = "{ S7_Optimized_Access := 'TRUE' }\nVERSION : 0.1\n"
_UNIT = re.compile(r"^(FUNCTION|FUNCTION_BLOCK) (\w+)(.*?)^END_\1$", re.MULTILINE | re.DOTALL)
_TOKEN = re.compile(r"\(\*.*?\*\)|'[^']*'|\w+#\w+|\w+|\W", re.DOTALL)
_TYPES = re.compile(
    r"(?:^\(\*[^*]*\*\)\n)?(?:^TYPE\n[^;]*;\nEND_TYPE\n\n)+", re.MULTILINE
)  # with what is said of them
_NAMED = re.compile(r"^    (\w+) : (ARRAY\[.*?\] OF \w+);", re.MULTILINE)
_DECLARED = re.compile(r"^    (\w+) :(?!=)", re.MULTILINE)


def to_scl(text: str) -> str:
    """The SCL source of a text in Structured Text with functions and function blocks.

    A named type can be no array in TIA Portal, and need not: alike is the same there.
    """
    found = _TYPES.search(text)
    arrays = dict(_NAMED.findall(found[0])) if found else {}
    plain = _TYPES.sub("", text)
    for name, array in arrays.items():
        plain = re.sub(rf"\b{name}\b", array, plain)
    return _UNIT.sub(_unit, plain)


def write() -> None:
    """Write FB_GoNoGo.scl again."""
    text = (BLOCKS / "FB_GoNoGo.st").read_text(encoding="utf-8")
    (BLOCKS / "FB_GoNoGo.scl").write_text(to_scl(text), encoding="utf-8")


def _unit(match: re.Match[str]) -> str:
    kind, name, rest = match.groups()
    head, _, body = rest.rpartition("END_VAR\n")
    head += "END_VAR\n"
    names = {*_DECLARED.findall(head), name}
    if kind == "FUNCTION":
        head = head.replace("\nVAR\n", "\nVAR_TEMP\n")
    first, _, head = head.partition("\n")
    spelt = "".join(_in_head(token) for token in _TOKEN.findall(f"{first}\n{_HEAD}{head}"))
    code = "".join(_in_body(token, names) for token in _TOKEN.findall(body))
    return f'{kind} "{name}"{spelt}BEGIN\n{code}END_{kind}'


def _in_head(token: str) -> str:
    spelling = {**TYPES, "ARRAY": "Array", "OF": "of"}
    return spelling.get(token, token)


def _in_body(token: str, names: set[str]) -> str:
    if token in names:
        return f"#{token}"
    return f'"{token}"' if token.startswith("GN_") else token
