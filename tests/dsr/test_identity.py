"""Nothing is shown, changed or deleted before we know that it is the person."""

import base64
import datetime as dt
import json
import re

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core import mail
from django.test import Client
from django.utils import timezone

from consent import inbox
from consent.carriers.base import Message
from consent.models import Program
from dsr import identity, links, messages, notices, submissions, uploads
from dsr.identity import account, asking, onfile, rules, sending
from dsr.identity.asking import AskedTooOften, NoSuchProof, WrongCode
from dsr.models import (
    IdentityDecision,
    IdentityRule,
    Proof,
    Representative,
    Right,
    Ticket,
    Upload,
)
from dsr.uploads import File
from privacy import audit, identifiers
from privacy.models import AuditEvent
from privacy.refusals import ReasonNeeded
from tests.dsr.factories import ADA, ADAS_MAIL, LENA, NOW, asked

pytestmark = pytest.mark.django_db
Method, State = Proof.Method, Proof.State
PDF = b"%PDF-1.7 a passport"
HOUSE = "+12025550100"
LATER = NOW + dt.timedelta(minutes=5)
MAIL_SERVER = "django.core.mail.backends.locmem.EmailBackend"


def by_mail(right="access", regime="EU-GDPR", address=ADAS_MAIL):
    return asked(right, regime=regime, marks=[identifiers.email(address)])


def proof_of(ticket, method, now=NOW):
    row = ticket.identifiers.get()
    return identity.ask(ticket=ticket, identifier_id=row.pk, method=method, now=now)


def code_of(proof):
    return Proof.objects.get(pk=proof.pk).code.open()


def proved(ticket, method=Method.MAIL, now=NOW):
    """As the person does it, and as workers look at it."""
    proof = proof_of(ticket, method, now)
    shows(proof, now)
    sending.check_confirmed(now=now)
    return proof


def shows(proof, now=NOW):
    """The code is typed if we sent it, and texted from the number if the page shows
    it."""
    if proof.method == Method.TEXT_IN:
        texted(identifiers.value(proof.identifier).value, code_of(proof), at=now)
        assert sending.take_texts(now=now, ticket=proof.ticket) == 1
    else:
        code = code_of(proof)
        identity.confirm(ticket=proof.ticket, proof_id=proof.pk, code=code, now=now)


def represented(ticket, capacity, **facts):
    return Representative.objects.create(
        ticket=ticket,
        capacity=capacity,
        details=audit.canonical({"name": "B"}),
        **facts,
    )


def decided(ticket, accepted=True, **facts):
    reason = {"reason": "Compared with the account", "by": LENA, "now": NOW}
    return identity.decide(ticket=ticket, accepted=accepted, **(reason | facts))


# --- the measure of the law ---------------------------------------------------------
@pytest.mark.parametrize(
    ("regime", "right", "level"),
    [
        ("US-CA", "access", "high"),  # 11 CCR 7062(c)
        ("US-CA", "portability", "high"),
        ("US-CA", "erasure", "reasonable"),  # 7062(d)
        ("EU-GDPR", "access", "reasonable"),  # Art. 12(6)
        ("US-VA", "erasure", "reasonable"),
        ("US-CA", "opt_out_sale", "none"),  # 7026(d)
        ("US-MN", "opt_out_profiling", "none"),
        ("EU-GDPR", "objection_marketing", "none"),  # Art. 21(3)
        ("unspecified", "consent_withdrawal", "none"),
    ],
)
def test_how_sure_each_law_wants_us_to_be(regime, right, level, now):
    rule = identity.needed(regime=regime, right=right, on=now.date())

    assert rule.level == level
    assert rule.citation


@pytest.mark.parametrize("right", Right.values)
def test_every_right_has_a_rule_under_every_law(right, now):
    assert identity.needed(regime="US-RI", right=right, on=now.date())


def test_a_rule_of_a_law_counts_from_its_first_day(now):
    IdentityRule.objects.create(
        regime="US-VA",
        right="erasure",
        level="high",
        citation="A law of tomorrow",
        mark="house",
        valid_from=dt.date(2027, 1, 1),
    )

    today = identity.needed(regime="US-VA", right="erasure", on=now.date())
    then = identity.needed(regime="US-VA", right="erasure", on=dt.date(2027, 1, 1))

    assert (today.level, then.level) == ("reasonable", "high")


