"""Edge cases of messages and consent that software gets wrong, under the numbers of
their list.

How far a STOP reaches is with the scopes; the arithmetic of requests with the clocks.
"""

import datetime as dt
import html

import pytest
import yaml
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from consent import (
    check,
    dealings,
    events,
    inbox,
    listings,
    lookup,
    reassigned,
    recording,
    review,
    transfer,
    wording,
)
from consent.browser import preferences
from consent.browser import support as gpc
from consent.check import frequency, hours
from consent.models import Dealing, Event
from privacy import identifiers
from privacy.models import AuditEvent
from tests.consent.factories import (
    ACME,
    ADA,
    OUR_NUMBER,
    ProgramFactory,
    contracted,
    later,
    sent,
    told,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_keywords")]
NEW_YORK, PENSACOLA = "+12125550117", "+18505550117"
AUSTIN, EL_PASO = "+15125550117", "+19155550117"
MIAMI, TULSA = "+13055550117", "+19185550117"


def utc(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def may(now, *, number=ADA, channel="sms", organization=ACME, **more):
    return check.may_send(
        identifiers.understand(number),
        channel=channel,
        organization=organization,
        now=now,
        **more,
    )


# --- what was replied -----------------------------------------------------------
@pytest.mark.parametrize(
    ("case", "text"),
    [
        (34, "stop   "),
        (34, "STOP."),
        (34, '"Stop"'),
        (34, "\uff33\uff54\uff4f\uff50"),
        (34, "sToP!!"),
        (35, "opt out"),
        (35, "Opt-Out"),
        (35, "OPTOUT"),
        (36, "STOP PLEASE"),
        (36, "please stop texting me"),
        (37, "ARRÊT"),
        (37, "arret"),
        (37, "ARRETE"),
        (38, "CANCEL"),
    ],
)
def test_34_to_38_what_was_replied_stops_messages(now, case, text):
    ProgramFactory()
    told("opt_in", later(now, days=-1), organization=ACME)

    assert sent(text, now), "and it is confirmed"

    assert may(now).reason == "opted_out", case
    assert Event.objects.first().evidence["rule"]


def test_38_cancel_after_a_reminder_stops_messages_and_somebody_asks(now, support):
    """Both meanings are kept: neither is chosen for the person."""
    ProgramFactory(purpose="service", name="Appointments")
    told("opt_in", later(now, days=-1), organization=ACME)

    assert sent("Cancel", now, sid="SM" + "c" * 32)
    sent("STOP", now, number=MIAMI)

    assert may(now, purpose="service").reason == "opted_out"
    (row,) = review.to_ask()
    assert row.also == "cancel an appointment or an order"
    path = f"/admin/consent/inboundmessage/{row.pk}"
    waiting = support.get("/admin/consent/inboundmessage/?waits=ask").content.decode()
    assert waiting.count("/admin/consent/inboundmessage/") >= 1
    assert f"{path}/change/" in waiting
    support.post(f"{path}/asked/")
    assert not review.to_ask().exists()
    assert AuditEvent.objects.filter(action="message.asked").count() == 1
    with pytest.raises(review.NothingToAsk):
        review.asked(row=row, by="sam", now=now)


def test_38_cancel_after_marketing_means_stop_alone(now):
    ProgramFactory()

    assert sent("CANCEL", now)

    assert not review.to_ask().exists()


def test_39_a_stop_among_other_words_is_read_by_a_person_and_sends_wait(now):
    told("opt_in", later(now, days=-1), organization=ACME)

    assert sent("Don't stop, I love these", now) == ""

    assert may(later(now, hours=9)).reason == "held_for_review"
    assert not Event.objects.filter(kind="opt_out").exists()


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("ARRÊT", "vous ne recevrez plus"),
        ("arret", "vous ne recevrez plus"),
        ("ALTO", "no recibirá más"),
        ("bitte keine Nachrichten mehr schicken", "bekommen keine Nachrichten mehr"),
        ("STOP", ""),
    ],
)
def test_37_a_stop_in_another_language_is_confirmed_in_both(now, text, again):
    program = ProgramFactory()

    said = sent(text, now, number="+15145550142")  # Montreal

    assert said.endswith(program.opt_out_text)  # ours after the person's own
    assert again in said.removesuffix(program.opt_out_text)
    assert (said == program.opt_out_text) is (again == "")
    assert not wording.advertising(said, now.date())


