-- A Rails application with tenants, polymorphic tables and an address book. Invented.
CREATE TABLE countries (id int PRIMARY KEY, name text NOT NULL, phone_code int);
CREATE TABLE users (id uuid PRIMARY KEY, email varchar UNIQUE, first_name varchar,
  last_name varchar, name varchar GENERATED ALWAYS AS (first_name || ' ' || last_name) STORED,
  state varchar, remember_created_at timestamptz, created_at timestamptz NOT NULL,
  phone varchar, CHECK (phone IS NOT NULL OR email IS NOT NULL));
CREATE TABLE accounts (id uuid PRIMARY KEY, name varchar NOT NULL, owner_id uuid REFERENCES users,
  created_at timestamptz NOT NULL);
CREATE TABLE account_users (account_id uuid REFERENCES accounts, user_id uuid REFERENCES users,
  PRIMARY KEY (account_id, user_id));
CREATE TABLE contact_emails (id int PRIMARY KEY, user_id uuid NOT NULL REFERENCES users,
  address varchar NOT NULL);
CREATE TABLE addresses (id int PRIMARY KEY, line1 varchar, city varchar, country_id int
  REFERENCES countries, postal_code varchar);
ALTER TABLE users ADD COLUMN address_id int REFERENCES addresses;
CREATE TABLE projects (id int PRIMARY KEY, account_id uuid REFERENCES accounts, name varchar,
  description text);
CREATE TABLE invoices (id int PRIMARY KEY, user_id uuid REFERENCES users, number varchar,
  billing_email varchar, name varchar, state varchar, created_by_id uuid REFERENCES users);
CREATE TABLE comments (id int PRIMARY KEY, commentable_type varchar NOT NULL,
  commentable_id int NOT NULL, user_id uuid NOT NULL REFERENCES users, body text NOT NULL);
CREATE TABLE versions (id int PRIMARY KEY, item_type varchar NOT NULL, item_id uuid NOT NULL,
  object jsonb);
INSERT INTO countries VALUES (1, 'Canada', 1), (2, 'Japan', 81);
INSERT INTO addresses SELECT i, i || ' Oak Street', 'Salem', 1, (10000 + i)::text
FROM generate_series(1, 9) i;
INSERT INTO users (id, email, first_name, last_name, state, remember_created_at, created_at,
  address_id) SELECT md5('u' || i)::uuid, 'mary' || i || '@example.com', 'Mary', 'Moore' || i, 'active', NULL, now(), CASE WHEN i < 8 THEN i ELSE 8 END
FROM generate_series(1, 9) i;
INSERT INTO accounts SELECT md5('a' || i)::uuid, 'Acme ' || i, md5('u' || i)::uuid, now()
FROM generate_series(1, 2) i;
INSERT INTO account_users SELECT md5('a' || 1 + i % 2)::uuid, md5('u' || i)::uuid
FROM generate_series(1, 9) i;
INSERT INTO contact_emails SELECT i, md5('u' || i)::uuid, 'home' || i || '@example.net'
FROM generate_series(1, 9) i;
INSERT INTO projects SELECT i, md5('a' || 1 + i % 2)::uuid, 'Website ' || i, 'A new site.'
FROM generate_series(1, 9) i;
INSERT INTO invoices SELECT i, md5('u' || i)::uuid, 'INV-' || i, 'mary' || i || '@example.com',
  'Invoice ' || i, 'paid', md5('u1')::uuid FROM generate_series(1, 9) i;
INSERT INTO comments SELECT i, 'Project', i, md5('u' || i)::uuid, 'Ask mary' || 1 + i % 9
  || '@example.com or home' || 1 + i % 9 || '@example.net' FROM generate_series(1, 9) i;
INSERT INTO versions SELECT i, 'User', md5('u' || i)::uuid, jsonb_build_object('email', 'old'
  || i || '@example.com') FROM generate_series(1, 9) i;
