"""Lists that are written out by a worker, sealed, and destroyed after a day."""

import pytest
from django.db import IntegrityError, transaction

from consent import exports, tasks, transfer
from consent.models import ListExport, ListPiece
from consent.transfer import exporting
from privacy import identifiers, leases
from privacy.models import AuditEvent, Disclosure
from privacy.providers import gate
from tests.consent.factories import ADA, contracted, later, told

pytestmark = pytest.mark.django_db
HERE = "/admin/consent/listexport/"
ASKED = {
    "recipient": "Carrier",
    "purpose": "compliance",
    "state": "opt_out",
    "reason": "They asked for it",
}


@pytest.fixture
def carrier(now):
    return contracted("Carrier", now)


def ask(now, **changed):
    return exports.ask(
        ground=transfer.Ground("Carrier"),
        which=transfer.Which(**changed),
        reason="They asked for it",
        by="lena",
        now=now,
    )


def run(now):
    return exports.run(clock=lambda: now)


def people(count, now):
    for number in range(count):
        told("opt_out", now, number=f"+1202555{number:04}")


def file_of(row, now):
    return "".join(exports.fetch(row=row, by="lena", now=now)).splitlines()


def test_a_row_is_leased_from_when_its_turn_comes(carrier, now):
    ask(now), ask(now)
    times = iter([now, now, later(now, minutes=9)])
    first, second = leases.claimed(ListExport.objects.all(), lambda: next(times))

    assert first.leased_until == now + leases.LEASE
    assert second.leased_until == later(now, minutes=9) + leases.LEASE


def test_a_list_leaves_only_by_the_gate_and_with_a_reason(now, superuser):
    told("opt_out", now)

    refused = superuser.post(f"{HERE}write/", ASKED)
    assert "No recipient has that name" in refused.text
    nobody = superuser.post(f"{HERE}write/", ASKED | {"recipient": ""})
    assert "Choose who gets it, or name a legal process." in nobody.text
    provider = contracted("Carrier", now, "provide")
    refused = superuser.post(f"{HERE}write/", ASKED)
    assert "does not cover this purpose" in refused.text
    assert not ListExport.objects.exists()

    provider.purposes.add("compliance")
    answer = superuser.post(f"{HERE}write/", ASKED, follow=True)
    row = ListExport.objects.get()
    assert "A worker is writing it" in answer.text
    assert not Disclosure.objects.exists()
    assert ADA not in answer.text
    tasks.write_lists()

    page = superuser.get(f"{HERE}{row.pk}/change/").text
    assert "Ready to be fetched" in page
    assert "Opted out, all channels, all senders" in page
    file = superuser.get(f"{HERE}{row.pk}/fetch/")
    assert ADA in file.getvalue().decode()
    assert "no-store" in file.headers["Cache-Control"]
    row.refresh_from_db()
    assert (row.disclosure.reason, row.disclosure.people) == (ASKED["reason"], 3)
    pieces = ListPiece.objects.values_list("content", flat=True)
    assert not any(ADA.encode() in bytes(each) for each in pieces), "it is sealed"
    actions = AuditEvent.objects.filter(subject=f"listexport:{row.pk}")
    assert [each.action for each in actions.order_by("sequence")] == [
        "export.asked",
        "export.done",
        "export.fetched",
    ]
    superuser.post(f"{HERE}{row.pk}/destroy/")
    assert not ListPiece.objects.exists()


def test_a_worker_that_died_is_followed_by_another_who_goes_on(
    now, carrier, monkeypatch
):
    """Killed in its third piece: every row once, and one entry of the gate."""
    monkeypatch.setattr(exporting, "CHUNK", 2)
    people(3, now)  # texts, pictures and calls of each
    row = ask(now, channel="sms")
    real = exports._keep

    def dies(row, lines):
        if ListPiece.objects.count() == 2:
            raise KeyboardInterrupt
        real(row, lines)

    monkeypatch.setattr(exports, "_keep", dies)
    with pytest.raises(KeyboardInterrupt):
        run(now)
    monkeypatch.setattr(exports, "_keep", real)
    assert run(now) == 0, "it is still leased"

    assert run(later(now, minutes=6)) == 1

    lines = file_of(row, later(now, minutes=7))
    assert [line.split(",")[0] for line in lines] == [
        "address", "+12025550000", "+12025550001", "+12025550002",
    ]  # fmt: skip
    assert (row.rows, Disclosure.objects.count()) == (3, 1)


def test_whoever_is_erased_or_gets_nothing_any_more_is_left_out(now, carrier):
    """Between asking, writing and fetching; the worker asks the gate for itself."""
    people(2, now)
    row = ask(now)
    identifiers.forget(
        identifier=identifiers.find(identifiers.phone("+12025550000")),
        by="lena",
        now=now,
    )
    run(now)
    assert "+12025550000" not in "".join(file_of(row, now))

    other = ask(now)
    carrier.is_active = False
    carrier.save()
    run(now)

    other.refresh_from_db()
    assert (other.state, other.disclosure) == ("stopped", None)
    assert "no longer gets anything" in other.problem
    with pytest.raises(gate.Refused):
        file_of(row, now)


def test_after_a_day_nothing_is_left_of_the_file(now, carrier):
    people(1, now)
    row = ask(now)
    run(now)
    assert file_of(row, later(now, hours=23))
    with pytest.raises(exports.NotThere):
        file_of(row, later(now, hours=24))

    run(later(now, hours=24))

    row.refresh_from_db()
    assert (row.state, ListPiece.objects.count()) == ("ended", 0)
    assert row.disclosure is not None


def test_a_file_without_its_entry_does_not_fit_in_the_database(now, carrier):
    row = ask(now)
    with pytest.raises(IntegrityError, match="passed_the_gate"), transaction.atomic():
        ListExport.objects.filter(pk=row.pk).update(state="done", ends_at=now)


def test_without_the_permission_nobody_asks_or_fetches(now, carrier, support):
    row = ask(now)
    run(now)

    assert support.get(f"{HERE}write/").status_code == 403
    assert support.get(f"{HERE}{row.pk}/fetch/").status_code == 403
