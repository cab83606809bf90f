"""What an erasure leaves where no treatment reaches, and what a person decides."""

import json

import pytest
from django.core.management import call_command
from django.db import IntegrityError
from django.urls import reverse

from privacy import erasure, holds, identifiers, leftovers, plans, stores
from privacy.datamap import files
from privacy.models import AuditEvent, Certificate, Column, Leftover, Plan, Table
from privacy.plans import SecondPersonNeeded
from privacy.refusals import ReasonNeeded, Refusal
from tests.journeys.conftest import command
from tests.privacy import messaging
from tests.privacy.factories import ARI, LENA, MAX, SAM, signed_in, staff

pytestmark = pytest.mark.django_db
ADA = identifiers.phone("+12025550143")
SECRET = "call 202-555-0143"
MORE = f"""
ALTER TABLE tag ADD raw bytea;
UPDATE tag SET raw = convert_to('{SECRET}', 'UTF8');
INSERT INTO tag VALUES (2, 'Ada who ends in 0143');
"""
NAME = "Mrs 202 555 0143.jpg"
WHY = "GDPR Art. 17(3)(e): legal claims"


@pytest.fixture
def town(connect, now, tmp_path):
    _, direct = connect("town", messaging.SCRIPT + MORE)
    files.load(text=messaging.MAP, by="pia", now=now)
    raw = Table.objects.get(name="tag").columns.filter(name="raw")
    raw.update(state="accepted", not_personal="A drawing", category=None, treatment={})
    (tmp_path / NAME).write_bytes(b"\0picture")
    stores.connect(name="pictures", url=f"file://{tmp_path}", by="pia", now=now)
    return direct


@pytest.fixture
def erased(town, now):
    """Ada's erasure, carried out as far as it goes."""
    mark = identifiers.keep(ADA, now=now, revive=True)
    plan = erasure.plan(
        identifiers=[mark], title="R-1", received_at=now, by=LENA, now=now
    )
    plans.approve(plan=plan, by=MAX, now=now)
    return erasure.carry_out(plan=plan, clock=lambda: now)


def at(place):
    return Leftover.objects.filter(place=place).latest("pk")


def decided(place, decision, now, **said):
    return leftovers.decide(
        leftovers=[at(place)], decision=decision, by=LENA, now=now, **said
    )


def carried_out(plan, now):
    plans.approve(plan=plan, by=MAX, now=now)
    return erasure.carry_out(plan=plan, clock=lambda: now)


def test_each_place_waits_for_a_person_and_its_content_is_nowhere(erased):
    found = {(each.place, each.kind) for each in leftovers.waiting(erased)}

    assert erased.status == Plan.Status.INCOMPLETE
    assert found == {
        ("town.tag.raw", "copy"),
        ("pictures.file names", "copy"),
        ("town.tag.label", "hint"),
    }
    pages = signed_in(LENA).get(reverse("admin:privacy_leftover_changelist")).text
    assert "town.tag.raw" in pages
    assert "0143" not in pages + str(list(Leftover.objects.values()))


def test_a_content_is_shown_for_a_reason_that_is_recorded(erased, now):
    page = reverse("admin:privacy_leftover_look", args=[at("town.tag.raw").pk])
    lena = signed_in(LENA)

    without = lena.post(page, {"reason": " "})
    shown = lena.post(page, {"reason": "Ticket 7"})

    event = AuditEvent.objects.get(action="leftover.revealed")
    assert SECRET not in without.text
    assert SECRET in shown.text
    assert "Ticket 7" in event.payload
    assert SECRET not in event.payload
    with pytest.raises(ReasonNeeded):
        leftovers.reveal(leftover=at("town.tag.raw"), reason="", by=LENA, now=now)


def test_what_is_decided_ends_stays_or_goes_and_the_certificate_says_it(
    erased, town, now
):
    emptied = decided("town.tag.raw", "empty", now)
    assert town.execute("SELECT count(raw) FROM tag").fetchone() == (1,)
    with pytest.raises(SecondPersonNeeded):
        plans.approve(plan=emptied, by=LENA, now=now)
    assert carried_out(emptied, now).status == Plan.Status.DONE
    assert town.execute("SELECT count(raw) FROM tag").fetchone() == (0,)

    decided("pictures.file names", "keep", now, ground=WHY)
    erased.refresh_from_db()
    assert erased.status == Plan.Status.INCOMPLETE  # a hint is still to be looked at

    redacted = decided("town.tag.label", "redact", now, words="ada\n0143")
    assert carried_out(redacted, now).status == Plan.Status.DONE
    label = town.execute("SELECT label FROM tag WHERE id = 2").fetchone()[0]
    assert label == "[redacted] who ends in [redacted]"

    erased.refresh_from_db()
    said = json.loads(Certificate.objects.get(plan=erased).document)["residue"]
    assert (erased.status, said["left"], said["warnings"]) == ("done", 0, [])
    assert [(d["place"], d["decision"], d["ground"]) for d in said["decided"]] == [
        ("pictures.file names", "keep", WHY),
        ("town.tag.label", "redact", ""),
        ("town.tag.raw", "empty", ""),
    ]
    assert said["decided"][2]["approved_by"] == MAX
    assert not Leftover.objects.exclude(words=None).exists()  # those were personal


def test_a_file_goes_with_a_second_persons_yes_alone(erased, now, tmp_path):
    plan = decided("pictures.file names", "empty", now)
    assert (tmp_path / NAME).exists()

    done = carried_out(plan, now)

    assert done.status == Plan.Status.DONE
    assert not (tmp_path / NAME).exists()
    assert AuditEvent.objects.filter(action="files.ended").exists()


