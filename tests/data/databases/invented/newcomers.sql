-- Six small shops of invented people, each in a schema of its own: what the words and
-- keys of a newcomer's tables say about whose a row is.
CREATE SCHEMA salon; CREATE SCHEMA crm; CREATE SCHEMA traffic; CREATE SCHEMA choir;
CREATE SCHEMA school; CREATE SCHEMA clinic;

CREATE TABLE salon.users (id int PRIMARY KEY, name text, email text UNIQUE);
CREATE TABLE salon.clients (id int PRIMARY KEY, full_name text, email text UNIQUE);
CREATE TABLE salon.appointments (id int PRIMARY KEY, client_id int NOT NULL REFERENCES salon.clients,
  starts_at timestamptz);
CREATE TABLE salon.rooms (id int PRIMARY KEY, label text);
CREATE TABLE salon.notes (id int PRIMARY KEY, noteable_type text, noteable_id int,
  user_id int REFERENCES salon.users, body text);
CREATE TABLE salon.photos (id int PRIMARY KEY, appointment_id int NOT NULL REFERENCES salon.appointments,
  user_id int REFERENCES salon.users, remark text);
INSERT INTO salon.users SELECT i, 'Staff ' || i, 'staff' || i || '@example.org' FROM generate_series(1, 4) i;
INSERT INTO salon.clients SELECT i, 'Client Moore' || i, 'client' || i || '@example.com' FROM generate_series(1, 9) i;
INSERT INTO salon.appointments SELECT i, 1 + i % 9, now() FROM generate_series(1, 27) i;
INSERT INTO salon.rooms SELECT i, 'Room ' || i FROM generate_series(1, 6) i;
INSERT INTO salon.notes SELECT i, 'App\Models\Appointment', i, 1 + i % 4, 'Allergic to dye ' || i FROM generate_series(1, 27) i;
INSERT INTO salon.notes SELECT 100 + i, 'App\Models\Client', i, 1 + i % 4, 'Prefers tea ' || i FROM generate_series(1, 9) i;
INSERT INTO salon.notes SELECT 200 + i, 'App\Models\Room', i, 1 + i % 4, 'Broken lamp ' || i FROM generate_series(1, 6) i;
INSERT INTO salon.photos SELECT i, i, 1 + i % 4, 'Looks pale ' || i FROM generate_series(1, 27) i;

CREATE TABLE crm.contacts (id int PRIMARY KEY, first_name text, last_name text, email text, phone text,
  merged_into_id int REFERENCES crm.contacts, duplicate_of int);
CREATE TABLE crm.deals (id int PRIMARY KEY, contact_id int REFERENCES crm.contacts, remark text);
INSERT INTO crm.contacts SELECT i, 'Mary', 'Moore' || i, 'contact' || i || '@example.com', '+120255501' || 10 + i FROM generate_series(1, 9) i;
INSERT INTO crm.contacts VALUES (11, 'Mary', 'Moore2', 'older2@example.org', '+12025550131', 2), (12, 'Mary', 'Moore2', NULL, '+12025550132', 2),
  (13, 'Mary', 'Moore3', 'older3@example.org', '+12025550133', 3);
INSERT INTO crm.contacts VALUES (14, 'Mary', 'Moore2', 'oldest2@example.org', NULL, NULL, 2), (15, 'Mary', 'Moore4', 'older4@example.org', NULL, NULL, 4),
  (16, 'Ruth', 'Frost', 'another2@example.org', '+12025550136', 2, NULL);
INSERT INTO crm.deals SELECT id, id, 'Wants a discount ' || id FROM crm.contacts;

CREATE TABLE traffic.driver (id int PRIMARY KEY, name text, email text UNIQUE);
CREATE TABLE traffic.car (id int PRIMARY KEY, driver_id int NOT NULL REFERENCES traffic.driver, plate text NOT NULL UNIQUE);
CREATE TABLE traffic.fine (id int PRIMARY KEY, plate text NOT NULL, amount numeric);
CREATE TABLE traffic.parking (id int PRIMARY KEY, licence_plate text, garage int);
INSERT INTO traffic.driver SELECT i, 'Driver Moore' || i, 'driver' || i || '@example.com' FROM generate_series(1, 9) i;
INSERT INTO traffic.car SELECT i, 1 + i % 9, 'AB-' || chr(64 + i) || 'X ' || 1000 + i * 37 FROM generate_series(1, 12) i;
INSERT INTO traffic.fine SELECT i, plate, 20 + i FROM generate_series(1, 24) i JOIN traffic.car ON car.id = 1 + i % 12;
INSERT INTO traffic.parking SELECT i, plate, i % 3 FROM generate_series(1, 24) i JOIN traffic.car ON car.id = 1 + i % 12;

