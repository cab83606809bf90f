"""Every right: asked, decided, carried out, answered with a letter; each on its own."""

import datetime as dt
import io
import json
import zipfile

import pytest
from django.core import mail
from django.urls import reverse
from django.utils.formats import date_format

from consent import check
from consent.models import Event, Standing
from dsr import appeals, grounds, intake, packages, requests, restrictions, tickets
from dsr.fulfilment import FULFILMENTS, PLANNED, Way
from dsr.models import Ground, Right, Ticket, Withheld
from privacy import audit, holds, identifiers, objections
from privacy.correction import Change, NothingToCorrect
from privacy.models import Hold
from tests.dsr.factories import (
    ADA,
    ADAS_MAIL,
    LENA,
    MAX,
    NOW,
    RECEIVED,
    asked,
    clock,
    vouched,
)

pytestmark = pytest.mark.django_db
Status, Outcome = Ticket.Status, Ticket.Outcome
EUROPE = {"regime": "EU-GDPR", "email": ADAS_MAIL}
ASKED = {right: EUROPE for right in FULFILMENTS}
for us in ("opt_out_sale", "opt_out_targeted_ads", "opt_out_profiling"):
    ASKED[us] = {"regime": "US-VA", "email": ADAS_MAIL}
ASKED["limit_sensitive"] = {"regime": "US-CA", "email": ADAS_MAIL}
ASKED["appeal"] = {"regime": "US-VA", "email": ADAS_MAIL}
ASKED["complaint"] = {"regime": "UK-GDPR", "email": ADAS_MAIL}


def changes_of(ticket):
    wrong = Change("town.person.name", after="Ada Sampel")
    return [wrong] if ticket.right == "rectification" else []


def decided(ticket, **said):
    """As far as people take it: a plan and its approval, a decision, or nothing."""
    way = FULFILMENTS[ticket.right].way
    vouched(ticket)
    if way is Way.PLANNED:
        requests.plan(ticket=ticket, by=LENA, now=NOW, changes=changes_of(ticket))
        requests.approve(ticket=ticket, by=MAX, now=NOW)
    if way is Way.JUDGED:
        said = {"outcome": "whole", "reason": "You are right."} | said
        requests.decide(ticket=ticket, by=MAX, now=NOW, **said)
    return ticket


def met(right, **changed):
    ticket = decided(asked(right, **(ASKED[right] | changed)))
    return requests.fulfil(ticket=ticket, clock=clock)


# --- the contract of the table ----------------------------------------------
@pytest.mark.parametrize("right", FULFILMENTS)
def test_each_right_ends_in_a_decision_and_one_letter(town, right):
    done = met(right)
    again = requests.fulfil(ticket=done, clock=clock)

    assert (done.status, again.status) == (Status.ANSWERED, Status.ANSWERED)
    assert done.outcome in ("whole", "part")
    assert done.decision
    assert done.decided_by
    assert [letter.to for letter in mail.outbox] == [[ADAS_MAIL]]
    assert done.reference in mail.outbox[0].body
    assert "{{" not in mail.outbox[0].body
    assert audit.verify()


@pytest.mark.parametrize("right", ["access", "portability"])
def test_the_letter_says_until_when_the_copy_is_there(town, right):
    ends = met(right).package.expires_at

    assert f"until {date_format(ends, 'DATE_FORMAT')}" in mail.outbox[0].body


@pytest.mark.parametrize("right", FULFILMENTS)
def test_each_right_can_be_refused_with_a_ground_and_a_letter(right):
    ticket = asked(right, **ASKED[right])

    requests.refuse(
        ticket=ticket, reason="It was a test.", ground="OTHER", by=LENA, now=NOW
    )

    assert (ticket.status, ticket.outcome) == (Status.REFUSED, Outcome.DENIED)
    letter = ticket.notices.get().text.open()
    assert "It was a test." in letter
    assert "Another reason" not in letter  # the reason itself says it


@pytest.mark.parametrize("right", FULFILMENTS)
def test_what_nobody_decided_is_not_carried_out(town, right):
    if FULFILMENTS[right].way is Way.AT_ONCE:
        return
    ticket = asked(right, **ASKED[right])

    assert requests.fulfil(ticket=ticket, clock=clock).status == Status.RECEIVED
    assert not Event.objects.exists()
    assert not Hold.objects.exists()


