"""The systemd unit: what follows from a station's needs, and what systemd itself says of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gonogo.launch.needs import Needs
from gonogo.launch.service import (
    Service,
    command_word,
    first_ordinary_uid,
    notes_on,
    unit_text,
    word,
)
from gonogo.tests.units import settings_of

SERVICE = Service(Path("/opt/gonogo/bin/gonogo"), Path("/etc/gonogo/a.toml"), "bolts", "gonogo")
NEEDS = Needs(
    writes=(Path("/var/lib/bolts"),),
    reads=(Path("/opt/gonogo"), Path("/etc/gonogo/a.toml")),
    devices=(),
    groups=(),
    peers=("192.168.0.10",),
    finds_cameras=False,
    low_port=False,
    makes_code=False,
    watchdog=None,
)
HOME = NEEDS._replace(reads=(Path("/home/ann/a.toml"),))
SERIAL = NEEDS._replace(devices=(("char-ttyUSB", "rw"),), groups=("tty",), peers=())
WATCHED = NEEDS._replace(devices=(("/dev/watchdog", "w"),), watchdog=Path("/dev/watchdog"))
CAMERAS = NEEDS._replace(finds_cameras=True)
WORST = WATCHED._replace(reads=HOME.reads, peers=None, low_port=True, makes_code=True)
RESTS = NEEDS._replace(devices=(("char-gpiochip", "rw"),), rests=True)
KINDS = {
    "plain": NEEDS,
    "home": HOME,
    "serial": SERIAL,
    "watched": WATCHED,
    "worst": WORST,
    "rests": RESTS,
}
EXPOSURE = 20  # tenths, as --threshold takes them


def unit(needs: Needs) -> dict[str, list[str]]:
    """The settings of [Service]."""
    return settings_of(unit_text(SERVICE, needs))


def test_unit_restarts_what_a_restart_can_mend_and_lets_a_line_be_adopted() -> None:
    """The keys on which the promises of the supervisor rest."""
    found = unit(NEEDS)
    assert found["ExecStart"] == ["/opt/gonogo/bin/gonogo run /etc/gonogo/a.toml"]
    assert (found["Type"], found["KillMode"]) == (["notify"], ["process"])
    assert (found["Restart"], found["RestartPreventExitStatus"]) == (["always"], ["1"])
    assert found["RuntimeDirectory"] == ["gonogo"]
    assert found["RuntimeDirectoryMode"] == ["0700"]
    assert found["RuntimeDirectoryPreserve"] == ["yes"]
    assert "RemoveIPC" not in found


@pytest.mark.parametrize("needs", KINDS.values(), ids=KINDS)
def test_unit_has_every_place_filled_in_and_lets_the_line_keep_time(needs: Needs) -> None:
    """No brace is left; nothing that SCHED_FIFO and locked memory need is taken away."""
    text = unit_text(SERVICE, needs)
    found = settings_of(text)
    assert "{" not in text
    assert "CAP_SYS_NICE" in found["AmbientCapabilities"][0].split()
    assert (found["LimitRTPRIO"], found["LimitMEMLOCK"]) == (["90"], ["infinity"])
    assert not {"RestrictRealtime", "PrivateUsers", "ProcSubset"} & set(found)
    # ProtectSystem=strict beside ProtectProc= is not enough for it (systemd 252)
    assert (found["ProtectSystem"], found["ReadOnlyPaths"]) == (["strict"], ["/run"])


@pytest.mark.parametrize(
    ("needs", "key", "values"),
    [
        (NEEDS, "ProtectHome", ["yes"]),
        (HOME, "ProtectHome", ["read-only"]),
        (NEEDS._replace(reads=(Path("/root/.venv"),)), "ProtectHome", ["read-only"]),
        (NEEDS, "PrivateTmp", ["yes"]),
        (NEEDS._replace(reads=(Path("/tmp/a.toml"),)), "PrivateTmp", []),  # noqa: S108 - a name
        (NEEDS._replace(reads=(Path("/var/tmp/x/a"),)), "PrivateTmp", []),  # noqa: S108 - a name
        (NEEDS, "ReadWritePaths", ["-/var/lib/bolts"]),
        (NEEDS, "PrivateDevices", ["yes"]),
        (NEEDS, "ExecStopPost", []),
        (RESTS, "ExecStopPost", ["-/opt/gonogo/bin/gonogo plc rest /etc/gonogo/a.toml"]),
        (SERIAL, "PrivateDevices", []),
        (SERIAL, "DeviceAllow", ["char-ttyUSB rw"]),
        (SERIAL, "SupplementaryGroups", ["tty"]),
        (NEEDS, "SupplementaryGroups", []),
        (NEEDS, "IPAddressDeny", ["any"]),
        (NEEDS, "IPAddressAllow", ["192.168.0.10"]),
        (WORST, "IPAddressDeny", []),
        (NEEDS, "RestrictAddressFamilies", ["AF_UNIX AF_INET AF_INET6"]),
        (SERIAL, "RestrictAddressFamilies", ["AF_UNIX"]),
        (SERIAL, "PrivateNetwork", ["yes"]),
        (CAMERAS, "RestrictAddressFamilies", ["AF_UNIX AF_INET AF_INET6 AF_NETLINK"]),
        (NEEDS, "PrivateNetwork", []),
        (NEEDS, "CapabilityBoundingSet", ["CAP_SYS_NICE"]),
        (WORST, "CapabilityBoundingSet", ["CAP_SYS_NICE CAP_NET_BIND_SERVICE"]),
        (NEEDS, "MemoryDenyWriteExecute", ["yes"]),
        (WORST, "MemoryDenyWriteExecute", []),
        (WATCHED, "ExecStartPre", ["-+/bin/chown gonogo /dev/watchdog"]),
        (WATCHED, "DeviceAllow", ["/dev/watchdog w"]),
        (NEEDS, "ExecStartPre", []),
    ],
)
def test_unit_takes_away_what_the_station_does_not_need(
    needs: Needs, key: str, values: list[str]
) -> None:
    """Each switch follows from one need."""
    assert unit(needs).get(key, []) == values


def test_unit_says_what_is_still_to_be_done_as_comments() -> None:
    """Whoever keeps the unit keeps the notes."""
    text = unit_text(SERVICE, NEEDS, ["There is no user."])
    assert "\n# There is no user.\n" in text


# -- words ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/a/b", "/a/b"),
        ("/a b", '"/a b"'),
        ("/100%", "/100%%"),
        ('/the "best"', '"/the \\"best\\""'),
        ("/back\\slash", '"/back\\\\slash"'),
        ("/it's", '"/it\'s"'),
    ],
)
def test_word_is_escaped_for_systemd(text: str, expected: str) -> None:
    """Spaces, quotes, backslashes, and the percent sign that begins a specifier."""
    assert word(text) == expected


def test_command_word_keeps_a_dollar_sign_a_dollar_sign() -> None:
    """Elsewhere it means nothing, in a command line a variable."""
    assert command_word(Path("/a$b")) == "/a$$b"


@pytest.mark.parametrize("name", ["/a\nExecStartPre=/bin/evil", "/a\tb", "/a\x7f"])
def test_word_that_systemd_cannot_be_told_is_refused(name: str) -> None:
    """A line break in a file name must not become a setting."""
    with pytest.raises(ValueError, match="expected no line break"):
        word(name)


@pytest.mark.parametrize(
    "needs",
    [
        NEEDS._replace(writes=(Path("/a\nUser=root"),)),
        NEEDS._replace(devices=(("/dev/ttyS1\nUser=root", "rw"),)),
        NEEDS._replace(watchdog=Path("/dev/watchdog\nUser=root")),
    ],
)
def test_unit_is_refused_for_names_that_would_be_settings(needs: Needs) -> None:
    """A station file is written by one person, and its unit started by root."""
    with pytest.raises(ValueError, match="expected no line break"):
        unit_text(SERVICE, needs)


@pytest.mark.parametrize("user", ["", "Ann Other", "a\nUser=root", "%i", "-x"])
def test_unit_is_refused_for_what_is_no_user_name(user: str) -> None:
    """The same for the name after --user."""
    with pytest.raises(ValueError, match="expected a name such as gonogo"):
        unit_text(SERVICE._replace(user=user), NEEDS)


def test_unit_fills_a_place_once_whatever_a_file_is_called() -> None:
    """A file name that looks like a place of the template stays a file name."""
    found = settings_of(unit_text(SERVICE._replace(station=Path("/{user}.toml")), NEEDS))
    assert found["ExecStart"] == ["/opt/gonogo/bin/gonogo run /{user}.toml"]


# -- notes ---------------------------------------------------------------------------------


def test_notes_name_a_user_that_is_not_there() -> None:
    """With the command that makes it a system user."""
    (first, *_) = notes_on("gonogo-nobody", NEEDS)
    assert "no user 'gonogo-nobody'" in first
    assert "useradd --system" in first


def test_notes_warn_of_an_ordinary_user(tmp_path: Path) -> None:
    """Its shared memory goes when it logs out; a system user's stays."""
    needs, login_defs = NEEDS._replace(writes=()), tmp_path / "login.defs"
    assert notes_on("daemon", needs) == []
    login_defs.write_text("UID_MIN 1\n", encoding="utf-8")
    (note,) = notes_on("daemon", needs, login_defs)
    assert "no system user" in note