def test_loading_again_changes_nothing():
    assert identity.load() == 0


# --- the gate -----------------------------------------------------------------------
def test_nobody_is_believed_at_first():
    with pytest.raises(identity.NotVerified, match="0 of 1 proofs"):
        identity.require(by_mail())


def test_an_opt_out_asks_for_no_proof():
    ticket = by_mail()
    ticket.right = Right.OPT_OUT_SALE

    identity.require(ticket)


def test_control_of_the_address_is_enough_in_europe(town):
    ticket = by_mail()
    proved(ticket)

    identity.require(ticket)


def test_california_wants_three_proofs_and_a_declaration_for_a_copy(town):
    """11 CCR 7062(c): two codes alone gave a copy of specific pieces."""
    second = identifiers.email("ada.work@example.com")
    marks = [identifiers.email(ADAS_MAIL), second, identifiers.phone(ADA)]
    ticket = asked("access", regime="US-CA", marks=marks)
    methods = (Method.MAIL, Method.MAIL, Method.TEXT_IN)
    for row, method in zip(ticket.identifiers.order_by("kind"), methods, strict=True):
        with pytest.raises(identity.NotVerified):
            identity.require(ticket)
        proof = identity.ask(
            ticket=ticket, identifier_id=row.pk, method=method, now=NOW
        )
        shows(proof)
        sending.check_confirmed(now=NOW)

    with pytest.raises(identity.NotVerified, match="penalty of perjury is not on file"):
        identity.require(ticket)
    links.make(ticket=ticket, language="en", now=NOW)
    declare(ticket)
    declare(ticket)  # by a double click

    identity.require(ticket)
    assert Proof.objects.filter(method=Method.DECLARED).count() == 1
    signed = ticket.messages.get()
    assert signed.text.open() == "I declare.\n\nAda Sample"


def declare(ticket):
    link = ticket.links.get()
    said = {"words": "I declare.", "name": " Ada Sample "}
    submissions.declare(link=link, now=NOW, **said)


def test_a_declaration_proves_no_number_and_is_no_point(town):
    ticket = by_mail(regime="US-CA")
    links.make(ticket=ticket, language="en", now=NOW)
    declare(ticket)

    found = identity.standing(ticket)

    assert "0 of 3 proofs" in found.missing[0]
    assert len(found.uncovered) == 1


def test_what_staff_match_adds_to_the_codes_each_number_once(town):
    ticket = by_mail(regime="US-CA")
    proved(ticket)
    links.make(ticket=ticket, language="en", now=NOW)
    declare(ticket)

    told = {"email": ADAS_MAIL, "name": "Ada Sample"}

    def missing(*points):
        identity.decide(ticket=ticket, accepted=True, reason="Compared", by=LENA,
            now=NOW, points=points, said=told)  # fmt: skip
        return " ".join(identity.standing(ticket).missing)

    assert "lena matched 2 of 3" in missing()
    assert missing("birth") == ""


def test_the_page_asks_for_the_declaration_and_takes_it(client):
    ticket = asked("access", regime="US-CA", marks=[identifiers.email(ADAS_MAIL)],
        received_at=timezone.now(), now=timezone.now())  # fmt: skip
    token = links.make(ticket=ticket, language="en", now=timezone.now())
    page = f"/privacy/request/{token}"
    form = {"do": "declare", "declare-declare_name": "Ada Sample"}

    assert "three facts that match" in client.get(page).text
    assert "tick the box to sign" in client.post(page, form).text
    form |= {"declare-declare_sure": "on"}
    done = client.post(page, form, follow=True).text

    assert "Your declaration is signed" in done
    assert 'value="declare"' not in done
    assert identity.is_declared(identity.standing(ticket).proofs)


def test_a_second_code_to_one_address_shows_nothing_new(town):
    ticket = by_mail(regime="US-CA")
    proved(ticket)
    proved(ticket)

    with pytest.raises(identity.NotVerified, match="1 of 3 proofs"):
        identity.require(ticket)


