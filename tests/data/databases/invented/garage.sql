CREATE TABLE employees (id int PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL, email text NOT NULL, job_title text);
CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, email text NOT NULL, phone text, mobile text, address text, postcode text, created_at timestamptz NOT NULL);
CREATE TABLE vehicles (id int PRIMARY KEY, licence_plate text NOT NULL, vin text, make text, model text, first_registered date, remarks text);
CREATE TABLE customer_vehicles (id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, vehicle_id int NOT NULL REFERENCES vehicles, role text NOT NULL, remarks text, UNIQUE (customer_id, vehicle_id));
CREATE TABLE jobs (id int PRIMARY KEY, vehicle_id int NOT NULL REFERENCES vehicles, customer_id int REFERENCES customers, mechanic_id int NOT NULL REFERENCES employees, opened_at timestamptz NOT NULL, complaint text, mileage int);
CREATE TABLE job_parts (id int PRIMARY KEY, job_id int NOT NULL REFERENCES jobs, part text NOT NULL, price numeric(10,2));
CREATE TABLE job_notes (id int PRIMARY KEY, job_id int NOT NULL REFERENCES jobs, author_id int NOT NULL REFERENCES employees, note text NOT NULL);
CREATE TABLE appointments (id int PRIMARY KEY, vehicle_id int REFERENCES vehicles, name text, phone text NOT NULL, at timestamptz NOT NULL, wish text);
CREATE TABLE insurance_claims (id int PRIMARY KEY, vehicle_id int NOT NULL REFERENCES vehicles, claimant_id int NOT NULL REFERENCES customers, claim_no text NOT NULL, description text, amount numeric(10,2));
CREATE TABLE tyre_storage (id int PRIMARY KEY, vehicle_id int NOT NULL REFERENCES vehicles, shelf text NOT NULL, remarks text);
INSERT INTO employees VALUES (1,'Igor','Stone','igor.stone@garage.example.org','mechanic'),(2,'Mia','Brook','mia.brook@garage.example.org','mechanic');
INSERT INTO customers VALUES
 (1,'Nora Quinn','nora.quinn@example.com','+12025550121','+12025550131','1 Hill Road','20001','2020-01-01'),
 (2,'Paul Quinn','paul.quinn@example.com','+12025550121','+12025550132','1 Hill Road','20001','2020-01-01'),
 (3,'Rita Sand','rita.sand@example.com','+12025550123',NULL,'3 Lake Street','20002','2020-02-01'),
 (4,'Sven Tarr','sven.tarr@example.com','+12025550124',NULL,'4 Lake Street','20002','2020-02-01'),
 (5,'Tara Ulm','tara.ulm@example.com','+12025550125','+12025550135','5 Lake Street','20002','2020-02-01'),
 (6,'Ugo Vale','ugo.vale@example.com','+12025550126',NULL,'6 Lake Street','20003','2020-02-01');
INSERT INTO vehicles VALUES (1,'AB12CDE','WVWZZZ1JZXW000001','VW','Golf','2015-01-01','Scratch on the left door, by Nora'),(2,'FG34HIJ','WVWZZZ1JZXW000002','VW','Polo','2016-01-01','Smells of smoke'),(3,'KL56MNO','WVWZZZ1JZXW000003','Audi','A3','2017-01-01',NULL),
 (4,'PQ78RST','WVWZZZ1JZXW000004','Ford','Focus','2018-01-01','Tow bar'),(5,'UV90WXY','WVWZZZ1JZXW000005','Fiat','Punto','2012-01-01',NULL),(6,'ZA11BCD','WVWZZZ1JZXW000006','Opel','Corsa','2013-01-01',NULL);
INSERT INTO customer_vehicles VALUES (1,1,1,'driver','I drive it to work'),(2,2,1,'driver','He drives on Sundays'),(3,1,2,'owner','All mine'),(4,2,3,'owner',NULL),(5,3,4,'owner','Company car'),(6,4,5,'owner',NULL),(7,5,6,'owner',NULL);
INSERT INTO jobs VALUES (1,1,1,1,'2024-01-01','She hears a rattle; phone her on +12025550121',100),(2,1,2,2,'2024-02-01','He says the seat hurts his back',200),(3,1,NULL,1,'2024-03-01','Nora Quinn left the key in the box',300),
 (4,2,NULL,2,'2024-04-01','Oil change, she is pregnant, no perfume',400),(5,3,2,1,'2024-05-01','Brakes',500),(6,4,3,1,'2024-06-01','Clutch',600),(7,5,4,2,'2024-07-01','Tyres',700),(8,6,NULL,2,'2024-08-01','Bulb',800);
INSERT INTO job_parts VALUES (1,1,'Bushing',10),(2,2,'Seat rail',20),(3,3,'Battery',30),(4,4,'Oil',40),(5,5,'Pads',50),(6,6,'Clutch',60),(7,7,'Tyre',70),(8,8,'Bulb',5);
INSERT INTO job_notes VALUES (1,1,1,'Nora Quinn was very worried about the price'),(2,2,2,'Paul wants his old seat back'),(3,3,1,'Key returned to the neighbour'),(4,4,2,'She paid in cash after a quarrel'),(5,5,1,'Road test done on Tuesday'),(6,6,1,'Waiting for parts from the supplier');
INSERT INTO appointments VALUES (1,1,'Nora Quinn','+12025550131','2025-01-01','I wait in the garage'),(2,1,'Paul Quinn','+12025550132','2025-01-02','Early please'),(3,2,NULL,'+12025550121','2025-01-03','I need a courtesy car'),(4,NULL,'Nora Quinn','+12025550131','2025-01-04','I want to buy another one'),
 (5,4,'Rita Sand','+12025550123','2025-01-05','none'),(6,5,'Sven Tarr','+12025550124','2025-01-06','none'),(7,6,'Tara Ulm','+12025550125','2025-01-07','none');
INSERT INTO insurance_claims VALUES (1,1,1,'C-1','I hit a deer near the lake',900),(2,1,2,'C-2','I hit a wall behind my office',800),(3,2,1,'C-3','Hail damaged my roof',700),(4,4,3,'C-4','Somebody scratched it at night',600);
INSERT INTO tyre_storage VALUES (1,1,'A1','Two worn, told them'),(2,2,'A2','Wants to sell them'),(3,3,'A3',NULL),(4,4,'A4',NULL),(5,5,'B1','Good as new');