def test_37_a_program_in_the_persons_own_language_confirms_once(now):
    program = ProgramFactory(
        help_text="Acme. Ayuda: ayuda@example.com. Responda ALTO para parar.",
        opt_out_text="Acme: su baja está hecha.",
    )

    assert sent("ALTO", now) == program.opt_out_text


@pytest.mark.parametrize("language", yaml.safe_load(inbox.CONFIRMATIONS.read_text()))
def test_a_confirmation_advertises_in_no_language(now, language):
    assert not wording.advertising(inbox.confirmed_in(language), now.date())


@pytest.mark.parametrize(("case", "number"), [(40, OUR_NUMBER), (41, "+18005550100")])
def test_40_and_41_yes_does_not_undo_a_stop(now, case, number):
    """Neither on a number whose carrier takes it for a START, nor toll-free."""
    ProgramFactory(numbers=[number])
    sent("STOP", now, recipient=number)

    reply = sent("YES", later(now, hours=1), recipient=number, understood="opt_in")
    assert reply == ""
    assert may(later(now, hours=2)).reason == "opted_out", case

    assert sent("START", later(now, hours=3), recipient=number)
    assert may(later(now, hours=9)).allowed


@pytest.mark.parametrize(
    "text", ["10 % off if you stay", "Bye https://shop.example.com", "Coupon SAVE5"]
)
def test_44_a_confirmation_advertises_nothing(now, text):
    """The form refuses to save it, see `test_wording.py`."""
    (sentence,) = wording.advertising(text, now.date())

    assert "may only confirm" in sentence


def test_45_silence_ends_every_program(now):
    """Who says no more gets none; that it is asked is with the clarification."""
    marketing, reminders = ProgramFactory(), ProgramFactory(numbers=["+12025550101"])
    for program in (marketing, reminders):
        told("opt_in", later(now, days=-1), organization=ACME, program=program)

    assert sent("STOP", now) == marketing.opt_out_text

    tomorrow = later(now, hours=24)
    assert may(tomorrow).reason == "opted_out"
    assert Event.objects.filter(kind="opt_out").count() == 1


def test_50_a_stop_of_somebody_unknown_is_confirmed_once_and_kept(now):
    program = ProgramFactory()

    assert sent("STOP", now) == program.opt_out_text
    assert sent("STOP", later(now, hours=1)) == ""

    assert may(later(now, hours=2)).reason == "opted_out"


# --- where it was said ----------------------------------------------------------
@pytest.mark.parametrize("route", ["mail", "ivr", "support", "web"])
def test_47_a_stop_heard_anywhere_ends_texts_and_calls(now, route):
    for channel in ("sms", "voice"):
        told("opt_in", later(now, days=-1), organization=ACME, channel=channel)

    event = told("opt_out", now, organization=ACME, route=route, words="No more, Ada")

    assert event.route == route
    assert event.utterance.words == "No more, Ada"
    for channel in ("sms", "voice"):
        assert may(now, channel=channel).reason == "opted_out"


def test_48_a_stop_by_rcs_ends_all_three_kinds_of_text(now):
    """RCS is one with picture messages; the provider's 21610 would come too late."""
    for channel in ("sms", "mms"):
        told("opt_in", later(now, days=-1), organization=ACME, channel=channel)
    said = {"kind": "opt_out", "channel": "rcs", "organization": ACME}

    ((event, _),) = events.take(
        told=[(identifiers.phone(ADA), said)], by="twilio", now=now
    )

    assert event.covers == ["sms", "mms", "voice"]
    for channel in ("sms", "mms"):
        assert may(now, channel=channel).reason == "opted_out"