CREATE TABLE choir.singers (id int PRIMARY KEY, name text, email text UNIQUE, voice text NOT NULL);
CREATE TABLE choir.motions (id int PRIMARY KEY, title text);
CREATE TABLE choir.ballots (id int PRIMARY KEY, singer_id int NOT NULL REFERENCES choir.singers, voice text);
CREATE TABLE choir.calls (id int PRIMARY KEY, singer_id int NOT NULL REFERENCES choir.singers, voice text);
INSERT INTO choir.singers SELECT i, 'Singer Moore' || i, 'singer' || i || '@example.com', (ARRAY['alto', 'tenor', 'bass'])[1 + i % 3] FROM generate_series(1, 9) i;
INSERT INTO choir.ballots SELECT i, 1 + i % 9, (ARRAY['aye', 'no', 'abstained'])[1 + i % 3] FROM generate_series(1, 27) i;
INSERT INTO choir.calls SELECT i, 1 + i % 9, 'calls/2026/' || i || '.mp3' FROM generate_series(1, 18) i;

CREATE TABLE school.teachers (id int PRIMARY KEY, name text, email text UNIQUE);
CREATE TABLE school.parents (id int PRIMARY KEY, name text, email text UNIQUE);
CREATE TABLE school.pupils (id int PRIMARY KEY, name text, email text UNIQUE);
CREATE TABLE school.pupil_parents (pupil_id int REFERENCES school.pupils, parent_id int REFERENCES school.parents,
  PRIMARY KEY (pupil_id, parent_id));
CREATE TABLE school.grades (id int PRIMARY KEY, pupil_id int NOT NULL REFERENCES school.pupils,
  teacher_id int NOT NULL REFERENCES school.teachers, remark text);
CREATE TABLE school.absences (id int PRIMARY KEY, pupil_id int NOT NULL REFERENCES school.pupils,
  reported_by int REFERENCES school.parents, reason text);
INSERT INTO school.teachers SELECT i, 'Teacher Moore' || i, 'teacher' || i || '@example.org' FROM generate_series(1, 3) i;
INSERT INTO school.parents SELECT i, 'Parent Moore' || i, 'parent' || i || '@example.com' FROM generate_series(1, 9) i;
INSERT INTO school.pupils SELECT i, 'Pupil Moore' || i, 'pupil' || i || '@example.com' FROM generate_series(1, 9) i;
INSERT INTO school.pupil_parents SELECT i, j FROM generate_series(1, 9) i, generate_series(1, 9) j WHERE j IN (i, 1 + i % 9);
INSERT INTO school.grades SELECT i, 1 + i % 9, 1 + i % 3, 'Talks too much ' || i FROM generate_series(1, 27) i;
INSERT INTO school.absences SELECT i, 1 + i % 9, 1 + i % 9, 'Had the flu ' || i FROM generate_series(1, 18) i;

CREATE TABLE clinic.people (id int PRIMARY KEY, type text, first_name text, last_name text, email text, iban text);
CREATE TABLE clinic.addresses (id int PRIMARY KEY, addressable_type text, addressable_id int, line1 text, city text);
CREATE TABLE clinic.policies (id int PRIMARY KEY, holder_id int REFERENCES clinic.people, number text UNIQUE);
CREATE TABLE clinic.claims (id int PRIMARY KEY, policy_number text, note text);
CREATE TABLE clinic.scans (id int PRIMARY KEY, person_id int NOT NULL REFERENCES clinic.people, file text);
CREATE TABLE clinic.payouts (id int PRIMARY KEY, iban text, cents int);
INSERT INTO clinic.people SELECT i, CASE WHEN i < 10 THEN 'Patient' ELSE 'Doctor' END, 'Mary', 'Stone' || i, 'person' || i || '@example.com',
  (ARRAY['DE89370400440532013000', 'GB29NWBK60161331926819', 'FR1420041010050500013M02606', 'NL91ABNA0417164300', 'BE68539007547034',
    'ES9121000418450200051332', 'IT60X0542811101000000123456', 'AT611904300234573201', 'CH9300762011623852957'])[i] FROM generate_series(1, 12) i;
INSERT INTO clinic.addresses SELECT i, CASE WHEN i < 10 THEN 'Patient' ELSE 'Doctor' END, i, i || ' Oak Street', 'Springfield' FROM generate_series(1, 12) i;
INSERT INTO clinic.policies SELECT i, i, 'POL-' || 7000 + i * 13 FROM generate_series(1, 9) i;
INSERT INTO clinic.claims SELECT i, 'POL-' || 7000 + (1 + i % 9) * 13, 'Broken leg ' || i FROM generate_series(1, 18) i;
INSERT INTO clinic.scans SELECT i, 1 + i % 9, 'scans/2026/' || i || '.pdf' FROM generate_series(1, 18) i;
INSERT INTO clinic.payouts SELECT i, iban, i FROM generate_series(1, 18) i JOIN clinic.people p ON p.id = 1 + i % 9;

CREATE TABLE salon.stoplist (id int PRIMARY KEY, user_id int NOT NULL REFERENCES salon.users, mobile text, reason text);
ALTER TABLE salon.clients ADD mobile text;
UPDATE salon.clients SET mobile = '+120255501' || 40 + id;
INSERT INTO salon.stoplist SELECT i, 1 + i % 4, '+120255501' || 40 + i, 'Asked us to stop ' || i FROM generate_series(1, 8) i;
