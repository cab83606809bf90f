"""Answers of the Reassigned Numbers Database: each is kept, and ends what it was asked
about."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import Client

from consent import check, lookup, reassigned
from consent.evidence import facts as packed
from consent.models import Event, Listing, ReassignedAnswer
from privacy import apikeys, identifiers
from privacy.models import AuditEvent
from tests.consent.factories import ACME, ADA, later, told

pytestmark = pytest.mark.django_db
BEA = "+12025550118"


def take(text, now, **changed):
    facts = {"source": "rnd.csv", "by": "pia"} | changed
    return reassigned.take(content=text.encode(), now=now, **facts)


def may(now):
    facts = {"channel": "voice", "organization": ACME, "now": now}
    return check.may_ever(identifiers.phone(ADA), **facts).reason


def test_every_answer_is_kept_and_a_yes_is_an_event(now, tmp_path, capsys):
    told("opt_in", later(now, days=-300), organization=ACME, channel="voice")
    file = tmp_path / "answers.csv"
    file.write_text(f"Phone,Answer\n{ADA},YES\n{BEA},no_data\nletters,no\n")

    call_command("consent", "reassigned", str(file), "--asked", "2026-11-02", "--json")

    counts = {"yes": 1, "no data": 1, "not a number": 1}
    assert json.loads(capsys.readouterr().out) == counts
    kept = ReassignedAnswer.objects.order_by("pk").values_list("answer", flat=True)
    assert set(kept) == {"yes", "no data"}
    assert Listing.objects.get().identifier == identifiers.find(identifiers.phone(ADA))
    event = Event.objects.get(kind="reassignment")
    assert (event.route, event.evidence["asked"]) == ("rnd", "2026-11-02")
    assert may(now) == "reassigned"
    row = AuditEvent.objects.get(action="reassigned.taken")
    assert "0117" not in row.payload


@pytest.mark.parametrize(
    "text",
    [
        f"phone,date,answer\n{ADA},10/20/2026,yes\n",
        f"tn,asked,result\n{ADA},2026-10-20,yes\n",
    ],
)
def test_an_old_answer_taken_again_ends_no_later_consent(now, text):
    told("opt_in", later(now, days=-300), organization=ACME, channel="voice")
    take(text, later(now, days=-20), asked="2026-11-04")
    assert may(later(now, days=-20)) == "reassigned"
    told("opt_in", later(now, days=-10), organization=ACME, channel="voice")

    again = take(text, now, asked="2026-11-04")

    assert (again["yes"], again["known"]) == (1, 1)
    assert Event.objects.filter(kind="reassignment").count() == 1
    assert may(now) == "opted_in"
    take(f"phone,answer\n{ADA},yes\n", now, asked="2026-09-01")
    assert may(now) == "opted_in", "an older answer takes back nothing newer"


def test_the_same_file_without_a_day_counts_as_of_when_it_first_came(now):
    text = f"phone,answer\n{ADA},yes\n"
    take(text, later(now, days=-40))
    told("opt_in", later(now, days=-10), organization=ACME, channel="voice")

    assert take(text, now)["known"] == 1
    assert may(now) == "opted_in"


def test_what_was_said_on_the_day_that_was_asked_about_has_ended(now):
    told("opt_in", now, organization=ACME, channel="voice")
    day = now.date().isoformat()

    take(f"phone,date,answer\n{ADA},{day},yes\n", later(now, days=3))

    assert may(later(now, days=3)) == "reassigned"


def test_a_no_is_shown_where_it_must_be_proved_and_never_changes(now):
    told("opt_in", now, organization=ACME, channel="voice")
    take(f"phone,date,answer\n{ADA},2026-11-01,no\n", now, asked="2026-11-20")

    said = (
        "Reassigned Numbers Database, asked on 20 November 2026 about 1 November 2026: "
        "no."
    )
    finding = lookup.look_up(text=ADA, by="sam", now=now)
    assert said in finding.words()
    mark = identifiers.phone(ADA)
    facts = {"reason": "A claim", "by": "lena", "now": now}
    pack = packed.about(mark, identifiers.find(mark), **facts)
    (asked,) = pack["reassigned_numbers"]
    assert (asked["sentence"], len(asked["file"])) == (said, 64)
    assert may(now) == "opted_in"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ReassignedAnswer.objects.update(answer="yes")


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("a,b\n1,2\n", reassigned.NotAnswers),
        (f"phone,answer\n{BEA},no\n{ADA},maybe\n", reassigned.NotAnswers),
        (f"phone,answer,date\n{BEA},no,2026-11-30\n", reassigned.NotADay),
        (f"phone,answer,date\n{BEA},no,soon\n", reassigned.NotADay),
        (f"phone,answer,date,asked\n{BEA},no,11/02/2026,11/01/2026\n",
         reassigned.NotADay),
        (f"phone,answer\n{BEA},no\n{ADA},no\n", reassigned.TooManyAnswers),
    ],
)  # fmt: skip
def test_of_a_file_that_is_something_else_nothing_is_taken(text, refusal, now):
    with pytest.raises(refusal):
        take(text, now, most=1)

    assert not ReassignedAnswer.objects.exists()


def test_a_file_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(CommandError, match="can't be read"):
        call_command("consent", "reassigned", str(tmp_path / "no.csv"))


def posted(client, text):
    file = SimpleUploadedFile("rnd.csv", text.encode())
    page = "/admin/consent/reassignedanswer/take/"
    return client.post(page, {"file": file, "asked": "2026-11-02"})


def test_support_takes_them_in_on_a_page(support):
    assert "no columns phone" in posted(support, "x\n1\n").content.decode()
    assert posted(support, f"phone,answer\n{ADA},no\n").status_code == 302
    assert ReassignedAnswer.objects.get().source == "rnd.csv"


def test_a_stranger_may_not(stranger):
    assert posted(stranger, f"phone,answer\n{ADA},no\n").status_code == 403


def test_a_partner_hands_them_over(now):
    key = apikeys.create(name="crm", scopes=["consent:write"], by="max", now=now)
    answer = Client().post(
        "/api/v1/consent/reassigned?asked=2026-11-02",
        f"phone,answer\n{ADA},no\n",
        content_type="text/csv",
        headers={"authorization": f"Bearer {key}"},
    )

    assert (answer.status_code, answer.json()) == (200, {"no": 1})