def test_what_nobody_proved_is_not_reached(town):
    """Somebody proves their own address and names another's number."""
    marks = [identifiers.email("mallory@example.com"), identifiers.phone(ADA)]
    ticket = asked("access", regime="EU-GDPR", marks=marks)
    own = ticket.identifiers.get(kind="email")
    proof = identity.ask(
        ticket=ticket, identifier_id=own.pk, method=Method.MAIL, now=NOW
    )
    identity.confirm(ticket=ticket, proof_id=proof.pk, code=code_of(proof), now=NOW)
    sending.check_confirmed(now=NOW)

    with pytest.raises(identity.NotVerified, match="is theirs"):
        identity.require(ticket)

    number = ticket.identifiers.get(kind="phone")
    identity.leave_out(
        ticket=ticket, identifier=number, reason="Not proved", by=LENA, now=NOW
    )
    identity.require(ticket)
    assert not ticket.identifiers.filter(kind="phone").exists()
    with pytest.raises(identity.deciding.LastOne):
        identity.leave_out(
            ticket=ticket, identifier=own, reason="Not proved", by=LENA, now=NOW
        )


@pytest.mark.parametrize("written", ["mallory@example.com", " Mallory@Example.COM "])
def test_no_letter_goes_to_an_address_that_was_left_out(town, mailoutbox, written):
    """Ada has proved her number; that Mallory's address, from which the mail came, is
    hers nobody has."""
    marks = [identifiers.email("mallory@example.com"), identifiers.phone(ADA)]
    facts = {"regime": "EU-GDPR", "marks": marks, "email": written}
    ticket, other = asked("access", **facts), asked("erasure", **facts)
    row = ticket.identifiers.get(kind="email")
    identity.leave_out(
        ticket=ticket, identifier=row, reason="Not proved", by=LENA, now=NOW
    )

    def goes_to(one):
        return notices.address_of(Ticket.objects.get(pk=one.pk))

    assert (goes_to(ticket), goes_to(other)) == ("", written)
    identifiers.forget(identifier=row, by=LENA, now=NOW)
    assert goes_to(ticket) == ""


def test_a_proof_counts_only_once_it_was_looked_whose_it_is(town):
    ticket = by_mail()
    proof = proof_of(ticket, Method.MAIL)
    identity.confirm(ticket=ticket, proof_id=proof.pk, code=code_of(proof), now=NOW)

    with pytest.raises(identity.NotVerified):
        identity.require(ticket)


# --- codes --------------------------------------------------------------------------
def test_a_code_goes_to_the_address_that_is_to_be_proved(mailoutbox):
    ticket = asked(
        "access",
        regime="EU-GDPR",
        marks=[identifiers.email(ADAS_MAIL)],
        email="new.address@example.net",
    )
    messages.write(ticket=ticket, text="Use newer@example.net from now on", now=NOW)
    proof = proof_of(ticket, Method.MAIL)

    assert sending.send_waiting(now=NOW) == 1
    assert sending.send_waiting(now=NOW) == 0
    (letter,) = mail.outbox
    assert letter.to == [ADAS_MAIL]
    assert code_of(proof) in letter.body


def test_what_no_mail_server_took_goes_with_the_next_round(mailoutbox, monkeypatch):
    proof_of(by_mail(), Method.MAIL)
    proof_of(by_mail(), Method.MAIL)

    def away(*_, **__):
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr(f"{MAIL_SERVER}.open", away)
        assert sending.send_waiting(now=NOW) == 0
    assert sending.send_waiting(now=NOW) == 2
    assert len(mail.outbox) == 2


def test_a_code_that_a_silent_server_may_have_taken_goes_no_second_time(
    mailoutbox, monkeypatch
):
    proof_of(by_mail(), Method.MAIL)

    def silent(*_, **__):
        raise TimeoutError

    with monkeypatch.context() as patched:
        patched.setattr(f"{MAIL_SERVER}.send_messages", silent)
        assert sending.send_waiting(now=NOW) == 0
    assert sending.send_waiting(now=NOW) == 0
    assert mail.outbox == []


def test_who_was_erased_meanwhile_keeps_nobody_else_waiting():
    gone, other = by_mail(address="gone@example.net"), by_mail()
    for ticket in (gone, other):
        proof = proof_of(ticket, Method.MAIL)
        identity.confirm(ticket=ticket, proof_id=proof.pk, code=code_of(proof), now=NOW)
    identifiers.forget(identifier=gone.identifiers.get(), by=LENA, now=NOW)

    assert sending.check_confirmed(now=NOW) == 1
    assert identity.standing(other).is_enough


