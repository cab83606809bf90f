-- Schools and shops of five languages, in their own letters. Invented for this project.
CREATE TABLE uczniowie (id int PRIMARY KEY, imię text NOT NULL, nazwisko text NOT NULL,
  pesel char(11), data_urodzenia date, adres text, miejscowość text,
  telefon_opiekuna text, "e-mail" text, uwagi text, utworzono timestamptz DEFAULT now());
CREATE TABLE oceny (id int PRIMARY KEY, uczeń_id int NOT NULL REFERENCES uczniowie,
  przedmiot text NOT NULL, ocena int NOT NULL, komentarz text);
CREATE TABLE "顧客" ("顧客番号" int PRIMARY KEY, "氏名" text NOT NULL, "生年月日" date,
  "電話番号" text, "メールアドレス" text, "郵便番号" text, "住所" text, "備考" text);
CREATE TABLE "注文" ("注文番号" int PRIMARY KEY, "顧客番号" int NOT NULL REFERENCES "顧客",
  "配送先住所" text, "金額" int, "商品名" text);
CREATE TABLE "Клиенты" ("Код" int PRIMARY KEY, "Фамилия" text, "Имя" text,
  "ДатаРождения" date, "Телефон" text, "ЭлПочта" text, "Паспорт" text);
CREATE TABLE kunder (kundnr int PRIMARY KEY, förnamn text, personnummer text, epost text,
  gatuadress text, ort text);
CREATE TABLE müşteriler (id int PRIMARY KEY, ad text, soyad text, tc_kimlik_no text,
  doğum_tarihi date, eposta text, il text);
INSERT INTO uczniowie SELECT i, 'Małgorzata', 'Zielińska', (10210112300 + i)::text,
  '2008-01-01', 'ul. Lipowa ' || i, 'Warszawa', '+48 512 345 ' || (100 + i),
  'u' || i || '@szkola.example.org', 'Odbiera babcia, tel. +48 600 100 ' || (100 + i)
FROM generate_series(1, 9) i;
INSERT INTO oceny SELECT i, 1 + i % 9, 'Matematyka', 4, 'Napisać: u' || (1 + (i + 1) % 9)
  || '@szkola.example.org' FROM generate_series(1, 18) i;
INSERT INTO "顧客" SELECT i, '佐藤 太郎', '1980-01-01', '090-1234-' || (5000 + i),
  'k' || i || '@example.jp', '150-00' || (10 + i), '東京都渋谷区神南1-' || i, NULL
FROM generate_series(1, 9) i;
INSERT INTO "注文" SELECT i, i, '東京都渋谷区神南1-' || i, 1000, 'りんご'
FROM generate_series(1, 9) i;
INSERT INTO "Клиенты" SELECT i, 'Иванова', 'Ольга', '1980-01-01',
  '+7 912 345-67-' || (10 + i), 'r' || i || '@example.ru', '45 10 ' || (100000 + i)
FROM generate_series(1, 9) i;
INSERT INTO kunder SELECT i, 'Åsa', '19800101-' || (1000 + i), 's' || i || '@example.se',
  'Storgatan ' || i, 'Stockholm' FROM generate_series(1, 9) i;
INSERT INTO müşteriler SELECT i, 'Ayşe', 'Yılmaz', (10000000146 + i)::text, '1980-01-01',
  't' || i || '@example.com.tr', 'Kadıköy' FROM generate_series(1, 9) i;
