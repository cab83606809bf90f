CREATE TABLE staff (id int PRIMARY KEY, full_name text NOT NULL, email text NOT NULL, role text NOT NULL);
CREATE TABLE species (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE owners (id int PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL,
  email text UNIQUE, phone text, mobile text, birth_date date, street text, city text, registered_at timestamptz NOT NULL);
CREATE TABLE pets (id int PRIMARY KEY, owner_id int NOT NULL REFERENCES owners, name text NOT NULL, species_id int NOT NULL REFERENCES species,
  birth_date date, chip_no text);
CREATE TABLE pet_owners (pet_id int NOT NULL REFERENCES pets, owner_id int NOT NULL REFERENCES owners,
  since date, remarks text, PRIMARY KEY (pet_id, owner_id));
CREATE TABLE visits (id int PRIMARY KEY, pet_id int NOT NULL REFERENCES pets,
  brought_by_id int REFERENCES owners, vet_id int NOT NULL REFERENCES staff,
  visited_at timestamptz NOT NULL, notes text);
CREATE TABLE claims (id int PRIMARY KEY, pet_id int NOT NULL REFERENCES pets,
  claimant_id int NOT NULL REFERENCES owners, insurer text NOT NULL, policy_no text NOT NULL,
  amount numeric(10,2) NOT NULL, statement text, filed_at date NOT NULL);
CREATE TABLE bookings (id int PRIMARY KEY, pet_id int NOT NULL REFERENCES pets, contact_name text, phone text NOT NULL,
  slot timestamptz NOT NULL, remarks text);
CREATE TABLE invoices (id int PRIMARY KEY, owner_id int NOT NULL REFERENCES owners, visit_id int REFERENCES visits,
  total numeric(10,2) NOT NULL, issued_at date NOT NULL);
CREATE TABLE invoice_lines (id int PRIMARY KEY, invoice_id int NOT NULL REFERENCES invoices, what text NOT NULL, price numeric(10,2) NOT NULL);
CREATE TABLE reminders (id int PRIMARY KEY, pet_id int NOT NULL REFERENCES pets, sent_at timestamptz NOT NULL, channel text NOT NULL, body text NOT NULL);
INSERT INTO staff VALUES (1,'Dr Ruth Keller','ruth.keller@vet.example.org','vet'),(2,'Sam Brandt','sam.brandt@vet.example.org','assistant'),(3,'Dr Ivo Lang','ivo.lang@vet.example.org','vet');
INSERT INTO species VALUES (1,'dog'),(2,'cat'),(3,'rabbit');
INSERT INTO owners VALUES
 (1,'Anna','Abbott','anna.abbott@example.com','+12025550101','+12025550171','1980-03-04','12 Elm Street','Springfield','2021-01-05'),
 (2,'Tom','Abbott','tom.abbott@example.com','+12025550101','+12025550172','1979-07-08','12 Elm Street','Springfield','2021-01-05'),
 (3,'Carla','Diaz','carla.diaz@example.com','+12025550103',NULL,'1988-09-10','3 Oak Road','Springfield','2021-02-01'),
 (4,'Denis','Evans','denis.evans@example.com','+12025550104','+12025550174','1975-01-11','4 Birch Way','Shelbyville','2021-02-11'),
 (5,'Elena','Fox','elena.fox@example.com','+12025550105','+12025550175','1990-05-12','5 Birch Way','Shelbyville','2021-03-01'),
 (6,'Felix','Gray','felix.gray@example.com','+12025550106',NULL,'1991-06-13','6 Birch Way','Shelbyville','2021-03-21'),
 (7,'Greta','Hall','greta.hall@example.com','+12025550107','+12025550177','1968-02-14','7 Pine Close','Springfield','2021-04-02'),
 (8,'Hassan','Ibrahim','hassan.ibrahim@example.com','+12025550108','+12025550178','1984-08-15','8 Pine Close','Springfield','2021-05-06');
INSERT INTO pets VALUES (1,2,'Rex',1,'2015-05-01','900000000000001'),(2,1,'Mia',2,'2017-06-02','900000000000002'),
 (3,2,'Bo',1,'2018-07-03','900000000000003'),(4,3,'Lola',3,'2019-08-04','900000000000004'),(5,4,'Max',1,'2014-09-05','900000000000005'),
 (6,5,'Kitty',2,'2016-10-06',NULL),(7,6,'Bella',1,'2020-11-07','900000000000007'),(8,7,'Rocky',1,'2013-12-08',NULL),(9,8,'Luna',2,'2021-01-09',NULL);
INSERT INTO pet_owners VALUES (1,1,'2015-08-01','Anna walks him in the mornings'),(1,2,'2015-08-01','Tom pays the food'),
 (2,1,'2017-09-01','Mine alone'),(3,2,'2018-10-01',NULL),(4,1,'2019-09-01','We share her, ring me at +12025550101'),(4,3,'2019-09-01','Carla has her at weekends'),
 (5,4,'2014-10-01',NULL),(6,5,'2016-11-01',NULL),(7,6,'2020-12-01',NULL),(8,7,'2014-01-01',NULL),(9,8,'2021-02-01',NULL);
INSERT INTO visits VALUES
 (1,1,1,1,'2024-01-10 10:00Z','Owner says Rex limps since Sunday; call back on +12025550101'),
 (2,1,2,3,'2024-02-11 10:00Z','Tom Abbott says he sleeps badly himself because of the barking'),
 (3,1,NULL,1,'2024-03-12 10:00Z','Vaccinated. Anna Abbott told by mail to anna.abbott@example.com'),
 (4,2,NULL,1,'2024-04-13 10:00Z','Weighs 4 kg, owner worried about her own allergy'),
 (5,3,2,3,'2024-05-14 10:00Z','Ear infection'),
 (6,2,2,3,'2024-06-15 10:00Z','Brought by the husband, who is in a hurry'),
 (7,4,3,1,'2024-07-16 10:00Z','Carla Diaz fears a fracture'),
 (8,4,NULL,1,'2024-08-17 10:00Z','Cast removed'),
 (9,5,4,1,'2024-01-18 10:00Z','Teeth cleaned'),(10,6,5,3,'2024-02-19 10:00Z','Fleas'),(11,7,NULL,1,'2024-03-20 10:00Z','First shot'),
 (12,8,7,1,'2024-04-21 10:00Z','Old dog, heart'),(13,9,8,3,'2024-05-22 10:00Z','Neutered');
INSERT INTO claims VALUES (1,1,1,'PetSure','PS-1001',120.00,'My dog was hit by a bicycle','2024-01-20'),(2,1,2,'PetSure','PS-1001',80.00,'I was walking him when it happened','2024-02-21'),
 (3,2,1,'PetSure','PS-1002',60.50,'She ate my wool','2024-04-22'),(4,3,2,'PetSure','PS-1003',45.00,'Ear drops','2024-05-23'),
 (5,4,3,'Agria','AG-77',300.00,'Fracture, I paid all of it','2024-07-24'),(6,5,4,'Agria','AG-78',99.00,'Teeth','2024-01-25'),(7,8,7,'Agria','AG-79',210.00,'Heart','2024-04-26');
INSERT INTO bookings VALUES
 (1,1,'Mrs Abbott','+12025550101','2025-01-10 10:00Z','One of us will come'),
 (2,2,NULL,'202-555-0101','2025-01-11 10:00Z','I will bring her myself'),
 (3,4,'Carla Diaz','+12025550103','2025-01-12 10:00Z','Weekend'),
 (4,5,'Denis Evans','+12025550104','2025-01-13 10:00Z',NULL),
 (5,6,'Elena Fox','+12025550105','2025-01-14 10:00Z',NULL),
 (6,7,'Felix Gray','+12025550106','2025-01-15 10:00Z','Afternoon please'),
 (7,8,NULL,'+12025550107','2025-01-16 10:00Z',NULL),
 (8,9,NULL,'+12025550108','2025-01-17 10:00Z',NULL),
 (9,1,'Anna Abbott','+12025550171','2025-02-10 10:00Z','I am on foot, I need a lift'),
 (10,1,'Tom Abbott','+12025550172','2025-02-11 10:00Z','Coming from work'),
 (11,4,NULL,'+12025550171','2025-02-12 10:00Z','Lola with me'),
 (12,3,'Anna Abbott','+12025550171','2025-02-13 10:00Z','I bring Tom''s dog');
INSERT INTO invoices VALUES (1,1,1,75.00,'2024-01-11'),(2,2,2,75.00,'2024-02-12'),(3,1,4,50.00,'2024-04-14'),(4,2,6,50.00,'2024-06-16'),(5,3,7,400.00,'2024-07-17'),(6,4,9,99.00,'2024-01-19'),(7,7,12,210.00,'2024-04-22');
INSERT INTO invoice_lines VALUES (1,1,'Consultation',75.00),(2,2,'Consultation',75.00),(3,3,'Weighing',50.00),(4,4,'Consultation',50.00),(5,5,'X-ray',400.00),(6,6,'Cleaning',99.00),(7,7,'ECG',210.00);
INSERT INTO reminders VALUES (1,1,'2024-12-01','sms','Rex is due for his shot'),(2,2,'2024-12-02','sms','Mia is due for her shot'),(3,3,'2024-12-03','sms','Bo is due'),(4,4,'2024-12-04','email','Lola is due'),(5,5,'2024-12-05','sms','Max is due'),(6,6,'2024-12-06','sms','Kitty is due'),(7,7,'2024-12-07','sms','Bella is due');