@pytest.mark.parametrize("right", sorted(set(FULFILMENTS) - set(PLANNED)))
def test_only_what_touches_rows_is_planned(right):
    with pytest.raises(requests.NothingToPlan):
        requests.plan(ticket=asked(right, **ASKED[right]), by=LENA, now=NOW)


@pytest.mark.parametrize("right", FULFILMENTS)
def test_approving_is_not_deciding(right):
    way = FULFILMENTS[right].way
    ticket = vouched(asked(right, **ASKED[right]))
    refusal = {
        Way.JUDGED: requests.DecisionNeeded,
        Way.PLANNED: requests.NotPlanned,
    }.get(way)
    if refusal is None:
        requests.approve(ticket=ticket, by=LENA, now=NOW)
        assert ticket.decided_by == LENA
        return
    with pytest.raises(refusal):
        requests.approve(ticket=ticket, by=LENA, now=NOW)


# --- several rights in one request ------------------------------------------
def several(*rights):
    return intake.receive(
        rights=rights,
        regime="EU-GDPR",
        marks=[identifiers.phone(ADA)],
        received_at=RECEIVED,
        source=Ticket.Source.STAFF,
        by=LENA,
        now=NOW,
        text="Copy, then delete, and stop the mails",
    )


def test_one_request_of_three_rights_is_three_decisions(town):
    copy, erase, stop = several("access", "erasure", "objection_marketing")
    requests.refuse(ticket=erase, reason="No.", ground="UNFOUNDED", by=LENA, now=NOW)
    requests.fulfil(ticket=stop, clock=clock)

    copy.refresh_from_db()
    assert len({t.request_id for t in (copy, erase, stop)}) == 1
    assert len({t.reference for t in (copy, erase, stop)}) == 3
    assert [t.status for t in (copy, erase, stop)] == [
        Status.RECEIVED,
        Status.REFUSED,
        Status.ANSWERED,
    ]
    assert copy.words.open() == erase.words.open()


def test_a_right_asked_twice_in_one_request_is_one_ticket():
    assert len(several("access", "access")) == 1


def test_a_request_with_one_right_that_is_none_opens_nothing():
    with pytest.raises(intake.UnknownRight):
        several("access", "teleportation")

    assert not Ticket.objects.exists()


def test_a_request_for_nothing_is_none():
    with pytest.raises(intake.NothingAsked):
        several()


# --- in part ------------------------------------------------------------------
def test_an_erasure_in_part_names_the_ground_of_each_part(town):
    done = met("erasure", regime="US-CA")

    kept = Withheld.objects.get(ticket=done)
    assert (done.outcome, done.ground) == (Outcome.PART, kept.ground)
    assert kept.ground.citation == "Cal. Civ. Code 1798.105(d)(8)"
    assert (kept.what, kept.rows) == ("Receipt: Tax records", 1) or "Tax" in kept.what


def test_what_a_hold_keeps_as_a_whole_is_denied_for_legal_claims(town, now):
    mark = identifiers.keep(identifiers.phone(ADA), now=now)
    holds.place(matter="Case", identifiers=[mark], tables=[], by="max", now=now)

    done = met("erasure")

    assert (done.status, done.outcome) == (Status.REFUSED, Outcome.DENIED)
    assert {part.ground.code for part in done.withheld.all()} == {"LEGAL_CLAIM"}
    assert done.ground.citation.startswith("GDPR Art. 17(3)(e)")
    assert [letter.to for letter in mail.outbox] == [[ADAS_MAIL]]


def test_a_hold_on_one_table_denies_that_part_alone(town, now):
    from privacy.models import Table

    table = Table.objects.get(name="message")
    holds.place(matter="Case", identifiers=[], tables=[table], by="max", now=now)

    done = met("erasure")

    assert (done.status, done.outcome) == (Status.ANSWERED, Outcome.PART)
    assert "LEGAL_CLAIM" in {part.ground.code for part in done.withheld.all()}


