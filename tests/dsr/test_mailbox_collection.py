"""The 85 labelled mails, measured: what becomes of them, against the labels."""

from typing import Any, NamedTuple

import pytest

from dsr import mailbox
from dsr.models import Mail
from tests.dsr.mails import COLLECTION, labels

pytestmark = pytest.mark.django_db
ENOUGH, NEARLY_ALL = 0.9, 0.95
Verdict = Mail.Verdict


class Became(NamedTuple):
    """What became of one mail; `rights` are those of its tickets."""

    said: dict[str, Any]
    verdict: str
    language: str
    for_legal: bool
    rights: set[str]


TAKEN: list[tuple[dict[str, Any], Became]] = []


@pytest.fixture
def measured(now):
    """Each label with what became of its mail; the first to ask takes them all."""
    if not TAKEN:
        TAKEN.extend((label, became(label, now)) for label in labels())
    return TAKEN


def became(label, now):
    raw = (COLLECTION / label["file"]).read_bytes()
    taken = mailbox.ingest(raw, by="mailbox", now=now)
    mail = taken.mail
    rights = set(mail.tickets.values_list("right", flat=True)) if mail.pk else set()
    language = taken.understood.language
    return Became(taken.described(), mail.verdict, language, mail.for_legal, rights)


def share(found):
    return sum(found) / len(found)


def asked(measured):
    return [(label, it.said) for label, it in measured if label["is_dsr"]]


def test_no_request_is_missed(measured):
    missed = [
        label["file"]
        for label, said in asked(measured)
        if not (said["is_dsr"] or said["queue"])
    ]

    assert missed == []


def test_the_rights_asked_for_are_found_and_none_is_made_up(measured):
    pairs = asked(measured)
    first = [label["types"][0] in said["types"] for label, said in pairs]
    within = [set(said["types"]) <= set(label["types"]) for label, said in pairs]

    assert share(first) >= ENOUGH
    assert share(within) >= ENOUGH


def test_the_law_is_found(measured):
    found = [
        label["jurisdiction"] == it["jurisdiction"] for label, it in asked(measured)
    ]

    assert share(found) >= ENOUGH


def test_the_language_is_found(measured):
    found = [label["language"] == it.language for label, it in measured]

    assert share(found) >= NEARLY_ALL


def test_what_is_no_request_opens_none(measured):
    opened = [
        label["file"]
        for label, it in measured
        if not label["is_dsr"] and it.verdict == Verdict.REQUEST
    ]

    assert opened == []


def test_every_ticket_is_of_a_right_that_was_asked(measured):
    opened = [(label, it) for label, it in measured if it.verdict == Verdict.REQUEST]

    assert opened
    for label, it in opened:
        assert set() < it.rights <= set(label["types"]), label["file"]


def test_who_is_meant_is_found(measured):
    pairs = asked(measured)
    for kind in ("emails", "phones"):
        found = [it["subject"][kind] == label["subject"][kind] for label, it in pairs]
        assert share(found) >= ENOUGH, kind
    agents = [bool(it["agent"]) == label["is_agent"] for label, it in pairs]
    assert share(agents) >= ENOUGH


def test_what_is_set_aside_was_no_request(measured):
    aside = [label for label, it in measured if it.verdict == Verdict.SET_ASIDE]

    assert aside
    assert not any(label["is_dsr"] for label in aside)


def test_what_legal_must_see_is_marked_and_waits(measured):
    routed = [it for label, it in measured if label["expects"] == "route_legal"]

    assert routed
    assert all(it.for_legal and it.verdict == Verdict.QUEUE for it in routed)
