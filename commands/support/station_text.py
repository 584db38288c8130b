"""A station file as a stranger may read it: without secrets, and without what people remarked."""

from __future__ import annotations

import re

from gonogo.base.secret_words import LEFT_OUT, is_secret

_BASIC, _LITERAL = r'"(?:\\.|[^"\\\n])*"', r"'[^'\n]*'"
_LONG = r'"""(?:\\.|[^\\])*?"""|\'\'\'[\s\S]*?\'\'\''
_COMMENT = re.compile(rf"(?P<text>{_LONG}|{_BASIC}|{_LITERAL})|#[^\n]*", re.DOTALL)
# what does not end, as in a file that was cut off, goes to the end of the line or of the text
_VALUE = (
    rf"{_LONG}|\"\"\"[\s\S]*|'''[\s\S]*|{_BASIC}|{_LITERAL}|[\"'][^\n]*"
    rf"|\[(?:{_LONG}|{_BASIC}|{_LITERAL}|[^\]\"'])*\]?|\{{(?:{_BASIC}|{_LITERAL}|[^}}\"'])*\}}?"
    r"|[^\s,}\]]+"
)
_PAIR = re.compile(
    rf"(?P<key>(?:[\w-]+|{_BASIC}|{_LITERAL})(?:[ \t]*\.[ \t]*(?:[\w-]+|{_BASIC}|{_LITERAL}))*)"
    rf"(?P<is>[ \t]*=[ \t]*)(?P<value>{_VALUE})",
    re.DOTALL,
)
_TABLE = re.compile(r"^[ \t]*\[\[?([^\]\n]*)\]\]?[ \t]*$", re.MULTILINE)


def shown(text: str) -> str:
    """The text, also of a file that is wrong: comments and the values of secret keys left out."""
    text = _COMMENT.sub(lambda found: found["text"] or "# (comment)", text)
    parts, at, secret = [], 0, False
    # beneath a table with a secret name every value is one
    for table in _TABLE.finditer(text):
        parts.append(_masked(text[at : table.start()], table=secret))
        parts.append(table[0])
        at, secret = table.end(), any(is_secret(word) for word in table[1].split("."))
    parts.append(_masked(text[at:], table=secret))
    return "".join(parts)


def _masked(text: str, *, table: bool) -> str:
    def pair(found: re.Match[str]) -> str:
        if table or is_secret(found["key"]):
            return f'{found["key"]}{found["is"]}"{LEFT_OUT}"'
        if found["value"][0] in "{[":  # tables in one line
            begin, rest = found["value"][0], found["value"][1:]
            return f"{found['key']}{found['is']}{begin}{_masked(rest, table=False)}"
        return found[0]

    return _PAIR.sub(pair, text)