@pytest.mark.parametrize("typed", ["{}", " {} ", "code: {}"])
def test_a_code_is_understood_as_people_type_it(typed):
    ticket = by_mail()
    proof = proof_of(ticket, Method.MAIL)
    code = code_of(proof)
    spaced = typed.format(f"{code[:3]} {code[3:]}")

    identity.confirm(ticket=ticket, proof_id=proof.pk, code=spaced, now=NOW)

    assert Proof.objects.get().state == State.CONFIRMED


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06}"


def test_after_five_wrong_codes_the_right_one_is_worth_nothing():
    ticket = by_mail()
    proof = proof_of(ticket, Method.MAIL)
    code = code_of(proof)
    for _ in range(rules.limit("wrong_codes")):
        with pytest.raises(WrongCode):
            identity.confirm(
                ticket=ticket, proof_id=proof.pk, code=wrong(code), now=NOW
            )

    with pytest.raises(WrongCode):
        identity.confirm(ticket=ticket, proof_id=proof.pk, code=code, now=NOW)
    assert Proof.objects.get().state == State.FAILED
    assert AuditEvent.objects.filter(action="proof.failed").exists()


def test_an_old_code_and_an_empty_one_are_wrong():
    ticket = by_mail()
    proof = proof_of(ticket, Method.MAIL)
    late = NOW + dt.timedelta(minutes=rules.limit("code_minutes"))

    for code, now in ((code_of(proof), late), ("", NOW), ("٤٨٢٩١٣", NOW)):
        with pytest.raises(WrongCode):
            identity.confirm(ticket=ticket, proof_id=proof.pk, code=code, now=now)


def test_a_new_code_ends_the_one_before():
    ticket = by_mail()
    first = proof_of(ticket, Method.MAIL)
    proof_of(ticket, Method.MAIL, now=LATER)

    with pytest.raises(WrongCode):
        identity.confirm(
            ticket=ticket, proof_id=first.pk, code=code_of(first), now=LATER
        )


def test_a_code_of_another_request_is_wrong():
    proof = proof_of(by_mail(), Method.MAIL)
    other = by_mail(address="ben@example.org")

    with pytest.raises(WrongCode):
        identity.confirm(ticket=other, proof_id=proof.pk, code=code_of(proof), now=NOW)


def test_a_request_asks_for_so_many_proofs_in_a_day():
    ticket = by_mail()
    for _ in range(rules.limit("proofs_of_a_request_in_a_day")):
        proof_of(ticket, Method.MAIL)

    with pytest.raises(AskedTooOften):
        proof_of(ticket, Method.MAIL)
    proof_of(ticket, Method.MAIL, now=NOW + dt.timedelta(days=1, minutes=1))


def test_nobody_is_flooded_through_many_requests(mailoutbox):
    limit = rules.limit("proofs_of_an_address_in_a_day")
    for _ in range(limit + 3):
        proof_of(by_mail(), Method.MAIL)
        sending.send_waiting(now=NOW)

    assert len(mail.outbox) == limit


def test_only_what_a_request_names_can_be_proved_and_only_fittingly():
    ticket = by_mail()
    stranger = identifiers.keep(identifiers.phone(ADA), now=NOW)

    for key, method in (
        (stranger.pk, Method.TEXT_IN),
        (ticket.identifiers.get().pk, Method.TEXT_IN),
        (ticket.identifiers.get().pk, "smell"),
    ):
        with pytest.raises(NoSuchProof):
            identity.ask(ticket=ticket, identifier_id=key, method=method, now=NOW)


def test_codes_are_sealed_and_go_when_they_have_served():
    ticket = by_mail()
    proof = proof_of(ticket, Method.MAIL)
    code = code_of(proof)
    assert code not in str(list(Proof.objects.values()))
    identity.confirm(ticket=ticket, proof_id=proof.pk, code=code, now=NOW)

    assert Proof.objects.get().code is None


# --- a code that is texted in -------------------------------------------------------
def texted(sender, text, at=LATER, number=1):
    inbox.receive(
        message=Message(
            carrier="twilio",
            carrier_message_id=f"SM{number}",
            sender=sender,
            recipient=HOUSE,
            text=text,
        ),
        now=at,
    )