# --- when ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("case", "number", "instant", "is_open"),
    [
        (51, NEW_YORK, "2027-03-13T12:30", False),  # 07:30 EST
        (51, NEW_YORK, "2027-03-14T12:30", True),  # 08:30 EDT, the clocks went forward
        (52, PENSACOLA, "2026-11-24T01:30", False),  # 20:30 Eastern, 19:30 Central
        (52, PENSACOLA, "2026-11-24T13:30", False),  # 08:30 Eastern, 07:30 Central
        (52, PENSACOLA, "2026-11-24T14:30", True),
        (53, AUSTIN, "2026-12-13T17:30", False),  # a Sunday, 11:30 Central
        (53, EL_PASO, "2026-12-13T17:30", False),  # 10:30 Mountain
        (53, AUSTIN, "2026-12-13T18:00", True),
        (53, EL_PASO, "2026-12-13T18:00", False),  # 11:00 Mountain
        (53, EL_PASO, "2026-12-13T19:00", True),
    ],
)
def test_51_to_53_quiet_hours_are_those_of_every_place_it_may_be(
    case, number, instant, is_open
):
    assert (hours.now().closed(number, utc(instant)) is None) is is_open, case


@pytest.mark.parametrize("number", [MIAMI, TULSA])
def test_54_three_texts_in_any_24_hours_and_not_by_the_calendar(number, monkeypatch):
    """The day between them changes nothing: 23 November, and then the 24th."""
    moments = [utc("2026-11-23T18:00"), utc("2026-11-23T23:00")]
    monkeypatch.setattr(
        frequency,
        "sent_to",
        lambda people, *_: {
            people[0].value: [frequency.Message(each) for each in moments[::-1]]
        },
    )
    told("opt_in", utc("2026-11-01T12:00"), organization=ACME, number=number)

    assert may(utc("2026-11-24T16:00"), number=number).allowed, "the third"
    moments.append(utc("2026-11-24T16:00"))
    fourth = may(utc("2026-11-24T17:30"), number=number)

    assert fourth.reason == "frequency_cap"
    assert fourth.until == utc("2026-11-24T18:00")
    assert may(utc("2026-11-24T18:00"), number=number).allowed


# --- what stays ------------------------------------------------------------------
@pytest.mark.parametrize(
    ("number", "last"),
    [(ADA, "2031-11-23T15:00"), ("+17035550142", "2036-11-23T15:00")],
)
def test_55_a_request_to_be_left_alone_survives_the_erasure(number, last):
    """For its years: federal five, of a Virginian number ten; and not the number."""
    asked_at, erased_at = utc("2026-11-23T15:00"), utc("2027-01-10T12:00")
    mark = identifiers.phone(number)
    row = listings.request(
        mark=mark, source="by phone", asked_at=asked_at, by="sam", now=asked_at
    )
    identifiers.forget(identifier=row.identifier, by="lena", now=erased_at)

    kept = identifiers.find(mark)

    assert (kept.value, kept.hint) == (None, "")
    assert may(utc(last), number=number).reason == "do_not_call"
    after = utc(last) + dt.timedelta(days=2)
    assert may(after, number=number).reason == "no_consent_on_record"


@pytest.mark.parametrize("purpose", ["communicate", "improve", "provide"])
def test_56_who_said_stop_is_no_list_for_winning_back(now, tmp_path, purpose):
    told("opt_out", now, organization=ACME)
    contracted("Example Agency", now, purpose, "compliance")
    file = tmp_path / "list.csv"

    def export(ground):
        facts = {"target": file, "ground": ground, "reason": "Win back"}
        return transfer.export(**facts, by="pia", now=now)

    with pytest.raises(transfer.OnlyToComply):
        export(transfer.Ground("Example Agency", purpose))
    assert not file.exists()
    assert export(transfer.Ground("Example Agency", "compliance"))


def test_57_a_request_of_the_29th_of_february_is_kept_a_day_longer():
    kept = listings.kept_until(identifiers.phone(ADA), utc("2028-02-29T12:00"))

    assert kept.date() == dt.date(2033, 3, 1)


def test_73_consent_stays_with_the_words_that_were_shown(now):
    """Another text and other sellers later: nobody agreed to those."""
    program = ProgramFactory()
    given = told(
        "opt_in", now, organization=ACME, program=program,
        evidence={"wording": "v2: texts of Acme"},
    )  # fmt: skip
    program.opt_in_text = program.opt_in_text.replace("Acme", "Acme, Beta and Gamma")
    program.save()

    given.refresh_from_db()

    assert given.evidence["wording"] == "v2: texts of Acme"
    assert may(later(now, hours=9)).allowed
    for other in ("org_beta", "org_gamma"):
        asked = may(later(now, hours=9), organization=other)
        assert asked.reason == "no_consent_on_record"


