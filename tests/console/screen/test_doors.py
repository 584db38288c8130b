"""The ways into the screen: what whoever comes by each of them is, and may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import AccessDenied, AccountsUnreadable
from gonogo.console.access.roles import TABLE, Action, Role
from gonogo.console.access.ways import Way
from gonogo.console.screen.access import AUDIT, DECIDE, SAY, SEE, Asker
from gonogo.console.screen.doors import Doors
from gonogo.ipc.audit.files import beside_records, rows_backwards
from gonogo.tests.console.access.people import Clock

if TYPE_CHECKING:
    from gonogo.tests.console.screen.scene import Scene

LAN, HERE = "10.0.0.9", "127.0.0.1"
NAMES = frozenset({"127.0.0.1", "localhost", "box7"})


def doors(scene: Scene, clock: Clock | None = None, **screen: Any) -> Doors:  # noqa: ANN401 - keys
    """Of a scene whose accounts are `sec`, `anna` (operator) and `boss` (supervisor)."""
    accounts = scene.accounts
    if not accounts.all():
        accounts.add("sec", Role.SECURITY, "935028")
        accounts.add("anna", Role.OPERATOR, "408162")
        accounts.add("boss", Role.SUPERVISOR, "715306")
    return Doors(scene.plan(**screen), lambda: NAMES, accounts, clock or Clock())


def asker(
    address: str = HERE, way: Way = Way.HTTP, *, changes: bool = False, **headers: str
) -> Asker:
    """As a browser asks; headers with _ for -."""
    host = "box7:9443" if way is Way.TLS else "box7:8470"
    plain = {"host": host, "origin": f"http{'s' * (way is Way.TLS)}://{host}"}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Asker(address, plain | given, changes, way)


def signed(found: Doors, name: str, address: str = HERE, way: Way = Way.HTTP) -> Asker:
    """What the browser of somebody who signed in sends to change something."""
    account = found.of(asker(way=way)).entrance.accounts.the(name)
    cookie = found.let_in(account, asker(address, way)).partition(";")[0]
    stay = found.person(asker(address, way, cookie=cookie)).stay
    assert stay is not None
    return asker(address, way, changes=True, cookie=cookie, x_gonogo_csrf=stay.csrf)


@pytest.mark.parametrize("way", [Way.HTTP, Way.TLS])
@pytest.mark.parametrize("operates", [False, True])
def test_person_who_has_not_signed_in_sees_and_speaks_at_the_box_alone(
    scene: Scene, way: Way, *, operates: bool
) -> None:
    """Where the file says so; decides nothing, and from elsewhere only looks, also by TLS."""
    found = doors(scene, local_operator=operates)
    here, there = found.person(asker(HERE, way)), found.person(asker(LAN, way))
    assert (SAY in here.may, AUDIT in here.may, here.name) == (
        operates, operates, "screen" if operates else "nobody",
    )  # fmt: skip
    assert DECIDE not in here.may
    assert (there.name, there.may) == ("nobody", TABLE[Role.OBSERVER])
    assert SAY not in found.person(asker(HERE, way, x_forwarded_for=HERE)).may


def test_person_who_has_not_signed_in_sees_nothing_where_the_file_says_so(scene: Scene) -> None:
    """Whoever sits at the box neither, unless they operate it."""
    found = doors(scene, look_without_login=False)
    for address in (HERE, LAN):
        assert found.person(asker(address)).may == frozenset()
    operates = doors(scene, look_without_login=False, local_operator=True)
    assert SEE in operates.person(asker(HERE)).may
    assert operates.person(asker(LAN)).may == frozenset()
    assert SEE in found.person(signed(found, "anna")._replace(changes=False)).may


@pytest.mark.parametrize(("address", "way"), [(HERE, Way.HTTP), (HERE, Way.TLS), (LAN, Way.TLS)])
def test_person_who_signed_in_may_what_their_role_may(scene: Scene, address: str, way: Way) -> None:
    """And no more; the page is told their name, role and for how long."""
    found = doors(scene)
    anna, boss = (found.person(signed(found, each, address, way)) for each in ("anna", "boss"))
    assert (anna.name, anna.role, anna.may) == ("anna", "operator", TABLE[Role.OPERATOR])
    assert boss.may == TABLE[Role.SUPERVISOR]
    assert anna.session.split(" ")[1] == "3600"
    assert anna.session.split(" ")[0] != boss.session.split(" ")[0]


def test_person_by_plain_http_from_elsewhere_is_nobody_whatever_they_bring(scene: Scene) -> None:
    """A cookie of the box's own browser has been read on its way by now."""
    found = doors(scene)
    stolen = signed(found, "boss")._replace(address=LAN)
    assert found.person(stolen._replace(changes=False)).may == TABLE[Role.OBSERVER]
    with pytest.raises(AccessDenied, match="plain HTTP"):
        found.person(stolen)


def test_person_of_one_way_is_nobody_by_the_other(scene: Scene) -> None:
    """What was set without TLS is none there, and the other way round."""
    found = doors(scene)
    for way, other in ((Way.HTTP, Way.TLS), (Way.TLS, Way.HTTP)):
        cookie = signed(found, "boss", way=way).headers["cookie"]
        for name in (cookie, cookie.removeprefix("__Host-"), f"__Host-{cookie}"):
            assert found.person(asker(HERE, other, cookie=name)).stay is None