def test_a_text_from_the_number_itself_is_the_proof(town):
    ticket = asked("access", regime="EU-GDPR", marks=[identifiers.phone(ADA)])
    proof = proof_of(ticket, Method.TEXT_IN)
    texted(ADA, f"My code is {code_of(proof)}.")

    assert sending.take_texts(now=LATER) == 1
    sending.check_confirmed(now=LATER)
    proof = Proof.objects.get()
    assert proof.evidence == "twilio:SM1"


def test_a_text_from_elsewhere_or_of_another_code_is_none(town):
    ticket = asked("access", regime="EU-GDPR", marks=[identifiers.phone(ADA)])
    proof = proof_of(ticket, Method.TEXT_IN)
    texted("+12025550199", code_of(proof))
    texted(ADA, wrong(code_of(proof)), number=2)

    assert sending.take_texts(now=LATER) == 0


@pytest.mark.parametrize("purpose", Proof.Purpose)
def test_the_code_that_the_page_shows_is_no_proof_when_it_is_typed_there(purpose):
    """Anybody who names the number sees it: only a text from the number shows who they
    are."""
    ticket = asked("access", regime="EU-GDPR", marks=[identifiers.phone(ADA)])
    proof = identity.ask(
        ticket=ticket,
        identifier_id=ticket.identifiers.get().pk,
        method=Method.TEXT_IN,
        purpose=purpose,
        now=NOW,
    )
    code = code_of(proof)

    for _ in range(rules.limit("wrong_codes")):
        proof.refresh_from_db()
        assert proof.state == State.ASKED
        with pytest.raises(WrongCode):
            identity.confirm(ticket=ticket, proof_id=proof.pk, code=code, now=NOW)

    proof.refresh_from_db()
    assert proof.state == State.FAILED
    texted(ADA, code)
    assert sending.take_texts(now=LATER) == 0


# --- what is on file ----------------------------------------------------------------
def test_a_link_goes_to_the_address_on_file_and_nowhere_else(town, mailoutbox):
    ticket = asked("access", regime="EU-GDPR", marks=[identifiers.phone(ADA)])
    proof_of(ticket, Method.ON_FILE)
    sending.send_waiting(now=NOW)

    (letter,) = mail.outbox
    assert letter.to == [ADAS_MAIL]
    token = re.search(r"/privacy/confirm/(\S+)", letter.body)[1]
    identity.confirm_by_link(token=token, now=LATER)
    with pytest.raises(WrongCode):
        identity.confirm_by_link(token=token, now=LATER)
    assert Proof.objects.get().state == State.CONFIRMED


def test_without_an_address_on_file_no_letter_goes(town, mailoutbox):
    marks = [identifiers.phone("+12025550177")]
    proof_of(asked("access", regime="EU-GDPR", marks=marks), Method.ON_FILE)

    sending.send_waiting(now=NOW)

    assert mail.outbox == []


def test_the_same_person_in_two_places_is_not_a_shared_number(town):
    """Ada is known twice, once in capitals."""
    known = onfile.look(identifiers.phone(ADA), at=NOW)

    assert known.is_known
    assert not known.is_shared


def test_a_number_that_two_people_share_shows_nothing(town):
    """Civ. Code 1798.145(p): households. A person decides."""
    town.execute(
        "INSERT INTO person (org_id, name, phone, email, seen_at)"
        " VALUES (1, 'Carl Sample', %s, 'carl@example.com', now())",
        [ADA],
    )
    ticket = asked("access", regime="EU-GDPR", marks=[identifiers.phone(ADA)])
    proved(ticket, Method.TEXT_IN)

    with pytest.raises(identity.NotVerified, match="More than one person"):
        identity.require(ticket)
    decided(ticket)
    identity.require(ticket)


def test_who_holds_a_number_today_shares_it_with_no_earlier_holder(town):
    """47 CFR 52.15(f): numbers are given out again. Zoë had Yusuf's before."""
    known = onfile.look(identifiers.phone("+12025550199"), at=NOW)

    assert known.names == {frozenset({"yusuf", "odé"})}
    assert {mark.value for mark in known.emails} == {"yusuf@example.net"}


