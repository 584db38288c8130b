"""The unit of a browser on a display of the box, and what keeps it to one page."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from gonogo.config.screen import ScreenSection
from gonogo.launch.kiosk import POLICIES, Kiosk, kiosk_text, notes_on_kiosk, policy_text
from gonogo.tests.units import settings_of

ROOT = Path(__file__).parents[2]
KIOSK = Kiosk("bolts", ScreenSection(), "gonogo-screen")
HOSTS = {
    "127.0.0.1": ("127.0.0.1", "http://127.0.0.1:8470/"),
    "0.0.0.0": ("127.0.0.1", "http://127.0.0.1:8470/"),  # noqa: S104 - of a station file
    "::": ("::1", "http://[::1]:8470/"),
    "192.168.0.7": ("192.168.0.7", "http://192.168.0.7:8470/"),
}


def test_kiosk_shows_the_page_again_whatever_ends_it() -> None:
    """A user of its own, a profile that is new at each start, and less of the box than the line."""
    found = settings_of(kiosk_text(KIOSK))
    (command,) = found["ExecStart"]
    assert command.startswith("/usr/bin/cage -d -- /usr/bin/chromium --kiosk ")
    assert command.endswith(" http://127.0.0.1:8470/")
    assert " -s " not in command  # nobody switches to another terminal
    assert (found["Restart"], found["User"]) == (["always"], ["gonogo-screen"])
    unit = settings_of(kiosk_text(KIOSK), "Unit")
    assert (unit["StartLimitIntervalSec"], unit["Requires"]) == (["0"], ["seatd.service"])
    assert "--user-data-dir=%t/gonogo-kiosk/profile" in command
    assert (found["RuntimeDirectory"], found["OOMScoreAdjust"]) == (["gonogo-kiosk"], ["900"])
    assert "{" not in kiosk_text(KIOSK)


@pytest.mark.parametrize(("host", "expected"), HOSTS.items(), ids=HOSTS)
def test_kiosk_reaches_its_own_box_and_nothing_else(host: str, expected: tuple[str, str]) -> None:
    """Also where the screen is served on every address; the browser is told no other page."""
    address, url = expected
    kiosk = KIOSK._replace(screen=ScreenSection(host=host))
    found = settings_of(kiosk_text(kiosk))
    assert (found["IPAddressDeny"], found["IPAddressAllow"]) == (["any"], [address])
    rules = json.loads(policy_text(kiosk))
    assert "*" in rules["URLBlocklist"]
    assert rules["URLAllowlist"] == [url.removesuffix("/")]
    opened = {
        rules["NewTabPageLocation"],
        rules["HomepageLocation"],
        *rules["RestoreOnStartupURLs"],
    }
    assert opened == {url}


def test_kiosk_waits_for_the_page_before_it_starts_the_browser() -> None:
    """The command ends when somebody listens there, and not before."""
    (command,) = settings_of(kiosk_text(KIOSK))["ExecStartPre"]
    assert "/dev/tcp/127.0.0.1/8470" in command
    six = KIOSK._replace(screen=ScreenSection(host="::1", port=9000))
    assert "/dev/tcp/::1/9000" in settings_of(kiosk_text(six))["ExecStartPre"][0]


@pytest.mark.parametrize("user", ["", "a\nUser=root", "%i"])
def test_kiosk_is_refused_for_what_is_no_user_name(user: str) -> None:
    """As the station's own unit."""
    with pytest.raises(ValueError, match="expected a name such as gonogo"):
        kiosk_text(KIOSK._replace(user=user))


def test_notes_name_what_is_missing_for_a_display(tmp_path: Path) -> None:
    """Programs, the user, and the rules of the browser."""
    lacking = KIOSK._replace(cage=tmp_path / "cage", user="gonogo-nobody")
    notes = " ".join(notes_on_kiosk(lacking))
    assert f"{tmp_path / 'cage'}" in notes
    assert "apt install cage seatd chromium" in notes
    assert "useradd --system" in notes
    assert str(POLICIES) in notes
    there = KIOSK._replace(cage=tmp_path, chromium=tmp_path, user="daemon")
    assert "apt install" not in " ".join(notes_on_kiosk(there))


def test_packaged_kiosk_is_what_the_program_prints() -> None:
    """Of a screen as it is by default; for whoever installs without the program at hand."""
    folder = ROOT / "packaging" / "kiosk"
    assert (folder / "gonogo-kiosk.service").read_text("utf-8") == kiosk_text(KIOSK)
    assert (folder / POLICIES.name).read_text("utf-8") == policy_text(KIOSK)


@pytest.mark.parametrize("host", HOSTS)
def test_kiosk_is_accepted_by_systemd(tmp_path: Path, host: str) -> None:
    """`systemd-analyze verify` finds nothing to complain of."""
    found = shutil.which("systemd-analyze")
    if found is None:
        pytest.skip("systemd-analyze is not on this machine")
    # programs that may not be on this machine, and the unit of another package
    true = Path("/bin/true")
    text = kiosk_text(Kiosk("bolts", ScreenSection(host=host), "root", true, true))
    path, other = tmp_path / "gonogo-kiosk.service", tmp_path / "seatd.service"
    path.write_text(text, encoding="utf-8")
    other.write_text("[Service]\nExecStart=/bin/true\n", encoding="utf-8")
    said = subprocess.run(
        [found, "verify", "--man=no", str(path), str(other)],
        capture_output=True, text=True, check=False,
    ).stderr  # fmt: skip
    assert [line for line in said.splitlines() if "gonogo-kiosk" in line] == [], said