def test_notes_say_that_root_is_more_than_it_takes() -> None:
    """It is a system user, but one that may do everything."""
    (note,) = notes_on("root", NEEDS._replace(writes=()))
    assert "a system user of its own" in note


def test_notes_name_folders_that_are_not_there(tmp_path: Path) -> None:
    """What is not there when the station starts cannot be written."""
    (note,) = notes_on("daemon", NEEDS._replace(writes=(tmp_path, tmp_path / "no % such")))
    assert note.endswith(f"install -d -o daemon -m 0750 '{tmp_path}/no % such'")


def test_notes_name_what_the_user_cannot_come_at(tmp_path: Path) -> None:
    """The program in somebody's home, the station file of another user: each place once."""
    home = tmp_path / "home"
    (home / "gonogo" / "bin").mkdir(parents=True)
    for place in (tmp_path, *tmp_path.parents[:2]):  # what pytest keeps to itself
        if place.stat().st_uid == os.getuid():
            place.chmod(0o755)
    home.chmod(0o700)
    program, file = home / "gonogo" / "bin" / "gonogo", tmp_path / "station.toml"
    program.touch(0o755)
    file.touch(0o600)
    needs = NEEDS._replace(writes=(), reads=(program, program.parent, file))
    first, second = notes_on("daemon", needs)
    assert f"cannot come as far as {program}: {home} does not let it" in first
    assert f"cannot come as far as {file}: {file} does not let it" in second
    home.chmod(0o711)
    file.chmod(0o644)
    assert notes_on("daemon", needs) == []


