"""Rules that other projects paid for with a bug (margince#2204)."""

import datetime as dt

import pytest

from consent import ledger
from consent.check import may_contact
from privacy import identifiers

pytestmark = pytest.mark.django_db
ADA = identifiers.phone("+12025550143")


def test_a_withdrawal_works_after_the_erasure(now):
    mark = identifiers.keep(ADA, now=now)
    identifiers.forget(identifier=mark, by="max", now=now)
    later = now + dt.timedelta(days=1)

    ledger.record(
        mark=ADA, kind="opt_out", channel="sms", route="keyword", source="direct",
        occurred_at=later, by="carrier", now=later,
    )  # fmt: skip

    answer = may_contact(ADA, channel="sms", now=later)
    assert (answer.allowed, answer.reason) == (False, "opted_out")
    assert identifiers.find(ADA).value is None
