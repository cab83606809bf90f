"""Mails by two writers who had not seen the rules, labelled by those writers."""

import json

import pytest

from dsr import mailbox
from dsr.models import Mail
from tests.dsr.mails import COLLECTION

pytestmark = pytest.mark.django_db
BLIND = COLLECTION / "blind"
LABELS = [
    json.loads(line)
    for line in (BLIND / "labels.jsonl").read_text(encoding="utf-8").splitlines()
]
REQUESTS = [each for each in LABELS if each["is_dsr"]]
OTHERS = [each for each in LABELS if not each["is_dsr"]]
FOR_LEGAL = {
    "legal_process", "preservation", "press", "security_report", "questionnaire",
}  # fmt: skip
ENOUGH = 0.9


@pytest.fixture
def take(now):
    def ingest(label):
        raw = (BLIND / label["file"]).read_bytes()
        return mailbox.ingest(raw, by="mailbox", now=now)

    return ingest


@pytest.mark.parametrize("label", REQUESTS, ids=lambda each: each["file"])
def test_a_request_is_opened_for_every_right_or_waits(take, label):
    mail = take(label).mail

    opened = set(mail.tickets.values_list("right", flat=True))
    assert mail.verdict in (Mail.Verdict.REQUEST, Mail.Verdict.QUEUE)
    if mail.verdict == Mail.Verdict.REQUEST:
        assert opened == set(label["types"])


@pytest.mark.parametrize("label", OTHERS, ids=lambda each: each["file"])
def test_what_is_no_request_opens_none_and_reaches_legal_where_it_is_theirs(
    take, label
):
    mail = take(label).mail

    assert not mail.tickets.exists()
    assert mail.for_legal == (label["kind"] in FOR_LEGAL)


def test_exactly_the_rights_and_the_law_are_understood(take):
    found = [(label, take(label).understood) for label in REQUESTS]
    rights = [set(label["types"]) == set(it.types) for label, it in found]
    law = [label["jurisdiction"] == it.jurisdiction for label, it in found]

    assert sum(rights) / len(rights) >= ENOUGH
    assert sum(law) / len(law) >= ENOUGH