# --- for somebody else --------------------------------------------------------------
def test_an_agent_needs_a_permission_and_the_person_themselves(town):
    """11 CCR 7063(a)."""
    ticket = by_mail("erasure", "US-CA")
    represented(ticket, "agent")
    proved(ticket)

    with pytest.raises(identity.NotVerified, match="signed permission"):
        identity.require(ticket)
    decided(ticket, may_act=True)
    identity.require(ticket)


def test_a_permission_alone_does_not_show_who_the_person_is():
    ticket = by_mail("erasure", "US-CA")
    represented(ticket, "agent")
    with pytest.raises(identity.NotVerified):
        identity.require(ticket)

    decided(ticket, accepted=False, may_act=True, reason="Nobody answered the code")

    with pytest.raises(identity.NotVerified):
        identity.require(ticket)


def test_a_power_of_attorney_ends_the_checks_of_the_person():
    """11 CCR 7063(b), Prob. Code 4121-4130; edge case 24."""
    ticket = by_mail("erasure", "US-CA")
    represented(ticket, "agent", has_power_of_attorney=True)
    decided(ticket, has_power_of_attorney=True)

    identity.require(ticket)


def test_an_agent_opts_out_with_a_permission_alone():
    """11 CCR 7026(j)."""
    ticket = by_mail()
    ticket.right = Right.OPT_OUT_SALE
    represented(ticket, "agent")
    with pytest.raises(identity.NotVerified, match="signed permission"):
        identity.require(ticket)

    decided(ticket, may_act=True)

    identity.require(ticket)


@pytest.mark.parametrize(
    ("capacity", "paper"),
    [("parent", "parental responsibility"), ("executor", "death certificate")],
)
def test_a_parent_and_an_executor_show_a_paper_and_no_code(capacity, paper):
    """A child, and somebody who has died, press no buttons."""
    ticket = by_mail("erasure")
    represented(ticket, capacity)
    with pytest.raises(identity.NotVerified, match=paper):
        identity.require(ticket)

    decided(ticket, may_act=True)

    identity.require(ticket)
    assert rules.capacity(capacity).citation


# --- what staff decide --------------------------------------------------------------
def test_documents_go_when_it_is_decided_and_the_permission_stays():
    ticket = by_mail()
    for purpose in ("identity", "authority"):
        file = File("p.pdf", PDF, len(PDF))
        uploads.keep(ticket=ticket, files=[file], purpose=purpose, now=NOW)

    decided(ticket)

    left = Upload.objects.filter(removed_at=None)
    assert [upload.purpose for upload in left] == ["authority"]
    assert AuditEvent.objects.filter(action="identity.accepted", by=LENA).exists()


def test_a_decision_has_a_reason():
    with pytest.raises(ReasonNeeded):
        decided(by_mail(), reason=" no ")

    assert not IdentityDecision.objects.exists()


def test_not_they_stays_not_they_until_somebody_decides_anew(town):
    ticket = by_mail()
    decided(ticket, accepted=False)
    proved(ticket)
    with pytest.raises(identity.NotVerified, match="can't be sure"):
        identity.require(ticket)

    decided(ticket, now=LATER)

    identity.require(ticket)


# --- sign-in to the account ---------------------------------------------------------
@pytest.fixture
def platform(settings):
    """Signs what the platform says; the key is the test's own."""
    key = Ed25519PrivateKey.generate()
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    settings.ACCOUNT_SIGN_IN_URL = "https://platform.example.com/sign-in"
    settings.ACCOUNT_KEY = base64.b64encode(raw).decode()

    def says(nonce, now=NOW, **facts):
        said = {"nonce": nonce, "audience": settings.PUBLIC_URL}
        said |= {"issued_at": now.isoformat(), **facts}
        body = packed(json.dumps(said).encode())
        return f"{body}.{packed(key.sign(body.encode()))}"

    return says


def packed(content):
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def nonce_of(ticket):
    there, nonce = account.begin(ticket=ticket, now=NOW)
    assert ADAS_MAIL not in there
    assert f"nonce={nonce}&" in there
    return nonce


