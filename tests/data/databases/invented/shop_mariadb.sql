-- A shop of entities, attributes and values.
CREATE TABLE eav_entity_type (entity_type_id smallint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, entity_type_code varchar(50) NOT NULL);
CREATE TABLE eav_attribute (attribute_id smallint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, entity_type_id smallint unsigned NOT NULL, attribute_code varchar(255) NOT NULL, frontend_label varchar(255), FOREIGN KEY (entity_type_id) REFERENCES eav_entity_type (entity_type_id) ON DELETE CASCADE);
CREATE TABLE store (store_id smallint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, code varchar(32), name varchar(255) NOT NULL);
CREATE TABLE admin_user (user_id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, firstname varchar(32), lastname varchar(32), email varchar(128), username varchar(40), password varchar(255) NOT NULL);
CREATE TABLE customer_entity (entity_id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, website_id smallint, email varchar(255), group_id smallint, store_id smallint unsigned, created_at timestamp NOT NULL DEFAULT current_timestamp(), firstname varchar(255), lastname varchar(255), dob date, password_hash varchar(128), rp_token varchar(128), default_billing int unsigned, default_shipping int unsigned, taxvat varchar(50), gender smallint, UNIQUE KEY (email, website_id), FOREIGN KEY (store_id) REFERENCES store (store_id) ON DELETE SET NULL);
CREATE TABLE customer_entity_varchar (value_id int NOT NULL AUTO_INCREMENT PRIMARY KEY, attribute_id smallint unsigned NOT NULL, entity_id int unsigned NOT NULL, value varchar(255), UNIQUE KEY (entity_id, attribute_id), FOREIGN KEY (entity_id) REFERENCES customer_entity (entity_id) ON DELETE CASCADE, FOREIGN KEY (attribute_id) REFERENCES eav_attribute (attribute_id) ON DELETE CASCADE);
CREATE TABLE customer_address_entity (entity_id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, parent_id int unsigned, city varchar(255) NOT NULL, country_id varchar(255) NOT NULL, firstname varchar(255) NOT NULL, lastname varchar(255) NOT NULL, postcode varchar(255), street text NOT NULL, telephone varchar(255) NOT NULL, FOREIGN KEY (parent_id) REFERENCES customer_entity (entity_id) ON DELETE CASCADE);
CREATE TABLE sales_order (entity_id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, state varchar(32), status varchar(32), customer_id int unsigned, customer_email varchar(128), customer_firstname varchar(128), customer_lastname varchar(128), remote_ip varchar(45), grand_total decimal(20,4), increment_id varchar(50), created_at timestamp NOT NULL DEFAULT current_timestamp(), store_id smallint unsigned, customer_note text, UNIQUE KEY (increment_id, store_id), FOREIGN KEY (customer_id) REFERENCES customer_entity (entity_id) ON DELETE SET NULL, FOREIGN KEY (store_id) REFERENCES store (store_id) ON DELETE SET NULL);
CREATE TABLE sales_order_address (entity_id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, parent_id int unsigned, customer_id int, email varchar(255), firstname varchar(255), lastname varchar(255), street varchar(255), city varchar(255), postcode varchar(255), telephone varchar(255), address_type varchar(255), FOREIGN KEY (parent_id) REFERENCES sales_order (entity_id) ON DELETE CASCADE);
CREATE TABLE sales_order_item (item_id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, order_id int unsigned NOT NULL DEFAULT 0, sku varchar(255), name varchar(255), product_options text, FOREIGN KEY (order_id) REFERENCES sales_order (entity_id) ON DELETE CASCADE);
CREATE TABLE sales_order_grid (entity_id int unsigned NOT NULL PRIMARY KEY, status varchar(32), customer_id int unsigned, grand_total decimal(20,4), increment_id varchar(50), shipping_name varchar(255), billing_name varchar(255), billing_address varchar(255), customer_email varchar(255), KEY (customer_id), FULLTEXT KEY ft (increment_id, billing_name, shipping_name, billing_address, customer_email));
CREATE TABLE sales_invoice (entity_id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, order_id int unsigned NOT NULL, grand_total decimal(20,4), FOREIGN KEY (order_id) REFERENCES sales_order (entity_id) ON DELETE CASCADE);
CREATE TABLE quote (entity_id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id int unsigned, customer_email varchar(255), customer_is_guest smallint, remote_ip varchar(45), updated_at timestamp NOT NULL DEFAULT current_timestamp());
CREATE TABLE quote_address (address_id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, quote_id int unsigned NOT NULL, customer_id int unsigned, email varchar(255), firstname varchar(40), street varchar(255), telephone varchar(255), FOREIGN KEY (quote_id) REFERENCES quote (entity_id) ON DELETE CASCADE);
CREATE TABLE newsletter_subscriber (subscriber_id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, store_id smallint unsigned, customer_id int unsigned NOT NULL DEFAULT 0, subscriber_email varchar(150), subscriber_status int, subscriber_confirm_code varchar(32));
CREATE TABLE review (review_id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, created_at timestamp NOT NULL DEFAULT current_timestamp());
CREATE TABLE review_detail (detail_id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, review_id bigint unsigned NOT NULL, title varchar(255), detail text, nickname varchar(128), customer_id int unsigned, FOREIGN KEY (review_id) REFERENCES review (review_id) ON DELETE CASCADE, FOREIGN KEY (customer_id) REFERENCES customer_entity (entity_id) ON DELETE SET NULL);
CREATE TABLE customer_log (log_id int NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id int NOT NULL, last_login_at timestamp NULL, UNIQUE KEY (customer_id));
CREATE TABLE catalog_product_entity (entity_id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, sku varchar(64));
CREATE TABLE catalog_product_entity_varchar (value_id int NOT NULL AUTO_INCREMENT PRIMARY KEY, attribute_id smallint unsigned NOT NULL, entity_id int unsigned NOT NULL, value varchar(255), FOREIGN KEY (entity_id) REFERENCES catalog_product_entity (entity_id) ON DELETE CASCADE);
INSERT INTO eav_entity_type VALUES
(1, 'customer'),
(4, 'catalog_product');
INSERT INTO eav_attribute VALUES
(1, 1, 'nick', 'Nick name'),
(2, 1, 'company_phone', 'Phone at work'),
(60, 4, 'name', 'Name');
INSERT INTO store VALUES
(1, 'en', 'Main');
INSERT INTO admin_user VALUES
(1, 'Ada', 'Admin1', 'admin1@shop.example', 'admin1', 'hash:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'),
(2, 'Ada', 'Admin2', 'admin2@shop.example', 'admin2', 'hash:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'),
(3, 'Ada', 'Admin3', 'admin3@shop.example', 'admin3', 'hash:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
INSERT INTO customer_entity VALUES
(1, 1, 'mary.baker@example.com', 1, 1, '2021-01-01 10:00:00', 'Mary', 'Baker', '1961-02-03', 'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc:salt:1', NULL, 1, 1, NULL, 1),
(2, 1, 'olivia.stone@example.com', 1, 1, '2021-01-02 10:00:00', 'Olivia', 'Stone', '1962-02-03', 'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc:salt:1', NULL, 2, 2, NULL, 1),
(3, 1, 'noah.fisher@example.com', 1, 1, '2021-01-03 10:00:00', 'Noah', 'Fisher', '1963-02-03', 'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc:salt:1', NULL, 3, 3, NULL, 1),
(4, 1, 'emma.marsh@example.com', 1, 1, '2021-01-04 10:00:00', 'Emma', 'Marsh', '1964-02-03', 'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc:salt:1', NULL, 4, 4, NULL, 1),
(5, 1, 'liam.lowe@example.com', 1, 1, '2021-01-05 10:00:00', 'Liam', 'Lowe', '1965-02-03', 'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc:salt:1', NULL, 5, 5, NULL, 1),
(6, 1, 'ava.hart@example.com', 1, 1, '2021-01-06 10:00:00', 'Ava', 'Hart', '1966-02-03', 'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc:salt:1', NULL, 6, 6, NULL, 1),
(7, 1, 'lucas.doyle@example.com', 1, 1, '2021-01-07 10:00:00', 'Lucas', 'Doyle', '1967-02-03', 'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc:salt:1', NULL, 7, 7, NULL, 1),
(8, 1, 'mia.banks@example.com', 1, 1, '2021-01-08 10:00:00', 'Mia', 'Banks', '1968-02-03', 'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc:salt:1', NULL, 8, 8, NULL, 1),
(9, 1, 'ethan.shaw@example.com', 1, 1, '2021-01-09 10:00:00', 'Ethan', 'Shaw', '1969-02-03', 'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc:salt:1', NULL, 9, 9, NULL, 1),
(10, 1, 'zoe.frost@example.com', 1, 1, '2021-01-10 10:00:00', 'Zoe', 'Frost', '1970-02-03', 'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc:salt:1', NULL, 10, 10, NULL, 1),
(11, 1, 'oscar.wade@example.com', 1, 1, '2021-01-11 10:00:00', 'Oscar', 'Wade', '1971-02-03', 'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc:salt:1', NULL, 11, 11, NULL, 1),
(12, 1, 'ruth.nash@example.com', 1, 1, '2021-01-12 10:00:00', 'Ruth', 'Nash', '1972-02-03', 'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc:salt:1', NULL, 12, 12, NULL, 1);
INSERT INTO customer_entity_varchar VALUES
(1, 1, 1, 'Maryy'),
(101, 2, 1, '+1 202 555 0151'),
(2, 1, 2, 'Oliviay'),
(102, 2, 2, '+1 202 555 0152'),
(3, 1, 3, 'Noahy'),
(103, 2, 3, '+1 202 555 0153'),
(4, 1, 4, 'Emmay'),
(104, 2, 4, '+1 202 555 0154'),
(5, 1, 5, 'Liamy'),
(105, 2, 5, '+1 202 555 0155'),
(6, 1, 6, 'Avay'),
(106, 2, 6, '+1 202 555 0156'),
(7, 1, 7, 'Lucasy'),
(107, 2, 7, '+1 202 555 0157'),
(8, 1, 8, 'Miay'),
(108, 2, 8, '+1 202 555 0158'),
(9, 1, 9, 'Ethany'),
(109, 2, 9, '+1 202 555 0159'),
(10, 1, 10, 'Zoey'),
(110, 2, 10, '+1 202 555 0160'),
(11, 1, 11, 'Oscary'),
(111, 2, 11, '+1 202 555 0161'),
(12, 1, 12, 'Ruthy'),
(112, 2, 12, '+1 202 555 0162');
INSERT INTO customer_address_entity VALUES
(301, 1, 'Springfield', 'US', 'Mary', 'Baker', '20001', '1 Elm Street
Floor 2', '+1 202 555 0101'),
(302, 2, 'Springfield', 'US', 'Olivia', 'Stone', '20001', '2 Elm Street
Floor 2', '+1 202 555 0102'),
(303, 3, 'Springfield', 'US', 'Noah', 'Fisher', '20001', '3 Elm Street
Floor 2', '+1 202 555 0103'),
(304, 4, 'Springfield', 'US', 'Emma', 'Marsh', '20001', '4 Elm Street
Floor 2', '+1 202 555 0104'),
(305, 5, 'Springfield', 'US', 'Liam', 'Lowe', '20001', '5 Elm Street
Floor 2', '+1 202 555 0105'),
(306, 6, 'Springfield', 'US', 'Ava', 'Hart', '20001', '6 Elm Street
Floor 2', '+1 202 555 0106'),
(307, 7, 'Springfield', 'US', 'Lucas', 'Doyle', '20001', '7 Elm Street
Floor 2', '+1 202 555 0107'),
(308, 8, 'Springfield', 'US', 'Mia', 'Banks', '20001', '8 Elm Street
Floor 2', '+1 202 555 0108'),
(309, 9, 'Springfield', 'US', 'Ethan', 'Shaw', '20001', '9 Elm Street
Floor 2', '+1 202 555 0109'),
(310, 10, 'Springfield', 'US', 'Zoe', 'Frost', '20001', '10 Elm Street
Floor 2', '+1 202 555 0110'),
(311, 11, 'Springfield', 'US', 'Oscar', 'Wade', '20001', '11 Elm Street
Floor 2', '+1 202 555 0111'),
(312, 12, 'Springfield', 'US', 'Ruth', 'Nash', '20001', '12 Elm Street
Floor 2', '+1 202 555 0112');
INSERT INTO sales_order VALUES
(11, 'complete', 'complete', 1, 'mary.baker@example.com', 'Mary', 'Baker', '192.0.2.1', 20.5, '000011', '2022-05-01 00:00:00', 1, 'Ring the bell'),
(12, 'complete', 'complete', NULL, 'mary.baker@example.com', 'Mary', 'Baker', '192.0.2.1', 20.5, '000012', '2023-05-01 00:00:00', 1, 'Ring the bell'),
(21, 'complete', 'complete', 2, 'olivia.stone@example.com', 'Olivia', 'Stone', '192.0.2.2', 20.5, '000021', '2022-05-01 00:00:00', 1, 'Ring the bell'),
(22, 'complete', 'complete', NULL, 'olivia.stone@example.com', 'Olivia', 'Stone', '192.0.2.2', 20.5, '000022', '2023-05-01 00:00:00', 1, 'Ring the bell'),
(31, 'complete', 'complete', 3, 'noah.fisher@example.com', 'Noah', 'Fisher', '192.0.2.3', 20.5, '000031', '2022-05-01 00:00:00', 1, 'Ring the bell'),
(32, 'complete', 'complete', NULL, 'noah.fisher@example.com', 'Noah', 'Fisher', '192.0.2.3', 20.5, '000032', '2023-05-01 00:00:00', 1, 'Ring the bell'),
(41, 'complete', 'complete', 4, 'emma.marsh@example.com', 'Emma', 'Marsh', '192.0.2.4', 20.5, '000041', '2022-05-01 00:00:00', 1, 'Ring the bell'),
(42, 'complete', 'complete', NULL, 'emma.marsh@example.com', 'Emma', 'Marsh', '192.0.2.4', 20.5, '000042', '2023-05-01 00:00:00', 1, 'Ring the bell'),
(51, 'complete', 'complete', 5, 'liam.lowe@example.com', 'Liam', 'Lowe', '192.0.2.5', 20.5, '000051', '2022-05-01 00:00:00', 1, 'Ring the bell'),
(52, 'complete', 'complete', NULL, 'liam.lowe@example.com', 'Liam', 'Lowe', '192.0.2.5', 20.5, '000052', '2023-05-01 00:00:00', 1, 'Ring the bell'),
(61, 'complete', 'complete', 6, 'ava.hart@example.com', 'Ava', 'Hart', '192.0.2.6', 20.5, '000061', '2022-05-01 00:00:00', 1, 'Ring the bell'),
(62, 'complete', 'complete', NULL, 'ava.hart@example.com', 'Ava', 'Hart', '192.0.2.6', 20.5, '000062', '2023-05-01 00:00:00', 1, 'Ring the bell'),
(71, 'complete', 'complete', 7, 'lucas.doyle@example.com', 'Lucas', 'Doyle', '192.0.2.7', 20.5, '000071', '2022-05-01 00:00:00', 1, 'Ring the bell'),
(72, 'complete', 'complete', NULL, 'lucas.doyle@example.com', 'Lucas', 'Doyle', '192.0.2.7', 20.5, '000072', '2023-05-01 00:00:00', 1, 'Ring the bell'),
(81, 'complete', 'complete', 8, 'mia.banks@example.com', 'Mia', 'Banks', '192.0.2.8', 20.5, '000081', '2022-05-01 00:00:00', 1, 'Ring the bell'),
(82, 'complete', 'complete', NULL, 'mia.banks@example.com', 'Mia', 'Banks', '192.0.2.8', 20.5, '000082', '2023-05-01 00:00:00', 1, 'Ring the bell'),
(91, 'complete', 'complete', 9, 'ethan.shaw@example.com', 'Ethan', 'Shaw', '192.0.2.9', 20.5, '000091', '2022-05-01 00:00:00', 1, 'Ring the bell'),
(92, 'complete', 'complete', NULL, 'ethan.shaw@example.com', 'Ethan', 'Shaw', '192.0.2.9', 20.5, '000092', '2023-05-01 00:00:00', 1, 'Ring the bell'),
(101, 'complete', 'complete', 10, 'zoe.frost@example.com', 'Zoe', 'Frost', '192.0.2.10', 20.5, '0000101', '2022-05-01 00:00:00', 1, 'Ring the bell'),
(102, 'complete', 'complete', NULL, 'zoe.frost@example.com', 'Zoe', 'Frost', '192.0.2.10', 20.5, '0000102', '2023-05-01 00:00:00', 1, 'Ring the bell'),
(111, 'complete', 'complete', 11, 'oscar.wade@example.com', 'Oscar', 'Wade', '192.0.2.11', 20.5, '0000111', '2022-05-01 00:00:00', 1, 'Ring the bell'),
(112, 'complete', 'complete', NULL, 'oscar.wade@example.com', 'Oscar', 'Wade', '192.0.2.11', 20.5, '0000112', '2023-05-01 00:00:00', 1, 'Ring the bell'),
(121, 'complete', 'complete', 12, 'ruth.nash@example.com', 'Ruth', 'Nash', '192.0.2.12', 20.5, '0000121', '2022-05-01 00:00:00', 1, 'Ring the bell'),
(122, 'complete', 'complete', NULL, 'ruth.nash@example.com', 'Ruth', 'Nash', '192.0.2.12', 20.5, '0000122', '2023-05-01 00:00:00', 1, 'Ring the bell');
INSERT INTO sales_order_address VALUES
(22, 11, NULL, 'mary.baker@example.com', 'Mary', 'Baker', '1 Elm Street', 'Springfield', '20001', '+1 202 555 0101', 'shipping'),
(23, 11, NULL, 'mary.baker@example.com', 'Mary', 'Baker', '1 Elm Street', 'Springfield', '20001', '+1 202 555 0101', 'billing'),
(24, 12, NULL, 'mary.baker@example.com', 'Mary', 'Baker', '1 Elm Street', 'Springfield', '20001', '+1 202 555 0101', 'shipping'),
(25, 12, NULL, 'mary.baker@example.com', 'Mary', 'Baker', '1 Elm Street', 'Springfield', '20001', '+1 202 555 0101', 'billing'),
(42, 21, NULL, 'olivia.stone@example.com', 'Olivia', 'Stone', '2 Elm Street', 'Springfield', '20001', '+1 202 555 0102', 'shipping'),
(43, 21, NULL, 'olivia.stone@example.com', 'Olivia', 'Stone', '2 Elm Street', 'Springfield', '20001', '+1 202 555 0102', 'billing'),
(44, 22, NULL, 'olivia.stone@example.com', 'Olivia', 'Stone', '2 Elm Street', 'Springfield', '20001', '+1 202 555 0102', 'shipping'),
(45, 22, NULL, 'olivia.stone@example.com', 'Olivia', 'Stone', '2 Elm Street', 'Springfield', '20001', '+1 202 555 0102', 'billing'),
(62, 31, NULL, 'noah.fisher@example.com', 'Noah', 'Fisher', '3 Elm Street', 'Springfield', '20001', '+1 202 555 0103', 'shipping'),
(63, 31, NULL, 'noah.fisher@example.com', 'Noah', 'Fisher', '3 Elm Street', 'Springfield', '20001', '+1 202 555 0103', 'billing'),
(64, 32, NULL, 'noah.fisher@example.com', 'Noah', 'Fisher', '3 Elm Street', 'Springfield', '20001', '+1 202 555 0103', 'shipping'),
(65, 32, NULL, 'noah.fisher@example.com', 'Noah', 'Fisher', '3 Elm Street', 'Springfield', '20001', '+1 202 555 0103', 'billing'),
(82, 41, NULL, 'emma.marsh@example.com', 'Emma', 'Marsh', '4 Elm Street', 'Springfield', '20001', '+1 202 555 0104', 'shipping'),
(83, 41, NULL, 'emma.marsh@example.com', 'Emma', 'Marsh', '4 Elm Street', 'Springfield', '20001', '+1 202 555 0104', 'billing'),
(84, 42, NULL, 'emma.marsh@example.com', 'Emma', 'Marsh', '4 Elm Street', 'Springfield', '20001', '+1 202 555 0104', 'shipping'),
(85, 42, NULL, 'emma.marsh@example.com', 'Emma', 'Marsh', '4 Elm Street', 'Springfield', '20001', '+1 202 555 0104', 'billing'),
(102, 51, NULL, 'liam.lowe@example.com', 'Liam', 'Lowe', '5 Elm Street', 'Springfield', '20001', '+1 202 555 0105', 'shipping'),
(103, 51, NULL, 'liam.lowe@example.com', 'Liam', 'Lowe', '5 Elm Street', 'Springfield', '20001', '+1 202 555 0105', 'billing'),
(104, 52, NULL, 'liam.lowe@example.com', 'Liam', 'Lowe', '5 Elm Street', 'Springfield', '20001', '+1 202 555 0105', 'shipping'),
(105, 52, NULL, 'liam.lowe@example.com', 'Liam', 'Lowe', '5 Elm Street', 'Springfield', '20001', '+1 202 555 0105', 'billing'),
(122, 61, NULL, 'ava.hart@example.com', 'Ava', 'Hart', '6 Elm Street', 'Springfield', '20001', '+1 202 555 0106', 'shipping'),
(123, 61, NULL, 'ava.hart@example.com', 'Ava', 'Hart', '6 Elm Street', 'Springfield', '20001', '+1 202 555 0106', 'billing'),
(124, 62, NULL, 'ava.hart@example.com', 'Ava', 'Hart', '6 Elm Street', 'Springfield', '20001', '+1 202 555 0106', 'shipping'),
(125, 62, NULL, 'ava.hart@example.com', 'Ava', 'Hart', '6 Elm Street', 'Springfield', '20001', '+1 202 555 0106', 'billing'),
(142, 71, NULL, 'lucas.doyle@example.com', 'Lucas', 'Doyle', '7 Elm Street', 'Springfield', '20001', '+1 202 555 0107', 'shipping'),
(143, 71, NULL, 'lucas.doyle@example.com', 'Lucas', 'Doyle', '7 Elm Street', 'Springfield', '20001', '+1 202 555 0107', 'billing'),
(144, 72, NULL, 'lucas.doyle@example.com', 'Lucas', 'Doyle', '7 Elm Street', 'Springfield', '20001', '+1 202 555 0107', 'shipping'),
(145, 72, NULL, 'lucas.doyle@example.com', 'Lucas', 'Doyle', '7 Elm Street', 'Springfield', '20001', '+1 202 555 0107', 'billing'),
(162, 81, NULL, 'mia.banks@example.com', 'Mia', 'Banks', '8 Elm Street', 'Springfield', '20001', '+1 202 555 0108', 'shipping'),
(163, 81, NULL, 'mia.banks@example.com', 'Mia', 'Banks', '8 Elm Street', 'Springfield', '20001', '+1 202 555 0108', 'billing'),
(164, 82, NULL, 'mia.banks@example.com', 'Mia', 'Banks', '8 Elm Street', 'Springfield', '20001', '+1 202 555 0108', 'shipping'),
(165, 82, NULL, 'mia.banks@example.com', 'Mia', 'Banks', '8 Elm Street', 'Springfield', '20001', '+1 202 555 0108', 'billing'),
(182, 91, NULL, 'ethan.shaw@example.com', 'Ethan', 'Shaw', '9 Elm Street', 'Springfield', '20001', '+1 202 555 0109', 'shipping'),
(183, 91, NULL, 'ethan.shaw@example.com', 'Ethan', 'Shaw', '9 Elm Street', 'Springfield', '20001', '+1 202 555 0109', 'billing'),
(184, 92, NULL, 'ethan.shaw@example.com', 'Ethan', 'Shaw', '9 Elm Street', 'Springfield', '20001', '+1 202 555 0109', 'shipping'),
(185, 92, NULL, 'ethan.shaw@example.com', 'Ethan', 'Shaw', '9 Elm Street', 'Springfield', '20001', '+1 202 555 0109', 'billing'),
(202, 101, NULL, 'zoe.frost@example.com', 'Zoe', 'Frost', '10 Elm Street', 'Springfield', '20001', '+1 202 555 0110', 'shipping'),
(203, 101, NULL, 'zoe.frost@example.com', 'Zoe', 'Frost', '10 Elm Street', 'Springfield', '20001', '+1 202 555 0110', 'billing'),
(204, 102, NULL, 'zoe.frost@example.com', 'Zoe', 'Frost', '10 Elm Street', 'Springfield', '20001', '+1 202 555 0110', 'shipping'),
(205, 102, NULL, 'zoe.frost@example.com', 'Zoe', 'Frost', '10 Elm Street', 'Springfield', '20001', '+1 202 555 0110', 'billing'),
(222, 111, NULL, 'oscar.wade@example.com', 'Oscar', 'Wade', '11 Elm Street', 'Springfield', '20001', '+1 202 555 0111', 'shipping'),
(223, 111, NULL, 'oscar.wade@example.com', 'Oscar', 'Wade', '11 Elm Street', 'Springfield', '20001', '+1 202 555 0111', 'billing'),
(224, 112, NULL, 'oscar.wade@example.com', 'Oscar', 'Wade', '11 Elm Street', 'Springfield', '20001', '+1 202 555 0111', 'shipping'),
(225, 112, NULL, 'oscar.wade@example.com', 'Oscar', 'Wade', '11 Elm Street', 'Springfield', '20001', '+1 202 555 0111', 'billing'),
(242, 121, NULL, 'ruth.nash@example.com', 'Ruth', 'Nash', '12 Elm Street', 'Springfield', '20001', '+1 202 555 0112', 'shipping'),
(243, 121, NULL, 'ruth.nash@example.com', 'Ruth', 'Nash', '12 Elm Street', 'Springfield', '20001', '+1 202 555 0112', 'billing'),
(244, 122, NULL, 'ruth.nash@example.com', 'Ruth', 'Nash', '12 Elm Street', 'Springfield', '20001', '+1 202 555 0112', 'shipping'),
(245, 122, NULL, 'ruth.nash@example.com', 'Ruth', 'Nash', '12 Elm Street', 'Springfield', '20001', '+1 202 555 0112', 'billing');
INSERT INTO sales_order_item VALUES
(11, 11, 'SP1', 'Spade', '{"engraving": "For Mary"}'),
(12, 12, 'SP1', 'Spade', '{"engraving": "For Mary"}'),
(21, 21, 'SP1', 'Spade', '{"engraving": "For Olivia"}'),
(22, 22, 'SP1', 'Spade', '{"engraving": "For Olivia"}'),
(31, 31, 'SP1', 'Spade', '{"engraving": "For Noah"}'),
(32, 32, 'SP1', 'Spade', '{"engraving": "For Noah"}'),
(41, 41, 'SP1', 'Spade', '{"engraving": "For Emma"}'),
(42, 42, 'SP1', 'Spade', '{"engraving": "For Emma"}'),
(51, 51, 'SP1', 'Spade', '{"engraving": "For Liam"}'),
(52, 52, 'SP1', 'Spade', '{"engraving": "For Liam"}'),
(61, 61, 'SP1', 'Spade', '{"engraving": "For Ava"}'),
(62, 62, 'SP1', 'Spade', '{"engraving": "For Ava"}'),
(71, 71, 'SP1', 'Spade', '{"engraving": "For Lucas"}'),
(72, 72, 'SP1', 'Spade', '{"engraving": "For Lucas"}'),
(81, 81, 'SP1', 'Spade', '{"engraving": "For Mia"}'),
(82, 82, 'SP1', 'Spade', '{"engraving": "For Mia"}'),
(91, 91, 'SP1', 'Spade', '{"engraving": "For Ethan"}'),
(92, 92, 'SP1', 'Spade', '{"engraving": "For Ethan"}'),
(101, 101, 'SP1', 'Spade', '{"engraving": "For Zoe"}'),
(102, 102, 'SP1', 'Spade', '{"engraving": "For Zoe"}'),
(111, 111, 'SP1', 'Spade', '{"engraving": "For Oscar"}'),
(112, 112, 'SP1', 'Spade', '{"engraving": "For Oscar"}'),
(121, 121, 'SP1', 'Spade', '{"engraving": "For Ruth"}'),
(122, 122, 'SP1', 'Spade', '{"engraving": "For Ruth"}');
INSERT INTO sales_order_grid VALUES
(11, 'complete', 1, 20.5, '000011', 'Mary Baker', 'Mary Baker', '1 Elm Street Springfield', 'mary.baker@example.com'),
(12, 'complete', NULL, 20.5, '000012', 'Mary Baker', 'Mary Baker', '1 Elm Street Springfield', 'mary.baker@example.com'),
(21, 'complete', 2, 20.5, '000021', 'Olivia Stone', 'Olivia Stone', '2 Elm Street Springfield', 'olivia.stone@example.com'),
(22, 'complete', NULL, 20.5, '000022', 'Olivia Stone', 'Olivia Stone', '2 Elm Street Springfield', 'olivia.stone@example.com'),
(31, 'complete', 3, 20.5, '000031', 'Noah Fisher', 'Noah Fisher', '3 Elm Street Springfield', 'noah.fisher@example.com'),
(32, 'complete', NULL, 20.5, '000032', 'Noah Fisher', 'Noah Fisher', '3 Elm Street Springfield', 'noah.fisher@example.com'),
(41, 'complete', 4, 20.5, '000041', 'Emma Marsh', 'Emma Marsh', '4 Elm Street Springfield', 'emma.marsh@example.com'),
(42, 'complete', NULL, 20.5, '000042', 'Emma Marsh', 'Emma Marsh', '4 Elm Street Springfield', 'emma.marsh@example.com'),
(51, 'complete', 5, 20.5, '000051', 'Liam Lowe', 'Liam Lowe', '5 Elm Street Springfield', 'liam.lowe@example.com'),
(52, 'complete', NULL, 20.5, '000052', 'Liam Lowe', 'Liam Lowe', '5 Elm Street Springfield', 'liam.lowe@example.com'),
(61, 'complete', 6, 20.5, '000061', 'Ava Hart', 'Ava Hart', '6 Elm Street Springfield', 'ava.hart@example.com'),
(62, 'complete', NULL, 20.5, '000062', 'Ava Hart', 'Ava Hart', '6 Elm Street Springfield', 'ava.hart@example.com'),
(71, 'complete', 7, 20.5, '000071', 'Lucas Doyle', 'Lucas Doyle', '7 Elm Street Springfield', 'lucas.doyle@example.com'),
(72, 'complete', NULL, 20.5, '000072', 'Lucas Doyle', 'Lucas Doyle', '7 Elm Street Springfield', 'lucas.doyle@example.com'),
(81, 'complete', 8, 20.5, '000081', 'Mia Banks', 'Mia Banks', '8 Elm Street Springfield', 'mia.banks@example.com'),
(82, 'complete', NULL, 20.5, '000082', 'Mia Banks', 'Mia Banks', '8 Elm Street Springfield', 'mia.banks@example.com'),
(91, 'complete', 9, 20.5, '000091', 'Ethan Shaw', 'Ethan Shaw', '9 Elm Street Springfield', 'ethan.shaw@example.com'),
(92, 'complete', NULL, 20.5, '000092', 'Ethan Shaw', 'Ethan Shaw', '9 Elm Street Springfield', 'ethan.shaw@example.com'),
(101, 'complete', 10, 20.5, '0000101', 'Zoe Frost', 'Zoe Frost', '10 Elm Street Springfield', 'zoe.frost@example.com'),
(102, 'complete', NULL, 20.5, '0000102', 'Zoe Frost', 'Zoe Frost', '10 Elm Street Springfield', 'zoe.frost@example.com'),
(111, 'complete', 11, 20.5, '0000111', 'Oscar Wade', 'Oscar Wade', '11 Elm Street Springfield', 'oscar.wade@example.com'),
(112, 'complete', NULL, 20.5, '0000112', 'Oscar Wade', 'Oscar Wade', '11 Elm Street Springfield', 'oscar.wade@example.com'),
(121, 'complete', 12, 20.5, '0000121', 'Ruth Nash', 'Ruth Nash', '12 Elm Street Springfield', 'ruth.nash@example.com'),
(122, 'complete', NULL, 20.5, '0000122', 'Ruth Nash', 'Ruth Nash', '12 Elm Street Springfield', 'ruth.nash@example.com');
INSERT INTO sales_invoice VALUES
(11, 11, 20.5),
(12, 12, 20.5),
(21, 21, 20.5),
(22, 22, 20.5),
(31, 31, 20.5),
(32, 32, 20.5),
(41, 41, 20.5),
(42, 42, 20.5),
(51, 51, 20.5),
(52, 52, 20.5),
(61, 61, 20.5),
(62, 62, 20.5),
(71, 71, 20.5),
(72, 72, 20.5),
(81, 81, 20.5),
(82, 82, 20.5),
(91, 91, 20.5),
(92, 92, 20.5),
(101, 101, 20.5),
(102, 102, 20.5),
(111, 111, 20.5),
(112, 112, 20.5),
(121, 121, 20.5),
(122, 122, 20.5);
INSERT INTO quote VALUES
(1, 1, 'mary.baker@example.com', 0, '192.0.2.1', '2022-01-01 00:00:00'),
(2, 2, 'olivia.stone@example.com', 0, '192.0.2.2', '2022-01-01 00:00:00'),
(3, 3, 'noah.fisher@example.com', 0, '192.0.2.3', '2022-01-01 00:00:00'),
(4, 4, 'emma.marsh@example.com', 0, '192.0.2.4', '2022-01-01 00:00:00'),
(5, 5, 'liam.lowe@example.com', 0, '192.0.2.5', '2022-01-01 00:00:00'),
(6, 6, 'ava.hart@example.com', 0, '192.0.2.6', '2022-01-01 00:00:00'),
(7, 7, 'lucas.doyle@example.com', 0, '192.0.2.7', '2022-01-01 00:00:00'),
(8, 8, 'mia.banks@example.com', 0, '192.0.2.8', '2022-01-01 00:00:00'),
(9, 9, 'ethan.shaw@example.com', 0, '192.0.2.9', '2022-01-01 00:00:00'),
(10, 10, 'zoe.frost@example.com', 0, '192.0.2.10', '2022-01-01 00:00:00'),
(11, 11, 'oscar.wade@example.com', 0, '192.0.2.11', '2022-01-01 00:00:00'),
(12, 12, 'ruth.nash@example.com', 0, '192.0.2.12', '2022-01-01 00:00:00');
INSERT INTO quote_address VALUES
(1, 1, 1, 'mary.baker@example.com', 'Mary', '1 Elm Street', '+1 202 555 0101'),
(2, 2, 2, 'olivia.stone@example.com', 'Olivia', '2 Elm Street', '+1 202 555 0102'),
(3, 3, 3, 'noah.fisher@example.com', 'Noah', '3 Elm Street', '+1 202 555 0103'),
(4, 4, 4, 'emma.marsh@example.com', 'Emma', '4 Elm Street', '+1 202 555 0104'),
(5, 5, 5, 'liam.lowe@example.com', 'Liam', '5 Elm Street', '+1 202 555 0105'),
(6, 6, 6, 'ava.hart@example.com', 'Ava', '6 Elm Street', '+1 202 555 0106'),
(7, 7, 7, 'lucas.doyle@example.com', 'Lucas', '7 Elm Street', '+1 202 555 0107'),
(8, 8, 8, 'mia.banks@example.com', 'Mia', '8 Elm Street', '+1 202 555 0108'),
(9, 9, 9, 'ethan.shaw@example.com', 'Ethan', '9 Elm Street', '+1 202 555 0109'),
(10, 10, 10, 'zoe.frost@example.com', 'Zoe', '10 Elm Street', '+1 202 555 0110'),
(11, 11, 11, 'oscar.wade@example.com', 'Oscar', '11 Elm Street', '+1 202 555 0111'),
(12, 12, 12, 'ruth.nash@example.com', 'Ruth', '12 Elm Street', '+1 202 555 0112');
INSERT INTO newsletter_subscriber VALUES
(1, 1, 1, 'mary.baker@example.com', 1, 'abc'),
(2, 1, 0, 'olivia.stone@example.com', 1, 'abc'),
(3, 1, 3, 'noah.fisher@example.com', 1, 'abc'),
(4, 1, 0, 'emma.marsh@example.com', 1, 'abc'),
(5, 1, 5, 'liam.lowe@example.com', 1, 'abc'),
(6, 1, 0, 'ava.hart@example.com', 1, 'abc'),
(7, 1, 7, 'lucas.doyle@example.com', 1, 'abc'),
(8, 1, 0, 'mia.banks@example.com', 1, 'abc'),
(9, 1, 9, 'ethan.shaw@example.com', 1, 'abc'),
(10, 1, 0, 'zoe.frost@example.com', 1, 'abc'),
(11, 1, 11, 'oscar.wade@example.com', 1, 'abc'),
(12, 1, 0, 'ruth.nash@example.com', 1, 'abc');
INSERT INTO review VALUES
(1, '2021-06-01 00:00:00'),
(2, '2021-06-01 00:00:00'),
(3, '2021-06-01 00:00:00'),
(4, '2021-06-01 00:00:00'),
(5, '2021-06-01 00:00:00'),
(6, '2021-06-01 00:00:00'),
(7, '2021-06-01 00:00:00'),
(8, '2021-06-01 00:00:00'),
(9, '2021-06-01 00:00:00'),
(10, '2021-06-01 00:00:00'),
(11, '2021-06-01 00:00:00'),
(12, '2021-06-01 00:00:00');
INSERT INTO review_detail VALUES
(1, 1, 'Nice', 'Nice spade says Mary', 'mary', 1),
(2, 2, 'Nice', 'Nice spade says Olivia', 'olivia', 2),
(3, 3, 'Nice', 'Nice spade says Noah', 'noah', 3),
(4, 4, 'Nice', 'Nice spade says Emma', 'emma', 4),
(5, 5, 'Nice', 'Nice spade says Liam', 'liam', 5),
(6, 6, 'Nice', 'Nice spade says Ava', 'ava', 6),
(7, 7, 'Nice', 'Nice spade says Lucas', 'lucas', 7),
(8, 8, 'Nice', 'Nice spade says Mia', 'mia', 8),
(9, 9, 'Nice', 'Nice spade says Ethan', 'ethan', 9),
(10, 10, 'Nice', 'Nice spade says Zoe', 'zoe', 10),
(11, 11, 'Nice', 'Nice spade says Oscar', 'oscar', 11),
(12, 12, 'Nice', 'Nice spade says Ruth', 'ruth', 12);
INSERT INTO customer_log VALUES
(1, 1, '2022-01-01 00:00:00'),
(2, 2, '2022-01-01 00:00:00'),
(3, 3, '2022-01-01 00:00:00'),
(4, 4, '2022-01-01 00:00:00'),
(5, 5, '2022-01-01 00:00:00'),
(6, 6, '2022-01-01 00:00:00'),
(7, 7, '2022-01-01 00:00:00'),
(8, 8, '2022-01-01 00:00:00'),
(9, 9, '2022-01-01 00:00:00'),
(10, 10, '2022-01-01 00:00:00'),
(11, 11, '2022-01-01 00:00:00'),
(12, 12, '2022-01-01 00:00:00');
INSERT INTO catalog_product_entity VALUES
(1, 'SKU1'),
(2, 'SKU2'),
(3, 'SKU3'),
(4, 'SKU4'),
(5, 'SKU5'),
(6, 'SKU6'),
(7, 'SKU7'),
(8, 'SKU8'),
(9, 'SKU9'),
(10, 'SKU10'),
(11, 'SKU11'),
(12, 'SKU12');
INSERT INTO catalog_product_entity_varchar VALUES
(1, 60, 1, 'Spade 1'),
(2, 60, 2, 'Spade 2'),
(3, 60, 3, 'Spade 3'),
(4, 60, 4, 'Spade 4'),
(5, 60, 5, 'Spade 5'),
(6, 60, 6, 'Spade 6'),
(7, 60, 7, 'Spade 7'),
(8, 60, 8, 'Spade 8'),
(9, 60, 9, 'Spade 9'),
(10, 60, 10, 'Spade 10'),
(11, 60, 11, 'Spade 11'),
(12, 60, 12, 'Spade 12');
