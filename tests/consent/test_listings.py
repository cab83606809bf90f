"""Requests to be left alone, for their years; and numbers that changed hands."""

import datetime as dt
import json

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from consent import check, keeping, listings, transfer
from consent.instants import FromTheFuture
from consent.models import DoNotCallRule, Event, Listing, ListingBefore
from consent.promises import old_requests
from privacy import holds, identifiers, plans, promises
from privacy import keeping as ends
from privacy.models import AuditEvent, Promise
from privacy.periods import NoPeriod
from privacy.refusals import Refusal
from tests.consent.factories import ACME, ADA, later, told

pytestmark = pytest.mark.django_db
VIRGINIAN, CANADIAN = "+17035550142", "+16135550142"


def until(number, asked):
    return listings.kept_until(identifiers.understand(number), asked).date()


@pytest.mark.parametrize(
    ("number", "asked", "kept"),
    [
        (ADA, dt.date(2026, 11, 23), dt.date(2031, 11, 24)),
        (VIRGINIAN, dt.date(2026, 11, 23), dt.date(2036, 11, 24)),
        (VIRGINIAN, dt.date(2025, 11, 23), dt.date(2030, 11, 24)),
        (CANADIAN, dt.date(2026, 11, 23), dt.date(2029, 12, 8)),
        (ADA, dt.date(2018, 5, 1), dt.date(2023, 5, 2)),
        (ADA, dt.date(2028, 2, 29), dt.date(2033, 3, 1)),
        ("ada@example.com", dt.date(2026, 1, 1), dt.date(2031, 1, 2)),
    ],
)
def test_a_request_is_kept_for_the_longest_period_of_its_place(number, asked, kept):
    at = dt.datetime.combine(asked, dt.time(12), dt.UTC)

    assert until(number, at) == kept


def test_the_years_are_those_that_the_rows_say():
    asked = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
    DoNotCallRule.objects.filter(jurisdiction="US").update(years=7)
    assert until(ADA, asked) == dt.date(2033, 11, 24)

    DoNotCallRule.objects.all().delete()
    with pytest.raises(NoPeriod):
        until(ADA, asked)


def reason(now, who=ADA):
    return check.may_send(
        identifiers.phone(who), channel="voice", organization=ACME, now=now
    ).reason


def test_who_asked_gets_no_marketing_until_the_years_are_over(now):
    told("opt_in", now, organization=ACME, channel="voice")
    asked = later(now, days=1)

    listings.request(
        mark=identifiers.phone(ADA),
        source="letter",
        asked_at=asked,
        by="sam",
        now=asked,
    )

    assert reason(later(now, days=2)) == "do_not_call"
    assert reason(later(now, days=365 * 5)) == "do_not_call"
    assert reason(later(now, days=365 * 6, hours=6)) != "do_not_call"


def test_an_older_request_that_is_found_later_shortens_no_newer_one(now):
    mark, newer = identifiers.phone(ADA), later(now, days=-1)
    for asked in (newer, later(now, days=-900)):
        listings.request(mark=mark, source="letter", asked_at=asked, by="sam", now=now)

    assert Listing.objects.get().listed_at == newer
    assert AuditEvent.objects.filter(action=listings.PUT).count() == 2
    tomorrow = later(now, days=1)
    with pytest.raises(FromTheFuture):
        listings.request(mark=mark, source="x", asked_at=tomorrow, by="sam", now=now)