def test_a_sign_in_is_as_good_as_two_proofs(platform, town):
    """11 CCR 7061."""
    ticket = by_mail(regime="US-CA")
    nonce = nonce_of(ticket)
    back = {"statement": platform(nonce, email=ADAS_MAIL.upper()), "nonce": nonce}

    assert account.finish(**back, now=NOW) == ticket
    sending.check_confirmed(now=NOW)
    identity.require(ticket)
    with pytest.raises(account.NotSigned):  # a second time
        account.finish(**back, now=NOW)


def test_an_account_of_somebody_else_shows_nothing(platform):
    nonce = nonce_of(by_mail())
    statement = platform(nonce, email="mallory@example.com")

    with pytest.raises(account.SomebodyElse):
        account.finish(statement=statement, nonce=nonce, now=NOW)


def test_what_is_not_signed_fresh_and_for_us_is_refused(platform, settings):
    nonce = nonce_of(by_mail())
    good = platform(nonce, email=ADAS_MAIL)
    old = platform(nonce, now=NOW - dt.timedelta(hours=1), email=ADAS_MAIL)
    foreign = platform(nonce, audience="https://other.example.com", email=ADAS_MAIL)
    body, signature = good.split(".")

    for bad in ("", "x", ".", f"{body}x.{signature}", f"{body}.", old, foreign):
        with pytest.raises(account.NotSigned):
            account.finish(statement=bad, nonce=nonce, now=NOW)


# --- on the page --------------------------------------------------------------------
@pytest.fixture
def path(client):
    Program.objects.create(
        name="House", numbers=[HOUSE], help_text="h", opt_out_text="o", opt_in_text="i"
    )
    form = {
        "rights": ["access"], "capacity": "self", "place": "EU-GDPR",
        "phone": ADA, "email": ADAS_MAIL,
    }  # fmt: skip
    return client.post("/privacy/request", form)["Location"].split("?")[0]


def press(client, path, kind, method):
    row = Proof._meta.get_field("identifier").related_model.objects.get(kind=kind)
    form = {"do": "ask", "identifier": row.pk, "method": method}
    return client.post(path, form, follow=True).content.decode()


def test_a_person_types_the_code_on_the_page(client, path, mailoutbox, town):
    page = press(client, path, "email", "mail")
    assert "If we can reach this address" in page
    sending.send_waiting(now=dt.datetime.now(dt.UTC))
    code = re.search(r"code is (\d{6})", mail.outbox[-1].body)[1]
    proof = Proof.objects.get()

    mistyped = {"do": "code", "proof": proof.pk, "code": wrong(code)}
    bad = client.post(path, mistyped, follow=True)
    assert "not right" in bad.content.decode()
    good = client.post(
        path, {"do": "code", "proof": proof.pk, "code": code}, follow=True
    )
    assert "That was right" in good.content.decode()
    assert Proof.objects.get().state == State.CONFIRMED


def test_a_person_texts_the_code_that_the_page_shows(client, path, town):
    page = press(client, path, "phone", "text_in")
    code = re.search(r"Send the code (\d{6})", page)[1]
    assert HOUSE in page
    early = client.post(path, {"do": "texted"}, follow=True).content.decode()
    assert "not arrived yet" in early

    texted(ADA, code, at=dt.datetime.now(dt.UTC))

    assert (
        "That was right"
        in client.post(path, {"do": "texted"}, follow=True).content.decode()
    )


def test_a_stranger_who_types_the_code_that_the_page_shows_is_told_no(
    client, path, town
):
    page = press(client, path, "phone", "text_in")
    code = re.search(r"Send the code (\d{6})", page)[1]
    proof = Proof.objects.get()

    typed = {"do": "code", "proof": proof.pk, "code": code}
    said = client.post(path, typed, follow=True).content.decode()

    assert "not right" in said
    proof.refresh_from_db()
    assert (proof.state, proof.attempts) == (State.ASKED, 1)


def test_what_was_shown_is_named_and_not_asked_for_again(client, path, town):
    page = press(client, path, "phone", "text_in")
    code = re.search(r"Send the code (\d{6})", page)[1]
    assert "Already shown" not in page
    assert page.count('name="method"') == 3

    texted(ADA, code, at=dt.datetime.now(dt.UTC))
    client.post(path, {"do": "texted"})
    page = client.get(path).content.decode()

    assert "Already shown: +1 ••• ••• ••43." in page
    assert re.findall(r'name="method"\s+value="(\w+)"', page) == ["mail"]


