"""Nothing leaves but by the gate: under a contract, or by a paper of the law."""

import datetime as dt
import io
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from privacy import apikeys, audit, holds, identifiers, objections, promises
from privacy.models import (
    AuditEvent,
    Disclosure,
    LegalProcess,
    Provider,
    Purpose,
)
from privacy.providers import gate, processes, register
from privacy.refusals import ReasonNeeded
from tests.privacy.factories import LENA, column, signed_in, table

pytestmark = pytest.mark.django_db
ADA, BEN = "+12025550143", "ben@example.com"
FIELDS = ["profile_contact", "communications"]


@pytest.fixture
def carrier(now):
    """A service provider that routes messages."""
    row = register.add(
        name="Example Carrier",
        contract="DPA-7",
        purposes=["provide", "compliance"],
        categories=FIELDS,
        ends=None,
        owner="",
        by="pia",
        now=now,
    )
    register.agree(provider=row, by="max", now=now)
    row.refresh_from_db()
    return row


@pytest.fixture
def ask(now, carrier):
    def asked(**changed):
        question = {
            "recipient": carrier.name,
            "purpose": "provide",
            "fields": FIELDS,
        } | changed
        people = question.pop("people", ())
        return gate.check(gate.Transfer(**question), people=people, now=now)

    return asked


def subpoena(now, **changed):
    facts = {
        "reference": "24-CV-0101",
        "kind": "subpoena",
        "authority": "A court",
        "scope": "Messages of March",
        "received_on": dt.date(2026, 4, 1),
        "paper": b"%PDF-1.7 in the matter of",
    }
    return processes.record(**(facts | changed), by="lena", now=now)


# --- under a contract ---------------------------------------------------------
def test_what_the_contract_covers_may_go(ask):
    found = ask()

    assert found.allowed
    assert [each.reason for each in found.fields] == ["covered", "covered"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"recipient": "A data broker"}, "unknown_recipient"),
        ({"recipient": ""}, "unknown_recipient"),
        ({"purpose": "communicate"}, "purpose_not_covered"),
        ({"fields": ["profile_contact", "payment"]}, "field_not_covered"),
        ({"fields": ["no.such.column"]}, "field_not_covered"),
        ({"process": "nowhere"}, "unknown_process"),
    ],
)
def test_what_it_does_not_cover_stays(ask, changed, reason):
    found = ask(**changed)

    assert (found.allowed, found.reason) == (False, reason)
    assert found.sentence.startswith("No")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"contract": ""}, "no_contract"),
        ({"contract_ends": dt.date(2020, 1, 1)}, "contract_ended"),
        ({"is_active": False}, "inactive_recipient"),
    ],
)
def test_without_a_contract_in_force_nothing_goes(ask, carrier, changed, reason):
    Provider.objects.filter(pk=carrier.pk).update(**changed)

    assert ask().reason == reason


def test_its_last_day_is_a_day_of_the_contract(ask, carrier, now):
    Provider.objects.filter(pk=carrier.pk).update(contract_ends=now.date())

    assert ask().allowed


def test_many_fields_are_as_few_questions_as_one(ask):
    of = table()
    columns = [str(column(of, name=f"note_{n}")) for n in range(30)]
    with CaptureQueriesContext(connection) as one:
        ask(fields=[FIELDS[0], columns[0]])
    with CaptureQueriesContext(connection) as many:
        ask(fields=[*FIELDS, *columns])

    assert len(many) == len(one)


def test_columns_of_the_map_go_by_their_category(ask):
    of = table()
    body = column(of, category_id="communications")
    secret = column(
        of, name="token", category_id="communications", identifier="credential"
    )
    unknown = column(of, name="note")

    found = ask(fields=[str(body), str(secret), str(unknown)])

    reasons = [each.reason for each in found.fields]
    assert reasons == ["covered", "never_given", "not_classified"]


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [({"purpose": "sale"}, gate.NoSuchPurpose), ({"fields": []}, gate.NoFields)],
)
def test_what_makes_no_sense_is_refused(ask, changed, refusal):
    with pytest.raises(refusal):
        ask(**changed)