def test_a_request_goes_years_after_it_counted_no_more_and_none_that_counts(now):
    """With what it said before it was repeated; on hold it stays."""
    keeping.load()
    bea, cal = "+12025550118", "+12025550119"

    def put(number, year):
        at = dt.datetime(year, 6, 1, tzinfo=dt.UTC)
        return listings.put(
            mark=identifiers.phone(number), name="requested", source="a letter",
            listed_at=at, ends_at=later(at, days=1830), by="sam", now=at,
        )  # fmt: skip

    put(ADA, 2012), put(ADA, 2013), put(bea, 2012), put(cal, 2026)
    held = [put(bea, 2013).identifier]
    holds.place(matter="Case", identifiers=held, tables=[], by="max", now=now)
    early = dt.datetime(2023, 6, 4, tzinfo=dt.UTC)
    assert [old_requests(at).count for at in (early, now)] == [0, 2]

    plan = ends.preview(keeping.REQUESTS, by="lena", now=now)
    plans.approve(plan=plan, by="max", now=now)
    assert ends.progress(ends.carry_out(plan=plan, clock=lambda: now))["rows"] == 2

    left = {row.identifier.hint for row in Listing.objects.all()}
    assert left == {identifiers.hint(identifiers.phone(each)) for each in (bea, cal)}
    assert ListingBefore.objects.get().identifier == held[0]
    assert AuditEvent.objects.filter(action="requests.ended", by="max").count() == 2
    assert old_requests(now).count == 0
    for rows in (
        Listing.objects.filter(ends_at__gt=now),
        ListingBefore.objects.all(),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            rows.delete()


def test_the_command_says_until_when(now, capsys):
    call_command(
        "consent", "do-not-call", VIRGINIAN, "--source", "letter",
        "--at", "2026-02-01T12:00Z", "--json",
    )  # fmt: skip

    assert json.loads(capsys.readouterr().out)["ends_at"].startswith("2036-02-02")


def test_support_puts_somebody_on_the_list(support):
    page = support.post(
        "/admin/consent/listing/request/",
        {"address": "(202) 555-0117", "source": "by phone"},
    )

    assert page.status_code == 302
    assert Listing.objects.get().list == "requested"


def test_what_is_no_number_is_said_on_the_page(support):
    page = support.post(
        "/admin/consent/listing/request/", {"address": "letters", "source": "x"}
    )

    assert "neither a phone number" in page.content.decode()


def test_a_stranger_may_not(stranger):
    assert stranger.get("/admin/consent/listing/request/").status_code == 403


# --- whole lists, by the way that all lists come in --------------------------------
BEA, RICHMOND = "+12025550118", "+18045550119"


@pytest.fixture
def take(tmp_path, now):
    """Import a text onto a list: its row, and what became of each row of the text."""

    def run(text, listing, at=now, **options):
        path = tmp_path / "list.csv"
        path.write_text(text)
        row = transfer.take_in(
            path=path,
            results=tmp_path / f"{at:%j}{listing}",
            options=transfer.Options(listing=listing, **options),
            by="pia",
            clock=lambda: at,
        )
        lines = (tmp_path / f"{at:%j}{listing}").read_text().splitlines()[1:]
        return row, [line.split(",", 1)[1] for line in lines]

    return run


@pytest.mark.parametrize("listing", ["do_not_call", "state"])
def test_a_registry_is_obeyed_and_any_consent_lifts_it(take, now, listing):
    """In the form of the national registry's flat files."""
    told("opt_in", later(now, days=-9), organization=ACME, channel="voice", number=BEA)

    row, said = take("202,5550117\n202,5550118\n202,5550117\n202,55\n", listing)

    assert (row.recorded, row.known, row.refused) == (2, 1, 1)
    assert said[0] == "recorded,"
    by_day = later(now, hours=8)
    assert (reason(by_day), reason(by_day, BEA)) == ("do_not_call", "opted_in")
    answer = check.may_send(
        identifiers.phone(ADA), channel="sms", purpose="marketing", now=now
    )
    assert answer.rule == Listing.List(listing).label
    assert Event.objects.count() == 1
    assert take("202,5550117\n", listing, later(now, days=1))[0].known == 1


def test_requests_of_before_are_kept_for_the_years_of_their_place(take, now):
    told("opt_in", later(now, days=-30), organization=ACME, channel="voice")
    dated = f"phone,date\n{ADA},2026-11-01\n{ADA},2026-11-02\n{RICHMOND},2026-11-01\n"

    assert take(dated, "requested")[0].recorded == 2

    ends = dict(Listing.objects.values_list("identifier__hint", "ends_at__year"))
    assert sorted(ends.values()) == [2031, 2036]
    assert Listing.objects.filter(listed_at__day=2).count() == 1
    assert reason(now) == "do_not_call"

    told("opt_in", now, organization=ACME, channel="voice")
    later_on = later(now, days=1, hours=8)
    assert reason(later_on) == "opted_in"
    take(f"phone\n{ADA}\n", "requested", later_on)  # undated: no new request
    assert reason(later(now, days=2, hours=8)) == "opted_in"
    again = f"phone,date\n{ADA},{later_on:%Y-%m-%d}\n"
    assert take(again, "requested", later(now, days=3))[0].recorded == 1
    assert reason(later(now, days=4)) == "do_not_call"


def test_who_left_a_registry_is_on_it_no_more(take, now):
    """Only those of the same list; and each stay on it remains on record."""
    bea = lambda at: reason(at, BEA)  # noqa: E731
    whole = "202,5550117\n202,5550118\n"
    take(whole, "do_not_call", whole="FTC 202")
    take("804,5550119\n", "do_not_call", whole="FTC 804")
    take("202,5550117\n", "do_not_call", later(now, days=1))  # a part of it
    assert bea(later(now, days=1, hours=8)) == "do_not_call"

    take("202,5550117\n", "do_not_call", later(now, days=2), whole="FTC 202")

    day = later(now, days=2, hours=8)
    assert (reason(day), bea(day)) == ("do_not_call", "no_consent_on_record")
    assert reason(day, RICHMOND) == "do_not_call"
    row = AuditEvent.objects.filter(action="listing.compared").latest("sequence")
    assert json.loads(row.payload)["details"]["ended"] == 1

    again = take(whole, "do_not_call", later(now, days=3), whole="FTC 202")[0]

    assert (again.recorded, again.known) == (1, 1)
    assert bea(later(now, days=3, hours=8)) == "do_not_call"
    was = later(now, hours=8)
    then = check.may_send(
        identifiers.phone(BEA), channel="voice", at=was, now=later(now, days=4)
    )
    assert then.reason == "do_not_call"
    with pytest.raises(IntegrityError, match="append"), transaction.atomic():
        Listing.objects.filter(ended_by__isnull=False).update(ends_at=None)


def test_a_copy_that_may_be_cut_short_ends_nothing_at_first(take, now):
    full = "".join(f"202,555{n:04}\n" for n in range(300))
    take(full, "state", whole="Florida")

    def on(days, text):
        take(text, "state", later(now, days=days), whole="Florida")
        return Listing.objects.filter(ended_by=None).count()

    half, again = full[: len(full) // 2], full[: len(full) // 2 - 12]
    assert on(1, half) == 300
    assert on(2, half) == 300  # the same file again is no other copy
    assert on(3, again) == 149


def test_a_registry_that_was_not_fetched_for_a_month_is_on_the_board(take, now):
    Promise.objects.get_or_create(code="marketing-optout", defaults={"order": 1})

    def look(days):
        (row,) = promises.run(code="marketing-optout", now=later(now, days=days))
        return row

    take("202,5550117\n", "do_not_call")

    assert look(31).state != "broken"
    told_of = look(32)
    assert told_of.state == "broken"
    assert "64.1200(c)(2)(i)(D)" in told_of.evidence[0]["sentence"]


def test_what_is_no_such_list_changes_nothing(take):
    with pytest.raises(Refusal, match="do_not_call, state and requested"):
        take(f"{ADA}\n", "reassigned")
    with pytest.raises(Refusal, match="is not an opt-in"):
        take(f"{ADA}\n", "state", kind="opt_in")
    with pytest.raises(Refusal, match="Only a registry"):
        take(f"{ADA}\n", "requested", whole="ours")
    said = take(f"phone,status\n{ADA},subscribed\n", "state")[1]

    assert "says that they opted in" in said[0]
    assert not Listing.objects.exists()
