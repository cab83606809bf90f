-- A sports club in SQLite, invented: columns without types, WITHOUT ROWID, STRICT, dates as
-- text, seconds and Julian days, names with spaces, a text search index, a view.
PRAGMA foreign_keys = ON;
CREATE TABLE Members (MemberNo TEXT PRIMARY KEY, Name, "E-Mail", Tel, Born, Joined REAL, LastSeen INTEGER, Street, Town, Zip, "Emergency Contact", "Emergency Tel", Notes, Partner TEXT REFERENCES Members) WITHOUT ROWID;
CREATE TABLE fees (member TEXT NOT NULL REFERENCES Members(MemberNo) ON DELETE RESTRICT, year INTEGER NOT NULL, paid INTEGER NOT NULL CHECK (paid IN (0, 1)), amount REAL, iban TEXT, PRIMARY KEY (member, year)) STRICT, WITHOUT ROWID;
CREATE TABLE "Team List" ("Team Id" INTEGER PRIMARY KEY, "Coach" REFERENCES Members, Label);
CREATE TABLE plays (team REFERENCES "Team List", member REFERENCES Members, shirt);
CREATE TABLE results (id INTEGER PRIMARY KEY, game_day, team, comment);
CREATE TABLE [mail log] (at, "to", subject, body);
CREATE TABLE settings (k PRIMARY KEY, v BLOB);
CREATE TABLE guests (guest_email COLLATE NOCASE, invited_by REFERENCES Members, day);
CREATE VIEW phone_list AS SELECT Name, Tel FROM Members;
CREATE VIRTUAL TABLE notes_search USING fts5(title, body);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
INSERT INTO Members SELECT 'K' || i, 'Name' || i || ' Stone', 'member' || i || '@example.com', '+1 202 555 01' || substr('0' || i, -2), date('1980-01-01', '+' || (i * 100) || ' days'), 2458849.5 + i, 1600000000 + i * 86400, i || ' Elm Street', 'Springfield', '0' || (2100 + i), 'Kin' || i, '+1 303 555 01' || substr('0' || i, -2), NULL, NULL FROM n;
INSERT INTO Members VALUES ('K50', 'Mary Baker', 'Mary.Baker@Example.com', '(202) 555-0199', '1971-05-06', 2458000.25, 1500000000, '12 Oak Street', 'Springfield', '02199', 'John Baker', '202 555 0197', 'allergic', NULL), ('K51', 'John Baker', 'john.baker@example.com', '2025550197', '1970-05-06', 2458000.25, 1700000000, '12 Oak Street', 'Springfield', '02199', 'Mary Baker', '2025550199', 'husband of mary.baker@example.com', 'K50');
INSERT INTO fees SELECT MemberNo, 2023, 1, 120.0, 'DE8937040044053201' || substr(MemberNo, 2) FROM Members;
INSERT INTO fees SELECT MemberNo, 2024, 0, 120.0, NULL FROM Members;
INSERT INTO "Team List" VALUES (1, 'K50', 'First'), (2, 'K3', 'Second');
INSERT INTO plays SELECT 1 + (rowid_ % 2), MemberNo, rowid_ FROM (SELECT row_number() OVER () rowid_, MemberNo FROM Members);
INSERT INTO plays VALUES (1, 'K50', 9), (1, 'K50', 9);
INSERT INTO results VALUES (1, 20240105, 1, 'won'), (2, '2024-02-01', 1, 'mary.baker@example.com scored'), (3, 1706000000, 2, NULL);
INSERT INTO [mail log] SELECT 1700000000 + rowid, "E-Mail", 'News', 'Dear ' || Name FROM (SELECT row_number() OVER () rowid, * FROM Members);
INSERT INTO settings VALUES ('smtp', x'6D'), ('contact', CAST('mary.baker@example.com' AS BLOB)), ('owner', 'Mary Baker <mary.baker@example.com>'), ('limit', 30);
INSERT INTO guests VALUES ('MARY.BAKER@example.com', 'K3', 45300), ('guest2@example.org', 'K50', '2024-01-01'), ('guest3@example.org', 'K2', '2024-01-02');
INSERT INTO notes_search VALUES ('Cup', 'Ask mary.baker@example.com for the keys'), ('Hall', 'closed');
