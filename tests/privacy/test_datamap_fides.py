"""A data map that others wrote for Fides is read; what it can't say here is told."""

import pytest
from django.core.management.base import CommandError

from privacy.datamap import fides
from privacy.datamap.lines import BadMap
from privacy.models import Column, Link
from tests.privacy.conftest import DATABASES
from tests.privacy.test_datamap_acceptance import command

pytestmark = pytest.mark.django_db
SAMPLE = DATABASES / "fides_postgres_sample.sql"
DATASET = DATABASES / "fides_postgres_example_test_dataset.yml"
RICH = """
CREATE TABLE person (
    id int PRIMARY KEY, full_name varchar(60), mail text, notes text, age int,
    profile jsonb, born date NOT NULL, nick text, kept text
);
CREATE TABLE contact (id int PRIMARY KEY, person_ref int, phone text);
"""
WORDS = """
dataset:
- fides_key: rich
  fides_meta: {namespace: {schema: public}}
  collections:
  - name: Person
    fides_meta: {erase_after: [rich.contact], skip_processing: true}
    fields:
    - {name: id, data_categories: [user.unique_id], fides_meta: {primary_key: true}}
    - name: full_name
      data_categories: [user.name]
      fides_meta:
        length: 40
        masking_strategy_override:
          strategy: random_string_rewrite
          configuration: {length: 5, format_preservation: {suffix: x}}
    - {name: mail, data_categories: [system.operations], fides_meta: {identity: email}}
    - {name: notes, data_categories: [user.content.private, user.health_and_medical]}
    - {name: age, data_categories: [user]}
    - name: profile
      fields:
      - name: home
        fields:
        - {name: town, data_categories: [user.contact.address.city]}
      - name: kids
        data_categories: [user.childrens]
        fides_meta: {data_type: 'string[]', return_all_elements: true}
    - name: born
      data_categories: [user.demographic.date_of_birth]
      fides_meta: {masking_strategy_override: {strategy: null_rewrite}}
    - name: nick
      data_categories: [user.account.username]
      masking_strategy_override:
        strategy: string_rewrite
        configuration: {rewrite_value: nobody}
    - {name: kept, data_categories: [martian.name], fides_meta: {read_only: true}}
    - {name: shoe_size, data_categories: [user.demographic]}
  - name: contact
    data_categories: [user.contact.phone_number]
    fides_meta: {masking_strategy_override: {strategy: delete}}
    fields:
    - {name: id, data_categories: [system.operations]}
    - name: person_ref
      data_categories: [system.operations]
      fides_meta:
        references:
        - {dataset: rich, field: person.id, direction: from}
        - {dataset: mongo, field: people.id, direction: to}
    - {name: phone}
  - {name: elsewhere, fields: []}
"""


@pytest.fixture
def rich(connect):
    return connect("rich", RICH)[0]


def column(name, path=()):
    return Column.objects.get(name=name, path=list(path))


def test_the_map_of_the_sample_shop_is_read(connect, tmp_path):
    connect("shop", SAMPLE.read_text())

    said = command("import-fides", str(DATASET), "--store", "shop")

    assert (said["fields"], said["references"]) == (48, 10)
    links = {
        f"{link.table.name}.{link.columns[0]}": link.target.name
        for link in Link.objects.filter(reason="Fides' dataset says so", role="subject")
    }
    assert links == {
        "login.customer_id": "customer",
        "orders.customer_id": "customer",
        "payment_card.customer_id": "customer",
        "order_item.order_id": "orders",
    }
    mail = Column.objects.get(table__name="service_request", name="email",
                              table__schema="")  # fmt: skip
    assert (mail.identifier, mail.state) == ("email", "proposed")


def test_what_a_field_says_goes_before_what_was_guessed(rich, now):
    fides.load(text=WORDS, store=rich, by="pia", now=now)

    assert column("full_name").treatment == {"strategy": "pseudonym"}
    assert column("mail").identifier == "email"
    assert column("notes").reason == "Fides' dataset says user.content.private"
    assert column("age").identifier == "birth_date"
    assert column("profile", ["home", "town"]).identifier == "address"
    assert column("nick").treatment == {"strategy": "constant", "value": "nobody"}
    assert column("born").treatment == {"strategy": "year"}
    assert column("phone").identifier == "phone"
    assert column("phone").table.erasure == "delete"
    link = Link.objects.get(table__name="contact", columns=["person_ref"])
    assert (link.target.name, link.role, link.state) == (
        "person", "subject", "accepted",
    )  # fmt: skip
    assert not Column.objects.exclude(state="proposed").exists()


def test_what_could_not_be_taken_over_is_told(rich, now):
    done = fides.load(text=WORDS, store=rich, by="pia", now=now)

    assert done.left == [
        "rich.Person: erase_after: the order follows from the references",
        "rich.Person: skip_processing: tables can't be skipped here; keep its "
        "rows with a"
        " ground instead",
        "rich.Person.full_name: the format of what replaces it is chosen here",
        "rich.Person.full_name: the length 40 is shorter than the column's 60",
        "rich.Person.notes: user.health_and_medical was left out; it is taken as"
        " user.content.private",
        "rich.Person.profile.kids: an array can't be mapped by itself; it goes with the"
        " document",
        "rich.Person.born: the masking null_rewrite can't be done: it must have a"
        " value",
        "rich.Person.kept: the category martian.name is not known here",
        "rich.Person.shoe_size: the table has no such column",
        "rich.contact.person_ref: it refers to mongo, which is not a store here",
        "rich.elsewhere: the store has no such table",
    ]


def test_what_somebody_accepted_stays(rich, now):
    fides.load(text=WORDS, store=rich, by="pia", now=now)
    Column.objects.filter(name="nick").update(
        state="accepted", treatment={"strategy": "nullify"}
    )

    done = fides.load(text=WORDS, store=rich, by="pia", now=now)

    assert column("nick").treatment == {"strategy": "nullify"}
    assert any("stays" in sentence for sentence in done.left)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dataset: 3",
        "dataset: [{fides_key: a}]",
        "dataset: [",
        "dataset: [{fides_key: a, collections: [{name: nowhere, fields: []}]}]",
        "dataset: [{fides_key: a, collections: [{name: person, fields: 7}]}]",
        "dataset: [{fides_key: a, collections: [3]}]",
    ],
)
def test_what_is_no_dataset_is_refused_and_nothing_changes(rich, now, text):
    with pytest.raises(BadMap, match="Nothing was changed"):
        fides.load(text=text, store=rich, by="pia", now=now)

    assert not Column.objects.exists()


def test_a_file_that_is_not_there_is_refused_in_one_sentence(rich):
    with pytest.raises(CommandError, match=r"There is no file nowhere\.yml"):
        command("import-fides", "nowhere.yml", "--store", "rich")
