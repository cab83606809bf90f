"""Mails that the rules were not written for: no request is lost, nothing is made up."""

from email.header import Header

import pytest
import yaml

from dsr import mailbox
from dsr.models import Mail, Ticket
from tests.dsr.mails import COLLECTION, mail

pytestmark = pytest.mark.django_db
SETS = yaml.safe_load((COLLECTION / "unseen" / "mails.yaml").read_text())
UNSEEN = [each for members in SETS.values() for each in members]
REQUESTS = [each for each in UNSEEN if each["types"]]
OTHERS = [each for each in UNSEEN if not each["types"]]
ENOUGH = 0.9


@pytest.fixture
def take(now):
    def ingest(each):
        subject = Header(each["subject"], "utf-8").encode()
        raw = mail(each["words"], Subject=subject, From=f"{each['name']}@example.org")
        return mailbox.ingest(raw, by="mailbox", now=now)

    return ingest


@pytest.mark.parametrize("each", REQUESTS, ids=lambda each: each["name"])
def test_no_request_in_strange_words_is_set_aside(take, each):
    assert take(each).mail.verdict != Mail.Verdict.SET_ASIDE


@pytest.mark.parametrize("each", OTHERS, ids=lambda each: each["name"])
def test_nothing_is_opened_for_what_only_sounds_like_a_request(take, each):
    understood = take(each).understood

    assert not understood.is_dsr or understood.doubts
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("set_", SETS)
def test_strange_words_are_mostly_understood(take, set_):
    asked = [each for each in SETS[set_] if each["types"]]
    found = [take(each).understood for each in asked]
    pairs = list(zip(asked, found, strict=True))
    right = [said["types"][0] in it.types for said, it in pairs]
    made_up = [
        each for said, it in pairs for each in set(it.types) - set(said["types"])
    ]
    law = [said["regime"] == it.jurisdiction for said, it in pairs]
    language = [said["language"] == it.language for said, it in pairs]

    assert sum(right) / len(asked) >= ENOUGH
    assert made_up == []
    assert sum(law) / len(asked) >= ENOUGH
    assert sum(language) / len(asked) >= ENOUGH
