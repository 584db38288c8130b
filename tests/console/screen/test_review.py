"""The sample of accepted parts: asked one by one, with nothing that could lead the answer."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import VerdictKind
from gonogo.console.screen.review import Review
from gonogo.records.picture_words import PictureKind
from gonogo.tests.console.screen.scene import OURS, app_of, call
from gonogo.tests.console.screen.test_app import Known, kept, who

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

    from gonogo.tests.console.screen.scene import Scene

DAY_MS = 86_400_000


@pytest.fixture
def app(scene: Scene) -> Iterator[ASGIApp]:
    """Three parts of the sample of a shift that is over."""
    scene.record(*(scene.judge(serial, VerdictKind.ACCEPT) for serial in (1, 2, 3)))
    for serial in (1, 2, 3):
        kept(scene, serial, PictureKind.AUDIT)
    with ExitStack() as stack:
        found = scene.open(stack, Known(), audited=True)
        later = Review(
            found.plan, found.archive, found.speaking, lambda: time.time_ns() // 10**6 + DAY_MS
        )
        yield app_of(found._replace(review=later))


def test_sample_is_asked_by_a_ticket_alone(app: ASGIApp) -> None:
    """Neither number, score nor verdict; a picture by the ticket, for that person."""
    asked = call(app, "/audit/next?lang=de", headers=who("ann")).json
    assert set(asked) == {"open", "audited", "ticket", "views", "codes"}
    assert asked["views"] == [{"view": 0, "name": "top"}]
    picture = call(app, f"/audit/picture/{asked['ticket']}/0", headers=who("ann"))
    assert (picture.status, picture.headers["content-type"]) == (200, "image/jpeg")
    assert call(app, f"/audit/picture/{asked['ticket']}/0", headers=who("bob")).status == 422
    assert call(app, f"/audit/picture/{asked['ticket']}/1", headers=who("ann")).status == 400


def test_sample_goes_on_until_all_of_it_is_answered(app: ASGIApp) -> None:
    """Each part once, also where an answer is sent twice; then nothing is open."""
    tickets = []
    for number in (1, 2, 3):
        ticket = call(app, "/audit/next", headers=who("ann")).json["ticket"]
        answer = {"ticket": ticket, "answer": "good"}
        for _ in range(2):
            sent = call(app, "/audit/answer", fields=answer, headers=who("ann"))
            assert sent.json == {"number": number}
        tickets.append(ticket)
    assert len(set(tickets)) == 3
    assert call(app, "/audit/next", headers=who("ann")).json == {"open": False, "audited": True}


def test_sample_takes_no_answer_for_another_person(app: ASGIApp) -> None:
    """Neither with their ticket, nor with one that was never given, nor without a login."""
    ticket = call(app, "/audit/next", headers=who("ann")).json["ticket"]
    answer = {"ticket": ticket, "answer": "defect"}
    assert call(app, "/audit/answer", fields=answer, headers=who("bob")).status == 422
    assert call(app, "/audit/answer", fields=answer, headers=OURS).status == 403
    made_up = {"ticket": "audit-0000000000000000", "answer": "good"}
    assert call(app, "/audit/answer", fields=made_up, headers=who("ann")).status == 422
    sent = call(app, "/audit/answer", fields=answer, headers=who("ann"))
    assert sent.status == 200
    assert call(app, "/audit/answer", fields=answer, headers=who("bob")).status == 422


def test_station_without_pictures_has_no_sample(scene: Scene) -> None:
    """That is said, and is not the same as one that is answered."""
    with ExitStack() as stack:
        app = app_of(scene.open(stack, Known()))
        told = call(app, "/audit/next", headers=who("ann")).json
    assert told == {"open": False, "audited": False}
