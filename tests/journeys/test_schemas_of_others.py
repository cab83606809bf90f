"""Schemas in the styles that people really have, by commands, against plain SQL."""

import re

import pytest

from privacy.datamap import discovery
from privacy.models import Store
from tests.journeys.by_command import finished, given, loaded, swept
from tests.journeys.conftest import command

pytestmark = pytest.mark.django_db(transaction=True)
WHO = "mary.baker@example.com"
THEIRS = "customer_id = 1 OR customer_email = %s"
# Table to the condition by which SQL finds what is the person's.
BLOG = {
    "wp_users": "ID = 1",
    "wp_usermeta": "user_id = 1",
    "wp_posts": "post_author = 1",
    "wp_postmeta": "post_id = 1",
    "wp_comments": "comment_author_email = %s",
    "wp_commentmeta": "comment_id = 1",
    "wp_wc_customer_lookup": "email = %s",
    "wp_wc_orders": "billing_email = %s",
    "wp_wc_order_addresses": "order_id IN (1010, 1011)",
    "wp_woocommerce_order_items": "order_id IN (1010, 1011)",
    "wp_woocommerce_payment_tokens": "user_id = 1",
}
SHOP = {
    "customer_entity": "email = %s",
    "customer_entity_varchar": "entity_id = 1",
    "customer_address_entity": "parent_id = 1",
    "customer_log": "customer_id = 1",
    "sales_order": THEIRS,
    "sales_order_address": "parent_id IN (11, 12)",
    "sales_order_item": "order_id IN (11, 12)",
    "sales_order_grid": THEIRS,
    "sales_invoice": "order_id IN (11, 12)",
    "quote": THEIRS,
    "quote_address": "quote_id = 1",
    "newsletter_subscriber": "subscriber_email = %s",
    "review_detail": "customer_id = 1",
}
FORUM = {
    "users": "email = %s",
    "user_emails": "user_id = 1",
    "topics": "1 IN (user_id, last_post_user_id)",  # others' in which she had a part
    "posts": "user_id = 1",
    "post_actions": "user_id = 1",
    "direct_messages": "1 IN (sender_id, recipient_id)",
    "notifications": "user_id = 1",
    "versions": "item_type = 'User' AND item_id = 1 OR item_type = 'Topic'"
    " AND item_id IN (SELECT id FROM topics WHERE user_id = 1)",
    "uploads": "user_id = 1",
    "invites": "email = 'mary@home.example.org' OR invited_by_id = 1",
    "screened_emails": "email = 'mary@home.example.org'",
    "email_logs": "to_address = %s",
    "follows": "1 IN (follower_id, followee_id)",
}
CLUB = {
    "Members": "lower(\"E-Mail\") = %s OR Partner = 'K50'",
    '"Team List"': "Coach = 'K50'",
    "fees": "member = 'K50'",
    "guests": "guest_email = %s OR invited_by = 'K50'",
    '"mail log"': 'lower("to") = %s',
    "plays": "member = 'K50'",
}
MARY = "'00000000-0000-4000-8000-000000000001'"
CRM = {
    'crm."Order"': f'"User" = {MARY}',
    "crm.booking": f"contact_id = {MARY}",
    "crm.call": "lead_id = 1",
    "crm.contact": f"email = %s OR {MARY} IN (merged_into, referred_by)",
    "crm.event": f"contact_id = {MARY}",
    "crm.lead": f"contact_id = {MARY}",
    "crm.note": "lower(contact_email) = %s",
    "crm.order_line": "order_id IN (1, 2)",
    "crm.party": "email = %s",
    "crm.person": "email = %s",
    "crm.secret": f"contact_id = {MARY}",
    "crm.voucher": "holder = %s",
}
LEFT = r"mary\.baker|Mary Baker|555.?0101"
SCHEMAS = [
    ("mariadb", "blog_shop_mariadb.sql", BLOG, []),
    ("mariadb", "shop_mariadb.sql", SHOP, []),
    ("sqlite", "forum_sqlite.sql", FORUM, []),
    # Her name as somebody else's next of kin, and words in a column of bytes.
    ("sqlite", "club_sqlite.sql", CLUB, ["Members", "settings"]),
]


def mapped(database, engine, name):
    made = loaded(database(engine), f"invented/{name}")
    command("stores", "add", "theirs", made.url)
    command("datamap", "discover", "theirs")
    command("datamap", "accept", "theirs", "--links")
    command("datamap", "check", "theirs")
    return made


def counted(made, expected):
    """As `given` counts them."""
    return {
        re.sub('_|"|.*[.]', "", table).lower(): many
        for table, condition in expected.items()
        if (many := counted_one(made, table, condition))
    }


def counted_one(made, table, condition):
    values = [WHO] * condition.count("%s")
    [(many,)] = made.rows(f"SELECT count(*) FROM {table} WHERE {condition}", *values)
    return many


def read(made):
    """Table of the map to all that its rows hold, as text."""
    tables = discovery.Map(Store.objects.get(name="theirs")).tables
    names = {
        ".".join(map(made.quoted, filter(None, (t.schema, t.name)))): name
        for name, t in tables.items()
    }
    return {name: sorted(map(str, made.rows(f"SELECT * FROM {quoted}")))
            for quoted, name in names.items()}  # fmt: skip


def said(rows, pattern):
    return sorted(
        name for name, lines in rows.items() if re.search(pattern, str(lines))
    )


@pytest.mark.parametrize(("engine", "name", "expected", "left"), SCHEMAS)
def test_what_is_given_is_what_sql_finds_and_it_ends_once(
    database, legal, tmp_path, engine, name, expected, left
):
    made = mapped(database, engine, name)
    assert given(tmp_path, WHO) == counted(made, expected)
    before = read(made)

    finished("erasure", WHO)

    after = read(made)
    assert said(after, LEFT) == left
    for table, rows in before.items():
        assert len(after[table]) == len(rows), table
        changed = set(rows) - set(after[table])
        assert len(changed) <= len(rows) // 3 + 1, f"{table}: others were changed"
    finished("erasure", WHO)
    assert read(made) == after


def test_triggers_stored_copies_and_odd_types_are_ended_or_said(
    database, legal, tmp_path
):
    made = mapped(database, "postgresql", "crm_postgresql.sql")
    assert given(tmp_path, WHO) == counted(made, CRM)

    finished("erasure", WHO)

    left = command("leftovers", "list")
    assert {each["place"].rsplit(".", 2)[1] for each in left} == {
        "contact_totals",  # nobody refreshed it
    }
    # What a trigger copied while the row was ended has been ended with it.
    assert said(read(made), "mary.baker|Elm Street, Springfield.*Mary") == []
    made.run("REFRESH MATERIALIZED VIEW crm.contact_totals")
    finished("erasure", WHO)
    assert command("leftovers", "list") == left  # those of the first one, no more
    after = read(made)
    finished("erasure", WHO)
    assert read(made) == after

    for rule, place, days in (
        ("notes", "crm.note", ("--date", "at", "--months", "36", "--ending", "delete")),
        ("events", "crm.event", ("--date", "at", "--months", "36")),
    ):
        command(
            "retention", "rule", f"theirs.{place}", *days, "--citation", "Policy",
            "--name", rule,
        )  # fmt: skip
        swept(rule)
    assert made.rows("SELECT count(*) FROM crm.note") == [(12,)]
