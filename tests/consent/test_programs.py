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
        ("numbers", ["(202) 555-0100"], "as +12025550100"),
        ("exemption", "package", "never exempted"),
    ],
)
def test_what_makes_no_sense_is_refused(field, text, sentence):
    with pytest.raises(ValidationError) as refused:
        ProgramFactory.build(**{field: text}).full_clean()

    assert sentence in str(refused.value.message_dict[field])


def test_a_short_code_is_a_number_too():
    ProgramFactory.build(numbers=["72345"]).full_clean()


@pytest.mark.parametrize("agent", ["rcs:Acme_1", "rcs:acme_agent@example.com"])
def test_an_rcs_agent_sends_too(agent):
    ProgramFactory.build(numbers=[agent]).full_clean()


@pytest.mark.parametrize("agent", ["rcs:", "Acme_1", "rcs:a b", "rcs:" + "x" * 61])
def test_what_is_no_agent_sends_nothing(agent):
    with pytest.raises(ValidationError):
        ProgramFactory.build(numbers=[agent]).full_clean()


def test_a_number_belongs_to_one_organization():
    ProgramFactory(name="first")

    ProgramFactory.build(name="second", organization=ACME).full_clean()
    with pytest.raises(ValidationError, match="another organization"):
        ProgramFactory.build(name="third", organization="org_beta").full_clean()


def test_whose_number_it_is():
    program = ProgramFactory()

    assert programs.of_number(OUR_NUMBER) == program
    assert programs.of_number("+12025550199") is None
