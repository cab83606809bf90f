-- What several frameworks keep beside a person's row under a word and a key: files, histories,
-- notices. One schema for each: Rails, Laravel, Django. Invented.
CREATE SCHEMA rails;
CREATE TABLE rails.users (id bigserial PRIMARY KEY, email text UNIQUE NOT NULL, first_name text,
  phone text, created_at timestamptz DEFAULT now());
CREATE TABLE rails.posts (id bigserial PRIMARY KEY, user_id bigint REFERENCES rails.users,
  heading text);
CREATE TABLE rails.products (id bigserial PRIMARY KEY, heading text);
CREATE TABLE rails.active_storage_blobs (id bigserial PRIMARY KEY, key text UNIQUE NOT NULL,
  filename text NOT NULL, content_type text, metadata text, byte_size bigint, checksum text);
CREATE TABLE rails.active_storage_attachments (id bigserial PRIMARY KEY, name text NOT NULL,
  record_type text NOT NULL, record_id bigint NOT NULL,
  blob_id bigint NOT NULL REFERENCES rails.active_storage_blobs);
CREATE TABLE rails.active_storage_variant_records (id bigserial PRIMARY KEY,
  blob_id bigint NOT NULL REFERENCES rails.active_storage_blobs, variation_digest text NOT NULL);
CREATE TABLE rails.audits (id bigserial PRIMARY KEY, auditable_id bigint, auditable_type text,
  user_id bigint, user_type text, action text, audited_changes text, comment text,
  remote_address text, created_at timestamptz);
CREATE TABLE rails.versions (id bigserial PRIMARY KEY, item_type text NOT NULL,
  item_id bigint NOT NULL, event text NOT NULL, whodunnit text, object text, object_changes text);
INSERT INTO rails.users (email, first_name, phone) SELECT 'mary' || i || '@example.com',
  'Mary' || i, '+120255501' || lpad(i::text, 2, '0') FROM generate_series(1, 20) i;
INSERT INTO rails.posts (user_id, heading) SELECT i, 'Roses' FROM generate_series(1, 20) i;
INSERT INTO rails.products (heading) SELECT 'Spade' FROM generate_series(1, 20) i;
INSERT INTO rails.active_storage_blobs (key, filename) SELECT md5(i::text), 'scan-' || i || '.jpg'
FROM generate_series(1, 80) i;
INSERT INTO rails.active_storage_attachments (name, record_type, record_id, blob_id)
  SELECT 'avatar', 'User', i, i FROM generate_series(1, 20) i UNION ALL
  SELECT 'photo', 'Post', i, 20 + i FROM generate_series(1, 20) i UNION ALL
  SELECT 'image', 'ActiveStorage::VariantRecord', i, 40 + i FROM generate_series(1, 20) i UNION ALL
  SELECT 'picture', 'Product', i, CASE i WHEN 4 THEN 4 ELSE 60 + i END
  FROM generate_series(1, 20) i;
INSERT INTO rails.active_storage_variant_records (blob_id, variation_digest) SELECT i, md5('v' || i)
FROM generate_series(1, 20) i;
INSERT INTO rails.audits (auditable_id, auditable_type, user_id, user_type, action,
  audited_changes, remote_address) SELECT i, kind, 1, 'User', 'update', E'---\nfirst_name:\n- Old'
  || i || E'\n- Mary' || i || E'\n', '203.0.113.' || i
FROM generate_series(1, 20) i, unnest(ARRAY['User', 'Post']) kind;
INSERT INTO rails.versions (item_type, item_id, event, whodunnit, object) SELECT 'User', i,
  'update', '1', E'---\nid: ' || i || E'\nfirst_name: Old' || i || E'\n' FROM generate_series(1, 20) i;

CREATE SCHEMA laravel;
CREATE TABLE laravel.crm_people (id bigserial PRIMARY KEY, email text UNIQUE, name text);
CREATE TABLE laravel.crm_media (id bigserial PRIMARY KEY, model_type text, model_id bigint,
  collection_name text, file_name text, disk text, custom_properties jsonb);
CREATE TABLE laravel.crm_activity_log (id bigserial PRIMARY KEY, description text,
  subject_type text, subject_id bigint, causer_type text, causer_id bigint, properties jsonb);
CREATE TABLE laravel.crm_notifications (id uuid PRIMARY KEY, type text, notifiable_type text,
  notifiable_id bigint, data text);
CREATE TABLE laravel.crm_badges (id bigserial PRIMARY KEY, badgeable_type text,
  badgeable_id bigint, level int);
INSERT INTO laravel.crm_people (email, name) SELECT 'mary' || i || '@example.com', 'Mary Old' || i
FROM generate_series(1, 20) i;
INSERT INTO laravel.crm_media (model_type, model_id, file_name, disk)
  SELECT 'App\Models\Person', i, 'passport-' || i || '.pdf', 's3' FROM generate_series(1, 20) i;
INSERT INTO laravel.crm_activity_log (description, subject_type, subject_id, causer_type,
  causer_id, properties) SELECT 'updated', 'App\Models\Person', i, 'App\Models\Person', 1,
  jsonb_build_object('old', jsonb_build_object('name', 'Mary Old' || i))
FROM generate_series(1, 20) i;
INSERT INTO laravel.crm_notifications SELECT md5(i::text)::uuid, 'App\Notifications\Welcome',
  'App\Models\Person', i, '{"text": "Hello Mary Old' || i || ', this is for you"}'
FROM generate_series(1, 20) i;
INSERT INTO laravel.crm_badges (badgeable_type, badgeable_id, level)
  SELECT 'App\Models\Squad', i, i FROM generate_series(1, 20) i;

CREATE SCHEMA django;
CREATE TABLE django.django_content_type (id int PRIMARY KEY, app_label text, model text);
CREATE TABLE django.shop_customer (id int PRIMARY KEY, email text UNIQUE, full_name text);
CREATE TABLE django.auditlog_logentry (id int PRIMARY KEY, content_type_id int REFERENCES
  django.django_content_type, object_pk text, object_id bigint, object_repr text, action int,
  changes jsonb);
CREATE TABLE django.reversion_version (id int PRIMARY KEY, content_type_id int REFERENCES
  django.django_content_type, object_id text, serialized_data text);
INSERT INTO django.django_content_type VALUES (3, 'auth', 'group'), (7, 'shop', 'customer');
INSERT INTO django.shop_customer SELECT i, 'mary' || i || '@example.com', 'Mary Old' || i
FROM generate_series(1, 20) i;
INSERT INTO django.auditlog_logentry SELECT i, 7, i::text, i, 'Mary Old' || i, 1,
  jsonb_build_object('full_name', jsonb_build_array('Mary Old' || i, 'Mary'))
FROM generate_series(1, 20) i;
INSERT INTO django.reversion_version SELECT i, 7, i::text, '[{"fields": {"full_name": "Mary Old'
  || i || '"}}]' FROM generate_series(1, 20) i;
