"""Names of people become numbers, the same ones everywhere."""

from __future__ import annotations

import pwd

import pytest

from gonogo.commands.support.people import People, homes_in, of_this_box

PEOPLE = People(["anna", "jürgen", "li"], {"anna": ["Anna Maier", "Anna", "Maier"]})


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("anna said", "person-1 said"),
        ("Anna Maier, ANNA and maier", "person-1, person-1 and person-1"),
        (
            "anna's anna_key.pub, line3-anna.toml",
            "person-1's person-1_key.pub, line3-person-1.toml",
        ),
        ("/home/anna/x and /home/anna", "/home/person-1/x and /home/person-1"),
        ("/home/stranger/x", "/home/person/x"),
        ("C:/Users/anna/x", "C:/Users/person-1/x"),
        ("jürgen, J\\u00fcrgen", "person-2, person-2"),
        ("li limits delight", "person-3 limits delight"),
        ("annabelle hosanna", "annabelle hosanna"),
        ("write a.maier+x@works.example.com now", "write (address) now"),
        ("gonogo-cell.service, 4711", "gonogo-cell.service, 4711"),
    ],
)
def test_people_are_taken_out_where_a_name_stands_by_itself(text: str, cleaned: str) -> None:
    """Also in the name of a file, in capitals, and as JSON writes it."""
    assert PEOPLE.without(text) == cleaned


def test_people_are_no_accounts_that_are_called_by_what_they_do() -> None:
    """Nor numbers, nor a single letter: a text would not be readable without them."""
    assert People(["root", "gonogo", "nvidia", "1000", "x", ""], {}).numbers == {}
    assert People([], {}).without("/root and root") == "/root and root"


def test_homes_in_finds_names_of_folders() -> None:
    """Wherever a path stands."""
    assert homes_in('"/home/anna/a.toml", /home/bob: x, /export/home/eve)') == {
        "anna",
        "bob",
        "eve",
    }


def user(name: str, uid: int, gecos: str) -> pwd.struct_passwd:
    """An account."""
    return pwd.struct_passwd((name, "x", uid, uid, gecos, f"/home/{name}", "/bin/sh"))


def test_of_this_box_knows_logins_and_what_people_are_called() -> None:
    """Of people, not of services."""
    users = [
        user("daemon", 1, "daemon"),
        user("anna", 1000, "Anna v. Maier,room 5,0170"),
        user("nobody", 65534, "nobody"),
    ]
    assert of_this_box(users) == {"anna": ["Anna v. Maier", "Anna", "Maier"]}
    assert "root" not in of_this_box()
