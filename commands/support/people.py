"""Names of people in texts: each becomes `person-1` and so on, the same one everywhere."""

from __future__ import annotations

import json
import pwd
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FIRST_UID, NOBODY_UID = 1000, 65534  # of people (login.defs); beyond them are services
# accounts that are called by what they are for, and words that a text is not readable without
ROLES = frozenset(
    {"root", "gonogo", "nobody", "admin", "user", "operator", "ubuntu", "debian", "nvidia",
     "jetson", "pi", "line", "station", "service", "part", "parts", "engine", "runner"}
)  # fmt: skip
_HOME = re.compile(r"(?:/home|/Users|/export/home)/([^/\s\"'`:,;\\)\]}]+)")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b", re.IGNORECASE)
_SHORTEST = 2


def homes_in(text: str) -> set[str]:
    """The names of the home folders that a text names."""
    return set(_HOME.findall(text))


def of_this_box(users: Iterable[pwd.struct_passwd] | None = None) -> dict[str, list[str]]:
    """Names of the people who have an account: the login, and what they are called."""
    found = {}
    for user in pwd.getpwall() if users is None else users:
        if FIRST_UID <= user.pw_uid < NOBODY_UID:
            full = user.pw_gecos.partition(",")[0].strip()
            words = [word for word in full.split() if len(word) > _SHORTEST]
            found[user.pw_name] = [full, *words]
    return found


class People:
    """Takes the names of `logins` out of texts, in the order in which they get their numbers.

    `called`: what else each is called. A name stands by itself, or between marks as in a file's
    name; large and small letters are the same.
    """

    def __init__(self, logins: Sequence[str], called: dict[str, list[str]]) -> None:
        people = [name for name in dict.fromkeys(logins) if _is_name(name)]
        self.numbers = {name: number for number, name in enumerate(people, start=1)}
        words = {name.lower(): number for name, number in self.numbers.items()}
        for name, number in self.numbers.items():
            for word in called.get(name, []):
                if _is_name(word):
                    words.setdefault(word.lower(), number)
        # as JSON of others may write them
        words |= {json.dumps(word)[1:-1].lower(): number for word, number in words.items()}
        self._words = words
        longest_first = sorted(words, key=lambda word: (-len(word), word))
        some = "|".join(map(re.escape, longest_first))
        self._pattern = re.compile(rf"(?<![^\W_])(?:{some})(?![^\W_])", re.IGNORECASE)

    def without(self, text: str) -> str:
        """The text without them, and without addresses of mail."""
        text = _HOME.sub(self._home, text)
        text = _MAIL.sub("(address)", text)
        if not self._words:
            return text
        return self._pattern.sub(lambda found: self._person(found[0]), text)

    def _home(self, found: re.Match[str]) -> str:
        folder = found[0][: found.start(1) - found.start()]
        return f"{folder}{self._person(found[1])}"

    def _person(self, word: str) -> str:
        number = self._words.get(word.lower())
        return "person" if number is None else f"person-{number}"


def _is_name(word: str) -> bool:
    return len(word) >= _SHORTEST and word.lower() not in ROLES and not word.isdecimal()
