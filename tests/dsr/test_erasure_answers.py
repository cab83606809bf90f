"""The answer to an erasure says what the certificate says, and no more."""

import json

import pytest

from dsr import languages, requests
from dsr.fulfilment.erasure import TO_LOOK_AT
from dsr.models import Ticket, Translation
from privacy.datamap import files
from privacy.erasure import NOT_ENDED, unreached
from privacy.models import Column, Table
from tests.dsr.factories import ADAS_MAIL, answered, approved, clock
from tests.privacy import messaging

pytestmark = pytest.mark.django_db
Outcome = Ticket.Outcome


def letter_of(ticket):
    return ticket.notices.get(kind="answer").text.open()


def certified(ticket):
    """Table to rows changed, as signed."""
    found = {}
    for line in json.loads(ticket.plan.certificate.document)["tables"]:
        found[line["table"]] = found.get(line["table"], 0) + line["ended"]
    return found


def share(town):
    """A visit that Ada shares with Ben, about whom alone something is written."""
    town.execute("""
        CREATE TABLE visit (id int PRIMARY KEY, guest uuid REFERENCES person,
            host uuid REFERENCES person, remark text);
        INSERT INTO visit VALUES
          (1, '00000000-0000-4000-8000-000000000001',
              '00000000-0000-4000-8000-000000000003', 'It rained');
    """)


VISITS = """
  visit:
    title: Visits
    about: linked
    erasure: delete
    links:
      - {column: guest, to: person.id, role: subject}
      - {column: host, to: person.id, role: subject}
    columns:
      id: {not_personal: A key}
      guest: {not_personal: A random key}
      host: {not_personal: A random key}
      remark: {category: voluntary, free_text: true, source: direct,
               purposes: [provide], treatment: redact}
"""


def map_visits(town, now):
    share(town)
    files.load(text=messaging.MAP + VISITS.lstrip("\n"), by="pia", now=now)


def test_a_row_shared_with_somebody_else_is_not_said_to_be_erased(town, now):
    map_visits(town, now)

    done = answered("erasure", email=ADAS_MAIL)

    text = letter_of(done)
    assert certified(done)["town.visit"] == 0
    assert "Visits: 1 record" not in text
    assert "- Visits: The row also belongs to somebody else" in text
    assert (done.outcome, done.decision) == (
        Outcome.PART,
        "Erased in part; what stays is named with its reason",
    )


def test_the_letter_counts_the_rows_that_the_certificate_counts(town, now):
    done = answered("erasure", email=ADAS_MAIL)

    text, signed = letter_of(done), certified(done)
    titles = dict(Table.objects.values_list("name", "title"))
    for name, many in signed.items():
        title = titles[name.removeprefix("town.")] or name
        said = [line for line in text.splitlines() if line.startswith(f"- {title}: ")]
        numbers = [int(w) for line in said for w in line.split() if w.isdecimal()]
        assert sum(numbers) == many, (name, many, said)


def test_rows_of_one_table_are_signed_once_for_each_reason(town, now):
    map_visits(town, now)
    town.execute("""
        INSERT INTO visit VALUES
          (2, '00000000-0000-4000-8000-000000000001',
              '00000000-0000-4000-8000-000000000003', 'Met Ada, 202-555-0143'),
          (3, '00000000-0000-4000-8000-000000000004',
              '00000000-0000-4000-8000-000000000003', 'Not Ada on 202-555-0143');
    """)

    done = answered("erasure", email=ADAS_MAIL)

    lines = json.loads(done.plan.certificate.document)["tables"]
    visits = [each for each in lines if each["table"] == "town.visit"]
    assert [(each["planned"], each["ended"]) for each in visits] == [(2, 1), (1, 1)]


def test_what_the_plan_does_not_reach_is_named_in_plain_words(town, now):
    Column.objects.filter(table__name="person", name="seen_at").update(
        category="profile_contact", treatment={"strategy": "keep"}, ground=NOT_ENDED[0]
    )

    done = answered("erasure", email=ADAS_MAIL)

    text = letter_of(done)
    assert done.outcome == Outcome.PART
    assert "NOT_REACHED" in {part.ground.code for part in done.withheld.all()}
    assert "- Values that can't be changed. We could not erase it" in text
    assert "We have done so in part." in text
    assert "seen_at" not in text


def test_places_that_somebody_must_look_at_are_in_the_ticket_and_the_letter(town, now):
    done = approved("erasure", email=ADAS_MAIL)
    town.execute("UPDATE org SET name = 'Ada Sample, again' WHERE id = 1")

    done = requests.fulfil(ticket=done, clock=clock)

    assert done.plan.leftovers.filter(kind="hint").exists()
    assert done.outcome == Outcome.PART
    assert TO_LOOK_AT in {part.what for part in done.withheld.all()}
    text = letter_of(done)
    assert languages.say("en", "notice.searched_left") in text


def test_a_value_that_no_treatment_fits_is_not_said_to_be_kept_by_law(town, now):
    Column.objects.filter(table__name="receipt", name="amount").update(
        category="voluntary"
    )
    Table.objects.filter(name="receipt").update(ground=NOT_ENDED[0])

    done = answered("erasure", email=ADAS_MAIL)

    codes = {part.ground.code for part in done.withheld.all()}
    assert codes == {"NOT_REACHED"}
    assert "The law obliges us" not in letter_of(done)


def test_each_thing_that_stays_is_said_in_each_language():
    plain = {*unreached.PLAIN.values(), unreached.UNSEEN, TO_LOOK_AT, *NOT_ENDED}
    for language in set(languages.LANGUAGES) - {"en"}:
        known = Translation.objects.filter(language=language, original__in=plain)
        assert set(known.values_list("original", flat=True)) == plain