def test_a_hold_that_comes_after_the_approval_brings_it_back_and_then_denies_it(
    town, now
):
    ticket = decided(asked("erasure", **EUROPE))
    mark = identifiers.keep(identifiers.phone(ADA), now=now)
    holds.place(matter="Case", identifiers=[mark], tables=[], by="max", now=now)

    back = requests.fulfil(ticket=ticket, clock=clock)
    assert (back.status, len(mail.outbox)) == (Status.RECEIVED, 0)
    done = requests.fulfil(ticket=decided(back), clock=clock)

    assert (done.outcome, done.ground.code) == (Outcome.DENIED, "LEGAL_CLAIM")


def test_a_correction_that_a_hold_keeps_as_a_whole_is_denied(town, now):
    ticket = decided(asked("rectification", **EUROPE))
    mark = identifiers.keep(identifiers.phone(ADA), now=now)
    holds.place(matter="Case", identifiers=[mark], tables=[], by="max", now=now)

    done = requests.fulfil(ticket=ticket, clock=clock)

    assert (done.outcome, done.ground.code) == (Outcome.DENIED, "LEGAL_CLAIM")
    assert "We are not doing this." in mail.outbox[0].body


def test_released_rows_bring_the_ticket_back_with_its_first_clock(town, now):
    from privacy import erasure

    mark = identifiers.keep(identifiers.phone(ADA), now=now)
    hold = holds.place(matter="Case", identifiers=[mark], tables=[], by="max", now=now)
    first = met("erasure")
    due, letter = first.due_date, mail.outbox[0].body
    holds.release(hold=hold, by="max", now=now)

    assert erasure.take_up_released(now=now)
    assert requests.take_up_released(now=now) == 1
    assert requests.take_up_released(now=now) == 0
    first.refresh_from_db()
    assert (first.status, first.due_date) == (Status.PLANNED, due)
    requests.approve(ticket=first, by=MAX, now=now)
    done = requests.fulfil(ticket=first, clock=clock)

    assert (done.status, done.round) == (Status.ANSWERED, 2)
    assert len(mail.outbox) == 2
    assert mail.outbox[1].body != letter
    gone = "SELECT count(*) FROM person WHERE name ILIKE 'ada sample'"
    assert town.execute(gone).fetchone()[0] == 0


def test_nobody_known_is_answered_as_nothing_to_do(town):
    mark = identifiers.phone("+12025550188")
    done = decided(asked("erasure", **(EUROPE | {"marks": [mark]})))
    done = requests.fulfil(ticket=done, clock=clock)

    assert (done.outcome, done.decision) == (Outcome.NOTHING, "No data found")


# --- what each does -----------------------------------------------------------
def content(done):
    raw = b"".join(packages.stream(ticket=done, by=LENA, now=NOW))
    return json.loads(zipfile.ZipFile(io.BytesIO(raw)).read("data.json"))["tables"]


def test_portability_in_europe_is_what_the_person_gave_us(town):
    town.execute('UPDATE person SET extra = \'{"ip": "203.0.113.7"}\'')
    from privacy.models import Column

    Column.objects.filter(name="note").update(source="third_party")
    Column.objects.filter(name="extra", path=["ip"]).update(source="providers")

    mine = content(met("portability"))
    all_ = content(met("portability", regime="US-VA"))

    assert "note" not in mine["town.person"][0]
    assert "ip" not in (mine["town.person"][0]["extra"] or {})
    assert mine["town.person"][0]["phone"]
    assert "town.receipt" not in mine
    assert "note" in all_["town.person"][0]


@pytest.mark.parametrize(
    ("right", "use"),
    [
        ("opt_out_sale", "sale"),
        ("opt_out_targeted_ads", "targeted_ads"),
        ("opt_out_profiling", "profiling"),
        ("limit_sensitive", "sensitive"),
    ],
)
def test_an_opt_out_of_a_use_forbids_it_and_stands_in_the_ledger(right, use):
    done = met(right)

    assert objections.forbids(identifiers.phone(ADA), use)
    assert not objections.forbids(identifiers.phone(ADA), "marketing")
    event = Event.objects.get()
    assert event.evidence == {"ticket": done.reference, "right": right}
    assert event.occurred_at == RECEIVED
    assert not Standing.objects.exclude(channel="web").exists()


