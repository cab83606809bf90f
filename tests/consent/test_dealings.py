"""Lists of purchases and inquiries that imply consent for a while, and how they end."""

import csv
import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from consent import check, dealings, keeping, preview, transfer
from consent.models import Dealing, DealingRule, Event, ListUpload
from consent.promises import old_dealings
from consent.transfer import dealt, importing, reading
from privacy import identifiers, plans
from privacy import keeping as ends
from privacy.models import AuditEvent, Identifier
from tests.consent.factories import ACME, ADA, later

pytestmark = pytest.mark.django_db
TORONTO, OTTAWA = "+14165550142", "+16135550142"
BOUGHT = """Phone,Order number,Type,Date,Country
416-555-0142,A-1,Sale,2026-02-24,
6135550142,T-9,Quote request,2026-05-24,
"""


@pytest.fixture
def take(tmp_path, now):
    """`take(text)` takes a list in; its import, and each row's result and reason."""

    def run(text, **options):
        path, results = tmp_path / "list.csv", tmp_path / "results.csv"
        path.write_text(text)
        facts = {"dealing": "purchase", "organization": ACME} | options
        row = transfer.take_in(
            path=path,
            results=results,
            options=transfer.Options(**facts),
            by="sam",
            clock=lambda: now,
        )
        with results.open() as file:
            return row, [(each[1], each[2]) for each in csv.reader(file)][1:]

    return run


def may(at, number=TORONTO):
    mark = identifiers.understand(number)
    channel = "email" if "@" in number else "sms"
    return check.may_ever(mark, channel=channel, organization=ACME, now=at)


def test_74_a_shop_hands_its_orders_over_as_a_file(take, now):
    row, told = take(BOUGHT)

    assert (row.recorded, row.refused) == (2, 0)
    assert told == [("recorded", "")] * 2
    bought, asked = Dealing.objects.order_by("happened_at")
    assert (bought.kind, bought.source) == ("purchase", "A-1")
    assert (asked.kind, asked.source) == ("inquiry", "T-9")
    assert bought.ends_at == dt.datetime(2028, 2, 25, tzinfo=dt.UTC)
    assert asked.ends_at == dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
    assert may(now).reason == may(now, OTTAWA).reason == "implied_consent"
    assert not Event.objects.exists()

    again, told = take(BOUGHT + "(416) 555 0142,A-1,order,2026-02-24T00:00Z,\n")
    assert (again.known, Dealing.objects.count()) == (3, 2)
    assert told == [("known", "")] * 3


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"{ADA},A-1,sale,2026-02-24,", dealt.IMPLIES_NOTHING),
        ("eve@example.com,A-1,sale,2026-02-24,", dealt.IMPLIES_NOTHING),
        ("4165550142,,sale,2026-02-24,", dealt.NO_PROOF),
        ("4165550142,A-1,sale,,", dealt.NO_DATE),
        ("4165550142,A-1,sale,soon,", reading.NO_DATE),
        ("4165550142,A-1,sale,2126-02-24,", reading.FROM_THE_FUTURE),
        ("4165550142,A-1,sale,1066-10-14,", reading.TOO_EARLY),
        ("4165550142,A-1,complaint,2026-02-24,", dealt.NO_KIND),
        ("letters,A-1,sale,2026-02-24,", reading.NO_ADDRESS),
    ],
)
def test_74_what_implies_nothing_is_refused_with_the_reason(take, row, reason):
    head = "Phone,Order number,Type,Date,Country\n"

    _, told = take(f"{head}{row}\n")

    assert told == [("refused", reason)]
    assert not Dealing.objects.exists()


def test_74_the_months_are_those_that_the_rows_say(take):
    DealingRule.objects.filter(kind="purchase").update(months=12)
    DealingRule.objects.filter(kind="inquiry").update(valid_to=dt.date(2026, 5, 23))

    _, told = take(BOUGHT)

    assert told == [("recorded", ""), ("refused", dealt.IMPLIES_NOTHING)]
    assert Dealing.objects.get().ends_at == dt.datetime(2027, 2, 25, tzinfo=dt.UTC)


