"""Making a support bundle: every item within its time and size, cleaned, in one zip file.

Whatever cannot be had is named in MANIFEST.txt with its reason: a station that is half broken is
the one of which a bundle is made. The same texts give the same bytes, but for the manifest's time.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import threading
import time
import zipfile
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import GonogoError
from gonogo.base.plain_text import harmless
from gonogo.base.secret_words import LEFT_OUT, secrets_in, without_secrets
from gonogo.commands.support.accounts import account_names, accounts_told
from gonogo.commands.support.people import People, homes_in, of_this_box
from gonogo.commands.support.source import Absent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gonogo.commands.support.source import Source

    Items = Mapping[str, Callable[[Source], str]]

FOLDER = "gonogo-support"
MANIFEST = "MANIFEST.txt"
LONGEST_REASON = 300
_SHORTEST_SECRET = 4  # shorter ones stand in half of all numbers
_ENVIRONMENT = ("GONOGO_KEY",)  # what our own commands read a key from
HEAD = """gonogo support bundle
station  {name}
made     {made}
gonogo   {version}

Left out: what stands under keys such as password, token, key_scrypt or user, private keys,
passwords in addresses, comments in station files, notes of people. Login names, names of home
folders and of those who have an account on the box are person-1, person-2, and so on.
"""


class Bounds(NamedTuple):
    """Of one item and of all: bytes before they are packed, and seconds."""

    item_bytes: int = 1024 * 1024
    item_s: float = 75.0  # the board asks drivers of vendors, each for a minute at most
    all_s: float = 180.0


BOUNDS = Bounds()
SMALL = Bounds(item_bytes=16 * 1024)  # some 50 kB when packed: a minute at 9600 baud


class Had(NamedTuple):
    """What an item gave: its text, or the reason why there is none. `cut`: bytes left out."""

    text: str
    reason: str = ""
    cut: int = 0


def gathered(its: Source, items: Items, bounds: Bounds = BOUNDS) -> dict[str, Had]:
    """Each item, as it is: one that hangs or fails costs itself alone."""
    end_s = time.monotonic() + bounds.all_s
    found = {}
    for name, item in items.items():
        left_s = min(bounds.item_s, end_s - time.monotonic())
        had = _within(name, partial(item, its), left_s)
        found[name] = _bounded(name, had, bounds.item_bytes)
    return found


def _within(name: str, item: Callable[[], str], left_s: float) -> Had:
    if left_s <= 0:
        return Had("", "no time was left for it")
    had: list[Had] = []

    def run() -> None:
        try:
            had.append(Had(item()))
        except Absent as absent:
            had.append(Had("", str(absent)))
        except GonogoError as error:
            had.append(Had("", str(error)))
        except OSError as error:
            had.append(Had("", f"{error.filename or name}: {error.strerror or error}"))
        except Exception as error:  # noqa: BLE001 - whatever is wrong there, the others are had
            had.append(Had("", f"{type(error).__name__}: {error}"))

    # in a thread of its own, which nobody waits for: a disk that hangs does not answer at all
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(left_s)
    return had[0] if had else Had("", f"it did not answer within {left_s:.0f} s")


def _bounded(name: str, had: Had, most: int) -> Had:
    """The newest lines of what is lines, the beginning of everything else."""
    raw = had.text.encode(errors="replace")
    if len(raw) <= most:
        return had._replace(text=raw.decode())
    if name.endswith((".jsonl", ".txt")):
        kept = raw[-most:].partition(b"\n")[2]
    else:
        kept = raw[:most].rpartition(b"\n")[0] + b"\n"
    return Had(kept.decode(errors="replace"), "", len(raw) - len(kept))


def cleaned(
    its: Source, found: Mapping[str, Had], accounts: dict[str, list[str]] | None = None
) -> dict[str, Had]:
    """All of it without secrets and names of people; the reasons, too.

    `accounts`: logins and what each is called, those of this box where it is left out.
    """
    texts = [each.text + each.reason for each in found.values()]
    called = of_this_box() if accounts is None else accounts
    homes = sorted(set().union(*map(homes_in, texts), homes_in(str(its.file.absolute()))))
    logins = [*_logins(found), *_supervisors(its), *_accounts(its, found), *homes, *sorted(called)]
    people = People([name for name in logins if name not in _services()], called)
    # a name under a key such as `user` is a person's before it is a secret
    known = [each for each in _known_secrets(its) if each not in people.numbers]

    def clean(text: str) -> str:
        text = without_secrets(text)
        for secret in known:
            text = text.replace(secret, LEFT_OUT)
        return people.without(text)

    return {
        name: had._replace(text=clean(had.text), reason=harmless(clean(had.reason), LONGEST_REASON))
        for name, had in found.items()
    }


def _logins(found: Mapping[str, Had]) -> list[str]:
    """Those of the audit trail, in the order of its rows."""
    names = []
    for line in found["audit.jsonl"].text.splitlines() if "audit.jsonl" in found else ():
        who = json.loads(line)["who"]
        names += [str(who.get("login", "")), str(who.get("user", ""))]
    return names


def _accounts(its: Source, found: Mapping[str, Had]) -> list[str]:
    """Those who sign in at the station, or did."""
    lines = found["audit.jsonl"].text.splitlines() if "audit.jsonl" in found else []
    there = account_names(its.records) if its.records is not None else []
    return [*accounts_told(map(json.loads, lines)), *there]


def _supervisors(its: Source) -> list[str]:
    """Those that a station file names, also one that is wrong, and the last good one."""
    section = its.values.get("dispositions")
    named = section.get("supervisors") if isinstance(section, dict) else None
    found = [each for each in named if isinstance(each, str)] if isinstance(named, list) else []
    return found + list(its.station.dispositions.supervisors if its.station else ())


def _services() -> set[str]:
    """Accounts of this box that are no people's."""
    import pwd

    from gonogo.commands.support.people import FIRST_UID, NOBODY_UID

    people = range(FIRST_UID, NOBODY_UID)
    return {user.pw_name for user in pwd.getpwall() if user.pw_uid not in people}