@pytest.mark.parametrize("right", ["objection_marketing", "consent_withdrawal"])
def test_messages_stop_when_marketing_or_consent_ends(right):
    met(right)

    stopped = Standing.objects.filter(state="opt_out").values_list("channel", flat=True)
    assert set(stopped) == {"sms", "mms", "voice", "web"}


def may(purpose):
    marks = [identifiers.phone(ADA), identifiers.phone("+12025550188")]
    said = {"channel": "sms", "now": NOW, "purpose": purpose}
    one = check.may_send(marks[0], **said)
    hers, other = check.may_send_each(marks, **said)
    assert (one.allowed, one.reason, one.since) == (
        hers.allowed, hers.reason, hers.since,
    )  # fmt: skip
    return one.reason, other.reason


def test_who_objects_to_marketing_still_gets_what_is_no_marketing():
    met("objection_marketing")

    assert may("marketing")[0] == "opted_out"
    assert may("service") == ("no_consent_needed", "no_consent_needed")


def test_who_takes_back_consent_gets_no_message_at_all():
    met("consent_withdrawal")

    assert (may("marketing")[0], may("service")[0]) == ("opted_out", "opted_out")


@pytest.mark.parametrize("use", ["targeted_ads", "profiling"])
def test_who_opted_out_of_a_use_gets_no_message_that_is_aimed_by_it(use):
    other = {"targeted_ads": "profiling", "profiling": "targeted_ads"}[use]
    met(f"opt_out_{use}")
    answer = check.may_send(identifiers.phone(ADA), channel="sms", now=NOW, purpose=use)

    assert may(use) == ("objected", "no_consent_on_record")
    assert may(other)[0] == may("marketing")[0] == "no_consent_on_record"
    assert (answer.allowed, answer.since) == (False, RECEIVED)
    assert "forbade us to use their data like this" in answer.sentence


def test_before_they_opted_out_nobody_had_forbidden_it():
    met("opt_out_profiling")
    before = RECEIVED - dt.timedelta(minutes=1)
    answer = check.may_send(
        identifiers.phone(ADA), channel="sms", now=NOW, purpose="profiling", at=before
    )

    assert answer.reason == "no_consent_on_record"


def test_an_objection_holds_also_after_the_value_is_destroyed():
    met("opt_out_sale")
    row = identifiers.find(identifiers.phone(ADA))
    identifiers.forget(identifier=row, by=MAX, now=NOW)

    assert objections.forbids(identifiers.phone(ADA), "sale")


def test_a_lifted_objection_forbids_nothing():
    met("opt_out_sale")
    row = objections.Objection.objects.get()
    objections.lift(objection=row, because="She asked", by=MAX, now=NOW)
    objections.lift(objection=row, because="Twice", by=LENA, now=NOW)

    assert objections.standing(identifiers.phone(ADA)) == {}


def test_a_restriction_is_a_hold_of_its_own_kind():
    done = met("restriction")

    hold = Hold.objects.get()
    assert (hold.kind, hold.placed_by) == (Hold.Kind.RESTRICTION, MAX)
    assert done.reference in hold.matter


def test_a_rectification_says_what_is_wrong():
    ticket = vouched(asked("rectification", **EUROPE))
    with pytest.raises(NothingToCorrect):
        requests.plan(ticket=ticket, by=LENA, now=NOW)


def test_a_rectified_value_stands_in_the_store_and_not_in_the_letter(town):
    done = met("rectification")

    found = town.execute("SELECT count(*) FROM person WHERE name = 'Ada Sampel'")
    assert found.fetchone()[0] == 2
    assert done.outcome == Outcome.WHOLE
    assert "name" in mail.outbox[0].body
    assert "Sampel" not in mail.outbox[0].body


def test_who_is_restricted_is_not_contacted_and_not_swept():
    met("restriction")
    for purpose in ("marketing", "service"):
        answer = check.may_send(
            identifiers.phone(ADA), channel="sms", now=NOW, purpose=purpose
        )
        assert (answer.allowed, answer.reason) == (False, "restricted")
    assert "but not use it" in answer.sentence