def test_74_without_a_sender_nobody_is_dealt_with(take):
    _, told = take(BOUGHT, organization="")

    assert {reason for _, reason in told} == {dealt.NO_SENDER}


def test_74_of_an_email_address_the_list_says_the_country(take, now):
    text = "email,order,date,country\neve@example.com,A-1,2026-02-24,{}\n"
    assert take(text.format("US"), country="CA")[1][0][0] == "refused"

    take(text.format(""), country="CA")

    assert may(now, "eve@example.com").reason == "implied_consent"


def test_74_who_was_erased_since_is_not_brought_back(take, now):
    mark = identifiers.phone(TORONTO)
    identifiers.keep(mark, now=now)
    Identifier.objects.update(value=None, hint="", erased_at=later(now, days=-1))

    _, told = take(BOUGHT)

    assert [result for result, _ in told] == ["refused", "recorded"]
    assert "erased" in told[0][1]
    assert may(now).reason == "no_consent_on_record"


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({"dealing": "theft"}, importing.UnknownDealing),
        ({"listing": "do_not_call"}, importing.OneOrTheOther),
        ({"kind": "opt_in"}, importing.OneOrTheOther),
    ],
)
def test_a_list_is_of_one_thing(take, options, refusal):
    with pytest.raises(refusal):
        take(BOUGHT, **options)


def test_staff_and_the_command_take_such_lists(admin_client, tmp_path, now):
    path = tmp_path / "orders.csv"
    path.write_text(BOUGHT)
    call_command(
        "consent", "import", str(path), "--dealing", "purchase", "--organization", ACME
    )
    assert Dealing.objects.count() == 2

    file = SimpleUploadedFile("list.csv", BOUGHT.replace("A-1", "A-2").encode())
    said = {
        "file": file, "dealing": "purchase", "organization": "",
        "channel": "sms", "timezone": "UTC",
    }  # fmt: skip
    made = admin_client.post(reverse("admin:consent_listupload_upload"), said)
    page = admin_client.get(made.url).content.decode()
    assert dealt.NO_SENDER in page
    row = ListUpload.objects.get()
    row.options["organization"] = ACME
    assert {
        line.kind
        for line in preview.understand(row=row, now=later(now, days=999)).lines
    } == {"Purchase or contract", "Inquiry"}


# --- they end ----------------------------------------------------------------------
def test_they_are_kept_for_years_after_they_implied_consent(now):
    keeping.load()
    began = dt.datetime(2019, 6, 1, tzinfo=dt.UTC)  # implies until 2 June 2021
    dealings.record(
        mark=identifiers.phone(TORONTO), organization=ACME, kind="purchase",
        happened_at=began, source="A-1", by="sam", now=began,
    )  # fmt: skip
    before = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
    after = dt.datetime(2024, 6, 3, tzinfo=dt.UTC)
    assert (old_dealings(before).count, old_dealings(after).count) == (0, 1)

    plan = ends.preview(keeping.DEALINGS, by="lena", now=after)
    with pytest.raises(CommandError):
        call_command("dealings", "run")
    plans.approve(plan=plan, by="max", now=after)
    assert ends.progress(ends.carry_out(plan=plan, clock=lambda: after))["rows"] == 1

    assert not Dealing.objects.exists()
    assert AuditEvent.objects.get(action="dealings.ended").by == "max"
    assert old_dealings(after).count == 0


def test_what_still_implies_consent_can_not_be_deleted(take):
    take(BOUGHT.replace("2026", str(dt.datetime.now(dt.UTC).year - 1)))

    row = Dealing.objects.get(kind="purchase")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        row.delete()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Dealing.objects.update(source="another")
