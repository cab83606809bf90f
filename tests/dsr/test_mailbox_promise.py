"""`requests-by-mail` turns red for a mail that waits, and a mailbox nobody empties."""

import datetime as dt

import pytest

from dsr import mailbox
from dsr.models import Poll
from privacy import promises
from privacy.models import PromiseCheck
from tests.dsr.mails import ADDRESS, mail, of

pytestmark = pytest.mark.django_db
State = PromiseCheck.State
CODE = "requests-by-mail"
HOURS = dt.timedelta(hours=2)


@pytest.fixture
def emptied(now):
    """A mailbox that was emptied two hours from now."""
    return Poll.objects.create(
        mailbox="mail.example.org/INBOX", tried_at=now, emptied_at=now + HOURS
    )


def look(at):
    return promises.run(code=CODE, now=at)[0]


def test_a_mail_that_nobody_decides_about_turns_the_promise_red(emptied, now):
    taken = mailbox.ingest(mail("My wardrobe is blue."), by="mailbox", now=now)

    fresh, late = look(now), look(now + HOURS)

    assert (fresh.state, late.state) == (State.KEPT, State.BROKEN)
    assert late.evidence[0]["url"].endswith(f"/{taken.mail.pk}/change/")
    assert ADDRESS not in str(late.evidence)


def test_requests_and_mails_set_aside_do_not_wait(emptied, now):
    mailbox.ingest(mail("CCPA: please delete my data."), by="mailbox", now=now)
    mailbox.ingest(of("v123_spam"), by="mailbox", now=now)

    assert look(now + HOURS).state == State.KEPT


def test_a_mailbox_that_is_not_emptied_turns_the_promise_red(emptied, now):
    emptied.problem = "The mailbox can't be reached."
    emptied.save()

    found = look(now + 2 * HOURS)

    assert found.state == State.BROKEN
    assert "reached" in found.evidence[0]["sentence"]


def test_mails_that_no_machine_reads_turn_the_promise_red(emptied, now):
    emptied.left = 3
    emptied.save()

    assert look(now).evidence[0]["count"] == 3


def test_without_a_mailbox_the_promise_is_not_called_kept(now):
    found = look(now)

    assert found.state == State.UNKNOWN
    assert "MAILBOX_URL" in found.summary