def test_notes_name_folders_in_which_nothing_could_be_kept(tmp_path: Path) -> None:
    """They are another user's."""
    tmp_path.chmod(0o755)
    (note,) = notes_on("daemon", NEEDS._replace(writes=(tmp_path,)))
    assert f"can make no file in {tmp_path}" in note
    assert f"chown daemon {tmp_path}" in note


def test_unit_has_systemd_make_what_is_not_there_below_var_lib(tmp_path: Path) -> None:
    """And nobody is asked to; one that is there keeps its mode, one elsewhere is told of."""
    absent = Path("/var/lib/gonogo-test of none/parts")
    needs = NEEDS._replace(writes=(absent, Path("/var/lib"), tmp_path / "none"))
    assert unit(needs)["StateDirectory"] == ["gonogo/%N", '"gonogo-test of none/parts"']
    (note,) = notes_on("root", needs)[1:]
    assert note.endswith(f"install -d -o root -m 0750 {tmp_path}/none")


@pytest.mark.parametrize(
    ("text", "uid"),
    [("UID_MIN\t\t  500\nUID_MAX 6000\n", 500), ("# UID_MIN 3\n", 1000), ("", 1000)],
)
def test_ordinary_users_begin_where_login_defs_says(tmp_path: Path, text: str, uid: int) -> None:
    """1000 where it says nothing."""
    path = tmp_path / "login.defs"
    path.write_text(text, encoding="utf-8")
    assert first_ordinary_uid(path) == uid
    assert first_ordinary_uid(tmp_path / "none") == 1000


# -- systemd's word ------------------------------------------------------------------------


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze, where there is one."""
    found = shutil.which("systemd-analyze")
    if found is None:
        pytest.skip("systemd-analyze is not on this machine")
    return subprocess.run([found, *words], capture_output=True, text=True, check=False)


def written_unit(folder: Path, needs: Needs) -> Path:
    """A unit whose files exist, with a space and a percent sign in their names."""
    station = folder / "100 % of it.toml"
    station.touch()
    service = Service(Path("/bin/true"), station, "bolts", "root")
    path = folder / "gonogo-test.service"
    path.write_text(unit_text(service, needs), encoding="utf-8")
    return path


@pytest.mark.parametrize("needs", KINDS.values(), ids=KINDS)
def test_unit_is_accepted_by_systemd(tmp_path: Path, needs: Needs) -> None:
    """`systemd-analyze verify` finds nothing to complain of."""
    found = analyze("verify", "--man=no", str(written_unit(tmp_path, needs)))
    ours = [line for line in found.stderr.splitlines() if "gonogo-test" in line]
    assert ours == [], found.stderr


@pytest.mark.parametrize("needs", KINDS.values(), ids=KINDS)
def test_unit_leaves_little_exposed(tmp_path: Path, needs: Needs) -> None:
    """`systemd-analyze security` says 2.0 at most for every kind of station; it was 5.5."""
    path = tmp_path / "gonogo-test.service"
    path.write_text(unit_text(SERVICE, needs), encoding="utf-8")
    words = ("security", "--offline=yes", "--no-pager", str(path))
    if "unrecognized option" in (found := analyze(*words)).stderr:
        pytest.skip("this systemd-analyze cannot look at a file")
    assert "Overall exposure level" in found.stdout, found.stderr
    judged = analyze("security", "--offline=yes", f"--threshold={EXPOSURE}", str(path))
    assert judged.returncode == 0, found.stdout
    assert analyze("security", "--offline=yes", "--threshold=10", str(path)).returncode != 0
