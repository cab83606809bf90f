"""Which table a column is called after, where several names come near."""

import pytest

from privacy.datamap import discovery
from privacy.models import Column, Link, Table

pytestmark = pytest.mark.django_db
NUMBERS = "SELECT i, i FROM generate_series(1, 40) i"
# As learning platforms, senders of campaigns and business suites have it.
SCRIPT = f"""
CREATE TABLE mdl_user (id int PRIMARY KEY, firstname text, email text);
CREATE TABLE mdl_user_info_data (id int PRIMARY KEY, userid int, data text);
CREATE TABLE mdl_files (id int PRIMARY KEY, userid int);
CREATE TABLE mdl_notifications (id int PRIMARY KEY, useridfrom int, useridto int);
CREATE TABLE mdl_members (id int PRIMARY KEY, conversation int, timecreated bigint);
CREATE TABLE mdl_messages (id int PRIMARY KEY, useridfrom int, fullmessage text,
  timecreated bigint);
CREATE TABLE mdl_log (id int PRIMARY KEY, relateduserid int);
CREATE TABLE form_submissions (id int PRIMARY KEY, mdl_user_id int);
CREATE TABLE form_results (submission_id int, email text);
CREATE TABLE mailing_contact (id int PRIMARY KEY, name text, email text);
CREATE TABLE mailing_trace (id int PRIMARY KEY, mass_mailing_id int, res_id int,
  model text);
CREATE TABLE audit_log (id int PRIMARY KEY, object text, object_id int);
CREATE TABLE lead (id int PRIMARY KEY, name text, type text, email text);
CREATE TABLE attendee (id int PRIMARY KEY, mailing_contact_id int, common_name text);
CREATE TABLE emails (id int PRIMARY KEY, name text, subject text, from_address text);
INSERT INTO mdl_user SELECT i, 'Ada', 'a' || i || '@example.com'
FROM generate_series(1, 40) i;
INSERT INTO mdl_user_info_data SELECT i, i, 'x' FROM generate_series(1, 40) i;
INSERT INTO mdl_files {NUMBERS};
INSERT INTO mdl_notifications SELECT i, 41 - i, i FROM generate_series(1, 40) i;
INSERT INTO mdl_members SELECT i, i, 1771146000 + 86400 * i
FROM generate_series(1, 40) i;
INSERT INTO mdl_messages SELECT i, i, 'See you', 1771146000 + 86400 * i
FROM generate_series(1, 40) i;
INSERT INTO mdl_log {NUMBERS};
INSERT INTO form_submissions {NUMBERS};
INSERT INTO form_results SELECT i, 'a' || i || '@example.com'
FROM generate_series(1, 40) i;
INSERT INTO mailing_contact SELECT i, 'Ada Hill' || chr(64 + i),
  'm' || i || '@example.org' FROM generate_series(1, 20) i;
INSERT INTO mailing_trace SELECT i, 1 + i % 2, i, 'mailing.contact'
FROM generate_series(1, 20) i;
INSERT INTO audit_log SELECT i, (ARRAY['lead', 'campaign'])[1 + i % 2], i
FROM generate_series(1, 20) i;
INSERT INTO lead SELECT i, chr(64 + i) || '''s opportunity', 'opportunity',
  'l' || i || '@example.net' FROM generate_series(1, 20) i;
INSERT INTO attendee SELECT id, id, name FROM mailing_contact;
INSERT INTO emails VALUES (1, 'Spring', 'New arrivals', 'news@example.com'),
  (2, 'Summer', 'A sale', 'news@example.com');
"""


@pytest.fixture
def links(connect, now):
    """What certainly refers to what, and as what."""
    store, _ = connect("many", SCRIPT)
    discovery.discover(store=store, by="pia", now=now)
    found = Link.objects.filter(table__store=store, state="accepted")
    return {
        (f"{link.table.name}.{','.join(link.columns)}", link.target.name): link.role
        for link in found.select_related("table", "target")
    }


def test_names_lead_to_the_nearest_table(links):
    """To the one of just that name before one with more about it; to both ends, also
    written in one word; to a table beside it by its last word."""
    for column in ("mdl_files.userid", "mdl_user_info_data.userid"):
        assert links[column, "mdl_user"] == "subject"
    for column in ("mdl_notifications.useridfrom", "mdl_notifications.useridto"):
        assert (column, "mdl_user") in links
    assert links["mdl_log.relateduserid", "mdl_user"] == "subject"
    # Seconds since 1970 are no telephone numbers that users entered about others.
    assert links["mdl_messages.useridfrom", "mdl_user"] == "subject"
    assert ("form_results.submission_id", "form_submissions") in links


def test_a_word_for_a_table_means_the_plain_key_beside_it_and_no_other(links):
    assert links["mailing_trace.res_id", "mailing_contact"] == "subject"
    assert ("mailing_trace.mass_mailing_id", "mailing_contact") not in links
    assert links["audit_log.object_id", "lead"] == "subject"


def test_who_and_what_is_a_person(links):
    """A row with the name of the person it refers to is about them. A word in all rows
    is nobody's code, and a table of mails is none of people."""
    assert links["attendee.mailing_contact_id", "mailing_contact"] == "subject"
    assert not Column.objects.get(table__name="lead", name="type").is_personal
    assert Table.objects.get(name="emails").about != Table.About.PERSON
