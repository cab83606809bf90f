"""The honour clock: when an opt-out was said, known and obeyed, and its last day."""

import datetime as dt
import json

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from consent import honour, ledger, lookup, review, transfer
from consent.models import Event, HonourRule, LateOptOut
from consent.transfer import importing
from privacy import apikeys, promises
from privacy.models import AuditEvent, Promise
from tests.consent.factories import ACME, ADA, ProgramFactory, later, sent, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_keywords")]
CODE = "stop-honoured"


def utc(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def clock(event):
    return honour.of([Event.objects.select_related("program").get(pk=event.pk)])[
        event.pk
    ]


def imported(tmp_path, now, text, **options):
    path = tmp_path / "stops.csv"
    path.write_text(text)
    return transfer.take_in(
        path=path,
        results=tmp_path / "results.csv",
        options=transfer.Options(kind="opt_out", **options),
        by="sam",
        clock=lambda: now,
    )


def test_a_stop_by_text_is_in_force_at_once(now):
    sent("STOP", now)

    found = clock(Event.objects.get())

    assert found.enforced_at == found.received_at == now
    assert not found.is_late
    assert honour.look(now=now) == 0


@pytest.mark.parametrize(
    ("received", "exemption", "last"),
    [
        ("2026-11-24T12:00", "", "2026-12-09"),  # Thanksgiving is none
        ("2025-04-11T12:00", "", "2025-04-25"),  # the first day of ten business days
        ("2025-04-10T12:00", "", "2025-05-10"),  # thirty days until then
        ("2026-11-24T12:00", "package", "2026-12-03"),
        ("2026-11-24T12:00", "health", "2026-11-24"),
        ("2026-11-24T12:00", "other", "2026-12-09"),
    ],
)
def test_the_last_day_is_that_of_the_shortest_rule_of_its_day(
    received, exemption, last
):
    at = utc(received)
    program = ProgramFactory(exemption=exemption, purpose="service")

    event = told("opt_out", at, organization=ACME, program=program)

    assert clock(event).last_day == dt.date.fromisoformat(last)


def test_before_any_rule_nobody_says_that_it_is_late(now):
    event = told("opt_out", utc("1999-03-01T12:00"), now=now)

    assert clock(event).last_day is None
    assert "no rule in force that day" in clock(event).sentence
    assert honour.look(now=now) == 0


def test_a_rule_of_another_day_gives_another_answer(now):
    told("opt_out", later(now, days=-10), now=now)
    assert honour.look(now=now) == 0

    HonourRule.objects.filter(name="honour_by", valid_to=None).update(quantity=3)

    assert honour.look(now=now) == 1


def test_an_old_list_counts_from_the_day_on_which_we_received_it(now, tmp_path):
    """What was said years ago to somebody else, who obeyed it, is not our delay."""
    imported(tmp_path, now, "phone,occurred_at\n+12025550117,2021-03-01T12:00Z\n")
    event = Event.objects.select_related("program").get()

    assert honour.look(now=now) == 0
    assert promises.run(code=CODE, now=now)[0].state != "broken"
    assert clock(event).received_at == now
    assert clock(event).last_day == dt.date(2026, 12, 9)
    assert not clock(event).is_late
    said = "In time. We received the list on 24 November 2026. We knew on 24 November"
    assert clock(event).sentence.startswith(said)


def test_a_day_of_receipt_is_a_day_and_not_after_the_import(now, tmp_path):
    line = "phone,occurred_at\n+12025550117,2021-03-01T12:00Z\n"
    with pytest.raises(importing.NotADay):
        imported(tmp_path, now, line, received="yesterday")
    assert not Event.objects.exists()

    imported(tmp_path, now, line, received="2199-01-01")
    assert clock(Event.objects.get()).received_at == now


def test_lists_that_we_took_in_too_late_turn_the_promise_red_each_as_one(now, tmp_path):
    received = (now - dt.timedelta(days=20)).date().isoformat()
    row = imported(
        tmp_path,
        now,
        "phone,occurred_at\n+12025550117,2021-03-01T12:00Z\n"
        f"+12025550118,{received}T00:00Z\n+12025550119,{now.isoformat()}\n",
        received=received,
    )
    kept = clock(Event.objects.order_by("pk").first())
    assert kept.is_late

    red = promises.run(code=CODE, now=now)[0]

    assert red.state == "broken"
    (said,) = red.evidence
    assert (said["count"], said["subject"]) == (2, f"import:{row.pk}")
    assert said["url"].endswith(f"/{CODE}/acknowledge/")
    promises.acknowledge(
        promise=Promise.objects.get(code=CODE),
        subject=said["subject"],
        reason="The old system had obeyed them all.",
        by="lena",
        now=now,
    )
    assert promises.run(code=CODE, now=now)[0].state != "broken"


def test_a_message_that_nobody_reads_in_time_turns_the_promise_red(now):
    """It may be a stop, and service messages go on until somebody has read it."""
    sent("wrong number i think", now)
    row = review.unclear().get()
    check = promises.CHECKS[CODE]

    assert check(now=later(now, days=15)).state != "broken"
    red = check(now=later(now, days=16))
    review.set_aside(row=row, by="sam", now=later(now, days=16))

    assert red.state == "broken"
    assert "waited too long to be read" in red.summary
    assert "waits to be read; a stop would have" in red.evidence[0].sentence
    assert "9 December 2026" in red.evidence[0].sentence
    assert check(now=later(now, days=16)).state != "broken"


def test_what_was_corrected_is_late_no_more_and_what_comes_later_is_found(now):
    wrong = told("opt_out", later(now, days=-30), now=now)
    assert honour.look(now=now) == 1

    ledger.correct(event=wrong, reason="Another person's number", by="sam", now=now)
    assert honour.look(now=now) == 0

    told("opt_out", later(now, days=-29), number="+12025550118", now=now)
    assert honour.look(now=now) == 1


def test_the_timeline_says_it_in_a_sentence_and_in_json(now, support):
    told("opt_out", later(now, days=-30), now=now)

    finding = lookup.look_up(text=ADA, by="sam", now=now)
    page = support.post("/admin/consent/standing/lookup/", {"address": ADA})

    assert "Late. We knew on 24 November 2026, 09:00 UTC" in finding.words()
    assert "10 business days" in finding.words()
    honoured = finding.facts()["history"][0]["honoured"]
    assert (honoured["late"], honoured["known_at"]) == (True, now)
    assert 'class="help late"' in page.text


def test_staff_see_the_late_ones_with_their_rule(now, admin_client):
    told("opt_out", later(now, days=-30), now=now)
    honour.look(now=now)

    row = LateOptOut.objects.get()
    listed = admin_client.get("/admin/consent/lateoptout/")
    shown = admin_client.get(f"/admin/consent/lateoptout/{row.pk}/change/")

    assert ADA not in listed.text + shown.text
    assert "10 business days: 47 CFR 64.1200(a)(10)" in shown.text


def test_the_list_is_refused_without_permission(stranger):
    assert stranger.get("/admin/consent/lateoptout/").status_code == 403


def test_command_and_api_give_the_same_facts(now, capsys):
    program = ProgramFactory(name="Offers")
    told("opt_out", later(now, days=-30), organization=ACME, program=program, now=now)

    call_command("consent", "honour", "--json")

    (said,) = json.loads(capsys.readouterr().out)["opt_outs"]
    key = apikeys.create(name="k", scopes=["consent:check"], by="sam", now=now)
    answer = Client().get(
        "/api/v1/consent/honour", headers={"authorization": f"Bearer {key}"}
    )
    (told_,) = answer.json()["opt_outs"]
    assert said["program"] == told_["program"] == "Offers"
    assert (told_["event"], told_["last_day"]) == (said["event"], said["last_day"])
    assert ADA not in answer.text


def test_a_rule_is_an_audited_form_and_stays(now, admin_client):
    rule = HonourRule.objects.get(name="confirm_window")
    page = admin_client.get(f"/admin/consent/honourrule/{rule.pk}/change/")

    assert page.status_code == 200
    assert "Delete" not in page.text
    assert not AuditEvent.objects.filter(action__startswith="honourrule").exists()


def test_rules_are_listed_in_words(admin_client):
    page = admin_client.get("/admin/consent/honourrule/").text

    assert "Honour by package" in page
    assert "24 hours" in page
    assert "our own" in page
    assert "it needs consent" not in page, "no exemption means all messages here"


def test_the_database_refuses_a_window_in_days(db):
    with pytest.raises(IntegrityError, match="unit_fits"), transaction.atomic():
        HonourRule.objects.create(
            name="x", jurisdiction="US", what="confirm", quantity=5, unit="days",
            citation="x", mark="house", valid_from=dt.date(2026, 1, 1),
        )  # fmt: skip


def test_42_a_stop_at_night_before_holidays_blocks_at_once(settings):
    """The law's last day is a fact beside it: 25 December and 1 January are left out,
    and the day of receipt is New York's and not that of UTC."""
    settings.LEGAL_TIME_ZONE = "America/New_York"
    at = utc("2026-12-24T03:10")  # 23 December, 22:10 in New York
    told("opt_in", later(at, days=-1), organization=ACME)
    ProgramFactory()

    sent("STOP", at)

    finding = lookup.look_up(text=ADA, by="sam", now=at)
    assert finding.answer.reason == "opted_out"
    (clock_,) = finding.clocks.values()
    assert clock_.last_day == dt.date(2027, 1, 8)
    assert "In time. We knew on" in clock_.sentence
    assert "Friday 8 January 2027" in clock_.sentence