# --- the person ---------------------------------------------------------------
@pytest.mark.parametrize(
    ("use", "purpose", "goes"),
    [
        ("every", "provide", False),
        ("every", "compliance", True),  # GDPR Art. 17(3)(b): a duty of law
        ("marketing", "provide", True),
        ("marketing", "communicate", False),
        ("profiling", "improve", False),
    ],
)
def test_what_a_person_forbade_is_kept_back(ask, carrier, now, use, purpose, goes):
    row = identifiers.keep(identifiers.phone(ADA), now=now)
    objections.record(
        identifiers=[row], use=use, because="R-1", since=now, by="lena", now=now
    )
    carrier.purposes.set(Purpose.objects.all())
    people = [identifiers.understand(BEN), identifiers.understand(ADA)]

    found = ask(purpose=purpose, people=people)

    assert found.allowed is goes
    assert found.people == (() if goes else (1,))


def test_restricted_data_goes_for_a_legal_claim_alone(ask, carrier, now):
    mark = identifiers.phone(ADA)
    row = identifiers.keep(mark, now=now)
    held = holds.place(
        matter="R-2",
        kind="restriction",
        identifiers=[row],
        tables=[],
        by="lena",
        now=now,
    )
    carrier.purposes.set(Purpose.objects.all())

    assert ask(purpose="compliance", people=[mark]).reason == "person_forbids"
    assert ask(purpose="legal", people=[mark]).allowed
    holds.release(hold=held, by="lena", now=now, told_at=now)
    assert ask(purpose="compliance", people=[mark]).allowed


# --- by law -------------------------------------------------------------------
def test_a_paper_of_the_law_opens_the_gate_for_its_purpose_alone(ask, now):
    row = subpoena(now)
    changed = {"process": row.reference, "recipient": "", "fields": ["payment"]}

    assert ask(**changed, purpose="legal").reason == "legal_process"
    assert ask(**changed, purpose="provide").reason == "not_for_legal_process"
    assert b"matter" not in bytes(LegalProcess.objects.get().document.blob)
    assert not AuditEvent.objects.filter(payload__contains="matter of").exists()


def test_without_the_paper_it_is_not_on_file(now):
    with pytest.raises(processes.NoPaper):
        subpoena(now, paper=b"")
    subpoena(now)
    with pytest.raises(processes.Recorded):
        subpoena(now)
    assert LegalProcess.objects.count() == 1


def test_staff_record_one_with_its_paper():
    client = signed_in(LENA)
    url = reverse("admin:privacy_legalprocess_record")
    form = {
        "reference": "24-CV-0102",
        "kind": "court_order",
        "authority": "A court",
        "scope": "Everything of May",
        "received_on": "2026-06-01",
    }

    assert b"This field is required" in client.post(url, form).content
    paper = io.BytesIO(b"It is ordered")
    paper.name = "order.pdf"
    done = client.post(url, form | {"paper": paper}, follow=True)

    assert b"on file" in done.content
    assert LegalProcess.objects.get().recorded_by


# --- the register, the board ----------------------------------------------------
def left(now, **changed):
    facts = {
        "recipient": "Example Carrier",
        "purpose": "compliance",
        "fields": FIELDS,
    } | changed
    reason = facts.pop("reason", "Block list")
    said = {"what": "List of consent", "reason": reason, "people": 3}
    return gate.disclose(gate.Transfer(**facts), **said, by="lena", now=now)


def test_each_disclosure_is_entered_and_audited(carrier, now):
    row = left(now)

    assert (row.provider, row.people, row.categories) == (carrier, 3, sorted(FIELDS))
    assert AuditEvent.objects.filter(action="disclosure.made").count() == 1
    audit.verify()


def test_what_is_refused_leaves_no_entry_and_says_which_fields(carrier, now):
    with pytest.raises(
        gate.Refused,
        match=r"fields may not be disclosed\. "
        r"\(payment\)",
    ):
        left(now, fields=["payment", "communications"])
    with pytest.raises(ReasonNeeded):
        left(now, reason=" x ")
    assert not Disclosure.objects.exists()


def test_an_entry_has_exactly_one_ground(carrier, now):
    facts = {
        "purpose_id": "legal",
        "fields": ["payment"],
        "categories": [],
        "people": 0,
    }
    with pytest.raises(IntegrityError, match="one_ground"), transaction.atomic():
        Disclosure.objects.create(**facts, what="x", made_by="x", made_at=now)


def test_the_board_follows_the_register(carrier, now):
    def state(code):
        return promises.CHECKS[code](now=now).state

    left(now)
    left(now, recipient="", process=subpoena(now).reference, purpose="legal")
    codes = ("no-sell-no-share", "disclose-necessary", "legal-process")
    assert [state(code) for code in codes] == ["kept"] * 3
    carrier.categories.remove("communications")
    assert state("disclose-necessary") == "broken"
    audit.record(action="consent.exported", subject="list", by="x", now=now, rows=1)
    assert state("no-sell-no-share") == "broken"


