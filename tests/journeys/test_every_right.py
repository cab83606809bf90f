"""A request for each right, from its arrival to the closing letter in their language.

One portal does all of them at once: what is slow is the start of its workers.
"""

import email
import email.policy
import re
from dataclasses import dataclass, field

import pytest
from django.conf import settings

from dsr import rate
from dsr.models import Ticket
from privacy.sample.cast import EMIL, FINN
from tests.dsr.mails import mail
from tests.journeys.conftest import command, eventually, ring

pytestmark = pytest.mark.django_db(transaction=True)
FORM = "/privacy/request"
TICKETS = "/admin/dsr/ticket/"


@dataclass
class Journey:
    """`says` is a piece of the closing letter; `weigh` is what legal decides; `check`
    is what the consent check says afterwards, by purpose."""

    right: str
    says: str
    language: str = "en"
    place: str = "EU-GDPR"
    who: str = ""
    weigh: dict = field(default_factory=dict)
    check: dict = field(default_factory=dict)
    path: str = ""
    ticket: Ticket | None = None

    @property
    def address(self):
        return self.who or f"{self.right.replace('_', '.')}@example.net"


WHOLE = {"outcome": "whole", "reason": "Weighed."}
NO_PROOF = (  # must be asked for
    "complaint", "opt_out_sale", "limit_sensitive", "objection_marketing",
    "consent_withdrawal", "opt_out_targeted_ads", "opt_out_profiling",
)  # fmt: skip
UNASKED, STOPPED = "no_consent_on_record", "opted_out"
JOURNEYS = [
    Journey("rectification", "Lo que hemos corregido", "es", who=FINN.email),
    Journey("portability", "Sie erhalten sie auf einem eigenen", "de", who=EMIL.email),
    Journey("restriction", "nous conservons ces données", "fr", weigh=WHOLE),
    Journey(
        "objection",
        "Was wir nicht tun, und warum: Wir haben zwingende",
        "de",
        weigh=WHOLE | {"outcome": "part", "ground": "COMPELLING"},
    ),
    Journey("automated_decision", "We agree with you. Weighed.", weigh=WHOLE),
    Journey("complaint", "Commissioner", place="UK-GDPR", weigh=WHOLE),
    Journey("opt_out_sale", "No le trataremos peor", "es", place="US-CA"),
    Journey("limit_sensitive", "We will not treat you differently", place="US-CA"),
    Journey(
        "objection_marketing",
        "à compter du moment où nous avons reçu",
        "fr",
        check={"marketing": STOPPED, "service": "no_consent_needed"},
    ),
    Journey(
        "consent_withdrawal",
        "Das haben wir getan, mit Wirkung ab dem Zeitpunkt",
        "de",
        place="UK-GDPR",
        check={"marketing": STOPPED, "service": STOPPED},
    ),
    Journey(
        "opt_out_targeted_ads",
        "Lo hemos hecho, con efecto desde el momento",
        "es",
        place="US-VA",
        check={"targeted_ads": "objected", "profiling": UNASKED, "marketing": UNASKED},
    ),
    Journey(
        "opt_out_profiling",
        "We have done so, from the moment we received your request",
        place="US-CT",
        check={"profiling": "objected", "targeted_ads": UNASKED, "marketing": UNASKED},
    ),
]


@pytest.fixture(autouse=True)
def no_tries_yet():
    rate.counters.clear()


def letters_to(address):
    files = (settings.DATA_DIR / "outbox").glob("*")
    read = [
        email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)
    ]
    return [each.get_content() for each in read if each["To"] == address]


def has_come(address, words):
    """A line break of the mail is no part of a sentence."""
    return any(words in " ".join(each.split()) for each in letters_to(address))


# --- arrival and proof ------------------------------------------------------------
def asks(visitor, journey):
    """By the public form, in their language."""
    there = f"{FORM}?lang={journey.language}"
    visitor.get(there)
    answer = visitor.submit(
        there,
        rights=[journey.right],
        capacity="self",
        place=journey.place,
        email=journey.address,
        reply=journey.address,
    )
    assert re.fullmatch(FORM + r"/[\w-]+", answer.path), answer.page
    journey.path = answer.path
    journey.ticket = Ticket.objects.latest("pk")


def asks_for_a_code(visitor, journey):
    html = visitor.get(journey.path).body.decode()
    button = re.search(
        r'name="identifier" value="(\d+)">\s*<input[^>]*value="mail"', html
    )
    assert button, visitor.get(journey.path).page
    visitor.submit(journey.path, do="ask", identifier=button[1], method="mail")


def codes_of(journey):
    """Not the six digits of a reference."""
    return re.findall(r"(?<!-)\b\d{6}\b", "\n".join(letters_to(journey.address)))


