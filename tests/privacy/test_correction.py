"""A wrong value becomes the right one, once a second person has seen both."""

import json

import pytest

from privacy import correction, erasure, holds, identifiers, plans
from privacy.admin.plans.shown import describe
from privacy.correction import Change
from privacy.models import Hold, Plan, PlannedRow

pytestmark = pytest.mark.django_db
NAME = "town.person.name"


@pytest.fixture
def ada(now):
    return identifiers.keep(identifiers.phone("+12025550143"), now=now)


@pytest.fixture
def propose(town, ada, now):
    def make(*changes):
        return correction.plan(
            identifiers=[ada],
            changes=changes,
            title="Correction for R-1",
            received_at=now,
            by="lena",
            now=now,
        )

    return make


def carried_out(plan, now):
    plans.approve(plan=plan, by="max", now=now)
    return erasure.carry_out(plan=plan, clock=lambda: now)


def names(town):
    found = town.execute("SELECT name FROM person ORDER BY id").fetchall()
    return [name for (name,) in found]


def test_a_value_is_corrected_in_every_row_of_the_person_and_in_no_other(
    town, propose, now
):
    done = carried_out(propose(Change(NAME, after="Ada Sampel")), now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    assert names(town) == [
        "Ada Sampel", "Ada Sampel", "Ben Sample", "Zoë Ruiz", "Yusuf Odé",
    ]  # fmt: skip


def test_only_the_wrong_value_is_corrected_when_it_is_named(town, propose, now):
    carried_out(propose(Change(NAME, after="Ada Sampel", before="ADA SAMPLE")), now)
    assert names(town)[:2] == ["Ada Sample", "Ada Sampel"]


def test_a_path_in_json_is_corrected_and_the_rest_of_it_stays(town, propose, now):
    carried_out(propose(Change("town.person.extra.ip", after="198.51.100.9")), now)

    found = town.execute("SELECT extra FROM person WHERE name = 'Ada Sample'")
    assert found.fetchone()[0] == {"ip": "198.51.100.9", "utm": "x"}


def test_several_fields_of_a_row_are_one_change(town, propose, now):
    plan = propose(
        Change(NAME, after="Ada Sampel", before="Ada Sample"),
        Change("town.person.note", after="Moved", before="Her sister called"),
    )
    assert plan.rows.count() == 1
    carried_out(plan, now)
    found = town.execute("SELECT name, note FROM person ORDER BY id").fetchone()
    assert found == ("Ada Sampel", "Moved")


def test_the_second_person_sees_before_and_after_and_the_rows_hold_neither(propose):
    plan = propose(Change(NAME, after="Ada Sampel", before="Ada Sample"))

    assert describe(plan).changes == [(NAME, "Ada Sample", "Ada Sampel")]
    assert "Sampel" not in json.dumps(plan.summary)
    stored = PlannedRow.objects.values_list("change", "key").get()
    assert "Samp" not in str(stored)


def test_who_proposed_it_can_not_approve_it(propose, now):
    plan = propose(Change(NAME, after="Ada Sampel"))
    with pytest.raises(plans.SecondPersonNeeded):
        plans.approve(plan=plan, by="lena", now=now)


def test_the_digest_covers_what_is_to_be_written(propose):
    first = propose(Change(NAME, after="Ada Sampel"))
    second = propose(Change(NAME, after="Ada Simple"))
    assert first.digest != second.digest


def test_a_row_that_changed_after_the_preview_refuses_the_plan(town, propose, now):
    plan = propose(Change(NAME, after="Ada Sampel"))
    town.execute("UPDATE person SET name = 'Ada Other' WHERE name = 'Ada Sample'")

    done = carried_out(plan, now)

    assert done.status == Plan.Status.REFUSED
    assert "Ada Other" in names(town)


def test_a_value_that_changes_while_it_runs_is_left_alone(
    town, propose, now, monkeypatch
):
    plan = propose(Change(NAME, after="Ada Sampel", before="Ada Sample"))
    ending = correction.ending

    def after_somebody_else(*given):
        town.execute("UPDATE person SET name = 'Ada Other' WHERE name = 'Ada Sample'")
        return ending(*given)

    monkeypatch.setattr(correction, "ending", after_somebody_else)
    done = carried_out(plan, now)

    assert done.status == Plan.Status.INCOMPLETE
    assert "1 rows have changed since" in done.problem
    assert "Ada Other" in names(town)


def test_carried_out_twice_is_once(town, propose, now):
    done = carried_out(propose(Change(NAME, after="Ada Sampel")), now)
    assert erasure.carry_out(plan=done, clock=lambda: now).status == Plan.Status.DONE


def test_a_legal_hold_keeps_the_row_and_a_restriction_does_not(town, propose, ada, now):
    holds.place(
        matter="R-1", identifiers=[ada], tables=[], by="max", now=now,
        kind=Hold.Kind.RESTRICTION,
    )  # fmt: skip
    done = carried_out(propose(Change(NAME, after="Ada Sampel")), now)
    assert done.status == Plan.Status.DONE
    assert "Ada Sampel" in names(town)

    holds.place(matter="Case", identifiers=[ada], tables=[], by="max", now=now)
    done = carried_out(propose(Change(NAME, after="Ada Simple")), now)
    assert (done.status, plans.progress(done)["held"]) == (Plan.Status.DONE, 2)
    assert "Ada Simple" not in names(town)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ([], correction.NothingToCorrect),
        ([Change("", after="x")], correction.NothingToCorrect),
        ([Change("town.person.shoe", after="x")], correction.NoSuchField),
        ([Change("person.name", after="x")], correction.NoSuchField),
        ([Change("town.person.id", after="x")], correction.NotCorrectable),
        ([Change("town.person.org_id", after="2")], correction.NotCorrectable),
        ([Change("town.message.to_number", after="+1")], correction.NotCorrectable),
        ([Change(NAME, after="x" * 61)], correction.NotCorrectable),
        ([Change(NAME, after="x", before="Nobody")], correction.NothingFound),
    ],
)
def test_what_can_not_be_corrected_is_said_and_nothing_is_planned(
    propose, changes, refusal
):
    with pytest.raises(refusal) as refused:
        propose(*changes)

    assert str(refused.value).endswith(".")
    assert not Plan.objects.exists()


def test_what_is_right_already_is_nothing_to_correct(propose):
    with pytest.raises(correction.NothingFound):
        propose(Change(NAME, after="Ada Sample", before="Ada Sample"))
