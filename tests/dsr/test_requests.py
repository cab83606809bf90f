"""A person is answered: from the request to the proof."""

import io
import json
import zipfile

import psycopg
import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection

from dsr import intake, packages, requests, tickets
from dsr.models import Notice, Right, Ticket
from dsr.requests import fulfilling
from privacy import audit, identifiers, plans
from privacy.datamap import files
from privacy.models import Plan
from tests.conftest import address_of
from tests.dsr.factories import vouched
from tests.privacy import messaging

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(connect, now):
    _, direct = connect("town", messaging.SCRIPT)
    files.load(text=messaging.MAP, by="pia", now=now)
    return direct


def ask(now, right=Right.ERASURE, **changes):
    said = {
        "right": right,
        "regime": "gdpr",
        "marks": [identifiers.phone("(202) 555-0143")],
        "received_at": now,
        "source": Ticket.Source.STAFF,
        "by": "lena",
        "now": now,
        "email": "ada.sample@example.com",
    }
    return vouched(intake.open(**{**said, **changes}))


def answer(ticket, now):
    requests.plan(ticket=ticket, by="lena", now=now)
    requests.approve(ticket=ticket, by="max", now=now)
    return requests.fulfil(ticket=ticket, clock=lambda: now)


def test_a_request_has_a_number_a_date_and_the_arithmetic(now):
    ticket = ask(now)

    assert ticket.reference == "R-2026-000001"
    assert ticket.due_date.isoformat() == "2026-12-24"
    assert "GDPR Art. 12(3)" in ticket.arithmetic
    assert ask(now).reference == "R-2026-000002"


def test_an_erasure_is_planned_approved_carried_out_and_answered(town, now):
    done = answer(ask(now), now)

    assert done.status == Ticket.Status.ANSWERED
    assert done.plan.status == Plan.Status.DONE
    assert done.plan.certificate.signature
    assert mail.outbox[0].to == ["ada.sample@example.com"]
    assert (
        "What stays, and why:\n- Receipt: Tax records. The law obliges us to keep it"
        in (mail.outbox[0].body)
    )
    assert requests.fulfil(ticket=done, clock=lambda: now).status == done.status
    assert len(mail.outbox) == 1


def test_a_copy_has_json_csv_and_a_page_and_only_their_rows(town, now):
    town.execute("UPDATE person SET note = '=cmd()' WHERE name = 'Ada Sample'")

    done = answer(ask(now, Right.ACCESS), now)

    content = b"".join(packages.stream(ticket=done, by="lena", now=now))
    archive = zipfile.ZipFile(io.BytesIO(content))
    data = json.loads(archive.read("data.json"))
    assert len(data["tables"]["town.message"]) == 3
    assert "'=cmd()" in archive.read("town.person.csv").decode()
    page = archive.read("index.html").decode()
    assert "Profile" in page
    assert "http" not in page
    texts = [n for n in archive.namelist() if n.endswith((".csv", ".html", ".json"))]
    texts.remove("manifest.json")  # digests
    assert b"0117" not in b"".join(archive.read(name) for name in texts)
    assert done.status == Ticket.Status.ANSWERED


def test_a_copy_is_sealed_and_goes_after_its_days(town, now):
    import datetime as dt

    done = answer(ask(now, Right.ACCESS), now)
    later = now + dt.timedelta(days=31)

    assert not bytes(done.package.parts.get().content).startswith(b"PK")
    assert packages.expire(now=later) == 1
    with pytest.raises(packages.NoPackage):
        b"".join(packages.stream(ticket=done, by="lena", now=later))


def test_the_planner_can_not_approve_an_erasure(town, now):
    ticket = ask(now)
    requests.plan(ticket=ticket, by="lena", now=now)

    with pytest.raises(plans.SecondPersonNeeded):
        requests.approve(ticket=ticket, by="lena", now=now)

    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.PLANNED


def test_a_plan_that_reality_left_behind_brings_the_request_back(town, now):
    ticket = ask(now)
    requests.plan(ticket=ticket, by="lena", now=now)
    requests.approve(ticket=ticket, by="max", now=now)
    town.execute("UPDATE person SET note = 'new' WHERE name = 'Ada Sample'")

    back = requests.fulfil(ticket=ticket, clock=lambda: now)

    assert (back.status, back.due_date) == (Ticket.Status.RECEIVED, ticket.due_date)
    assert answer(back, now).status == Ticket.Status.ANSWERED


