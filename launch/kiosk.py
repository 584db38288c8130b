"""The operator's screen on a display of the box: the systemd unit of a browser, and its rules.

Cage shows one program and nothing beside it; Chromium shows one page. What the flags of a browser
cannot take away (another page, files, printing, its own settings) its managed policies do.
"""

from __future__ import annotations

import json
import pwd
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.ports import joined
from gonogo.launch.service import checked_user, command_word, filled_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.config.screen import ScreenSection

TEMPLATE = Path(__file__).with_name("units") / "gonogo-kiosk.service"
CAGE, CHROMIUM = Path("/usr/bin/cage"), Path("/usr/bin/chromium")
POLICIES = Path("/etc/chromium/policies/managed/gonogo.json")
FLAGS = (
    "--kiosk", "--ozone-platform=wayland", "--user-data-dir=%t/gonogo-kiosk/profile",
    # nothing that asks, greets or offers something
    "--no-first-run", "--no-default-browser-check", "--disable-session-crashed-bubble",
    "--hide-crash-restore-bubble", "--noerrdialogs", "--disable-infobars",
    "--password-store=basic", "--disable-features=Translate,MediaRouter",
    # nothing that speaks with anybody else
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-pings", "--disable-breakpad",
    # no way off the page by a finger
    "--disable-pinch", "--overscroll-history-navigation=0",
    # its profile lies in memory
    "--disk-cache-size=1", "--media-cache-size=1",
)  # fmt: skip


class Kiosk(NamedTuple):
    """What is shown to whom: the station's name, its screen, the user, the two programs."""

    name: str
    screen: ScreenSection
    user: str
    cage: Path = CAGE
    chromium: Path = CHROMIUM

    @property
    def host(self) -> str:
        """The address at which this box reaches its own screen."""
        given = ip_address(self.screen.host)
        if not given.is_unspecified:
            return str(given)
        return "127.0.0.1" if given.version == 4 else "::1"  # noqa: PLR2004 - of IP

    @property
    def url(self) -> str:
        """Of the page."""
        return f"http://{joined(self.host, self.screen.port)}/"


def kiosk_text(kiosk: Kiosk, notes: Sequence[str] = ()) -> str:
    """The unit; ValueError for what systemd cannot be told."""
    return filled_in(
        TEMPLATE,
        {
            "first": "".join(f"# {note}\n" for note in notes),
            "name": kiosk.name,
            "host": kiosk.host,
            "port": str(kiosk.screen.port),
            "cage": command_word(kiosk.cage),
            "chromium": command_word(kiosk.chromium),
            "flags": " ".join(FLAGS),
            "url": kiosk.url,
            "user": checked_user(kiosk.user),
            "address": kiosk.host,
        },
    )


def policy_text(kiosk: Kiosk) -> str:
    """The browser's managed policies, as JSON: this page and nothing else."""
    rules = {
        "URLBlocklist": ["*", "chrome://*"],  # the second: settings, versions, these policies
        "URLAllowlist": [kiosk.url.removesuffix("/")],
        # whatever opens a tab or a window opens the page
        "NewTabPageLocation": kiosk.url,
        "HomepageLocation": kiosk.url,
        "HomepageIsNewTabPage": False,
        "RestoreOnStartup": 4,  # the list of addresses that follows
        "RestoreOnStartupURLs": [kiosk.url],
        "DefaultPopupsSetting": 2,  # none
        "DeveloperToolsAvailability": 2,  # never
        "IncognitoModeAvailability": 1,  # not there: its windows would not have these rules
        "BrowserGuestModeEnabled": False,
        "BrowserAddPersonEnabled": False,
        "BrowserSignin": 0,
        "SyncDisabled": True,
        "ExtensionInstallBlocklist": ["*"],
        "AllowFileSelectionDialogs": False,
        "DownloadRestrictions": 3,  # all
        "PrintingEnabled": False,
        # people share this display: it remembers nothing of anybody
        "PasswordManagerEnabled": False,
        "AutofillAddressEnabled": False,
        "AutofillCreditCardEnabled": False,
        "TranslateEnabled": False,
        "SearchSuggestEnabled": False,
        "DefaultSearchProviderEnabled": False,
        "NetworkPredictionOptions": 2,  # never
        "MetricsReportingEnabled": False,
        "ComponentUpdatesEnabled": False,
        "BackgroundModeEnabled": False,
    }
    return json.dumps(rules, indent=2) + "\n"


def notes_on_kiosk(kiosk: Kiosk) -> list[str]:
    """What is still to be done, a line each."""
    found = []
    missing = [each for each in (kiosk.cage, kiosk.chromium) if not each.exists()]
    if missing:
        names = ", ".join(str(each) for each in missing)
        found.append(f"{names}: not there. As root: apt install cage seatd chromium")
    try:
        pwd.getpwnam(kiosk.user)
    except KeyError:
        how = f"useradd --system --no-create-home --shell /usr/sbin/nologin {kiosk.user}"
        found.append(f"There is no user '{kiosk.user}' yet. Make one, as root: {how}")
    if not POLICIES.exists():
        found.append(
            f"Keep the browser to the page: write what --policy prints into {POLICIES}, as root."
        )
    return found
