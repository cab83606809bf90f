"""Rules that look at other tables, in sentences of the map's own words."""

import pytest
from django.urls import reverse

from privacy import retention
from privacy.datamap import Map, discovery
from privacy.models import Link, Plan, Rule
from privacy.refusals import Refusal
from privacy.retention import cutting
from tests.privacy.factories import ARI, NOW, PIA, rule, signed_in

pytestmark = pytest.mark.django_db
SCRIPT = """
CREATE TABLE client (id int PRIMARY KEY, email text, chief int REFERENCES client);
CREATE TABLE bill (
    id int PRIMARY KEY, client_id int REFERENCES client, payer_id int REFERENCES client,
    made timestamptz, paid date
);
CREATE TABLE payment (id int PRIMARY KEY, bill_id int REFERENCES bill, at date);
CREATE TABLE nickname (alias text PRIMARY KEY, email text);
INSERT INTO client
SELECT n, 'c' || n || '@example.com', nullif(n - 1, 0) FROM generate_series(1, 6) n;
INSERT INTO bill VALUES
    (1, 1, NULL, '2020-01-01', NULL), (2, 1, NULL, '2026-03-01', NULL),
    (3, 2, 1, '2019-05-01', NULL), (4, NULL, 3, '2026-03-01', NULL);
INSERT INTO payment VALUES (1, 1, '2026-04-01'), (2, 3, '2019-06-01');
"""


@pytest.fixture
def store(connect, now):
    made, _ = connect("firm", SCRIPT)
    discovery.discover(store=made, by="pia", now=now)
    Link.objects.filter(table__store=made).update(state=Link.State.ACCEPTED)
    made.tables.update(start="")
    return made


@pytest.fixture
def client(store):
    return store.tables.get(name="client")


def asked(client, now, text, **more):
    """The keys of the rows that a rule with these conditions would reach."""
    said = {"start": "", "months": 24, "columns": ["email"], "action": "deidentify"}
    made = rule(client, **said | more)
    made.linked = retention.others(table=client, start=made.start, text=text)
    made.save()
    return retention.preview(rule=made, by="pia", now=now).summary


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("without bill.made by client_id", 5),  # of late by the rule's own period
        ("without bill.made by client_id since 2019-01-01", 4),
        ("without bill.made by client_id\nwith client by chief", 4),  # bosses of others
        ("without bill.made by client_id\nwithout bill.made by payer_id", 4),
        ("WITHOUT bill.made BY client_id since 2026-03-02", 6),
        ("without payment.at by bill_id then client_id", 5),
        ("without payment.at by bill_id then client_id since 2019-01-01", 4),
        ("without payment.at by bill_id then payer_id since 2019-01-01", 5),
    ],
)
def test_a_sentence_says_which_rows_go(client, now, text, rows):
    assert asked(client, now, text)["rows"] == rows


def test_a_preview_says_how_long_ago_the_last_was(client, now):
    said = asked(client, now, "without bill.made by client_id")

    assert said["oldest"].startswith("2019-05-01")
    assert "linked" in said["rule"]


def test_the_last_may_be_several_links_away(client, now):
    said = asked(client, now, "without payment.at by bill_id then client_id")

    assert said["oldest"].startswith("2019-06-01")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("without", "not a condition"),
        ("without bill.made by client_id; DROP TABLE bill", "No accepted link"),
        ("without bill by client_id", "which date of firm.bill counts"),
        ("without bill.made", "linked more than once: say “by client_id” or"),
        ("without payment.at", "say “by bill_id then client_id” or “by bill_id then"),
        ("without payment.at by client_id then bill_id", "No accepted link"),
        ("without bill.client_id by client_id", "is not a date"),
        ("without nickname", "Say which date|No accepted link"),
        ("without nothing", "no table nothing"),
        ("without bill.made by client_id since soon", "is not a day"),
        ("with bill by client_id", "Say which date it counts from"),
    ],
)
def test_what_can_not_be_is_refused_in_one_sentence(client, text, sentence):
    with pytest.raises(Refusal, match=sentence):
        retention.others(table=client, start="", text=text)


