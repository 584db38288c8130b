"""Who asks the screen, and from where."""

from __future__ import annotations

import pytest

from gonogo.base.errors import AccessDenied
from gonogo.console.screen.access import NO_SESSION, SEE, Asker, Person


@pytest.mark.parametrize("name", ["forwarded", "x-forwarded-for", "x-real-ip", "via"])
def test_asker_who_comes_through_a_proxy_is_not_at_the_box(name: str) -> None:
    """Though the proxy is; it is nowhere, and not where the header says."""
    assert (Asker("127.0.0.1", {}).peer, Asker("127.0.0.1", {}).source) == ("127.0.0.1", "this box")
    asker = Asker("127.0.0.1", {name: "10.0.0.7"})
    assert (asker.peer, asker.source) == ("", "unknown")


def test_person_is_told_who_may() -> None:
    """Who, what, and as what one would have to sign in."""
    with pytest.raises(AccessDenied, match=r"say-disposition: ann may not .* operator, technician"):
        Person("ann", frozenset({SEE})).demand("say-disposition")
    Person("ann", frozenset({SEE})).demand("see-parts")


def test_person_of_no_session_has_none() -> None:
    """A page that thinks otherwise notices."""
    assert (Person("ann", frozenset()).session, Person("ann", frozenset()).role) == (NO_SESSION, "")
