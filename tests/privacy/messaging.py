"""A small messaging database with everything that makes an erasure hard."""

SCRIPT = """
CREATE TABLE org (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE person (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), org_id int NOT NULL REFERENCES org,
    name varchar(60), phone varchar(32), email varchar(254), note text,
    extra jsonb, released_at timestamptz, seen_at timestamptz NOT NULL);
CREATE TABLE message (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid REFERENCES person, from_number varchar(32), to_number varchar(32),
    body text, sent_at timestamptz NOT NULL);
CREATE TABLE tag (id int PRIMARY KEY, label text);
CREATE TABLE person_tag (
    person_id uuid REFERENCES person, tag_id int REFERENCES tag,
    PRIMARY KEY (person_id, tag_id));
CREATE TABLE receipt (
    id int PRIMARY KEY, person_id uuid NOT NULL REFERENCES person,
    amount numeric(9, 2));
CREATE INDEX message_sent ON message (sent_at);
CREATE INDEX message_person ON message (person_id);
INSERT INTO org VALUES (1, 'Bright Homes'), (2, 'Calm Dental');
INSERT INTO person (id, org_id, name, phone, email, note, extra, seen_at) VALUES
 ('00000000-0000-4000-8000-000000000001', 1, 'Ada Sample', '+12025550143',
  'ada.sample@example.com', 'Her sister called', '{"ip": "203.0.113.7", "utm": "x"}',
  '2026-11-01'),
 ('00000000-0000-4000-8000-000000000002', 2, 'ADA SAMPLE', '(202) 555-0143',
  'Ada.Sample@Example.com', NULL, NULL, '2026-10-01'),
 ('00000000-0000-4000-8000-000000000003', 1, 'Ben Sample', '+12025550117',
  'ben.sample@example.org', 'Friend of Ada, 202.555.0143',
  '{"said": "mail ada.sample@example.com", "n": 12025550143}', '2026-11-02'),
 ('00000000-0000-4000-8000-000000000004', 1, 'Zoë Ruiz', '+12025550199',
  'zoe@example.net', NULL, NULL, '2020-01-01');
UPDATE person SET released_at = '2024-01-01' WHERE name = 'Zoë Ruiz';
INSERT INTO person (id, org_id, name, phone, email, seen_at) VALUES
 ('00000000-0000-4000-8000-000000000005', 1, 'Yusuf Odé', '+12025550199',
  'yusuf@example.net', '2026-01-01');
INSERT INTO message (person_id, from_number, to_number, body, sent_at) VALUES
 ('00000000-0000-4000-8000-000000000001', '+12025550100', '+12025550143',
  'Your quote is ready', '2026-10-30'),
 ('00000000-0000-4000-8000-000000000001', '+12025550143', '+12025550100',
  'Thanks, my number is 202-555-0143', '2026-10-31'),
 (NULL, '+12025550143', '+12025550100', 'who is this?', '2026-10-31'),
 ('00000000-0000-4000-8000-000000000003', '+12025550117', '+12025550100',
  'Tell Ada (ada.sample@example.com, +1 202 555 0143) I said hi', '2026-10-30'),
 ('00000000-0000-4000-8000-000000000003', '+12025550117', '+12025550100',
  'Order 1202555014312 is 202555014', '2026-10-30'),
 ('00000000-0000-4000-8000-000000000004', '+12025550199', '+12025550100',
  'Call me on 2025550199', '2023-05-05'),
 ('00000000-0000-4000-8000-000000000005', '+12025550199', '+12025550100',
  'Hello from the new owner', '2026-05-05');
INSERT INTO tag VALUES (1, 'hot');
INSERT INTO person_tag VALUES ('00000000-0000-4000-8000-000000000001', 1),
    ('00000000-0000-4000-8000-000000000003', 1);
INSERT INTO receipt VALUES (1, '00000000-0000-4000-8000-000000000001', 39.62);
"""

MAP = """
store: town
tables:
  org:
    title: Organizations
    columns:
      id: {not_personal: A key}
      name: {not_personal: A business}
  person:
    title: People
    about: person
    start: seen_at
    erasure: deidentify
    links: [{column: org_id, to: org.id, role: context}]
    columns:
      id: {not_personal: A random key}
      org_id: {not_personal: A key}
      name: &name {category: profile_contact, identifier: name, source: direct,
                   purposes: [provide], treatment: nullify}
      phone: {category: profile_contact, identifier: phone, until: released_at,
              source: direct, purposes: [provide], treatment: pseudonym}
      email: {category: profile_contact, identifier: email, source: direct,
              purposes: [provide], treatment: nullify}
      note: {category: voluntary, free_text: true, source: direct, purposes: [provide],
             treatment: redact}
      extra: {not_personal: Container of its paths, facts: [said, utm]}
      extra.ip: {category: device_technical, identifier: ip, source: automatic,
                 purposes: [protect], treatment: truncate_ip}
      released_at: {not_personal: A date}
      seen_at: {not_personal: A date}
  message:
    title: Text messages
    about: linked
    start: sent_at
    erasure: deidentify
    links: [{column: person_id, to: person.id, role: subject}]
    columns:
      id: {not_personal: A key}
      person_id: {not_personal: A random key}
      from_number: &number {category: communications, identifier: phone, whose: either,
                            source: automatic, purposes: [provide], treatment: nullify}
      to_number: *number
      body: {category: communications, free_text: true, source: direct,
             purposes: [provide], treatment: redact}
      sent_at: {not_personal: A date}
  tag:
    columns: {id: {not_personal: A key}, label: {not_personal: A word}}
  person_tag:
    about: linked
    erasure: delete
    links: [{column: person_id, to: person.id, role: subject}]
    columns: {person_id: {not_personal: A key}, tag_id: {not_personal: A key}}
  receipt:
    about: linked
    erasure: keep
    ground: Tax records
    links: [{column: person_id, to: person.id, role: subject}]
    columns:
      id: {not_personal: A key}
      person_id: {not_personal: A random key}
      amount: {not_personal: An amount}
"""