def proves(visitor, journey):
    assert eventually(lambda: any(codes_of(journey))), letters_to(journey.address)
    html = visitor.get(journey.path).body.decode()
    proof = re.search(r'name="proof" value="(\d+)"', html)[1]
    code = codes_of(journey)[-1]
    answer = visitor.submit(journey.path, do="code", proof=proof, code=code)
    assert answer.path == journey.path


# --- decision ---------------------------------------------------------------------
def decides(lena, max_, journey):
    page = f"{TICKETS}{journey.ticket.pk}/"
    if journey.weigh:
        return lena.submit(f"{page}decide/", **journey.weigh).page
    if journey.right == "portability":
        lena.submit(f"{page}plan/")
    elif journey.right == "rectification":
        change = {"field_1": "sample.leads.first_name", "after_1": "Fynn"}
        lena.submit(f"{page}correct/", **change)
    else:
        return ""  # the law leaves nothing to decide
    return max_.submit(f"{page}approve/").page


def is_proved(journey):
    return journey.ticket.identifiers.filter(proofs__checked_at__isnull=False).exists()


def is_over(journey):
    journey.ticket.refresh_from_db()
    return not journey.ticket.is_open


def checks(visitor, key, journey):
    """What other systems are told when they ask whether they may write to them."""
    said = {"email": journey.address, "channel": "email"}
    return {
        purpose: visitor.post_json(
            "/api/v1/consent/check", said | {"purpose": purpose}, key
        ).json["reason"]
        for purpose in journey.check
    }


def appeals(visitor, lena, max_, tmp_path):
    """By `.eml`: what is refused can be appealed, and somebody else decides."""
    file = tmp_path / "request.eml"
    words = "Under the Virginia Consumer Data Protection Act, delete all my data."
    file.write_bytes(mail(words, Subject="Delete my personal data"))
    command("mail", "ingest", str(file))
    ticket = Ticket.objects.get(right="erasure")
    page = f"{TICKETS}{ticket.pk}/"
    writer = "somebody@example.org"
    lena.submit(f"{page}write/", text=letter_of(lena, page))
    assert eventually(lambda: has_come(writer, FORM)), letters_to(writer)
    path = re.search(FORM + r"/[\w-]+", "".join(letters_to(writer)))[0]
    lena.submit(f"{page}refuse/", ground="UNFOUNDED", reason="A joke.")
    ring("send letters again")
    assert eventually(lambda: has_come(writer, "you can appeal"))

    visitor.get(path)
    form = {"appeal-appeal_which": str(ticket), "appeal-appeal_reason": "It is none."}
    visitor.submit(path, do="appeal", **form)
    appeal = Ticket.objects.get(right="appeal")
    own = f"{TICKETS}{appeal.pk}/"
    max_.submit(f"{own}who/", accepted="yes", reason="The same person")
    weighed = {"outcome": "whole", "reason": "They are right."}
    assert "took the first decision" in lena.submit(f"{own}decide/", **weighed).page
    max_.submit(f"{own}decide/", **weighed)

    assert eventually(lambda: has_come(writer, "We agree with you. They are right."))
    assert Ticket.objects.filter(right="erasure", closed_at=None).count() == 1


def letter_of(lena, page):
    """The letter that asks who they are, as the page fills it in."""
    shown = lena.get(f"{page}write/").body.decode()
    number = re.search(
        r'value="(\d+)"\s*>Ask them to show who they are, English', shown
    )
    filled = lena.get(f"{page}write/?letter={number[1]}").body.decode()
    return re.search(r"<textarea[^>]*>(.*?)</textarea>", filled, re.DOTALL)[1]


def test_every_right_ends_with_its_letter(
    sample, two_workers, visitor, sign_in, tmp_path
):
    lena, max_ = sign_in("lena.legal"), sign_in("max.legal")
    key = command("apikey", "create", "platform", "--scope", "consent:check")["key"]
    by_code = [each for each in JOURNEYS if each.right not in NO_PROOF]
    for journey in JOURNEYS:
        asks(visitor, journey)
    for journey in by_code:
        asks_for_a_code(visitor, journey)
    for journey in by_code:
        proves(visitor, journey)
    ring("look at proofs of identity")
    assert eventually(lambda: all(is_proved(each) for each in by_code))
    said = {each.right: decides(lena, max_, each) for each in JOURNEYS}
    ring("carry on approved requests")

    for journey in JOURNEYS:
        assert eventually(lambda one=journey: is_over(one)), said[journey.right]
        assert eventually(lambda one=journey: has_come(one.address, one.says)), (
            letters_to(journey.address)
        )
        page = visitor.get(f"{journey.path}?lang=en").page
        assert "We have answered" in page, journey.right
        assert journey.says in page
        assert checks(visitor, key, journey) == journey.check, journey.right
    corrected = sample.execute(
        "SELECT first_name FROM leads WHERE email = %s", [FINN.email]
    ).fetchall()
    assert {name for (name,) in corrected} == {"Fynn"}
    appeals(visitor, lena, max_, tmp_path)