def test_74_a_purchase_implies_consent_in_canada_and_only_for_a_while(now, capsys):
    """Two years after a purchase, six months after an inquiry, the last day included;
    an opt-out ends it, and nothing bought later undoes that."""
    toronto, ottawa = "+14165550142", "+16135550142"
    for number, kind, day in (
        (toronto, "purchase", "2024-11-24T15:00Z"),
        (ottawa, "inquiry", "2026-05-24T15:00Z"),
    ):
        call_command(
            "consent", "dealing", number, "--organization", ACME, "--kind", kind,
            "--at", day, "--source", "order 1", "--json",
        )  # fmt: skip
        assert "2026-11-25T00:00:00+00:00" in capsys.readouterr().out
        for at in ("2026-11-23T15:00", "2026-11-24T15:00"):
            found = may(utc(at), number=number)
            assert (found.allowed, found.reason) == (True, "implied_consent")
            assert found.until == utc("2026-11-25T00:00")
            assert may(utc(at), number=number, organization="org_beta").reason == (
                "no_consent_on_record"
            )
        after = utc("2026-11-25T15:00")
        assert may(after, number=number).reason == "no_consent_on_record"
        told("opt_in", after, number=number, organization=ACME)
        assert may(later(after, hours=1), number=number).reason == "opted_in"

    noon = utc("2026-11-24T15:00")
    told("opt_out", utc("2026-11-01T15:00"), number=toronto, organization=ACME)
    assert may(noon, number=toronto, at=noon).reason == "opted_out"
    with pytest.raises(dealings.ImpliesNothing):
        dealings.record(
            mark=identifiers.phone(ADA), organization=ACME, kind="purchase",
            happened_at=now, source="order 2", by="sam", now=now,
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Dealing.objects.update(ends_at=later(now, days=9999))


def test_74_a_shop_tells_of_many_purchases_at_once_all_or_none(partner, now):
    bought = {
        "phone": "+14165550142",
        "organization": ACME,
        "kind": "purchase",
        "happened_at": "2025-11-24T15:00Z",
        "source": "order 1",
    }
    asked = bought | {"phone": "+16135550142", "kind": "inquiry"}
    place = "/api/v1/consent/dealings"

    def post(*told):
        return partner(place, {"dealings": told}, scopes=["consent:write"])

    wrong = post(bought, asked | {"phone": ADA})
    assert (wrong.status_code, Dealing.objects.count()) == (400, 0)
    old = post(bought | {"happened_at": "1066-10-14T00:00Z"})
    assert "before 20 December 1991" in old.content.decode()

    for _ in range(2):  # told again, it is the same row
        taken = post(bought, asked)
        assert taken.status_code == 201
    ends = [each["ends_at"][:10] for each in taken.json()["dealings"]]
    assert ends == ["2027-11-25", "2026-05-25"]
    assert Dealing.objects.count() == 2


@pytest.mark.parametrize("days", [59, 61, 4000])
def test_75_the_way_out_works_for_good(now, days, monkeypatch):
    ProgramFactory()
    address = preferences.address(told("opt_in", now, organization=ACME).identifier)
    then = later(now, days=days)
    monkeypatch.setattr(timezone, "now", lambda: then)

    page = Client().post(
        "/privacy/preferences/" + address.rsplit("/", 1)[1], {"stop_all": "1"}
    )

    assert page.status_code == 302
    assert may(then).reason == "opted_out"


@pytest.mark.parametrize(
    ("answer", "reason"), [("yes", "reassigned"), ("no data", "opted_in")]
)
def test_76_a_reassigned_number_has_no_consent_and_no_data_proves_nothing(
    now, answer, reason, tmp_path
):
    told("opt_in", utc("2025-03-01T12:00"), organization=ACME)
    file = tmp_path / "answers.csv"
    file.write_text(f"phone,answer\n{ADA},{answer}\n")

    counted = reassigned.take(
        content=file.read_bytes(), source=file.name, by="pia", now=now
    )

    assert counted[answer] == 1
    assert may(later(now, hours=9)).reason == reason


# --- browsers --------------------------------------------------------------------
def test_64_a_signal_of_somebody_known_is_recorded_and_shown(now):
    ProgramFactory()
    person = told("opt_in", now, organization=ACME).identifier
    path = "/privacy/preferences/" + preferences.address(person).rsplit("/", 1)[1]

    page = Client().get(path, headers={"sec-gpc": "1"})

    event = Event.objects.get(route="gpc")
    assert (event.kind, event.identifier) == ("opt_out", person)
    assert 'id="gpc"' in html.unescape(page.content.decode())


@pytest.mark.parametrize(
    ("text", "is_heeded", "updated_on"),
    [
        ('{"gpc": true, "lastUpdate": "2025-13-40"}', True, None),
        ('{"gpc": true, "lastUpdate": "2025-04-15"}', True, dt.date(2025, 4, 15)),
        (
            '{"gpc": false, "lastUpdate": "2025-04-15t10:00:00.5z"}',
            False,
            dt.date(2025, 4, 15),
        ),
        ('{"gpc": true, "lastUpdate": "15.04.2025", "x": [1]}', True, None),
        ('{"gpc": true, "lastUpdate": 20250415}', True, None),
        ('{"gpc": "true", "lastUpdate": "2025-04-15"}', None, dt.date(2025, 4, 15)),
        ('{"gpc": 1}', None, None),
        ("[true]", None, None),
        ('{"gpc": tr', None, None),
        ("[" * 70_000, None, None),
    ],
)
def test_65_a_date_that_is_none_spoils_nothing_else(text, is_heeded, updated_on):
    found = gpc.read(text)

    assert (found.is_heeded, found.updated_on) == (is_heeded, updated_on)


def test_65_our_own_document_can_be_read():
    said = gpc.read(Client().get("/.well-known/gpc.json").content.decode())

    assert said.is_heeded is True


# --- calls -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("caller", "callee", "everybody", "ground"),
    [
        (AUSTIN, "+14155550117", True, "Penal Code 632"),
        ("+14155550117", AUSTIN, True, "Penal Code 632"),
        (AUSTIN, EL_PASO, False, "2511(2)(d)"),
        (AUSTIN, NEW_YORK, False, "2511(2)(d)"),
        (AUSTIN, MIAMI, True, "934.03"),
        (AUSTIN, "+18005550117", True, "do not know where"),
        (AUSTIN, "+442079460000", True, "do not know where"),
    ],
)
def test_77_all_agree_before_a_call_to_california_is_recorded(
    now, caller, callee, everybody, ground
):
    answer = recording.ask(caller=caller, callee=callee, now=now)

    assert answer.everybody is everybody
    assert ground in answer.citation
    assert ("Announce it" in answer.sentence) is everybody


