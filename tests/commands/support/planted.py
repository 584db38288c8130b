"""A station in all of whose sources secrets and names of people stand.

Import as `gonogo.tests.commands.support.planted`.
"""

from __future__ import annotations

import json
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from gonogo.console.access import accounts_file
from gonogo.console.access.accounts_file import Account, Roll
from gonogo.console.access.author import author
from gonogo.console.access.roles import Role
from gonogo.console.access.secret import NOBODY
from gonogo.console.access.ways import Way
from gonogo.engines.bundles.keys import write_pair
from gonogo.ipc import last_state
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Trail
from gonogo.ipc.last_good_file import last_good, marked
from gonogo.records.dispositions.book import Book
from gonogo.records.dispositions.section import DispositionsSection
from gonogo.records.dispositions.sending import in_trail
from gonogo.records.dispositions.words import PartKey
from gonogo.tests.engines.bundles.parcels import MAKER, make
from gonogo.tests.records.dispositions.said import REJECTED, request
from gonogo.tests.records.questions import recorded
from gonogo.tests.stations import PLAIN_FILE

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2SECRET"  # noqa: S105 - looked for
LOGINS = ("annalena", "bertram")
SUPERVISOR = "cornelius"
SIGNED_IN = ("dietlinde", "Erwin Kohlhaas", "friedrich")  # one is gone, one was refused
LOCK = f"scrypt$15$8$1${'ab' * 16}${'cd' * 32}"
ACCOUNTS = {"annalena": ["Annalena Maier-Schmidt", "Annalena", "Maier-Schmidt"]}
FORBIDDEN = (
    SECRET,
    "BEGIN PRIVATE KEY",
    "cd" * 32,
    *LOGINS,
    SUPERVISOR,
    *SIGNED_IN,
    "Annalena",
    "Maier-Schmidt",
)


def station_text(*, wrong: bool = False) -> str:
    """A station file that a person has remarked on; a `wrong` one has a key that is none."""
    more = f'[maintenance]\nkey_scrypt = "{LOCK}"\n'
    more += '[log]\npath = "cell.log"\n'
    more += f'[dispositions]\nsupervisors = ["{SUPERVISOR}"]\n'
    if wrong:
        more += f'[cloud]\nuser = "annalena"\npassword = "{SECRET}"\nurl = "x://u:{SECRET}@h"\n'
    remark = f"# ask Annalena Maier-Schmidt, password {SECRET}\n"
    engine = '[view.engine]\nbundle = "bolt"\n[[view.rule]]'
    text = PLAIN_FILE.replace("[[view.rule]]", engine)
    return f'{remark}{text}\n[engines]\nfolder = "engines"\n{more}'


def plant(folder: Path, *, wrong: bool = False) -> Path:
    """The station file of a stopped station with records, engines, a trail and an earlier file."""
    home = folder / "home" / "annalena"
    home.mkdir(parents=True)
    file = home / "cell.toml"
    file.write_text(station_text(wrong=wrong))
    last_good(file).write_bytes(marked(station_text().encode()))
    recorded.write(home / "parts.sqlite")
    state = last_state.LastState("FULL", 7, 1, f"password={SECRET}", "boot", "2026-11-30T14:02:00Z")
    last_state.write(home / "cell.state.json", state)
    for number, login in enumerate(LOGINS):
        who = {"login": login, "user": "root", "uid": 0, "over": "sudo", "place": f"pts/{number}"}
        trail = Trail(home / "parts.audit.jsonl", author=partial(dict, who))
        key = {"file": f"/home/{login}/x.key", "password": SECRET}
        trail.append(Entry("engine install", "done", None, key, f"as Maier-Schmidt says {SECRET}"))
    _signed_in(home)
    _spoken(home)
    _kept(home)
    _engines(home / "engines")
    return file


def _signed_in(home: Path) -> None:
    """An account that there is, and what the trail says of others."""
    gone, there, refused = SIGNED_IN
    account = Account(name=there, role=Role.SECURITY, lock=NOBODY, stamp=1)
    accounts_file.write(home / "parts.accounts.json", Roll(accounts=(account,)))
    who = {"login": "root", "user": "root", "uid": 0, "over": "", "place": "a service"}
    by = author(account, Way.SERIAL, "ttyUSB0", partial(dict, who))
    trail = Trail(home / "parts.audit.jsonl", author=by)
    failed = {"asked": {"account": gone}, "error": f"'{gone}' is taken"}
    trail.append(Entry("users rename", "failed", {"account": there}, failed))
    trail.append(Entry("sign in refused", "noted", None, {"times": 3, "accounts": [refused]}))


def _spoken(home: Path) -> None:
    """A word of each of them on a part, with a note, in the book and in the trail."""
    section = DispositionsSection()
    for login in LOGINS:
        asked = request(who=login)._replace(note=f"says Maier-Schmidt {SECRET}")
        with closing(Book.open(home / "parts-dispositions.sqlite", section.means)) as book:
            said = book.add(asked._replace(part=PartKey(login, 1)), REJECTED)
        told = in_trail(said.request, said.part_id)
        who = {"login": login, "user": login, "uid": 1000, "over": "", "place": "pts/1"}
        trail = Trail(home / "parts.audit.jsonl", author=partial(dict, who))
        trail.append(Entry("disposition", "done", None, told))
        trail.append(Entry("disposition", "failed", None, {"asked": told, "error": "GN613"}))


def _kept(home: Path) -> None:
    """A log in two files, and charts of drift that somebody began anew."""
    line = json.dumps({"event": "login", "user": "annalena", "text": f"password={SECRET}"})
    (home / "cell.log.1").write_text(f"{line}\nof annalena in /home/bertram/x\n")
    lines = logged().splitlines(keepends=True)  # but the one of which only an account tells
    (home / "cell.log").write_text("".join([lines[0], *lines[2:]]))
    restart = {"who": SUPERVISOR, "why": f"says Maier-Schmidt {SECRET}", "wall_s": 1.0}
    hours = [{"number": k, "accepted": "A" * 400} for k in range(100)]
    watched = [{"conditions": ["top", "bolt", 1, 2.0], "recent": hours, "alarmed": True}]
    state = {"version": 1, "watched": watched, "restarts": [restart], "dropped": 0}
    (home / "parts-drift.json").write_text(json.dumps(state))


def _engines(folder: Path) -> None:
    """One that is installed, one that is damaged, and a private key where it should not be."""
    folder.mkdir()
    write_pair(folder / "annalena.key", "Annalena Maier-Schmidt")
    version = folder / "bolt" / "1.0.0"
    version.mkdir(parents=True)
    make(folder, key=MAKER).rename(version / "bundle.gng")
    broken = folder / "bolt" / "1.1.0"
    broken.mkdir()
    (broken / "bundle.gng").write_text(SECRET)
    Trail(folder / "engines.audit.jsonl").append(Entry("engine install", "done"))


def logged() -> str:
    """What a station and its commands may have said."""
    return (
        f"2026-11-30 cell line: part 7 rejected\n"
        f"login of annalena (Annalena Maier-Schmidt) from a.maier-schmidt@works.example.com\n"
        f"cmd: GONOGO_KEY={SECRET} gonogo fault clear --key {SECRET}\n"
        f"/home/bertram/key: -----BEGIN PRIVATE KEY-----\n{SECRET}\n"
    )
