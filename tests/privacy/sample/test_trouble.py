"""The trouble planted in the sample platform is there, and only there."""

import re
from collections import Counter

import pytest

from privacy.sample.cast import ADA, BEN, EMIL, FINN
from privacy.spellings import is_card
from tests.privacy.sample.conftest import one


def test_everything_planted_can_be_found_by_its_key(platform):
    connection, made = platform(scale=0.01)

    kinds = Counter(each.kind for each in made.planted)

    assert kinds["mentioned_elsewhere"] >= 7
    assert kinds["sent_after_opt_out"] == kinds["number_reassigned"] == 1
    assert kinds["card_number"] == kinds["entered_twice"] == 1
    for each in made.planted:
        if each.key:
            found = f"SELECT count(*) FROM {each.table} WHERE id::text = %s"
            assert one(connection, found, each.key) == 1


def test_exactly_one_marketing_text_went_out_after_an_opt_out(platform):
    connection, made = platform()

    late = connection.execute(
        "SELECT m.id, m.to_number FROM sms_events m JOIN consent_events c "
        "ON c.lead_id = m.lead_id AND c.kind = 'opt_out' "
        "WHERE m.direction = 'outbound' AND m.sent_at > "
        "c.occurred_at + interval '5 minutes'"
    ).fetchall()

    planted = next(p for p in made.planted if p.kind == "sent_after_opt_out")
    assert late == [(int(planted.key), FINN.phone)]


def test_nobody_else_gets_more_than_two_marketing_texts(platform):
    connection, _ = platform()

    most = connection.execute(
        "SELECT to_number, count(*) FROM sms_events WHERE traffic_type = 'marketing' "
        "GROUP BY 1 HAVING count(*) > 2"
    ).fetchall()

    assert [number for number, _ in most] == [ADA.phone]


def test_a_number_went_from_dora_to_emil(platform):
    connection, _ = platform(scale=0.01)

    dora, emil = connection.execute(
        "SELECT first_name, created_at, phone_released_at FROM leads "
        "WHERE phone = %s ORDER BY created_at",
        (EMIL.phone,),
    ).fetchall()
    latest = one(
        connection,
        "SELECT max(sent_at) FROM sms_events s JOIN leads l ON l.id = s.lead_id "
        "WHERE l.first_name = 'Dora'",
    )

    assert (dora[0], emil[0]) == ("Dora", "Emil")
    assert latest < dora[2] < emil[1]
    assert emil[2] is None


def test_a_card_number_stands_in_one_note(platform):
    connection, _ = platform()

    notes = connection.execute("SELECT note FROM leads WHERE note ~ '[0-9]'").fetchall()
    cards = [
        found
        for (note,) in notes
        for found in re.findall(r"\d{4} \d{4} \d{4} \d{4}", note)
    ]

    assert len(cards) == 1
    assert is_card(cards[0])


def test_three_of_a_hundred_leads_have_an_exact_position(platform):
    connection, made = platform()

    exact = one(
        connection,
        "SELECT count(*) FROM leads "
        r"WHERE contact #>> '{coordinate,latitude}' ~ '\.\d{5,}'",
    )

    assert exact == pytest.approx(made.tables["leads"] * 0.03, abs=2)


def test_ben_opted_in_and_has_not_opted_out(platform):
    connection, _ = platform(scale=0.01)

    kinds = connection.execute(
        "SELECT kind FROM consent_events WHERE phone = %s", (BEN.phone,)
    ).fetchall()

    assert kinds == [("opt_in",)]