def test_the_page_says_the_same_of_a_number_nobody_knows(client, path, town):
    known = press(client, path, "phone", "on_file")
    other = {"rights": ["access"], "capacity": "self", "place": "EU-GDPR"}
    other |= {"phone": "+12025550177"}
    unknown_path = client.post("/privacy/request", other)["Location"].split("?")[0]
    row = Proof._meta.get_field("identifier").related_model.objects.get(
        hint__endswith="77"
    )
    form = {"do": "ask", "identifier": row.pk, "method": "on_file"}
    unknown = client.post(unknown_path, form, follow=True).content.decode()

    sentence = "If we know an e-mail address for this number"
    assert sentence in known
    assert sentence in unknown


@pytest.mark.parametrize(
    "form",
    [
        {"do": "ask", "identifier": "1 OR 1=1", "method": "mail"},
        {"do": "ask"},
        {"do": "code", "proof": "9" * 30, "code": "1"},
        {"do": "code"},
        {"do": "account"},
    ],
)
def test_nonsense_is_one_sentence(client, path, form):
    answer = client.post(f"{path}?lang=en", form)

    assert answer["Location"] == f"{path}?lang=en&problem=identity.wrong"
    answer = client.get(answer["Location"])
    assert "not right" in answer.content.decode()


def test_a_link_of_a_letter_confirms_only_when_it_is_pressed(client, town, mailoutbox):
    ticket = asked("access", regime="EU-GDPR", marks=[identifiers.phone(ADA)])
    now = dt.datetime.now(dt.UTC)
    proof_of(ticket, Method.ON_FILE, now=now)
    sending.send_waiting(now=now)
    path = re.search(r"/privacy/confirm/\S+", mail.outbox[-1].body)[0]

    looked = client.get(path).content.decode()
    assert "Did you make this request?" in looked
    assert Proof.objects.get().state == State.ASKED
    said = client.post(f"{path}?lang=de")
    assert said["Location"].startswith("/privacy/confirm?lang=de&done=")
    assert "Danke" in client.get(said["Location"]).text
    for made_up in ("/privacy/confirm?lang=de", said["Location"][:-1]):
        by_hand = client.get(made_up)
        assert by_hand.status_code == 404
        assert "Danke" not in by_hand.text
    assert "Wir machen" in client.get(said["Location"]).content.decode()
    assert Proof.objects.get().state == State.CONFIRMED
    assert client.get(path).status_code == 404


def test_the_platform_brings_a_person_back(client, path, platform, town):
    there = client.post(path, {"do": "account"})["Location"]
    nonce = re.search(r"nonce=([^&]+)", there)[1]
    now = dt.datetime.now(dt.UTC)

    refused = client.post("/privacy/account", {"statement": "nothing"})
    back = client.post(
        "/privacy/account",
        {"statement": platform(nonce, now=now, email=ADAS_MAIL, phone=ADA)},
    )

    assert refused.status_code == 403
    assert back["Location"].endswith(f"{path}?done=confirmed")
    assert Proof.objects.filter(state=State.CONFIRMED).count() == 2
    assert client.cookies["account"].value == ""


def test_whoever_is_sent_the_sign_in_of_a_stranger_proves_nothing_for_them(
    client, path, platform, town
):
    """Mallory asks for Ada's data, and sends Ada the address of the sign-in."""
    there = client.post(path, {"do": "account"})["Location"]
    nonce = re.search(r"nonce=([^&]+)", there)[1]
    kept = client.cookies["account"]
    assert (kept["secure"], kept["httponly"], kept["samesite"]) == (True, True, "None")
    statement = platform(nonce, now=dt.datetime.now(dt.UTC), email=ADAS_MAIL)

    adas = Client()
    for theirs in ("", "another"):
        adas.cookies["account"] = theirs
        refused = adas.post("/privacy/account", {"statement": statement})
        assert refused.status_code == 403
        assert path not in refused.text

    assert not Proof.objects.filter(state=State.CONFIRMED).exists()
    back = client.post("/privacy/account", {"statement": statement})
    assert back.status_code == 302


def test_our_number_is_no_short_code():
    Program.objects.create(
        name="S", numbers=["12345"], help_text="h", opt_out_text="o", opt_in_text="i"
    )

    assert asking.our_number() == ""
