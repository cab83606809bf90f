"""What names of columns say: several languages, all ways to write two words."""

import pytest

from privacy.datamap import lexicon, words


def code(name):
    found = words.named(name)
    return found.meaning.code if found else ""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("email", "email"),
        ("nhs_no", "government_id"),
        ("NINO", "government_id"),
        ("dni_num", "government_id"),
        ("steuer_id", "government_id"),
        ("pesel", "government_id"),
        ("aadhaar", "government_id"),
        ("sin", "government_id"),
        ("passport_type", ""),
        ("user", "username"),
        ("user_status", ""),
        ("signed_by", "name"),
        ("login", "username"),
        ("insta", "social"),
        ("E-Mail", "email"),
        ("custBillingEMail2", "email"),
        ("firstName", "name"),
        ("FIRST_NAME", "name"),
        ("firstname", "name"),
        ("kundenname", "name"),
        ("GebDatum", "birth_date"),
        ("geburtsdatum", "birth_date"),
        ("Straße", "address"),
        ("strasse_hausnr", "address"),
        ("Empfänger", "name"),
        ("empfaenger", "name"),
        ("PLZ", "postcode"),
        ("ansprechpartner_tel", "phone"),
        ("code_postal", "postcode"),
        ("mot_de_passe", "credential"),
        ("numSecu", "government_id"),
        ("fecha_nacimiento", "birth_date"),
        ("teléfonoMóvil", "phone"),
        ("codice_fiscale", "government_id"),
        ("cpf", "government_id"),
        ("senha", "credential"),
        ("geboortedatum", "birth_date"),
        ("huisnummer", "address"),
        ("last_4", "card_last4"),
        ("last4", "card_last4"),
        ("client_ip", "ip"),
        ("płeć", "gender"),
        ("ДатаРождения", "birth_date"),
        ("メールアドレス", "email"),
        ("doğum_tarihi", "birth_date"),
        ("title_of_courtesy", "gender"),
    ],
)
def test_a_name_is_understood(name, expected):
    assert code(name) == expected


@pytest.mark.parametrize(
    "name",
    [
        "email_verified_at", "is_email", "phone_type", "mail_opt_in", "capacity",
        "order_number", "status", "id", "kd_nr", "support_rep_id", "quantity",
        "vat_pence", "vat_amount",
    ],
)  # fmt: skip
def test_words_beside_it_turn_a_name_into_something_else(name):
    assert code(name) == ""


@pytest.mark.parametrize("name", ["product_name", "folderName", "produktname"])
def test_the_name_of_a_thing_is_nobodys(name):
    assert words.named(name).of_thing


def test_tables_are_about_people_or_things():
    assert words.is_about_people("tbl_Kunden")
    assert words.is_about_people("AppUsers")
    assert not words.is_about_people("user_roles")
    assert words.is_about_things("invoice_items")
    assert not words.is_about_things("customers")


def test_who_acts_is_not_whom_it_is_about():
    assert words.is_actor("assigned_agent_id")
    assert words.is_actor("created_by")
    assert words.is_actor("idMedico")
    assert not words.is_actor("customer_id")


def test_every_phrase_has_a_meaning_that_leads_to_the_policy():
    known = lexicon.meanings()

    assert set(lexicon.lexicon().meanings.values()) <= set(known)
    assert all(meaning.endings and meaning.purposes for meaning in known.values())
