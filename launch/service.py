"""The systemd unit of a station, filled in for one box.

The template says what holds for every station; what differs follows from the station's
needs (gonogo.launch.needs), each a line or two below.
"""

from __future__ import annotations

import pwd
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.launch.reach import not_writable, out_of_reach, who_is

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gonogo.launch.needs import Needs

TEMPLATE = Path(__file__).with_name("units") / "gonogo.service"
_LOGIN_DEFS = Path("/etc/login.defs")
_UID_MIN = 1000  # where login.defs does not say where ordinary users begin
# as useradd(8) takes it; also what keeps a line of the unit from being ended by it
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,30}")
# what ProtectHome= hides (systemd.exec(5))
_HOMES = tuple(Path(name) for name in ("/home", "/root", "/run/user"))
_STATE = Path("/var/lib")  # below it StateDirectory= makes folders (systemd.exec(5))
_TEMPORARY = tuple(Path(name) for name in ("/tmp", "/var/tmp"))  # noqa: S108 - looked for, not used
# a place alone on its line stands for whole lines, which may be none; any other one for a word
_PLACE = re.compile(r"^\{(?P<lines>[a-z]+)\}\n|\{(?P<word>[a-z]+)\}", re.MULTILINE)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


class Service(NamedTuple):
    """Who runs what: the program, the station file, the station's name, and the user."""

    gonogo: Path
    station: Path
    name: str
    user: str


def unit_text(service: Service, needs: Needs, notes: Sequence[str] = ()) -> str:
    """The unit; ValueError for what systemd cannot be told."""
    return filled_in(TEMPLATE, _plain(service, needs) | _lines(service, needs, notes))


def checked_user(user: str) -> str:
    """The same; ValueError for what is no name of a user."""
    if not _USER.fullmatch(user):
        raise ValueError(f"user: expected a name such as gonogo, got '{user}'")
    return user


def filled_in(template: Path, values: Mapping[str, str]) -> str:
    """A template with its places filled in; those alone on a line stand for whole lines."""
    text = template.read_text(encoding="utf-8")
    # once over the template: what was filled in is not looked through again, whatever a file is
    # called
    return _PLACE.sub(lambda found: values[found["lines"] or found["word"]], text)


def _plain(service: Service, needs: Needs) -> dict[str, str]:
    """What stands within a line."""
    return {
        "name": service.name,
        "user": checked_user(service.user),
        "gonogo": command_word(service.gonogo),
        "station": command_word(service.station),
        "capabilities": " ".join(capabilities(needs)),
        "families": _families(needs),
    }


def _families(needs: Needs) -> str:
    """Of sockets; which interfaces there are is asked of the kernel by netlink."""
    network = "" if needs.peers == () else " AF_INET AF_INET6"
    return f"AF_UNIX{network}{' AF_NETLINK' if needs.finds_cameras else ''}"


def _lines(service: Service, needs: Needs, notes: Sequence[str]) -> dict[str, str]:
    """Whole lines, or none."""
    found = {
        "first": [f"# {note}" for note in notes],
        "before": _before(service, needs),
        "after": _after(service, needs),
        "groups": [f"SupplementaryGroups={' '.join(needs.groups)}"] if needs.groups else [],
        # a minus: one that is not there costs its files, not the start
        "state": [
            f"StateDirectory={word(str(folder.relative_to(_STATE)))}"
            for folder in _state_folders(needs)
        ],
        "writes": [f"ReadWritePaths={word(f'-{folder}')}" for folder in needs.writes],
        "home": _home(needs),
        "tmp": _tmp(needs),
        "devices": _devices(needs),
        "network": _network(needs),
        "code": _code(needs),
    }
    return {name: "".join(f"{line}\n" for line in lines) for name, lines in found.items()}


def _before(service: Service, needs: Needs) -> list[str]:
    """A watchdog belongs to root: this user must be let write it, whether it is there or not."""
    if needs.watchdog is None:
        return []
    # a plus: as root; a minus: a box without the device starts all the same
    return [f"ExecStartPre=-+/bin/chown {service.user} {command_word(needs.watchdog)}"]


def _after(service: Service, needs: Needs) -> list[str]:
    """A chip may leave an output on whose program was killed."""
    if not needs.rests:
        return []
    # a minus: a line that lives without its supervisor has the output, and is left alone
    words = f"{command_word(service.gonogo)} plc rest {command_word(service.station)}"
    return [f"ExecStopPost=-{words}"]


def capabilities(needs: Needs) -> tuple[str, ...]:
    """What root could do and this user may, too."""
    # to come back from the idle class, in which an engine is loaded, LimitRTPRIO= alone is not
    # enough
    return ("CAP_SYS_NICE",) + (("CAP_NET_BIND_SERVICE",) if needs.low_port else ())


def _home(needs: Needs) -> list[str]:
    """Homes are hidden, unless something that the station needs lies there."""
    if _any_below(needs.reads, _HOMES):
        return [
            "# the program, the station file or what it names lies in a home",
            "ProtectHome=read-only",
        ]
    return ["ProtectHome=yes"]


