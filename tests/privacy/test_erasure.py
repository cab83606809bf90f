"""One person's erasure: all of theirs, nobody else's, and proved."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from privacy import audit, erasure, holds, identifiers, plans
from privacy.erasure import running
from privacy.models import AuditEvent, Certificate, Column, Identifier, Plan

pytestmark = pytest.mark.django_db
ADA = "'00000000-0000-4000-8000-000000000001'"


@pytest.fixture
def ask(now):
    """Plans an erasure or a copy for the owner of a number."""

    def plan(number="+12025550143", how=erasure.plan):
        mark = identifiers.keep(identifiers.phone(number), now=now, revive=True)
        return how(identifiers=[mark], title="R-1", received_at=now, by="lena", now=now)

    return plan


def carry_out(plan, now):
    plans.approve(plan=plan, by="max", now=now)
    return erasure.carry_out(plan=plan, clock=lambda: now)


def one(direct, statement):
    return direct.execute(statement).fetchone()[0]


def rows(plan):
    return {(t["table"], t["action"]): t["rows"] for t in plan.summary["tables"]}


def test_a_plan_names_every_row_and_changes_nothing(town, ask):
    before = one(town, "SELECT md5(string_agg(p::text, '' ORDER BY id)) FROM person p")

    plan = ask()

    assert rows(plan) == {
        ("town.person_tag", "delete"): 1,
        ("town.receipt", "keep"): 1,
        ("town.message", "deidentify"): 3,
        ("town.person", "deidentify"): 2,
        ("town.message", "redact"): 1,
        ("town.person", "redact"): 1,
    }
    after = one(town, "SELECT md5(string_agg(p::text, '' ORDER BY id)) FROM person p")
    assert (after, plan.status) == (before, Plan.Status.PLANNED)


def test_an_erasure_is_listed_paused_resumed_and_cancelled_by_command(town, ask, now):
    def said(*arguments, by="operator"):
        out = io.StringIO()
        call_command("erasures", *arguments, "--by", by, "--json", stdout=out)
        return json.loads(out.getvalue())

    key = str(ask().pk)
    with pytest.raises(CommandError, match="not running"):
        said("pause", key)
    plans.approve(plan=Plan.objects.get(), by="max", now=now)

    steps = [said(verb, key)["status"] for verb in ("pause", "resume")]
    [listed] = said("list")
    ended = said("cancel", key)["status"]

    assert (*steps, ended) == ("paused", "approved", "cancelled")
    assert (listed["plan"], listed["rows"], listed["ended"]) == (key, 9, 0)
    assert (said("list"), len(said("list", "--all"))) == ([], 1)
    trail = AuditEvent.objects.filter(subject=f"plan:{key}", by="operator")
    assert {"plan.paused", "plan.resumed", "plan.cancelled"} == {
        event.action for event in trail
    }
    with pytest.raises(CommandError, match="Nobody here is called"):
        said("resume", key, by="nobody")


def test_an_erasure_leaves_no_copy_in_any_notation(town, ask, now):
    done = carry_out(ask(), now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    for table in ("person", "message", "receipt", "person_tag"):
        left = one(
            town,
            f"SELECT count(*) FROM {table} t WHERE t::text ~* 'ada.sample@' OR "
            "t::text ~ '(^|[^0-9])1?[( ]*202[-. )]*555[-. ]*0143([^0-9]|$)'",
        )
        assert (table, left) == (table, 0)


def test_an_erasure_touches_nothing_of_anybody_else(town, ask, now):
    carry_out(ask(), now)

    assert one(town, "SELECT name || phone FROM person WHERE name ~ 'Ben'") == (
        "Ben Sample+12025550117"
    )
    assert one(town, "SELECT note FROM person WHERE name ~ 'Ben'") == (
        "Friend of Ada, [redacted]"
    )
    assert one(town, "SELECT extra->>'n' FROM person WHERE name ~ 'Ben'") is None
    assert one(town, "SELECT count(*) FROM message WHERE body ~ '1202555014312'") == 1
    business = "SELECT count(*) FROM message WHERE '+12025550100' IN"
    assert one(town, f"{business} (from_number, to_number)") == 7
    assert one(town, "SELECT amount FROM receipt")


def test_a_certificate_is_signed_and_holds_no_personal_data(town, ask, now):
    done = carry_out(ask(), now)

    certificate = Certificate.objects.get(plan=done)
    document = json.loads(certificate.document)
    assert document["residue"]["left"] == 0
    ended = {(t["table"], t["action"]): t["ended"] for t in document["tables"]}
    assert ended[("town.person", "deidentify")] == 2
    assert ended[("town.message", "redact")] == 1
    assert not any(
        word in certificate.document.lower()
        for word in ("5550143", "sample@", "example.com", "+1202")
    )


def test_the_identifiers_are_forgotten_and_the_digest_stays(town, ask, now):
    carry_out(ask(), now)

    left = Identifier.objects.get(
        pk=identifiers.find(identifiers.phone("2025550143")).pk
    )
    assert (left.value, left.hint) == (None, "")
    assert Identifier.objects.filter(erased_at=None).count() == 0
    text = "".join(AuditEvent.objects.values_list("payload", flat=True))
    assert not any(word in text for word in ("5550143", "example.com"))
    assert audit.verify() > 3


def test_a_person_who_was_erased_can_ask_again(town, ask, now):
    carry_out(ask(), now)

    again = carry_out(ask(), now)

    assert again.status == Plan.Status.DONE
    assert Identifier.objects.filter(erased_at=None).count() == 0


def test_the_planner_can_not_approve(town, ask, now):
    plan = ask()

    with pytest.raises(plans.SecondPersonNeeded):
        plans.approve(plan=plan, by="lena", now=now)

    assert Plan.objects.get().status == Plan.Status.PLANNED


@pytest.mark.parametrize(
    "change",
    [
        f"UPDATE person SET note = 'new' WHERE id = {ADA}",
        f"INSERT INTO message (person_id, sent_at) VALUES ({ADA}, now())",
        "DELETE FROM person_tag",
        "INSERT INTO message (body, sent_at) VALUES ('call 202-555-0143', now())",
    ],
)
def test_execution_refuses_when_anything_changed_after_the_preview(
    town, ask, now, change
):
    plan = ask()
    town.execute(change)

    done = carry_out(plan, now)

    assert done.status == Plan.Status.REFUSED
    assert one(town, f"SELECT name FROM person WHERE id = {ADA}") == "Ada Sample"


def test_an_erasure_goes_on_only_under_the_map_that_was_approved(town, ask, now):
    plan = ask()
    plans.approve(plan=plan, by="max", now=now)
    running.begin_many(some=[plan], clock=lambda: now)
    name = Column.objects.filter(table__name="person", name="name")
    treated = name.get().treatment
    name.update(treatment={"strategy": "keep"}, ground="Changed in the middle")

    with pytest.raises(plans.Waits, match="The map of town changed after the preview"):
        erasure.carry_out(plan=plan, clock=lambda: now)

    plan.refresh_from_db()
    assert (plan.status, plan.ranges.exclude(status="open").count()) == ("running", 0)
    assert plan.waits.endswith("change it back, or cancel this plan.")
    name.update(treatment=treated, ground="")
    done = erasure.carry_out(plan=plan, clock=lambda: now)
    assert (done.status, done.waits) == (Plan.Status.DONE, "")


def test_a_hold_keeps_the_person_and_a_later_one_stops_the_statement(town, ask, now):
    plan = ask()
    mark = identifiers.find(identifiers.phone("+12025550143"))
    holds.place(matter="Doe v. Roe", identifiers=[mark], tables=[], by="lena", now=now)

    done = carry_out(plan, now)

    assert done.status == Plan.Status.INCOMPLETE
    assert one(town, f"SELECT name FROM person WHERE id = {ADA}") == "Ada Sample"
    assert one(town, "SELECT count(*) FROM person_tag") == 2
    assert {action for _, action in rows(ask())} == {"keep"}, "also where others wrote"
    assert identifiers.value(mark).value == "+12025550143"


def test_the_history_of_a_number_stays_with_its_earlier_owner(town, ask, now):
    plan = ask("+12025550199")

    assert rows(plan)[("town.person", "deidentify")] == 1
    assert plan.summary["withheld"] == 2
    done = carry_out(plan, now)
    assert done.status == Plan.Status.DONE, done.problem
    assert one(town, "SELECT phone FROM person WHERE name = 'Zoë Ruiz'") == (
        "+12025550199"
    )
    assert one(town, "SELECT body FROM message WHERE sent_at = '2023-05-05'") == (
        "Call me on 2025550199"
    )
    assert one(town, "SELECT count(*) FROM person WHERE name = 'Yusuf Odé'") == 0


def test_a_copy_for_the_person_holds_their_rows_and_no_other_persons(town, ask, now):
    from privacy import disclosure

    town.execute(
        "UPDATE message SET body = body || ' or ask +12025550117' "
        "WHERE body ~ 'my number'"
    )
    plan = ask(how=erasure.plan_access)
    plans.approve(plan=plan, by="lena", now=now)
    done = erasure.carry_out(plan=plan, clock=lambda: now)

    copy = {str(table): list(found) for table, found in disclosure.rows(done)}

    assert done.status == Plan.Status.DONE
    assert len(copy["town.person"]) == 2
    bodies = [row["body"] for row in copy["town.message"]]
    assert "Thanks, my number is 202-555-0143 or ask [another person's, redacted]" in (
        bodies
    )
    assert "0117" not in json.dumps(list(copy.values()))


def test_a_copy_keeps_days_and_invoices_and_leaves_out_numbers(town, ask, now):
    from privacy import disclosure

    town.execute(
        "UPDATE message SET body = body || ' R21-00871 of 20210309, ask 0171 39200 14'"
        " WHERE body ~ 'my number'"
    )
    plan = ask(how=erasure.plan_access)
    plans.approve(plan=plan, by="lena", now=now)
    done = erasure.carry_out(plan=plan, clock=lambda: now)

    copy = json.dumps([list(rows) for _, rows in disclosure.rows(done)])

    assert f"R21-00871 of 20210309, ask {disclosure.OTHERS}" in copy


def test_a_person_who_is_not_there_is_told_apart_from_done(town, ask, now):
    plan = ask("+12025550177")

    assert plan.summary["tables"] == []
    assert carry_out(plan, now).status == Plan.Status.DONE


def test_an_unknown_column_is_an_exception_that_the_plan_names(town, ask):
    town.execute("ALTER TABLE person ADD COLUMN nickname text")

    plan = ask()

    assert plan.summary["exceptions"] == ["town.person.nickname is not in the map."]


def test_a_row_that_the_store_refuses_is_never_reported_as_done(town, ask, now):
    town.execute("ALTER TABLE person ADD CHECK (name IS NOT NULL)")

    done = carry_out(ask(), now)

    assert done.status == Plan.Status.INCOMPLETE
    assert "town.person" in done.problem
    assert one(town, "SELECT count(*) FROM person_tag") == 1
    assert not Certificate.objects.exists()


def test_a_certificate_is_a_signed_pack_with_a_paper(town, ask, now, tmp_path):
    done = carry_out(ask(), now)
    file = tmp_path / "certificate.zip"

    call_command("erasures", "certificate", str(done.pk), str(file))

    tool = Path(__file__).resolve().parents[2] / "tools" / "verify_audit.py"
    checked = subprocess.run(
        [sys.executable, "-I", "-S", tool, file], capture_output=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    with zipfile.ZipFile(file) as pack:
        said = json.loads(pack.read("certificate.json"))
        assert pack.read("certificate.pdf").startswith(b"%PDF")
    assert (said["version"], said["label"]) == (2, "pseudonymised")
    searched = {each["store"]: each for each in said["residue"]["searched"]}
    assert (searched["town"]["tables"], searched["town"]["rows"]) == (5, 16)
    assert searched["portal"]["sealed"] > 0


def test_there_is_no_pack_without_a_certificate(town, ask):
    with pytest.raises(CommandError, match="no certificate"):
        call_command("erasures", "certificate", str(ask().pk), "x.zip")


def test_a_table_that_nobody_mapped_keeps_the_certificate_back(town, ask, now):
    plan = ask()
    town.execute("CREATE TABLE copied (said text)")

    done = carry_out(plan, now)

    assert done.status == Plan.Status.INCOMPLETE
    assert "town.copied could not be searched" in done.problem
    assert not Certificate.objects.exists()


def test_what_waits_together_is_proved_in_one_reading(town, ask, now):
    some = [ask(), ask("+12025550117")]
    for plan in some:
        plans.approve(plan=plan, by="max", now=now)

    done = erasure.carry_out_many(some=some, clock=lambda: now)

    assert [plan.residue["together"] for plan in done] == [2, 2]
    assert Certificate.objects.count() == 2
