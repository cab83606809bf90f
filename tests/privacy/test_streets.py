"""Where a person lives is taken out of texts that stay, and nobody else's address."""

import json
import re

import pytest

from privacy import erasure, identifiers, plans
from privacy.datamap import acceptance, discovery
from privacy.erasure import streets
from privacy.models import Plan

pytestmark = pytest.mark.django_db
CLUB = """
CREATE TABLE member (id int PRIMARY KEY, email text, name text, street text);
CREATE TABLE note (id int PRIMARY KEY, body text);
INSERT INTO member VALUES
    (1, 'ada@example.com', 'Ada Sample', '12 Elm Street, Rear'),
    (2, 'ben@example.com', 'Ben Muster', '14 Elm Street'),
    (3, 'eva@example.com', 'Eva Muster', 'Lindenweg 4');
INSERT INTO note VALUES
    (1, 'ada@example.com is at 12 Elm Street, Ben at 14 Elm Street, 112 Elm Street'),
    (2, 'Ben wants it sent to 12 Elm Street'), (3, 'ada@example.com: 12 elm  st.');
"""


def test_their_own_street_goes_from_texts_about_them_and_no_other(connect, now):
    store, direct = connect("club", CLUB)
    discovery.discover(store=store, by="pia", now=now)
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
    mark = identifiers.keep(identifiers.email("ada@example.com"), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="Ada", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status in plans.COMPLETE, done.problem) == (True, "")
    assert direct.execute("SELECT body FROM note ORDER BY id").fetchall() == [
        ("[redacted] is at [redacted], Ben at 14 Elm Street, 112 Elm Street",),
        ("Ben wants it sent to 12 Elm Street",),  # nothing says that it is hers
        ("[redacted]: [redacted].",),
    ]
    assert direct.execute("SELECT street FROM member WHERE id > 1").fetchall() == [
        ("14 Elm Street",), ("Lindenweg 4",),
    ]  # fmt: skip
    assert "Elm" not in str(Plan.objects.values().get(pk=plan.pk))


@pytest.mark.parametrize(
    ("street", "text", "is_theirs"),
    [
        ("12 Elm Street", "at 12 Elm St. today", True),
        ("12 Pine Ave", "at 12 Pine Avenue today", True),
        ("Hofstr. 4", "in der Hofstraße 4", True),
        ("Hofstraße 4", "Hofstr. 4, Hinterhaus", True),
        ("Berliner Straße 4", "BERLINER STR. 4", True),
        ("Hofstraße 4", r'{"to": "Hofstra\u00dfe 4"}', True),
        ("12 Elm Street", "at 12 Elm Stone today", False),
        ("12 Elm Street", "at 112 Elm St. today", False),
        ("Hofstraße 4", "Hofstr. 41 und Neuhofstr. 4", False),
        ("Hofstraße 4", "Hofweg 4", False),
    ],
)
def test_a_street_is_known_by_its_short_form_too(street, text, is_theirs):
    found = re.search(streets.pattern([street]), text, re.IGNORECASE)

    assert (found is not None) is is_theirs


@pytest.mark.parametrize("street", ["12", "Elm Street", "5 A", ""])
def test_a_part_of_an_address_is_no_address(street):
    assert not streets.HOUSE.fullmatch(street)
    assert streets.pattern([]) == ""


def test_names_and_streets_go_from_json_that_is_kept_as_text(connect, now):
    """Which spells other letters than English ones."""
    about = {"said": "zoe@example.com is ZOË Ruiz, Grünweg 4", "by": "Zoë Ruizano"}
    store, direct = connect("club", CLUB)
    direct.execute("INSERT INTO member VALUES (4, 'zoe@example.com', 'Zoë Ruiz',"
                   " 'Grünweg 4')")  # fmt: skip
    direct.execute("INSERT INTO note VALUES (4, %s)", [json.dumps(about)])
    discovery.discover(store=store, by="pia", now=now)
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
    mark = identifiers.keep(identifiers.email("zoe@example.com"), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="Zoe", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)

    erasure.carry_out(plan=plan, clock=lambda: now)

    [(left,)] = direct.execute("SELECT body FROM note WHERE id = 4").fetchall()
    assert json.loads(left) == {
        "said": "[redacted] is [redacted], [redacted]", "by": "Zoë Ruizano",
    }  # fmt: skip