def test_why_a_request_came_back_is_known_by_its_own_plans(town, now):
    ticket, other = ask(now), ask(now)
    left = requests.plan(ticket=ticket, by="lena", now=now)
    requests.approve(ticket=ticket, by="max", now=now)
    town.execute("UPDATE person SET note = 'new' WHERE name = 'Ada Sample'")
    Plan.objects.filter(pk=left.pk).update(title=f"Erasure for {other.reference}")

    back = requests.fulfil(ticket=ticket, clock=lambda: now)

    left.refresh_from_db()
    assert left.problem
    assert requests.why_back(back) == left.problem
    assert requests.why_back(other) == ""


def test_a_new_plan_takes_the_place_of_the_old(town, now):
    ticket = ask(now)
    first = requests.plan(ticket=ticket, by="lena", now=now)

    second = requests.plan(ticket=ticket, by="lena", now=now)

    first.refresh_from_db()
    assert (first.status, ticket.plan) == (Plan.Status.CANCELLED, second)


def test_a_request_is_refused_with_a_reason_only(now):
    ticket = ask(now)

    with pytest.raises(tickets.ReasonNeeded):
        tickets.refuse(ticket=ticket, reason=" ", ground="OTHER", by="lena", now=now)
    tickets.refuse(
        ticket=ticket, reason="Not verified", ground="ID_FAIL", by="lena", now=now
    )

    assert ticket.status == Ticket.Status.REFUSED
    with pytest.raises(tickets.NotNow):
        tickets.withdraw(ticket=ticket, reason="Late", by="lena", now=now)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"right": "wishes"}, intake.UnknownRight),
        ({"regime": "the law"}, intake.UnknownRegime),
        ({"marks": []}, intake.NobodyNamed),
    ],
)
def test_bad_input_is_one_sentence_and_opens_nothing(now, changes, refusal):
    with pytest.raises(refusal):
        ask(now, **changes)

    assert not Ticket.objects.exists()


def test_a_request_from_the_future_is_refused(now):
    import datetime as dt

    with pytest.raises(intake.FromTheFuture):
        ask(now, received_at=now + dt.timedelta(minutes=1))


def test_the_trail_and_the_tables_hold_no_personal_data(town, now):
    from django.db import connection

    answer(ask(now), now)

    with connection.cursor() as cursor:
        for table in ("dsr_ticket", "dsr_notice", "privacy_auditevent", "privacy_plan"):
            cursor.execute(
                f"SELECT coalesce(string_agg(t::text, ''), '') FROM {table} t"
            )
            text = cursor.fetchone()[0].lower()
            assert not any(word in text for word in ("5550143", "sample@", "ada "))
    assert audit.verify() > 5


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("dsr_ticket_closed_has_its_time", {"status": "answered"}),
        ("dsr_ticket_under_way_has_a_plan", {"status": "planned"}),
    ],
)
def test_the_database_refuses_a_half_closed_request(now, constraint, change):
    from django.db import IntegrityError, transaction

    ticket = ask(now)

    with pytest.raises(IntegrityError, match="dsr_ticket"), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(**change)


