-- A forum: words beside keys, rows without a key, texts in search indexes.
CREATE TABLE users (id INTEGER PRIMARY KEY, username varchar(60) NOT NULL, name varchar, email varchar, type varchar(20), encrypted_password varchar, last_sign_in_ip varchar, created_at datetime, deleted_at datetime, preferences text);
CREATE TABLE user_emails (id INTEGER PRIMARY KEY, user_id integer NOT NULL, email varchar(513) NOT NULL, "primary" boolean, created_at datetime);
CREATE TABLE topics (id INTEGER PRIMARY KEY, title varchar, user_id integer, last_post_user_id integer, created_at datetime, deleted_at datetime, deleted_by_id integer);
CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id integer, topic_id integer NOT NULL REFERENCES topics(id), post_number integer, raw text NOT NULL, cooked text NOT NULL, reply_to_post_number integer, deleted_at datetime, created_at datetime);
CREATE VIRTUAL TABLE post_search USING fts5(raw, content='posts', content_rowid='id');
CREATE TRIGGER posts_ai AFTER INSERT ON posts BEGIN INSERT INTO post_search(rowid, raw) VALUES (new.id, new.raw); END;
CREATE VIRTUAL TABLE msg_search USING fts5(body, sender);
CREATE TABLE post_actions (post_id integer, user_id integer, post_action_type_id integer, created_at datetime);
CREATE TABLE direct_messages (id INTEGER PRIMARY KEY, sender_id integer REFERENCES users(id), recipient_id integer REFERENCES users(id), body text, sent_at integer);
CREATE TABLE notifications (id INTEGER PRIMARY KEY, notifiable_type varchar, notifiable_id integer, user_id integer, data text, created_at datetime);
CREATE TABLE versions (id INTEGER PRIMARY KEY, item_type varchar, item_id integer, event varchar, whodunnit varchar, object text, created_at datetime);
CREATE TABLE uploads (id INTEGER PRIMARY KEY, user_id integer, original_filename varchar, url varchar, sha1 varchar(40));
CREATE TABLE invites (id INTEGER PRIMARY KEY, invite_key varchar(32), email varchar, invited_by_id integer, redeemed_at datetime);
CREATE TABLE screened_emails (id INTEGER PRIMARY KEY, email varchar UNIQUE NOT NULL, action_type integer);
CREATE TABLE email_logs (id INTEGER PRIMARY KEY, to_address varchar NOT NULL, email_type varchar, user_id integer, created_at datetime);
CREATE TABLE follows (follower_id integer, followee_id integer, PRIMARY KEY (follower_id, followee_id)) WITHOUT ROWID;
CREATE TABLE settings (key varchar PRIMARY KEY, value varchar);
INSERT INTO users VALUES
(1, 'mary1', 'Mary Baker', 'mary.baker@example.com', 'Member', '$2a$10$xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', '192.0.2.1', '2021-01-01 10:00:00', NULL, '{"bio": "I am Mary", "phone": "+1 202 555 0101"}'),
(2, 'olivia2', 'Olivia Stone', 'olivia.stone@example.com', 'Moderator', '$2a$10$xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', '192.0.2.2', '2021-01-02 10:00:00', NULL, '{"bio": "I am Olivia", "phone": "+1 202 555 0102"}'),
(3, 'noah3', 'Noah Fisher', 'noah.fisher@example.com', 'Member', '$2a$10$xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', '192.0.2.3', '2021-01-03 10:00:00', NULL, '{"bio": "I am Noah", "phone": "+1 202 555 0103"}'),
(4, 'emma4', 'Emma Marsh', 'emma.marsh@example.com', 'Member', '$2a$10$xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', '192.0.2.4', '2021-01-04 10:00:00', NULL, '{"bio": "I am Emma", "phone": "+1 202 555 0104"}'),
(5, 'liam5', 'Liam Lowe', 'liam.lowe@example.com', 'Member', '$2a$10$xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', '192.0.2.5', '2021-01-05 10:00:00', NULL, '{"bio": "I am Liam", "phone": "+1 202 555 0105"}'),
(6, 'ava6', 'Ava Hart', 'ava.hart@example.com', 'Member', '$2a$10$xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', '192.0.2.6', '2021-01-06 10:00:00', NULL, '{"bio": "I am Ava", "phone": "+1 202 555 0106"}'),
(7, 'lucas7', 'Lucas Doyle', 'lucas.doyle@example.com', 'Member', '$2a$10$xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', '192.0.2.7', '2021-01-07 10:00:00', NULL, '{"bio": "I am Lucas", "phone": "+1 202 555 0107"}'),
(8, 'mia8', 'Mia Banks', 'mia.banks@example.com', 'Member', '$2a$10$xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', '192.0.2.8', '2021-01-08 10:00:00', NULL, '{"bio": "I am Mia", "phone": "+1 202 555 0108"}'),
(9, 'ethan9', 'Ethan Shaw', 'ethan.shaw@example.com', 'Member', '$2a$10$xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', '192.0.2.9', '2021-01-09 10:00:00', NULL, '{"bio": "I am Ethan", "phone": "+1 202 555 0109"}'),
(10, 'zoe10', 'Zoe Frost', 'zoe.frost@example.com', 'Member', '$2a$10$xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', '192.0.2.10', '2021-01-10 10:00:00', NULL, '{"bio": "I am Zoe", "phone": "+1 202 555 0110"}'),
(11, 'oscar11', 'Oscar Wade', 'oscar.wade@example.com', 'Member', '$2a$10$xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', '192.0.2.11', '2021-01-11 10:00:00', NULL, '{"bio": "I am Oscar", "phone": "+1 202 555 0111"}'),
(12, 'ruth12', 'Ruth Nash', 'ruth.nash@example.com', 'Member', '$2a$10$xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', '192.0.2.12', '2021-01-12 10:00:00', '2022-01-01 00:00:00', '{"bio": "I am Ruth", "phone": "+1 202 555 0112"}');
INSERT INTO user_emails VALUES
(1, 1, 'mary.baker@example.com', 1, '2021-01-01 00:00:00'),
(101, 1, 'mary@home.example.org', 0, '2021-01-01 00:00:00'),
(2, 2, 'olivia.stone@example.com', 1, '2021-01-01 00:00:00'),
(102, 2, 'olivia@home.example.org', 0, '2021-01-01 00:00:00'),
(3, 3, 'noah.fisher@example.com', 1, '2021-01-01 00:00:00'),
(103, 3, 'noah@home.example.org', 0, '2021-01-01 00:00:00'),
(4, 4, 'emma.marsh@example.com', 1, '2021-01-01 00:00:00'),
(104, 4, 'emma@home.example.org', 0, '2021-01-01 00:00:00'),
(5, 5, 'liam.lowe@example.com', 1, '2021-01-01 00:00:00'),
(105, 5, 'liam@home.example.org', 0, '2021-01-01 00:00:00'),
(6, 6, 'ava.hart@example.com', 1, '2021-01-01 00:00:00'),
(106, 6, 'ava@home.example.org', 0, '2021-01-01 00:00:00'),
(7, 7, 'lucas.doyle@example.com', 1, '2021-01-01 00:00:00'),
(107, 7, 'lucas@home.example.org', 0, '2021-01-01 00:00:00'),
(8, 8, 'mia.banks@example.com', 1, '2021-01-01 00:00:00'),
(108, 8, 'mia@home.example.org', 0, '2021-01-01 00:00:00'),
(9, 9, 'ethan.shaw@example.com', 1, '2021-01-01 00:00:00'),
(109, 9, 'ethan@home.example.org', 0, '2021-01-01 00:00:00'),
(10, 10, 'zoe.frost@example.com', 1, '2021-01-01 00:00:00'),
(110, 10, 'zoe@home.example.org', 0, '2021-01-01 00:00:00'),
(11, 11, 'oscar.wade@example.com', 1, '2021-01-01 00:00:00'),
(111, 11, 'oscar@home.example.org', 0, '2021-01-01 00:00:00'),
(12, 12, 'ruth.nash@example.com', 1, '2021-01-01 00:00:00'),
(112, 12, 'ruth@home.example.org', 0, '2021-01-01 00:00:00');
INSERT INTO topics VALUES
(1, 'Topic 1', 1, 2, '2021-02-01 00:00:00', NULL, NULL),
(2, 'Topic 2', 2, 3, '2021-02-01 00:00:00', NULL, NULL),
(3, 'Topic 3', 3, 4, '2021-02-01 00:00:00', NULL, NULL),
(4, 'Topic 4', 4, 5, '2021-02-01 00:00:00', NULL, NULL),
(5, 'Topic 5', 5, 6, '2021-02-01 00:00:00', NULL, NULL),
(6, 'Topic 6', 6, 7, '2021-02-01 00:00:00', NULL, NULL),
(7, 'Topic 7', 7, 8, '2021-02-01 00:00:00', NULL, NULL),
(8, 'Topic 8', 8, 9, '2021-02-01 00:00:00', NULL, NULL),
(9, 'Topic 9', 9, 10, '2021-02-01 00:00:00', NULL, NULL),
(10, 'Topic 10', 10, 11, '2021-02-01 00:00:00', NULL, NULL),
(11, 'Topic 11', 11, 12, '2021-02-01 00:00:00', NULL, NULL),
(12, 'Topic 12', 12, 1, '2021-02-01 00:00:00', NULL, NULL);
INSERT INTO posts VALUES
(1, 1, 1, 1, 'I am Mary Baker, mail mary.baker@example.com', '<p>I am Mary Baker, mail mary.baker@example.com</p>', NULL, NULL, '2021-02-01 00:00:00'),
(101, 2, 1, 2, 'Hello @mary1, ring +1 202 555 0101', '<p>Hello @mary1, ring +1 202 555 0101</p>', 1, NULL, '2021-02-01 00:00:00'),
(2, 2, 2, 1, 'I am Olivia Stone, mail olivia.stone@example.com', '<p>I am Olivia Stone, mail olivia.stone@example.com</p>', NULL, NULL, '2021-02-01 00:00:00'),
(102, 3, 2, 2, 'Hello @olivia2, ring +1 202 555 0102', '<p>Hello @olivia2, ring +1 202 555 0102</p>', 1, NULL, '2022-02-01 00:00:00'),
(3, 3, 3, 1, 'I am Noah Fisher, mail noah.fisher@example.com', '<p>I am Noah Fisher, mail noah.fisher@example.com</p>', NULL, NULL, '2021-02-01 00:00:00'),
(103, 4, 3, 2, 'Hello @noah3, ring +1 202 555 0103', '<p>Hello @noah3, ring +1 202 555 0103</p>', 1, NULL, '2023-02-01 00:00:00'),
(4, 4, 4, 1, 'I am Emma Marsh, mail emma.marsh@example.com', '<p>I am Emma Marsh, mail emma.marsh@example.com</p>', NULL, NULL, '2021-02-01 00:00:00'),
(104, 5, 4, 2, 'Hello @emma4, ring +1 202 555 0104', '<p>Hello @emma4, ring +1 202 555 0104</p>', 1, NULL, '2024-02-01 00:00:00'),
(5, 5, 5, 1, 'I am Liam Lowe, mail liam.lowe@example.com', '<p>I am Liam Lowe, mail liam.lowe@example.com</p>', NULL, NULL, '2021-02-01 00:00:00'),
(105, 6, 5, 2, 'Hello @liam5, ring +1 202 555 0105', '<p>Hello @liam5, ring +1 202 555 0105</p>', 1, NULL, '2020-02-01 00:00:00'),
(6, 6, 6, 1, 'I am Ava Hart, mail ava.hart@example.com', '<p>I am Ava Hart, mail ava.hart@example.com</p>', NULL, NULL, '2021-02-01 00:00:00'),
(106, 7, 6, 2, 'Hello @ava6, ring +1 202 555 0106', '<p>Hello @ava6, ring +1 202 555 0106</p>', 1, NULL, '2021-02-01 00:00:00'),
(7, 7, 7, 1, 'I am Lucas Doyle, mail lucas.doyle@example.com', '<p>I am Lucas Doyle, mail lucas.doyle@example.com</p>', NULL, NULL, '2021-02-01 00:00:00'),
(107, 8, 7, 2, 'Hello @lucas7, ring +1 202 555 0107', '<p>Hello @lucas7, ring +1 202 555 0107</p>', 1, NULL, '2022-02-01 00:00:00'),
(8, 8, 8, 1, 'I am Mia Banks, mail mia.banks@example.com', '<p>I am Mia Banks, mail mia.banks@example.com</p>', NULL, NULL, '2021-02-01 00:00:00'),
(108, 9, 8, 2, 'Hello @mia8, ring +1 202 555 0108', '<p>Hello @mia8, ring +1 202 555 0108</p>', 1, NULL, '2023-02-01 00:00:00'),
(9, 9, 9, 1, 'I am Ethan Shaw, mail ethan.shaw@example.com', '<p>I am Ethan Shaw, mail ethan.shaw@example.com</p>', NULL, NULL, '2021-02-01 00:00:00'),
(109, 10, 9, 2, 'Hello @ethan9, ring +1 202 555 0109', '<p>Hello @ethan9, ring +1 202 555 0109</p>', 1, NULL, '2024-02-01 00:00:00'),
(10, 10, 10, 1, 'I am Zoe Frost, mail zoe.frost@example.com', '<p>I am Zoe Frost, mail zoe.frost@example.com</p>', NULL, NULL, '2021-02-01 00:00:00'),
(110, 11, 10, 2, 'Hello @zoe10, ring +1 202 555 0110', '<p>Hello @zoe10, ring +1 202 555 0110</p>', 1, NULL, '2020-02-01 00:00:00'),
(11, 11, 11, 1, 'I am Oscar Wade, mail oscar.wade@example.com', '<p>I am Oscar Wade, mail oscar.wade@example.com</p>', NULL, NULL, '2021-02-01 00:00:00'),
(111, 12, 11, 2, 'Hello @oscar11, ring +1 202 555 0111', '<p>Hello @oscar11, ring +1 202 555 0111</p>', 1, NULL, '2021-02-01 00:00:00'),
(12, 12, 12, 1, 'I am Ruth Nash, mail ruth.nash@example.com', '<p>I am Ruth Nash, mail ruth.nash@example.com</p>', NULL, NULL, '2021-02-01 00:00:00'),
(112, 1, 12, 2, 'Hello @ruth12, ring +1 202 555 0112', '<p>Hello @ruth12, ring +1 202 555 0112</p>', 1, NULL, '2022-02-01 00:00:00');
INSERT INTO msg_search VALUES
('text of Mary mary.baker@example.com', 'mary.baker@example.com'),
('text of Olivia olivia.stone@example.com', 'olivia.stone@example.com'),
('text of Noah noah.fisher@example.com', 'noah.fisher@example.com'),
('text of Emma emma.marsh@example.com', 'emma.marsh@example.com'),
('text of Liam liam.lowe@example.com', 'liam.lowe@example.com'),
('text of Ava ava.hart@example.com', 'ava.hart@example.com'),
('text of Lucas lucas.doyle@example.com', 'lucas.doyle@example.com'),
('text of Mia mia.banks@example.com', 'mia.banks@example.com'),
('text of Ethan ethan.shaw@example.com', 'ethan.shaw@example.com'),
('text of Zoe zoe.frost@example.com', 'zoe.frost@example.com'),
('text of Oscar oscar.wade@example.com', 'oscar.wade@example.com'),
('text of Ruth ruth.nash@example.com', 'ruth.nash@example.com');
INSERT INTO post_actions VALUES
(1, 2, 2, '2021-02-02 00:00:00'),
(2, 3, 2, '2021-02-02 00:00:00'),
(3, 4, 2, '2021-02-02 00:00:00'),
(4, 5, 2, '2021-02-02 00:00:00'),
(5, 6, 2, '2021-02-02 00:00:00'),
(6, 7, 2, '2021-02-02 00:00:00'),
(7, 8, 2, '2021-02-02 00:00:00'),
(8, 9, 2, '2021-02-02 00:00:00'),
(9, 10, 2, '2021-02-02 00:00:00'),
(10, 11, 2, '2021-02-02 00:00:00'),
(11, 12, 2, '2021-02-02 00:00:00'),
(12, 1, 2, '2021-02-02 00:00:00');
INSERT INTO direct_messages VALUES
(1, 1, 2, 'Private from Mary', 1612137601),
(2, 2, 3, 'Private from Olivia', 1612137602),
(3, 3, 4, 'Private from Noah', 1612137603),
(4, 4, 5, 'Private from Emma', 1612137604),
(5, 5, 6, 'Private from Liam', 1612137605),
(6, 6, 7, 'Private from Ava', 1612137606),
(7, 7, 8, 'Private from Lucas', 1612137607),
(8, 8, 9, 'Private from Mia', 1612137608),
(9, 9, 10, 'Private from Ethan', 1612137609),
(10, 10, 11, 'Private from Zoe', 1612137610),
(11, 11, 12, 'Private from Oscar', 1612137611),
(12, 12, 1, 'Private from Ruth', 1612137612);
INSERT INTO notifications VALUES
(1, 'Post', 101, 1, '{"display_username": "olivia"}', '2021-02-03 00:00:00'),
(2, 'Post', 102, 2, '{"display_username": "noah"}', '2021-02-03 00:00:00'),
(3, 'Post', 103, 3, '{"display_username": "emma"}', '2021-02-03 00:00:00'),
(4, 'Post', 104, 4, '{"display_username": "liam"}', '2021-02-03 00:00:00'),
(5, 'Post', 105, 5, '{"display_username": "ava"}', '2021-02-03 00:00:00'),
(6, 'Post', 106, 6, '{"display_username": "lucas"}', '2021-02-03 00:00:00'),
(7, 'Post', 107, 7, '{"display_username": "mia"}', '2021-02-03 00:00:00'),
(8, 'Post', 108, 8, '{"display_username": "ethan"}', '2021-02-03 00:00:00'),
(9, 'Post', 109, 9, '{"display_username": "zoe"}', '2021-02-03 00:00:00'),
(10, 'Post', 110, 10, '{"display_username": "oscar"}', '2021-02-03 00:00:00'),
(11, 'Post', 111, 11, '{"display_username": "ruth"}', '2021-02-03 00:00:00'),
(12, 'Post', 112, 12, '{"display_username": "mary"}', '2021-02-03 00:00:00');
INSERT INTO versions VALUES
(1, 'User', 1, 'update', '1', '---
email: old-mary.baker@example.com
name: Mary Baker
', '2021-02-03 00:00:00'),
(101, 'Topic', 1, 'update', '1', '---
title: Topic
', '2021-02-03 00:00:00'),
(2, 'User', 2, 'update', '2', '---
email: old-olivia.stone@example.com
name: Olivia Stone
', '2021-02-03 00:00:00'),
(102, 'Topic', 2, 'update', '2', '---
title: Topic
', '2021-02-03 00:00:00'),
(3, 'User', 3, 'update', '3', '---
email: old-noah.fisher@example.com
name: Noah Fisher
', '2021-02-03 00:00:00'),
(103, 'Topic', 3, 'update', '3', '---
title: Topic
', '2021-02-03 00:00:00'),
(4, 'User', 4, 'update', '4', '---
email: old-emma.marsh@example.com
name: Emma Marsh
', '2021-02-03 00:00:00'),
(104, 'Topic', 4, 'update', '4', '---
title: Topic
', '2021-02-03 00:00:00'),
(5, 'User', 5, 'update', '5', '---
email: old-liam.lowe@example.com
name: Liam Lowe
', '2021-02-03 00:00:00'),
(105, 'Topic', 5, 'update', '5', '---
title: Topic
', '2021-02-03 00:00:00'),
(6, 'User', 6, 'update', '6', '---
email: old-ava.hart@example.com
name: Ava Hart
', '2021-02-03 00:00:00'),
(106, 'Topic', 6, 'update', '6', '---
title: Topic
', '2021-02-03 00:00:00'),
(7, 'User', 7, 'update', '7', '---
email: old-lucas.doyle@example.com
name: Lucas Doyle
', '2021-02-03 00:00:00'),
(107, 'Topic', 7, 'update', '7', '---
title: Topic
', '2021-02-03 00:00:00'),
(8, 'User', 8, 'update', '8', '---
email: old-mia.banks@example.com
name: Mia Banks
', '2021-02-03 00:00:00'),
(108, 'Topic', 8, 'update', '8', '---
title: Topic
', '2021-02-03 00:00:00'),
(9, 'User', 9, 'update', '9', '---
email: old-ethan.shaw@example.com
name: Ethan Shaw
', '2021-02-03 00:00:00'),
(109, 'Topic', 9, 'update', '9', '---
title: Topic
', '2021-02-03 00:00:00'),
(10, 'User', 10, 'update', '10', '---
email: old-zoe.frost@example.com
name: Zoe Frost
', '2021-02-03 00:00:00'),
(110, 'Topic', 10, 'update', '10', '---
title: Topic
', '2021-02-03 00:00:00'),
(11, 'User', 11, 'update', '11', '---
email: old-oscar.wade@example.com
name: Oscar Wade
', '2021-02-03 00:00:00'),
(111, 'Topic', 11, 'update', '11', '---
title: Topic
', '2021-02-03 00:00:00'),
(12, 'User', 12, 'update', '12', '---
email: old-ruth.nash@example.com
name: Ruth Nash
', '2021-02-03 00:00:00'),
(112, 'Topic', 12, 'update', '12', '---
title: Topic
', '2021-02-03 00:00:00');
INSERT INTO uploads VALUES
(1, 1, 'mary-cv.pdf', '/uploads/1.pdf', 'abababababababababababababababababababab'),
(2, 2, 'olivia-cv.pdf', '/uploads/2.pdf', 'abababababababababababababababababababab'),
(3, 3, 'noah-cv.pdf', '/uploads/3.pdf', 'abababababababababababababababababababab'),
(4, 4, 'emma-cv.pdf', '/uploads/4.pdf', 'abababababababababababababababababababab'),
(5, 5, 'liam-cv.pdf', '/uploads/5.pdf', 'abababababababababababababababababababab'),
(6, 6, 'ava-cv.pdf', '/uploads/6.pdf', 'abababababababababababababababababababab'),
(7, 7, 'lucas-cv.pdf', '/uploads/7.pdf', 'abababababababababababababababababababab'),
(8, 8, 'mia-cv.pdf', '/uploads/8.pdf', 'abababababababababababababababababababab'),
(9, 9, 'ethan-cv.pdf', '/uploads/9.pdf', 'abababababababababababababababababababab'),
(10, 10, 'zoe-cv.pdf', '/uploads/10.pdf', 'abababababababababababababababababababab'),
(11, 11, 'oscar-cv.pdf', '/uploads/11.pdf', 'abababababababababababababababababababab'),
(12, 12, 'ruth-cv.pdf', '/uploads/12.pdf', 'abababababababababababababababababababab');
INSERT INTO invites VALUES
(1, '00000000000000000000000000000001', 'mary@home.example.org', 2, NULL),
(2, '00000000000000000000000000000002', 'olivia@home.example.org', 3, NULL),
(3, '00000000000000000000000000000003', 'noah@home.example.org', 4, NULL),
(4, '00000000000000000000000000000004', 'emma@home.example.org', 5, NULL),
(5, '00000000000000000000000000000005', 'liam@home.example.org', 6, NULL),
(6, '00000000000000000000000000000006', 'ava@home.example.org', 7, NULL),
(7, '00000000000000000000000000000007', 'lucas@home.example.org', 8, NULL),
(8, '00000000000000000000000000000008', 'mia@home.example.org', 9, NULL),
(9, '00000000000000000000000000000009', 'ethan@home.example.org', 10, NULL),
(10, '00000000000000000000000000000010', 'zoe@home.example.org', 11, NULL),
(11, '00000000000000000000000000000011', 'oscar@home.example.org', 12, NULL),
(12, '00000000000000000000000000000012', 'ruth@home.example.org', 1, NULL);
INSERT INTO screened_emails VALUES
(1, 'mary@home.example.org', 1),
(2, 'olivia@home.example.org', 1),
(3, 'noah@home.example.org', 1),
(4, 'emma@home.example.org', 1),
(5, 'liam@home.example.org', 1),
(6, 'ava@home.example.org', 1),
(7, 'lucas@home.example.org', 1),
(8, 'mia@home.example.org', 1),
(9, 'ethan@home.example.org', 1),
(10, 'zoe@home.example.org', 1),
(11, 'oscar@home.example.org', 1),
(12, 'ruth@home.example.org', 1);
INSERT INTO email_logs VALUES
(1, 'mary.baker@example.com', 'digest', 1, '2021-03-01 00:00:00'),
(2, 'olivia.stone@example.com', 'digest', 2, '2021-03-01 00:00:00'),
(3, 'noah.fisher@example.com', 'digest', 3, '2021-03-01 00:00:00'),
(4, 'emma.marsh@example.com', 'digest', 4, '2021-03-01 00:00:00'),
(5, 'liam.lowe@example.com', 'digest', 5, '2021-03-01 00:00:00'),
(6, 'ava.hart@example.com', 'digest', 6, '2021-03-01 00:00:00'),
(7, 'lucas.doyle@example.com', 'digest', 7, '2021-03-01 00:00:00'),
(8, 'mia.banks@example.com', 'digest', 8, '2021-03-01 00:00:00'),
(9, 'ethan.shaw@example.com', 'digest', 9, '2021-03-01 00:00:00'),
(10, 'zoe.frost@example.com', 'digest', 10, '2021-03-01 00:00:00'),
(11, 'oscar.wade@example.com', 'digest', 11, '2021-03-01 00:00:00'),
(12, 'ruth.nash@example.com', 'digest', 12, '2021-03-01 00:00:00');
INSERT INTO follows VALUES
(1, 2),
(2, 3),
(3, 4),
(4, 5),
(5, 6),
(6, 7),
(7, 8),
(8, 9),
(9, 10),
(10, 11),
(11, 12),
(12, 1);
INSERT INTO settings VALUES
('contact_email', 'office@forum.example');