def test_a_row_that_comes_meanwhile_keeps_what_it_belongs_to(client, now, monkeypatch):
    """The condition is part of the statement, range by range."""
    made = rule(client, start="", columns=["email"], action="deidentify")
    text = "without bill.made by client_id"
    made.linked = retention.others(table=client, start="", text=text)
    made.save()
    sweep = retention.preview(rule=made, by="pia", now=now)
    retention.approve(sweep=sweep, by="max", now=now)
    Plan.objects.filter(pk=sweep.pk).update(batch=2)
    mapped = Map(client.store)
    cuts, pieces = cutting.cut, []

    def cut(*given):
        pieces.append(cuts(*given))
        if len(pieces) == 2:
            bill = mapped.model(mapped.tables["bill"])
            new = {"id": 9, "client_id": 6, "made": now}
            mapped.rows(mapped.tables["bill"]).bulk_create([bill(**new)])
        return pieces[-1]

    monkeypatch.setattr(cutting, "cut", cut)
    done = retention.carry_out(sweep=sweep, clock=lambda: now)

    rows = mapped.rows(mapped.tables["client"]).order_by("id")
    kept = [row.id for row in rows if row.email == f"c{row.id}@example.com"]
    assert (done.status, len([p for p in pieces if p])) == ("done", 3)
    assert kept == [1, 6]


def test_rows_that_can_not_be_told_apart_by_number_need_a_date_of_their_own(connect):
    """Ranges over names would put the names into the plan."""
    store, _ = connect(
        "firm",
        "CREATE TABLE client (email text PRIMARY KEY);"
        "CREATE TABLE bill (id int, client text REFERENCES client, made date)",
    )
    discovery.discover(store=store, by="pia", now=NOW)

    with pytest.raises(Refusal, match="neither a numeric key nor a date"):
        retention.others(
            table=store.tables.get(name="client"), start="", text="without bill"
        )


# --- on the screen ----------------------------------------------------------------


def posted(made, **changed):
    said = {
        "name": made.name, "title": "x", "is_active": "on", "table": made.table_id,
        "start": "", "months": 24, "days": 0, "action": "deidentify", "where": "{}",
        "others": "without bill.made by client_id since 2025-01-01", "columns": "email",
        "surge": 5, "k": 0, "l": 0, "category": "communications",
        "promise": "retained-no-longer", "citation": "x", "minimum_months": 0,
        "minimum_citation": "",
    }  # fmt: skip
    url = reverse("admin:privacy_rule_change", args=[made.pk])
    return signed_in(PIA).post(url, said | changed)


def test_staff_write_the_sentence_and_read_it_again(client):
    made = rule(client)

    posted(made)

    made.refresh_from_db()
    url = reverse("admin:privacy_rule_change", args=[made.pk])
    sentence = "without bill.made by client_id since 2025-01-01"
    assert made.linked[0]["since"] == "2025-01-01"
    assert sentence in signed_in(PIA).get(url).text
    assert sentence in signed_in(ARI).get(url).text


def test_a_sentence_that_is_none_is_said_on_the_form_and_nothing_is_saved(client):
    made = rule(client)

    answer = posted(made, others="client_id IN (SELECT 1)")

    assert "is not a condition" in answer.text
    assert Rule.objects.get().linked == []


def test_a_plan_says_what_was_asked_of_other_tables(client, now):
    made = rule(client)
    posted(made)
    sweep = retention.preview(rule=Rule.objects.get(), by="lena", now=now)

    url = reverse("admin:privacy_plan_change", args=[sweep.pk])

    assert (
        "without bill.made by client_id since 2025-01-01"
        in signed_in(ARI).get(url).text
    )


def test_one_without_a_date_may_be_of_late_so_it_keeps_what_it_belongs_to(connect, now):
    """A conversation that has not ended yet keeps its messages."""
    store, _ = connect(
        "chats",
        "CREATE TABLE chat (id int PRIMARY KEY, ended_at timestamptz);"
        "CREATE TABLE line (id int PRIMARY KEY, chat_id int REFERENCES chat,"
        " phone text);"
        "INSERT INTO chat VALUES (1, '2020-01-01'), (2, NULL), (3, '2026-10-01');"
        "INSERT INTO line SELECT n, n, '+12025550143' FROM generate_series(1, 3) n;",
    )
    discovery.discover(store=store, by="pia", now=now)
    Link.objects.filter(table__store=store).update(state=Link.State.ACCEPTED)
    line = store.tables.get(name="line")

    said = asked(line, now, "without chat.ended_at", columns=[], action="delete")

    assert said["rows"] == 1


def test_a_row_elsewhere_with_a_zero_date_may_be_of_late(connect, now):
    made, _ = connect(
        "site",
        "CREATE TABLE client (id int PRIMARY KEY, email text);"
        "CREATE TABLE visit (id int PRIMARY KEY, client_id int REFERENCES client,"
        " ts bigint);"
        "INSERT INTO client SELECT n, 'c' || n || '@example.com'"
        " FROM generate_series(1, 3) n;"
        "INSERT INTO visit VALUES (1, 1, 1577836800), (2, 2, 0), (3, 2, 1577836800)",
    )
    discovery.discover(store=made, by="pia", now=now)

    found = asked(made.tables.get(name="client"), now, "without visit.ts by client_id")

    assert found["rows"] == 2  # not of the second