def _known_secrets(its: Source) -> list[str]:
    """The very values that the station file holds, wherever else they stand; longest first."""
    found = secrets_in(its.values) | secrets_in(its.good_values)
    found |= {os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    long = {each for each in found if len(each) >= _SHORTEST_SECRET}
    long |= {json.dumps(each)[1:-1] for each in long}
    return sorted(long, key=lambda each: (-len(each), each))


def packed(name: str, found: Mapping[str, Had], made: str) -> bytes:
    """The zip file; `made` is a time, in words."""
    files = {item: had.text.encode(errors="replace") for item, had in found.items() if had.text}
    files[MANIFEST] = "".join(_manifest(name, found, made)).encode(errors="replace")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for item in sorted(files):
            # of no time, so that the same content is the same bytes
            about = zipfile.ZipInfo(f"{FOLDER}/{item}")
            about.compress_type, about.create_system = zipfile.ZIP_DEFLATED, 3
            about.external_attr = 0o600 << 16
            archive.writestr(about, files[item])
    return target.getvalue()


def _manifest(name: str, found: Mapping[str, Had], made: str) -> Iterable[str]:
    from importlib.metadata import version

    yield HEAD.format(name=harmless(name) or "(not known)", made=made, version=version("gonogo"))
    for item, had in sorted(found.items()):
        if had.text:
            raw = had.text.encode(errors="replace")
            cut = f"  CUT: {had.cut} bytes more were there" if had.cut else ""
            yield f"\n{item:<24} {len(raw):>8} bytes  sha256 {hashlib.sha256(raw).hexdigest()}{cut}"
        else:
            yield f"\n{item:<24} NOT HAD: {had.reason or 'it was empty'}"
    yield "\n"
