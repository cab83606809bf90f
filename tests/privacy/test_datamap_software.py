"""How makers of software name things: keys in one word, tenants, parties, devices."""

import uuid

import pytest

from privacy.datamap import discovery, words
from privacy.models import Column, Link
from tests.privacy.test_engines_at_work import connected

pytestmark = pytest.mark.django_db
FIRST = (
    "Ada", "Bruno", "Clara", "David", "Elena", "Felix", "Greta", "Hassan", "Ines",
    "Jonas", "Karla", "Liam", "Maria", "Nadia", "Oscar", "Paula",
)  # fmt: skip
PEOPLE = range(len(FIRST))
CHAT = """
CREATE TABLE users (id varchar(26) PRIMARY KEY, username varchar(64),
  email varchar(128), firstname varchar(64));
CREATE TABLE teams (id varchar(26) PRIMARY KEY, displayname varchar(64),
  email varchar(128), settings json);
CREATE TABLE teammembers (teamid varchar(26), userid varchar(26),
  PRIMARY KEY (teamid, userid));
CREATE TABLE posts (id varchar(26) PRIMARY KEY, userid varchar(26), createat bigint,
  message varchar(4000));
CREATE TABLE fileinfo (id varchar(26) PRIMARY KEY, creatorid varchar(26),
  name varchar(256), path varchar(512), mimetype varchar(40));
CREATE TABLE oauthtokens (token varchar(26) PRIMARY KEY, userid varchar(26));
"""
DESK = """
CREATE TABLE accounts (id int PRIMARY KEY, name varchar(60), support_email varchar(60));
CREATE TABLE contacts (id int PRIMARY KEY, account_id int, name varchar(60),
  email varchar(60));
CREATE TABLE users (id int PRIMARY KEY, name varchar(60), email varchar(60));
CREATE TABLE inboxes (id int PRIMARY KEY, account_id int, email_address varchar(60),
  greeting_message varchar(200), csat_config json);
CREATE TABLE inbox_members (id int PRIMARY KEY, inbox_id int, user_id int);
CREATE TABLE webhooks (id int PRIMARY KEY, account_id int, inbox_id int, url text);
CREATE TABLE notes (id int PRIMARY KEY, account_id int, contact_id int, body text);
CREATE TABLE campaigns (id int PRIMARY KEY, subject varchar(60),
  last_contact_id int, sent int);
CREATE TABLE pins (id int PRIMARY KEY, account_id int, contact_id int,
  coordinates_lat float, coordinates_long float);
"""
PARTIES = """
CREATE TABLE party (partyid int PRIMARY KEY, modified date);
CREATE TABLE person (partyid int PRIMARY KEY REFERENCES party, firstname varchar(40),
  lastname varchar(40), email varchar(60));
CREATE TABLE vendor (partyid int PRIMARY KEY REFERENCES party, name varchar(60));
CREATE TABLE purchase (purchaseid int PRIMARY KEY, vendorid int REFERENCES vendor);
CREATE TABLE accounts (id varchar(36) PRIMARY KEY, name varchar(60),
  phone_office varchar(40), modified_user_id varchar(36), created_by varchar(36));
CREATE TABLE users (id varchar(36) PRIMARY KEY, user_name varchar(40),
  first_name varchar(40), email varchar(60));
CREATE TABLE contacts (id varchar(36) PRIMARY KEY, last_name varchar(40),
  email varchar(60), refered_by varchar(60), assistant_phone varchar(40));
CREATE TABLE contacts_audit (id varchar(36) PRIMARY KEY, parent_id varchar(36),
  field_name varchar(40), before_value varchar(60), after_value varchar(60));
CREATE TABLE products (id int PRIMARY KEY, units_on_order int);
CREATE TABLE orders (id int PRIMARY KEY, contact_id varchar(36), ship_name text);
CREATE TABLE order_stats (order_id int PRIMARY KEY, total float);
CREATE TABLE order_lines (id int PRIMARY KEY, order_id int, product_id int);
CREATE TABLE queue (id int PRIMARY KEY, message text);
CREATE TABLE queue_dst (id int PRIMARY KEY, queue_id int, dst varchar(40));
"""
DEVICES = """
CREATE TABLE calls (id int PRIMARY KEY, caller_id_name text, caller_id_number text,
  destination_number text, hangup_disposition text, sent_timestamp text, msg text);
CREATE TABLE hardware_phones (id int PRIMARY KEY, phone_label text, phone_vendor text,
  phone_firmware_version text, phone_mac_address text, phone_fax_name text);
CREATE TABLE comments (id int PRIMARY KEY, comment_author text,
  comment_author_email text, comment_author_url text, comment_status text);
CREATE TABLE mails (id int PRIMARY KEY, to_addrs text, cc_addrs text, raw_source text,
  message_id text, footer text, slug text);
CREATE TABLE mailers (id int PRIMARY KEY, imap_address text, smtp_username text);
"""