@pytest.mark.parametrize("place", ["pictures.file names", "town.tag.raw"])
def test_a_hold_keeps_what_was_left_and_it_can_be_decided_again(
    erased, now, tmp_path, place, town
):
    plan = decided(place, "empty", now)
    mark = identifiers.find(ADA)
    said = {"identifiers": [mark], "tables": list(Table.objects.filter(name="tag"))}
    holds.place(matter="Doe v. Roe", by=LENA, now=now, **said)

    done = carried_out(plan, now)

    assert done.status == Plan.Status.INCOMPLETE
    assert "hold" in done.problem
    assert (tmp_path / NAME).exists()
    assert town.execute("SELECT count(raw) FROM tag").fetchone() == (1,)
    assert at(place) in leftovers.waiting(erased)


@pytest.mark.parametrize(
    ("place", "decision", "said", "sentence"),
    [
        ("town.tag.raw", "keep", {}, "Say why it may stay"),
        ("town.tag.raw", "not_them", {"ground": " "}, "Say why it may stay"),
        ("town.tag.label", "redact", {}, "which words"),
        ("town.tag.raw", "redact", {"words": "x"}, "raw"),
        ("pictures.file names", "redact", {"words": "x"}, "name of a file"),
    ],
)
def test_what_can_not_be_is_refused_in_a_sentence(
    erased, now, place, decision, said, sentence
):
    with pytest.raises(Refusal, match=sentence):
        decided(place, decision, now, **said)

    assert at(place).decision == ""


def test_nobody_decides_twice_and_the_database_wants_a_name(erased, now):
    decided("town.tag.raw", "not_them", now, ground="A company's own number")

    with pytest.raises(leftovers.AlreadyDecided):
        decided("town.tag.raw", "empty", now)
    with pytest.raises(IntegrityError, match="decision_is_signed"):
        Leftover.objects.filter(place="town.tag.label").update(decision="redact")


def test_the_portals_own_rows_can_stay_and_are_not_changed_from_here(erased, now):
    own = Leftover.objects.create(
        plan=erased, kind="copy", place="portal.sessions", key='["1"]', found_at=now
    )

    possible = leftovers.possible(own)

    assert [each for each, why in possible.items() if not why] == ["keep", "not_them"]
    with pytest.raises(leftovers.NotShown):
        leftovers.reveal(leftover=own, reason="Ticket 7", by=LENA, now=now)


def test_the_page_leads_from_the_plan_to_the_decision(erased):
    lena = signed_in(LENA)
    plan = lena.get(reverse("admin:privacy_plan_change", args=[erased.pk])).text
    row = at("town.tag.label")
    page = reverse("admin:privacy_leftover_decide", args=[row.pk])

    asked = lena.get(page).text
    answer = lena.post(page, {"decision": "redact", "words": "Ada", "ground": ""})

    row.refresh_from_db()
    assert "3 places need human review" in plan
    assert "Words to remove" in asked
    assert answer.url == reverse("admin:privacy_plan_change", args=[row.ending_id])
    assert signed_in(ARI).post(page, {}).status_code == 403
    assert signed_in(SAM).get(page).status_code == 403


def test_each_place_says_which_row_unless_the_key_names_the_person(erased, now):
    listed = signed_in(LENA).get(reverse("admin:privacy_leftover_changelist")).text
    asked = reverse("admin:privacy_leftover_look", args=[at("town.tag.label").pk])

    assert leftovers.row_name(at("town.tag.label")) == "id 2"
    assert leftovers.row_name(at("pictures.file names")) == ""
    assert "id 2" in listed
    assert "town.tag.label, id 2" in signed_in(LENA).get(asked).text

    Column.objects.filter(table__name="tag", name="id").update(identifier="phone")
    assert leftovers.row_name(at("town.tag.label")) == ""
    Column.objects.filter(name="id").update(identifier="", kind="CharField")
    assert leftovers.row_name(at("town.tag.label")) == ""


def test_it_is_all_done_by_command(erased):
    for name in (LENA, MAX):
        staff(name)
    found = {each["place"]: each["leftover"] for each in command("leftovers", "list")}

    def decide(place, *said):
        number = str(found[place])
        return command("leftovers", "decide", number, *said, "--by", LENA, "--wait")

    shown = command(
        "leftovers", "look", str(found["town.tag.raw"]), "--reason", "Ticket 7",
        "--by", LENA,
    )  # fmt: skip
    decide("town.tag.raw", "empty")
    number = str(found["town.tag.raw"])
    done = command("leftovers", "approve", number, "--by", MAX, "--wait")
    decide("town.tag.label", "not-them", "--ground", "Another Ada")
    last = decide("pictures.file names", "keep", "--ground", WHY)

    assert shown["content"] == SECRET
    assert (done["status"], last["status"]) == ("done", "done")
    assert command("leftovers", "list") == []
    with pytest.raises(Exception, match="no leftover"):
        call_command("leftovers", "look", "99999", "--reason", "x")


def test_the_list_names_the_row_and_what_to_do_next(erased, capsys):
    call_command("leftovers", "list")

    lines = capsys.readouterr().out.splitlines()
    label = next(line for line in lines if "town.tag.label" in line)
    assert leftovers.row_name(at("town.tag.label")) in label
    assert "see look" in next(line for line in lines if "pictures" in line)
    assert "leftovers look NUMBER --reason WHY" in lines[-2]