def test_77_whoever_makes_the_call_asks_by_the_api(partner):
    path = "/api/v1/consent/recording"
    asked = {"caller": "(512) 555-0117", "callee": "415 555 0117"}

    assert partner(path, asked).json()["everybody"] is True
    assert partner(path, asked | {"callee": "x"}).status_code == 400
    assert partner(path, asked, scopes=("suppressions",)).status_code == 403


# --- what an imported yes is worth ------------------------------------------------
def test_72_an_imported_yes_without_its_words_is_no_consent(now, tmp_path):
    """It is kept and shown as unproven; it lifts no STOP either. With the words that
    were shown, and where, the same row is a consent."""
    told("opt_out", later(now, days=-3), number=MIAMI)
    path, results = tmp_path / "crm.csv", tmp_path / "results.csv"
    path.write_text(
        f"phone,opted in,date\n{ADA},yes,2026-11-20\n{MIAMI},yes,2026-11-22\n"
    )

    def take(**proof):
        return transfer.take_in(
            path=path,
            results=results,
            options=transfer.Options(columns="phone=1,kind=2,occurred_at=3", **proof),
            by="pia",
            clock=lambda: now,
        )

    assert take().recorded == 2
    assert results.read_text().count("unproven, not as consent") == 2
    assert may(now).reason == "no_consent_on_record"
    assert may(now, number=MIAMI).reason == "opted_out"
    said = lookup.look_up(text=ADA, by="sam", now=now).words()
    assert "Said to have opted in, without proof" in said

    take(wording="Yes, text me offers. Msg & data rates may apply.")
    assert may(now).reason == "no_consent_on_record", "nobody says where"

    take(wording="Yes, text me offers. Msg & data rates may apply.", page="sign-up")
    assert may(later(now, hours=9)).allowed
    assert Event.objects.first().evidence["wording"].startswith("Yes, text me")
