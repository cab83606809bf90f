"""Many carriers at once, in any order and more than once: one history, one state."""

import threading

import pytest
from django.db import connection, transaction

from consent import ledger
from privacy import identifiers
from privacy.models import Identifier
from privacy.sql import prepared
from tests.consent.factories import ADA

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = "SELECT FROM pg_locks WHERE NOT granted"


def test_who_has_the_lock_never_waits_for_somebody_who_waits_for_it(now):
    mark = identifiers.phone(ADA)

    def keep():
        with transaction.atomic():
            identifiers.keep(mark, now=now)
            ledger.lock()
        connection.close()

    other = threading.Thread(target=keep)
    with transaction.atomic():
        ledger.lock()
        other.start()
        while not prepared.rows(WAITING, {}):
            pass
        identifiers.keep(mark, now=now)
    other.join()

    assert Identifier.objects.count() == 1
