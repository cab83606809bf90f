"""Mails of the project's own invention, in fourteen languages and many shapes."""

import pytest

from dsr import mailbox
from dsr.models import Mail
from tests.dsr.invented import members, raw

pytestmark = pytest.mark.django_db
ENOUGH = 0.9
SETS = (
    "first", "second", "third", "fourth", "fifth",
    "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth",
)  # fmt: skip
TAKEN = {}


@pytest.fixture(params=SETS)
def measured(request, now):
    """Each mail of a set with what became of it; the first to ask takes them all."""
    if request.param not in TAKEN:
        TAKEN[request.param] = [
            (each, became(each, now)) for each in members(request.param)
        ]
    return TAKEN[request.param]


def became(each, now):
    taken = mailbox.ingest(raw(each), by="mailbox", now=now)
    return taken.understood, taken.mail.verdict, taken.mail.for_legal


def requests(measured):
    return [
        (each, found, verdict)
        for each, (found, verdict, _) in measured
        if each["types"]
    ]


def others(measured):
    return [(each, *became_) for each, became_ in measured if not each["types"]]


def share(found):
    return sum(found) / len(found)


def test_no_request_is_missed(measured):
    assert not [
        e["name"]
        for e, _, verdict in requests(measured)
        if verdict == Mail.Verdict.SET_ASIDE
    ]


def test_the_right_and_the_law_are_found_and_none_is_made_up(measured):
    asked = [(e, found) for e, found, _ in requests(measured) if not e.get("queue")]

    right = [e["types"][0] in found.types for e, found in asked]
    law = [e["regime"] == found.jurisdiction for e, found in asked]
    implied = {"consent_withdrawal"}
    made_up = [
        e["name"] for e, found in asked if set(found.types) - set(e["types"]) - implied
    ]
    assert share(right) >= ENOUGH
    assert share(law) >= ENOUGH
    assert made_up == []


def test_who_is_meant_and_who_writes_is_found(measured):
    pairs = [(e, found) for e, found, _ in requests(measured)]

    assert (
        share([e.get("phones", []) == it.subject.phones for e, it in pairs]) >= ENOUGH
    )
    assert (
        share([set(e.get("emails", [])) <= set(it.subject.emails) for e, it in pairs])
        >= ENOUGH
    )
    assert share([bool(e.get("agent")) == bool(it.agent) for e, it in pairs]) >= ENOUGH


def test_what_no_machine_can_read_waits(measured):
    assert all(
        verdict == Mail.Verdict.QUEUE
        for e, _, verdict in requests(measured)
        if e.get("queue")
    )


def test_what_is_no_request_opens_none(measured):
    assert not [
        e["name"]
        for e, _, verdict, _ in others(measured)
        if verdict == Mail.Verdict.REQUEST
    ]


def test_what_legal_must_see_waits_for_legal(measured):
    wanted = [
        (verdict, for_legal)
        for e, _, verdict, for_legal in others(measured)
        if e.get("legal")
    ]

    assert wanted
    assert set(wanted) == {(Mail.Verdict.QUEUE, True)}


def test_the_language_is_found(measured):
    assert (
        share([e["language"] == found.language for e, (found, *_) in measured])
        >= ENOUGH
    )