def run(*words):
    out = io.StringIO()
    call_command(*words, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_commands_go_from_receipt_to_proof(town, now, tmp_path, monkeypatch):
    from dsr.management.commands import dsr as command

    monkeypatch.setattr(command, "PATIENCE", 0)
    monkeypatch.setattr(command.tasks.fulfil, "delay", lambda pk: None)
    by = ("--by", "operator")
    made = run("dsr", *by, "new", "--right", "erasure", "--regime", "ccpa",
               "--phone", "202-555-0143")  # fmt: skip
    planned = run("dsr", "plan", made["id"])
    ticket = tickets.find(made["id"])
    requests_by_second(ticket, now)
    done = run("dsr", "fulfil", made["id"], "--wait")

    assert made["due"] > made["received"][:10]
    assert planned["plan"]["tables"]
    assert (done["status"], done["plan"]["residue"]["left"]) == ("answered", 0)
    assert json.loads(done["certificate"]["document"])["plan"] == done["plan"]["id"]


@pytest.mark.parametrize(
    ("reply_to", "address"),
    [
        ((), "ada.sample@example.com"),
        (("--reply-to", "a@example.org"), "a@example.org"),
    ],
)
def test_the_letter_of_an_erasure_goes_to_the_address_that_it_erased(
    town, now, mailoutbox, monkeypatch, reply_to, address
):
    from dsr.management.commands import dsr as command

    monkeypatch.setattr(command, "PATIENCE", 0)
    monkeypatch.setattr(command.tasks.fulfil, "delay", lambda pk: None)
    made = run("dsr", "--by", "operator", "new", "--right", "erasure", "--regime",
               "ccpa", "--email", "ada.sample@example.com", *reply_to)  # fmt: skip
    run("dsr", "plan", made["id"])
    requests_by_second(tickets.find(made["id"]), now)

    run("dsr", "fulfil", made["id"], "--wait")

    assert mailoutbox[-1].to == [address]
    assert "erased or made unrecognisable" in mailoutbox[-1].body


def printed(*words):
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_a_plan_is_printed_as_tables_of_what_ends_and_what_stays(town, now):
    made = run("dsr", "new", "--right", "erasure", "--regime", "ccpa",
               "--phone", "202-555-0143")  # fmt: skip
    text = printed("dsr", "plan", made["id"])
    said = tickets.find(made["id"]).plan.summary
    goes = next(t for t in said["tables"] if t["action"] != "keep")
    blocks = text.split("\n\n")

    head, *lines = blocks[0].splitlines()
    assert head.split("  ")[0] == "table"
    assert any(line.split()[:2] == [goes["table"], str(goes["rows"])] for line in lines)
    assert all(each["ground"] in text for each in said["tables"])
    assert f"Next, another person: dsr approve {made['id']} --by NAME" in blocks[-1]


def test_what_a_plan_does_not_reach_is_counted_wherever_it_is_shown(town, now):
    made = run("dsr", "new", "--right", "erasure", "--regime", "ccpa",
               "--phone", "202-555-0143")  # fmt: skip
    run("dsr", "plan", made["id"])
    plan = tickets.find(made["id"]).plan
    plan.summary["exceptions"] = ["The one.", "The other."]
    plan.save()

    listed = "\n- The one.\n- The other."
    assert f"With 2 exceptions:{listed}" in printed("dsr", "show", made["id"])
    Plan.objects.filter(pk=plan.pk).update(
        status="excepted", approved_by="max", approved_at=now, planned_by="lena"
    )
    shown = printed("dsr", "show", made["id"])
    assert f"Plan: Done, with 2 exceptions:{listed}" in shown


def test_what_is_not_approved_says_what_comes_first(town, now):
    made = run("dsr", "new", "--right", "erasure", "--regime", "ccpa",
               "--phone", "202-555-0143")  # fmt: skip
    with pytest.raises(CommandError, match=f"no plan .* dsr plan {made['id']}"):
        run("dsr", "fulfil", made["id"])
    run("dsr", "plan", made["id"])
    with pytest.raises(CommandError, match=f"dsr approve {made['id']} --by NAME"):
        run("dsr", "fulfil", made["id"])


def test_a_wrong_step_says_what_the_request_is_and_what_there_is(town, now):
    made = run("dsr", "new", "--right", "erasure", "--regime", "ccpa",
               "--phone", "202-555-0143")["id"]  # fmt: skip
    denied = ("--outcome", "denied", "--reason", "No such person")
    for words, sentence in (
        (("decide", made, *denied), "asks for Erasure.*nothing else to decide"),
        (("refuse", made, "--reason", "It is kept"), r"no such ground .* it has \w+, "),
        (("plan", made, "--change", "a.b.c=d"), "does not ask for a correction"),
    ):
        with pytest.raises(CommandError, match=sentence):
            run("dsr", *words)
    run("dsr", "plan", made)
    requests_by_second(tickets.find(made), now)
    with pytest.raises(CommandError, match="is “Approved”; that can't be done now"):
        run("dsr", "plan", made)


def requests_by_second(ticket, now):
    requests.approve(ticket=ticket, by="max", now=now)


def test_unknown_numbers_are_one_sentence(now):
    with pytest.raises(CommandError, match="no request with that number"):
        call_command("dsr", "show", "R-2000-000001")


def test_notices_that_could_not_be_sent_wait_for_staff(town, now):
    done = answer(ask(now, email=""), now)

    assert done.status == Ticket.Status.ANSWERED
    assert Notice.objects.get().sent_at is None


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_finds_another_one_answering_goes_on(town, now, monkeypatch):
    ticket = ask(now)
    with monkeypatch.context() as patch:
        patch.setattr(fulfilling, "_answer", _dies)
        with pytest.raises(Died):
            answer(ticket, now)
    with connection.cursor() as cursor:  # whoever waits for the lock fails
        cursor.execute("SET lock_timeout = '2s'")

    with psycopg.connect(address_of(connection.settings_dict["NAME"]).conninfo) as one:
        query = "SELECT 1 FROM dsr_ticket WHERE id = %s FOR UPDATE"
        one.execute(query, [ticket.pk])
        done = requests.fulfil(ticket=ticket, clock=lambda: now)

        assert done.status == Ticket.Status.FULFILLING
        assert not Notice.objects.filter(
            ticket=ticket, kind=Notice.Kind.ANSWER
        ).exists()
    done = requests.fulfil(ticket=ticket, clock=lambda: now)
    assert done.status == Ticket.Status.ANSWERED


class Died(Exception):
    """The worker, before it had answered."""


def _dies(ticket, now):
    raise Died
