"""The messaging tables that Fides was measured on, made again in SQL: as many rows, the
same columns, keys and indexes, and the same trouble planted.

A twelfth of the contacts are second entries of earlier people, a third of those written
differently; one message in a hundred has no contact; bodies hold the contact's own
number, address or name, or another contact's.
"""

SCRIPT = """
CREATE TABLE account (id bigint PRIMARY KEY, email varchar(254) NOT NULL,
    phone varchar(32) NOT NULL, name varchar(120), business_name varchar(160),
    job_title varchar(80), created_at timestamptz NOT NULL);
CREATE TABLE contact (id bigint PRIMARY KEY, account_id bigint NOT NULL,
    phone varchar(32), email varchar(254), name varchar(120),
    created_at timestamptz NOT NULL);
CREATE TABLE message (id bigint PRIMARY KEY, account_id bigint NOT NULL,
    contact_id bigint, body text, from_number varchar(32), to_number varchar(32),
    sent_at timestamptz NOT NULL);
CREATE TABLE call_recording (id bigint PRIMARY KEY, contact_id bigint NOT NULL,
    url varchar(300), recorded_at timestamptz NOT NULL);
CREATE TABLE payment (id bigint PRIMARY KEY, account_id bigint NOT NULL,
    card_type varchar(20), last4 varchar(4), amount numeric(12, 2) NOT NULL,
    paid_at timestamptz NOT NULL);
CREATE TABLE device_event (id bigint PRIMARY KEY, account_id bigint NOT NULL, ip inet,
    user_agent varchar(300), at timestamptz NOT NULL);
CREATE TABLE support_ticket (id bigint PRIMARY KEY, account_id bigint NOT NULL,
    email varchar(254), body text, at timestamptz NOT NULL);
CREATE FUNCTION e164(n bigint) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT '+1555' || lpad(n::text, 7, '0') $$;
CREATE FUNCTION dashed(n bigint) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT '555-' || substr(lpad(n::text, 7, '0'), 1, 3) || '-'
        || substr(lpad(n::text, 7, '0'), 4) $$;
CREATE FUNCTION address(n bigint) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT 'ada.sample.c' || n || '@example.com' $$;
CREATE FUNCTION instant(n bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE
    AS $$ SELECT timestamptz '2026-01-01 00:00+00'
        - make_interval(secs => (n * 7919) % 157680000) $$;
INSERT INTO account SELECT n, 'owner' || n || '@example.org', e164(9000000 + n),
    'Owner ' || n, 'Sample Services ' || n, 'Owner', instant(n)
    FROM generate_series(1, {accounts}) n;
INSERT INTO contact SELECT n, 1 + n % {accounts},
    CASE WHEN n % 36 = 0 AND n > 1000 THEN '(555) ' || substr(dashed(p), 5)
         ELSE e164(p) END,
    CASE WHEN p % 5 = 0 THEN NULL WHEN n % 36 = 0 AND n > 1000
         THEN initcap(split_part(address(p), '@', 1)) || '@example.com'
         ELSE address(p) END,
    'Ada Sample' || p, instant(n)
    FROM (SELECT n, CASE WHEN n % 12 = 0 AND n > 1000 THEN n - 7 ELSE n END AS p
          FROM generate_series(1, {contacts}) n) each;
INSERT INTO message SELECT n, c.account_id,
    CASE WHEN n % 100 = 0 THEN NULL ELSE c.id END,
    CASE WHEN n % 50 = 1 THEN 'My number is ' || c.phone
         WHEN n % 50 = 2 THEN 'Call ' || dashed(c.id) || ' please'
         WHEN n % 33 = 3 THEN 'Write to ' || coalesce(c.email, c.phone)
         WHEN n % 20 = 4 THEN 'This is ' || c.name
         WHEN n % 50 = 5 THEN 'Ask ' || e164(1 + (n * 31) % {contacts})
             || ' or ' || address(1 + (n * 17) % {contacts})
         ELSE 'Hi, your quote is ready. Order ' || n END,
    CASE WHEN n % 2 = 0 THEN c.phone ELSE a.phone END,
    CASE WHEN n % 2 = 0 THEN a.phone ELSE c.phone END, instant(n)
    FROM (SELECT n, CASE WHEN n % 10 = 0 THEN 1 + (n / 10) % 100
          ELSE 1 + (n * 13) % {contacts} END AS to_whom
          FROM generate_series(1, {messages}) n) each
    JOIN contact c ON c.id = to_whom JOIN account a ON a.id = c.account_id;
INSERT INTO call_recording SELECT n, 1 + (n * 3) % {contacts},
    'https://media.example.com/rec/1' || substr(e164(1 + (n * 3) % {contacts}), 3)
    || '-' || n || '.mp3', instant(n) FROM generate_series(1, {contacts} / 2) n;
INSERT INTO payment SELECT n, 1 + n % {accounts}, 'visa',
    lpad((n % 10000)::text, 4, '0'), n % 500, instant(n)
    FROM generate_series(1, {contacts} * 3 / 10) n;
INSERT INTO device_event SELECT n, 1 + n % {accounts}, '203.0.113.7', 'Mozilla/5.0',
    instant(n) FROM generate_series(1, {contacts} * 2) n;
INSERT INTO support_ticket SELECT n, 1 + n % {accounts},
    CASE WHEN n % 10 = 0 THEN address(n) ELSE 'owner' || 1 + n % {accounts}
        || '@example.org' END,
    CASE WHEN n % 10 < 3 THEN 'About ' || dashed(n) || ' and ' || address(n + 1)
        ELSE 'It does not work' END, instant(n)
    FROM generate_series(1, {contacts} / 5) n;
ALTER TABLE contact ADD FOREIGN KEY (account_id) REFERENCES account;
ALTER TABLE message ADD FOREIGN KEY (account_id) REFERENCES account;
ALTER TABLE message ADD FOREIGN KEY (contact_id) REFERENCES contact;
ALTER TABLE call_recording ADD FOREIGN KEY (contact_id) REFERENCES contact;
ALTER TABLE payment ADD FOREIGN KEY (account_id) REFERENCES account;
ALTER TABLE device_event ADD FOREIGN KEY (account_id) REFERENCES account;
ALTER TABLE support_ticket ADD FOREIGN KEY (account_id) REFERENCES account;
CREATE INDEX ON account (email); CREATE INDEX ON account (phone);
CREATE INDEX ON contact (account_id); CREATE INDEX ON contact (phone);
CREATE INDEX ON contact (email); CREATE INDEX ON message (account_id);
CREATE INDEX ON message (contact_id); CREATE INDEX ON message (from_number);
CREATE INDEX ON message (to_number); CREATE INDEX ON message (sent_at);
CREATE INDEX ON call_recording (contact_id); CREATE INDEX ON payment (account_id);
CREATE INDEX ON device_event (account_id); CREATE INDEX ON support_ticket (account_id);
CREATE INDEX ON support_ticket (email);
DROP FUNCTION e164, dashed, address, instant;
ANALYZE;
"""
MAP = """
store: {store}
tables:
  account:
    title: Businesses and their owners
    about: person
    start: created_at
    erasure: deidentify
    columns:
      id: {not_personal: A key}
      email: &email {category: profile_contact, identifier: email, source: direct,
                     purposes: [provide], treatment: pseudonym}
      phone: &phone {category: profile_contact, identifier: phone, source: direct,
                     purposes: [provide], treatment: pseudonym}
      name: &name {category: profile_contact, identifier: name, source: direct,
                   purposes: [provide], treatment: nullify}
      business_name: {not_personal: A business}
      job_title: {category: professional, source: direct, purposes: [provide],
                  treatment: nullify}
      created_at: {not_personal: A date}
  contact:
    title: Contacts
    about: person
    start: created_at
    erasure: deidentify
    links: [{column: account_id, to: account.id, role: context}]
    columns:
      id: {not_personal: A key}
      account_id: {not_personal: A key}
      phone: *phone
      email: *email
      name: *name
      created_at: {not_personal: A date}
  message:
    title: Text messages
    about: linked
    start: sent_at
    erasure: deidentify
    links: [{column: account_id, to: account.id, role: context},
            {column: contact_id, to: contact.id, role: subject}]
    columns:
      id: {not_personal: A key}
      account_id: {not_personal: A key}
      contact_id: {not_personal: A key}
      body: {category: communications, free_text: true, source: direct,
             purposes: [provide], treatment: redact}
      from_number: &number {category: communications, identifier: phone, whose: either,
                            source: automatic, purposes: [provide],
                            treatment: nullify}
      to_number: *number
      sent_at: {not_personal: A date}
  call_recording:
    title: Recordings
    about: linked
    start: recorded_at
    erasure: delete
    links: [{column: contact_id, to: contact.id, role: subject}]
    columns:
      id: {not_personal: A key}
      contact_id: {not_personal: A key}
      url: {category: communications, source: automatic, purposes: [provide],
            treatment: nullify}
      recorded_at: {not_personal: A date}
  payment:
    title: Payments
    about: linked
    erasure: keep
    ground: Tax records
    links: [{column: account_id, to: account.id, role: subject}]
    columns:
      id: {not_personal: A key}
      account_id: {not_personal: A key}
      card_type: {not_personal: A kind of card}
      last4: {category: payment, identifier: card_last4, source: direct,
              purposes: [provide], treatment: keep, ground: Tax records}
      amount: {not_personal: An amount}
      paid_at: {not_personal: A date}
  device_event:
    title: Device events
    about: linked
    start: at
    erasure: deidentify
    links: [{column: account_id, to: account.id, role: subject}]
    columns:
      id: {not_personal: A key}
      account_id: {not_personal: A key}
      ip: {category: device_technical, identifier: ip, source: automatic,
           purposes: [protect], treatment: truncate_ip}
      user_agent: {category: device_technical, source: automatic, purposes: [protect],
                   treatment: nullify}
      at: {not_personal: A date}
  support_ticket:
    title: Support tickets
    about: linked
    start: at
    erasure: deidentify
    links: [{column: account_id, to: account.id, role: subject}]
    columns:
      id: {not_personal: A key}
      account_id: {not_personal: A key}
      email: *email
      body: {category: voluntary, free_text: true, source: direct,
             purposes: [provide], treatment: redact}
      at: {not_personal: A date}
"""


def script(contacts: int) -> str:
    sizes = {
        "accounts": max(10, contacts // 50),
        "contacts": contacts,
        "messages": contacts * 10,
    }
    text = SCRIPT
    for name, size in sizes.items():
        text = text.replace("{" + name + "}", str(size))
    return text
