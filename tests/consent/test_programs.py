"""Programs: whose number it is, and texts that say what they must."""

import pytest
from django.core.exceptions import ValidationError

from consent import programs
from tests.consent.factories import ACME, OUR_NUMBER, ProgramFactory

pytestmark = pytest.mark.django_db


def test_a_complete_program_is_fine():
    ProgramFactory.build().full_clean()


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("opt_in_text", "Acme: you are in. HELP, STOP. 4 msgs/month.", "data rates"),
        ("opt_in_text", "You are in.", "how often"),
        ("opt_out_text", "Bye! 10 % off if you stay", "only confirms"),
        ("opt_out_text", "Bye https://shop.example.com", "only confirms"),
        ("numbers", ["(202) 555-0100"], "as +12025550100"),
    ],
)
def test_a_text_that_does_not_say_what_it_must(field, text, sentence):
    with pytest.raises(ValidationError) as refused:
        ProgramFactory.build(**{field: text}).full_clean()

    assert sentence in str(refused.value.message_dict[field])


def test_a_short_code_is_a_number_too():
    ProgramFactory.build(numbers=["72345"]).full_clean()


def test_a_number_belongs_to_one_organization():
    ProgramFactory(name="first")

    ProgramFactory.build(name="second", organization=ACME).full_clean()
    with pytest.raises(ValidationError, match="another organization"):
        ProgramFactory.build(name="third", organization="org_beta").full_clean()


def test_whose_number_it_is():
    program = ProgramFactory()

    assert programs.of_number(OUR_NUMBER) == program
    assert programs.of_number("+12025550199") is None


def test_what_we_say_for_numbers_without_a_program_is_complete():
    texts = programs.texts(None)

    ProgramFactory.build(
        help_text=texts["help"],
        opt_out_text=texts["opt_out"],
        opt_in_text=texts["opt_in"],
    ).full_clean()