def _key(kind, n):
    return uuid.uuid5(uuid.NAMESPACE_DNS, f"{kind}{n}.example.com").hex[:26]


def _mail(n, domain="example.com"):
    return f"{FIRST[n].lower()}.hill@{domain}"


def fill(made, table, rows):
    for row in rows:
        values = ", ".join(
            "NULL" if value is None else f"'{value}'" if isinstance(value, str)
            else str(value) for value in row
        )  # fmt: skip
        made.run(f"INSERT INTO {table} VALUES ({values})")


@pytest.fixture
def software(database, now):
    """The map that is proposed: which columns are personal, and what refers to what."""

    def discovered(script, **rows):
        made = database("sqlite")
        made.run(script)
        for table, some in rows.items():
            fill(made, table, some)
        store = connected(made, now, "software")
        discovery.discover(store=store, by="pia", now=now)
        columns = Column.objects.filter(table__store=store, path=[])
        links = Link.objects.filter(table__store=store, state="accepted")
        return (
            {
                f"{c.table.name}.{c.name}": c.identifier or "yes"
                for c in columns.select_related("table")
                if c.is_personal
            },
            {
                f"{link.table.name}.{link.columns[0]}": (link.target.name, link.role)
                for link in links.filter(reason__startswith="It is called")
                | links.filter(reason__startswith="All ")
                | links.filter(is_constraint=True)
            },
        )

    return discovered


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("userid", ["user", "id"]),
        ("channelmembers", ["channel", "members"]),
        ("phonenumbertypeid", ["phonenumber", "type", "id"]),
        ("lastname", ["lastname"]),
        ("android", ["android"]),
        ("capacity", ["capacity"]),
        ("paid", ["paid"]),
        ("useridfrom", ["user", "id", "from"]),
        ("relateduserid", ["related", "user", "id"]),
    ],
)
def test_words_that_are_written_together_are_told_apart_where_all_are_known(
    name, expected
):
    assert words.tokens(name) == expected


def test_a_chat_whose_keys_are_one_word_is_its_writers_and_no_teams(software):
    personal, links = software(
        CHAT,
        users=[(_key("u", n), FIRST[n].lower(), _mail(n), FIRST[n]) for n in PEOPLE],
        teams=[(_key("t", n), f"Team {n}", f"t{n}@example.org", "{}") for n in (0, 1)],
        teammembers=[(_key("t", n % 2), _key("u", n)) for n in PEOPLE],
        posts=[(_key("p", n), _key("u", n), 17 * n, "See you then") for n in PEOPLE],
        fileinfo=[
            (
                _key("f", n),
                _key("u", n),
                f"{FIRST[n]}_cv.pdf",
                f"2026/{FIRST[n]}",
                "pdf",
            )
            for n in PEOPLE
        ],
        oauthtokens=[(_key("o", n), _key("u", n)) for n in PEOPLE],
    )

    assert links["posts.userid"] == ("users", "subject")
    assert links["teammembers.userid"] == ("users", "subject")
    assert links["teammembers.teamid"] == ("teams", "context")
    assert links["fileinfo.creatorid"] == ("users", "subject")
    assert {"fileinfo.name", "fileinfo.path", "oauthtokens.token"} <= set(personal)
    # What a team is called and set to is nobody's.
    assert not {"teams.displayname", "teams.settings", "fileinfo.mimetype"} & set(
        personal
    )


def test_an_account_that_many_share_owns_nobodys_rows(software):
    personal, links = software(
        DESK,
        accounts=[(n, f"Firm {n}", f"help@firm{n}.example.com") for n in (1, 2)],
        contacts=[(n, n % 2 + 1, f"{FIRST[n]} Hill", _mail(n)) for n in PEOPLE],
        users=[(n, f"{FIRST[n]} Moor", _mail(n, "example.net")) for n in range(6)],
        inboxes=[(n, 1, f"in{n}@example.org", "Hello there", "{}") for n in range(4)],
        inbox_members=[(n, n % 4, n % 6) for n in range(9)],
        webhooks=[(n, 1, n % 4, "https://example.com/h") for n in range(4)],
        notes=[(n, n % 2 + 1, n, "Wants to be called") for n in PEOPLE],
        campaigns=[(n, "Our sale", n + 1, 7) for n in range(6)],
        pins=[(n, 1, n, 45.5 + n, -93.5 - n) for n in PEOPLE],
    )

    assert links["notes.contact_id"] == ("contacts", "subject")
    assert links["notes.account_id"] == ("accounts", "context")
    assert links["inbox_members.user_id"] == ("users", "subject")
    assert links["webhooks.inbox_id"] == ("inboxes", "context")
    # Whoever came last did not make the campaign theirs.
    assert links["campaigns.last_contact_id"] == ("contacts", "actor")
    assert personal["pins.coordinates_lat"] == "latitude"
    assert personal["pins.coordinates_long"] == "longitude"
    assert not {"accounts.name", "inboxes.csat_config"} & set(personal)