def test_a_restriction_ends_only_after_the_person_was_told():
    done = met("restriction")
    said = {"ticket": done, "by": MAX, "now": NOW}
    with pytest.raises(restrictions.NotTold):
        restrictions.lift(**said)
    with pytest.raises(restrictions.ReasonNeeded):
        restrictions.announce(reason=" ", **said)

    restrictions.announce(reason="The data has been corrected.", **said)
    restrictions.lift(**said)

    assert "corrected" in mail.outbox[-1].body
    assert Hold.objects.get().released_at == NOW
    with pytest.raises(restrictions.NotRestricted):
        restrictions.lift(**said)


def test_nobody_releases_a_restriction_past_the_letter():
    met("restriction")
    hold = Hold.objects.get()

    with pytest.raises(holds.TellFirst, match="from its request"):
        holds.release(hold=hold, by=MAX, now=NOW)
    assert Hold.objects.get().released_at is None


def test_a_restriction_stays_while_its_letter_waits(settings):
    done = met("restriction", email="")
    said = {"ticket": done, "by": MAX, "now": NOW}
    restrictions.announce(reason="Corrected.", **said)

    with pytest.raises(restrictions.NotTold):
        restrictions.lift(**said)


def test_who_objects_is_restricted_and_gets_no_messages():
    met("objection")

    assert Hold.objects.get().kind == Hold.Kind.RESTRICTION
    assert objections.forbids(identifiers.phone(ADA), "marketing")


@pytest.mark.parametrize(
    "right", ["objection", "objection_marketing", "opt_out_sale", "consent_withdrawal"]
)
def test_what_was_asked_for_with_an_erasure_is_stopped_after_it_too(town, right):
    """The erasure has ended the number; only its row is left."""
    erasing, stopping = intake.receive(
        rights=["erasure", right],
        regime="EU-GDPR",
        marks=[identifiers.phone(ADA), identifiers.email(ADAS_MAIL)],
        received_at=RECEIVED,
        source="form",
        by="person",
        now=NOW,
        email=ADAS_MAIL,
    )
    assert requests.fulfil(ticket=decided(erasing), clock=clock).closed_at
    assert not stopping.identifiers.filter(erased_at=None).exists()

    done = requests.fulfil(ticket=decided(stopping), clock=clock)
    assert (done.status, done.outcome) == (Status.ANSWERED, Outcome.WHOLE)

    stopped = Event.objects.filter(kind="opt_out", evidence__ticket=str(stopping))
    rows = stopping.identifiers.values_list("pk", flat=True)
    assert set(stopped.values_list("identifier", flat=True)) == set(rows)
    assert objections.forbids(identifiers.phone(ADA), FULFILMENTS[right].use)


def test_a_decision_in_part_needs_its_ground_and_tells_it():
    ticket = vouched(asked("objection", **EUROPE))
    said = {"ticket": ticket, "outcome": "part", "by": MAX, "now": NOW}
    with pytest.raises(tickets.GroundNeeded):
        requests.decide(reason="Half", **said)

    requests.decide(reason="Half", ground="COMPELLING", **said)
    done = requests.fulfil(ticket=ticket, clock=clock)

    assert (done.outcome, done.ground.code) == (Outcome.PART, "COMPELLING")
    assert "GDPR Art. 21(1)" in mail.outbox[0].body


# --- appeals ------------------------------------------------------------------
def appealed():
    first = asked("erasure", **(ASKED["appeal"]))
    requests.refuse(ticket=first, reason="No.", ground="UNFOUNDED", by=LENA, now=NOW)
    return first, asked("appeal", about=first, **ASKED["appeal"])


@pytest.mark.parametrize("outcome", ["whole", "denied"])
def test_who_decided_first_does_not_decide_the_appeal(outcome):
    _, appeal = appealed()
    said = {"reason": "x", "ground": "DECISION_STANDS", "by": LENA, "now": NOW}

    with pytest.raises(requests.SomebodyElse):
        requests.decide(ticket=appeal, outcome=outcome, **said)

    appeal.refresh_from_db()
    assert appeal.status == Status.RECEIVED


def test_an_appeal_that_is_granted_opens_what_was_refused_again():
    first, appeal = appealed()
    done = requests.fulfil(ticket=decided(appeal), clock=clock)

    again = Ticket.objects.get(about=appeal)
    assert (done.status, again.status) == (Status.ANSWERED, Status.RECEIVED)
    assert (again.right, again.request) == (first.right, appeal.request)