@pytest.mark.parametrize(
    "other",
    [
        {"x-gonogo-csrf": ""}, {"x-gonogo-csrf": "A" * 43}, {"origin": ""}, {"origin": "null"},
        {"origin": "http://evil.example"}, {"origin": "https://box7:8470"},
        {"origin": "http://box7:8470, http://box7:8470"}, {"host": "evil.example:8470"},
        {"host": "10.0.0.7:8470"}, {"host": ""}, {"cookie": ""},
    ],
)  # fmt: skip
def test_person_of_a_page_that_is_not_ours_changes_nothing(
    scene: Scene, other: dict[str, str]
) -> None:
    """Also at a box where whoever sits there may speak."""
    found = doors(scene, local_operator=True)
    ours = signed(found, "anna")
    headers = {name: value for name, value in {**ours.headers, **other}.items() if value}
    with pytest.raises(AccessDenied):
        found.person(ours._replace(headers=headers))
    assert SAY in found.person(ours).may


def test_person_of_another_session_is_refused_whose_token_it_has(scene: Scene) -> None:
    """Two tabs of one browser: somebody else signed in at the other one meanwhile."""
    found = doors(scene)
    anna, boss = signed(found, "anna"), signed(found, "boss")
    mixed = {**anna.headers, "cookie": boss.headers["cookie"]}
    with pytest.raises(AccessDenied, match="token"):
        found.person(anna._replace(headers=mixed))


def test_person_is_kept_by_what_is_done_and_not_by_what_a_page_asks(scene: Scene) -> None:
    """The seconds that are left say so, and the trail is told why it ended."""
    clock = Clock()
    found = doors(scene, clock)
    anna = signed(found, "anna")
    looks = anna._replace(changes=False)
    clock.go(3000)
    assert found.person(looks).session.split(" ")[1] == "600"
    found.did(anna)
    assert found.person(looks).session.split(" ")[1] == "3600"
    clock.go(3601)
    assert found.person(looks).stay is None
    for each in found.ended():
        each()
    (row,) = rows_backwards(beside_records(scene.records))
    assert (row.what, row.why, row.who["account"]) == ("sign out", "nobody did anything", "anna")
    assert found.ended() == []


@pytest.mark.parametrize("change", ["pin", "disabled", "role", "removed"])
def test_person_whose_account_was_changed_is_nobody_at_once(scene: Scene, change: str) -> None:
    """By another process; what the page still sends is refused, and no word of somebody else."""
    found = doors(scene, local_operator=True)
    anna = signed(found, "anna")
    if change == "pin":
        scene.accounts.set_secret("anna", "406172")
    elif change == "disabled":
        scene.accounts.set_disabled("anna", disabled=True)
    elif change == "role":
        scene.accounts.set_role("anna", Role.SUPERVISOR)
    else:
        scene.accounts.remove("anna")
    assert found.person(anna._replace(changes=False)).stay is None
    with pytest.raises(AccessDenied, match="over"):
        found.person(anna)


def test_person_is_seen_off_and_the_line_still_shown_while_accounts_cannot_be_read(
    scene: Scene,
) -> None:
    """Nobody does anything, and whoever signs out is out."""
    found = doors(scene)
    anna = signed(found, "anna")
    path = scene.accounts.path
    path.write_bytes(path.read_bytes()[:-1])
    assert found.person(anna._replace(changes=False)).may == TABLE[Role.OBSERVER]
    with pytest.raises(AccountsUnreadable):
        found.person(anna)
    found.did(anna)
    assert found.ended() == []
    assert found.let_out(anna).startswith("gonogo-")


def test_let_out_ends_the_session_whoever_kept_its_cookie(scene: Scene) -> None:
    """And is told, with whose it was and from where."""
    found = doors(scene)
    anna = signed(found, "anna", LAN, Way.TLS)
    cookie = found.let_out(anna)
    assert "Max-Age=0" in cookie
    assert "expires" not in cookie.lower()  # a browser's clock may be wrong
    assert found.person(anna._replace(changes=False)).stay is None
    for each in found.ended():
        each()
    (row,) = rows_backwards(beside_records(scene.records))
    assert (row.what, row.who["account"], row.who["from"], row.who["way"]) == (
        "sign out", "anna", LAN, "tls",
    )  # fmt: skip


def test_let_in_ends_whoever_was_signed_in_there(scene: Scene) -> None:
    """A browser has one session; the one before is open to nobody."""
    found = doors(scene)
    anna = signed(found, "anna")
    boss = found.of(anna).entrance.accounts.the("boss")
    found.let_in(boss, anna)
    assert found.person(anna._replace(changes=False)).stay is None


def test_check_ours_is_asked_before_anybody_signs_in(scene: Scene) -> None:
    """Neither by plain HTTP from elsewhere, nor by another page, nor by another name."""
    found = doors(scene)
    found.check_ours(asker(HERE, changes=True))
    found.check_ours(asker(LAN, Way.TLS, changes=True))
    for wrong in (
        asker(LAN), asker(HERE, origin="http://evil.example"), asker(HERE, host="evil.example"),
        asker(HERE, via="1.1 proxy"),
    ):  # fmt: skip
        with pytest.raises(AccessDenied):
            found.check_ours(wrong)


def test_unsigned_operator_may_no_more_than_the_table_says(scene: Scene) -> None:
    """Whatever an operator is given later."""
    may = doors(scene, local_operator=True).person(asker(HERE)).may
    assert may == TABLE[Role.OPERATOR]
    assert Action.MANAGE_ACCOUNTS not in may