# --- over HTTP and by command ---------------------------------------------------
def test_partner_systems_ask_the_gate(client, carrier, now):
    key = apikeys.create(name="etl", scopes=["disclosures:check"], by="pia", now=now)
    other = apikeys.create(name="crm", scopes=["consent:check"], by="pia", now=now)

    def asked(key, **changed):
        question = {"recipient": carrier.name, "purpose": "provide", "fields": FIELDS}
        return client.post(
            "/api/v1/disclosures/check",
            json.dumps(question | changed),
            content_type="application/json",
            headers={"authorization": f"Bearer {key}"},
        )

    yes = asked(key, people=[ADA])
    no = asked(key, purpose="communicate")
    assert (yes.status_code, yes.json()["allowed"]) == (200, True)
    assert yes.json()["fields"][0]["category"] == "profile_contact"
    assert (no.json()["allowed"], no.json()["reason"]) == (False, "purpose_not_covered")
    assert asked(key, purpose="sale").status_code == 400
    assert asked(key, fields=[]).status_code == 400
    assert asked(key, people=["nobody"]).status_code == 400
    assert asked(other).status_code == 403
    assert asked("sk_wrong").status_code == 401


def test_recipients_are_added_and_listed_by_command(now):
    def said(*words):
        out = io.StringIO()
        call_command("providers", *words, "--json", stdout=out)
        return json.loads(out.getvalue())

    covers = ("--purpose", "provide", "--category", "communications")
    said("add", "Example Host", "--contract", "DPA-1", *covers)

    (row,) = said("list")
    assert (row["name"], row["purposes"]) == ("Example Host", ["provide"])
    with pytest.raises(CommandError, match="already on the list"):
        said("add", "Example Host")
    with pytest.raises(CommandError, match="'sale' is not a purpose; choose from"):
        said("add", "Broker", "--purpose", "sale")
    assert Provider.objects.count() == 1


# --- four eyes on who gets what -------------------------------------------------------
def test_a_new_recipient_gets_nothing_until_a_second_person_agrees(ask, carrier, now):
    register.changed(provider=carrier, by="pia")
    assert ask().reason == "not_agreed"
    assert ask(is_duty=True).reason == "not_agreed"

    with pytest.raises(register.SamePerson):
        register.agree(provider=carrier, by="pia", now=now)
    register.agree(provider=carrier, by="max", now=now)

    assert ask().allowed
    with pytest.raises(register.NothingChanged):
        register.agree(provider=carrier, by="max", now=now)
    said = AuditEvent.objects.filter(action="provider.agreed").latest("pk")
    assert said.by == "max"


def test_who_changed_it_may_not_agree_to_what_another_changed_since(carrier, now):
    for name in ("pia", "paul"):
        register.changed(provider=carrier, by=name)

    for name in ("pia", "paul"):
        with pytest.raises(register.SamePerson):
            register.agree(provider=carrier, by=name, now=now)


@pytest.mark.parametrize(
    ("changed", "waits"),
    [
        ({"owner": "pia"}, False),
        ({"remind_after": "9"}, False),
        ({"contract": "DPA-8"}, True),
        ({"purposes": ["provide", "legal"]}, True),
        ({"categories": ["payment"]}, True),
        ({"way": "mail", "address": "dpo@example.org"}, True),
        ({"transfers-0-country": "DE"}, True),
    ],
)
def test_what_opens_a_way_out_waits_for_a_second_person(carrier, changed, waits):
    pia, lena = signed_in("pia"), signed_in(LENA)
    page = reverse("admin:privacy_provider_change", args=[carrier.pk])
    formset = {"TOTAL_FORMS": "1", "INITIAL_FORMS": "0"}
    form = {
        "name": carrier.name, "owner": "", "is_active": "on", "contract": "DPA-7",
        "purposes": ["provide", "compliance"], "categories": FIELDS, "way": "task",
        "duties": ["erase", "correct", "restrict", "stop"], "remind_after": "7",
        **{f"transfers-{name}": value for name, value in formset.items()},
    }  # fmt: skip
    assert pia.post(page, form | changed).status_code == 302

    carrier.refresh_from_db()
    assert carrier.changed_by == (["pia"] if waits else [])
    agree = reverse("admin:privacy_provider_agree", args=[carrier.pk])
    pia.post(agree)
    carrier.refresh_from_db()
    assert bool(carrier.changed_by) is waits
    lena.post(agree)
    carrier.refresh_from_db()
    assert carrier.changed_by == []