@pytest.mark.parametrize("source", ["mail", "post", "api", "form"])
def test_an_appeal_that_names_no_decision_is_decided_only_once_somebody_has(source):
    """By mail, by post, by another system or by a tick on the form."""
    first = appealed()[0]
    Ticket.objects.filter(about=first).delete()
    appeal = asked("appeal", source=source, **ASKED["appeal"])
    said = {"ticket": appeal, "reason": "x", "now": NOW, "ground": "DECISION_STANDS"}
    for outcome in ("whole", "denied"):
        with pytest.raises(appeals.WhichDecision):
            requests.decide(outcome=outcome, by=LENA, **said)
    with pytest.raises(appeals.WhichDecision):
        requests.refuse(by=LENA, **said)

    appeals.name(appeal=appeal, reference=str(first), by=LENA, now=NOW)

    assert appeal.about == first
    with pytest.raises(requests.SomebodyElse):
        requests.decide(outcome="denied", by=LENA, **said)
    requests.fulfil(ticket=decided(appeal), clock=clock)
    assert Ticket.objects.get(about=appeal).right == first.right
    assert audit.verify()


def test_only_a_decision_about_the_same_person_can_be_appealed_and_once():
    first, named = appealed()
    appeal = asked("appeal", **ASKED["appeal"])
    undecided = asked("access", **ASKED["appeal"])
    bens = asked("access", marks=[identifiers.phone("+12025550188")])
    requests.refuse(ticket=bens, reason="No.", ground="UNFOUNDED", by=LENA, now=NOW)

    for other in (first, named, undecided, bens, "R-2026-999999"):
        with pytest.raises(appeals.NoSuchDecision):
            appeals.name(appeal=appeal, reference=str(other), by=LENA, now=NOW)
    with pytest.raises(tickets.NotNow):  # it has its decision
        appeals.name(appeal=named, reference=str(first), by=LENA, now=NOW)
    requests.refuse(
        ticket=appeal, reason="Nothing.", ground="DECISION_STANDS", by=LENA, now=NOW
    )


def test_staff_name_the_decision_on_a_page_of_its_own(admin_client):
    first = appealed()[0]
    Ticket.objects.filter(about=first).delete()
    appeal = asked("appeal", **ASKED["appeal"])
    url = reverse("admin:dsr_ticket_against", args=[appeal.pk])

    page = admin_client.get(url).text
    assert f"{first}: Erasure" in page
    wrong = admin_client.post(url, {"reference": "R-2026-999999"})
    assert "Select a valid choice" in wrong.text
    said = admin_client.post(url, {"reference": str(first)}, follow=True)

    assert "is an appeal against that decision" in said.text
    appeal.refresh_from_db()
    assert appeal.about == first


def test_an_appeal_that_is_denied_changes_nothing():
    _, appeal = appealed()
    said = {"reason": "It stands.", "ground": "DECISION_STANDS"}
    requests.decide(ticket=appeal, outcome="denied", by=MAX, now=NOW, **said)

    assert appeal.status == Status.REFUSED
    assert not Ticket.objects.filter(about=appeal).exists()


# --- grounds ------------------------------------------------------------------
def test_of_a_ground_the_one_nearest_to_the_law_counts(now):
    def named(regime, right="erasure"):
        return grounds.named("legal_oblig", regime=regime, right=right, on=now.date())

    assert named("US-CA").citation == "Cal. Civ. Code 1798.105(d)(8)"
    assert named("EU-GDPR").citation == "GDPR Art. 17(3)(b)"
    assert named("US-VA").regime == "*"
    with pytest.raises(grounds.NoSuchGround):
        named("US-CA", right="access")


def test_a_ground_counts_only_while_it_is_in_force(now):
    Ground.objects.filter(code="FREQ_CAP").update(valid_to="2026-01-01")

    with pytest.raises(grounds.NoSuchGround):
        grounds.named("FREQ_CAP", regime="US-CA", right="access", on=now.date())


@pytest.mark.parametrize("right", Right)
def test_every_law_has_a_way_to_say_no_to_every_right(right, now):
    codes = {
        g.code for g in grounds.known(regime="EU-GDPR", right=right, on=now.date())
    }
    assert {"OTHER", "UNFOUNDED"} <= codes
