"""The audit trail: chained, append-only, verifiable."""

import pytest
from django.db import IntegrityError, connection, transaction

from privacy import audit
from privacy.models import AuditEvent

pytestmark = pytest.mark.django_db


def record(now, **details):
    return audit.record(
        action="hold.placed", subject="hold:1", by="olivia", now=now, **details
    )


def test_rows_are_numbered_without_gaps_and_verify(now):
    record(now, rows=3)
    record(now, rows=4)

    assert audit.verify() == AuditEvent.objects.count()


@pytest.mark.parametrize(
    "change",
    [
        lambda: AuditEvent.objects.update(by="mallory"),
        lambda: AuditEvent.objects.all().delete(),
    ],
)
def test_a_row_can_not_be_changed_or_deleted(now, change):
    record(now)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        change()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE privacy_auditevent SET payload = replace(payload, '3', '5')",
        "UPDATE privacy_auditevent SET by = 'mallory'",
        "DELETE FROM privacy_auditevent WHERE sequence = 1",
    ],
)
def test_a_change_behind_the_triggers_is_found(now, change):
    record(now, rows=3)
    record(now, rows=4)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE privacy_auditevent DISABLE TRIGGER append_only")
        cursor.execute(change)
        cursor.execute("ALTER TABLE privacy_auditevent ENABLE TRIGGER append_only")

    with pytest.raises(audit.TrailBroken):
        audit.verify()