def test_who_entered_a_row_and_what_counts_others_are_not_whose_it_is(software):
    ids = [str(uuid.UUID(int=n * 7919 + 5)) for n in range(60)]
    personal, links = software(
        PARTIES,
        party=[(n, "2026-01-01") for n in range(30)],
        person=[(n, FIRST[n], "Hill", _mail(n)) for n in PEOPLE],
        vendor=[(n, f"Firm {n}") for n in range(20, 30)],
        purchase=[(n, 20 + n % 10) for n in range(12)],
        accounts=[
            (ids[n], f"Firm {n}", f"(202) 555-01{n:02}", ids[40 + n % 4], ids[41])
            for n in range(10)
        ],
        users=[(ids[40 + n], FIRST[n].lower(), FIRST[n], _mail(n)) for n in range(6)],
        contacts=[
            (
                ids[20 + n],
                "Moor",
                _mail(n, "example.net"),
                f"{FIRST[n]} Hill",
                f"(202) 555-01{40 + n}",
            )
            for n in PEOPLE
        ],
        contacts_audit=[
            (ids[n], ids[20 + n], "last_name", FIRST[n], "Moor") for n in PEOPLE
        ],
        products=[(n, n) for n in range(1, 9)],
        orders=[(n, ids[20 + n], FIRST[n]) for n in PEOPLE],
        order_stats=[(n, 9.5) for n in PEOPLE],
        order_lines=[(n, n, n % 8 + 1) for n in PEOPLE],
        queue=[(n, "Hello") for n in range(8)],
        queue_dst=[(n, n, f"+1202555{100 + n:04}") for n in range(8)],
    )

    assert links["purchase.vendorid"] == ("vendor", "context")
    assert links["accounts.modified_user_id"] == ("users", "actor")
    # A key made by a machine is no sign by which somebody acts.
    assert links["contacts_audit.parent_id"] == ("contacts", "subject")
    assert "products.units_on_order" not in links
    assert links["order_lines.order_id"] == ("orders", "subject")
    assert links["order_lines.product_id"] == ("products", "context")
    assert links["queue_dst.queue_id"][0] == "queue"
    # `by` is a town in Danish, and not behind a participle.
    assert personal["contacts.refered_by"] == "name"
    # Somebody else's number finds nobody.
    [theirs] = Column.objects.filter(name="assistant_phone")
    assert theirs.whose == Column.Whose.OTHER


def test_what_a_device_or_a_table_is_called_is_not_what_its_column_holds(software):
    phones = [f"(202) 555-01{n:02}" for n in PEOPLE]
    personal, _ = software(
        DEVICES,
        calls=[
            (n, f"{FIRST[n]} Hill", phones[n], phones[n] if n % 2 else "1001",
             "send_bye", "1700000000", f"Hello {FIRST[n]}") for n in PEOPLE
        ],
        hardware_phones=[
            (n, f"desk {n}", "yealink", "66.86.0.15", f"00:15:65:0a:0b:{n:02}",
             "Second floor") for n in PEOPLE
        ],
        comments=[
            (n, f"{FIRST[n]} Hill", _mail(n), f"https://example.com/{n}", "open")
            for n in PEOPLE
        ],
        mails=[
            (n, _mail(n), None, None, f"<{n}.17@mail.example.com>", "@shop",
             f"market-square-{n}") for n in PEOPLE
        ],
        mailers=[(n, "imap.example.com", "mailer") for n in range(4)],
    )  # fmt: skip

    assert personal["calls.caller_id_name"] == "name"
    assert personal["calls.caller_id_number"] == "phone"
    assert personal["calls.destination_number"] == "phone"
    assert "calls.msg" in personal
    assert personal["hardware_phones.phone_mac_address"] == "device"
    assert personal["comments.comment_author"] == "name"
    # Nothing stands there yet, and the name says what will.
    assert {"mails.cc_addrs", "mails.raw_source"} <= set(personal)
    assert not set(personal) & {
        "calls.hangup_disposition", "calls.sent_timestamp",
        "hardware_phones.phone_label", "hardware_phones.phone_vendor",
        "hardware_phones.phone_firmware_version", "hardware_phones.phone_fax_name",
        "comments.comment_author_url", "comments.comment_status",
        "mails.message_id", "mails.footer", "mails.slug",
        "mailers.imap_address", "mailers.smtp_username",
    }  # fmt: skip