def _tmp(needs: Needs) -> list[str]:
    if _any_below(needs.reads, _TEMPORARY):
        return [
            "# no PrivateTmp=: what the station file names lies in a temporary folder",
            *(f"ReadWritePaths=-{folder}" for folder in _TEMPORARY),
        ]
    return ["PrivateTmp=yes"]


def _devices(needs: Needs) -> list[str]:
    """PrivateDevices= would hide those that are needed."""
    found = [f"DeviceAllow={word(device)} {access}" for device, access in needs.devices]
    return found or ["PrivateDevices=yes"]


def _network(needs: Needs) -> list[str]:
    if needs.peers is None:
        return ["# no IPAddressDeny=: the station file does not say by address who the PLC is"]
    if not needs.peers:
        return ["PrivateNetwork=yes"]
    return ["IPAddressDeny=any", *(f"IPAddressAllow={peer}" for peer in needs.peers)]


def _code(needs: Needs) -> list[str]:
    if needs.makes_code:
        return ["# no MemoryDenyWriteExecute=: OpenVINO makes machine code while it runs"]
    return ["MemoryDenyWriteExecute=yes"]


def _any_below(paths: Iterable[Path], folders: Iterable[Path]) -> bool:
    return any(path.is_relative_to(folder) for path in paths for folder in folders)


def _state_folders(needs: Needs) -> list[Path]:
    """Folders that are not there yet and that systemd makes for the user: those below /var/lib.

    One that is there keeps its mode: StateDirectoryMode= would take a group's rights away.
    """
    return [
        folder
        for folder in needs.writes
        if folder.is_relative_to(_STATE) and folder != _STATE and not folder.exists()
    ]


# -- words of a unit file ------------------------------------------------------------------


def word(text: str) -> str:
    """One word of a setting, as systemd.syntax(7) reads it; ValueError where it cannot be one."""
    if _UNPRINTABLE.search(text):
        raise ValueError(
            f"path {text!r}: expected no line break and no other control character; "
            "a systemd unit cannot name it"
        )
    # a specifier of systemd's otherwise, in every setting
    text = text.replace("%", "%%")
    if not re.search(r"[\s\"'\\]", text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def command_word(path: Path) -> str:
    """One word of a command line, where a dollar sign would name a variable."""
    return word(str(path)).replace("$", "$$")


# -- what to tell whoever prints it --------------------------------------------------------


def notes_on(user: str, needs: Needs, login_defs: Path = _LOGIN_DEFS) -> list[str]:
    """What is still to be done or thought about, a line each."""
    found = [*_about(user, login_defs), *_about_paths(user, needs)]
    folders = " ".join(_about_folders(user, needs))
    return [*found, folders] if folders else found


def _about_folders(user: str, needs: Needs) -> Iterator[str]:
    """In which nothing could be kept."""
    for folder, why in not_writable(who_is(user), needs.writes):
        yield (
            f"User '{user}' can make no file in {folder} ({why}): parts would be judged and "
            f"nothing kept. As root: chown {user} {shlex.quote(str(folder))}."
        )
    made = _state_folders(needs)
    missing = [str(each) for each in needs.writes if not each.is_dir() and each not in made]
    if missing:
        yield (
            f"Make these folders as root, or nothing is kept there: "
            f"install -d -o {user} -m 0750 {shlex.join(missing)}"
        )


def _about_paths(user: str, needs: Needs) -> Iterator[str]:
    """Where the unit could not work, whatever it says: systemd gives no rights to files."""
    who = who_is(user)
    for path, barrier in out_of_reach(who, needs.reads):
        yield (
            f"User '{user}' cannot come as far as {path}: {barrier} does not let it (`ls -ld "
            f"{shlex.quote(str(barrier))}`). A service of its own belongs into /opt, its station "
            "file into /etc; or let that user in"
        )


def _about(user: str, login_defs: Path) -> list[str]:
    try:
        uid = pwd.getpwnam(user).pw_uid
    except KeyError:
        how = f"useradd --system --no-create-home --shell /usr/sbin/nologin {user}"
        return [f"There is no user '{user}' yet. Make one, as root: {how}"]
    if uid == 0:
        return ["User root: a system user of its own (--user gonogo) could do less harm."]
    # system users: logind leaves what is theirs alone
    if uid < first_ordinary_uid(login_defs):
        return []
    note = (
        f"User '{user}' (uid {uid}) is no system user: when somebody logs in as '{user}' and out "
        "again, systemd removes its shared memory and may end its processes, the station among "
        "them. Take a system user: --user gonogo"
    )
    return [note]


def first_ordinary_uid(login_defs: Path = _LOGIN_DEFS) -> int:
    """Where ordinary users begin on this box (login.defs(5))."""
    try:
        text = login_defs.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return _UID_MIN
    found = re.search(r"^\s*UID_MIN\s+(\d+)", text, re.MULTILINE)
    return int(found.group(1)) if found else _UID_MIN
