"""A treatment is attacked before it may call itself anonymous."""

import re
from collections import Counter

import phonenumbers
import pytest

from privacy import anonymity, strategies
from privacy.anonymity import numbering
from privacy.models import Column
from privacy.strategies import STRATEGIES, Effect, Unsupported
from privacy.strategies.base import Place


def treated(identifier="", region="", **treatment):
    options = {"region": region} if region else {}
    return Column(name="c", identifier=identifier, treatment=treatment, options=options)


# --- the numbering plan --------------------------------------------------------------


def listed(region):
    """Every number of a small country, one by one."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    kinds = [getattr(metadata, name) for name in numbering.FOR_PEOPLE]
    patterns = [k.national_number_pattern for k in kinds if k and k.possible_length]
    wanted = re.compile("|".join(f"(?:{p})" for p in filter(None, patterns)))
    return [
        text
        for many in numbering.Plan(region).lengths
        for text in (f"{n:0{many}d}" for n in range(10**many))
        if wanted.fullmatch(text)
    ]


@pytest.mark.parametrize("region", ["AC", "FK", "SH"])
def test_counting_by_states_is_the_same_as_listing_the_plan(region):
    numbers, plan = listed(region), numbering.Plan(region)

    assert plan.size() == len(numbers)
    for first, last in ((1, 0), (2, 1), (0, 2), (1, 2), (3, 3)):
        crowds = Counter(
            (len(n), n[:first], n[len(n) - last :])
            if first + last < len(n)
            else (len(n), n)
            for n in numbers
        )
        assert plan.fewest(first=first, last=last) == min(crowds.values())


def test_the_north_american_plan_is_area_codes_times_exchanges_times_lines():
    plan = numbering.plan("US")

    assert plan.size() % 10_000 == 0
    assert plan.fewest(first=6, last=0) == 10_000  # lines of an exchange
    assert plan.fewest(first=3, last=0) > 1_000_000
    assert plan.fewest(first=6, last=4) == 1


def test_a_country_without_a_plan_is_refused():
    with pytest.raises(numbering.UnknownPlan):
        numbering.Plan("ZZ")


def test_every_plan_of_the_library_can_be_counted():
    for region in phonenumbers.SUPPORTED_REGIONS:
        assert numbering.Plan(region).size() > 0


# --- attacks -------------------------------------------------------------------------

MASKS = [
    (treated("phone", strategy="truncate", first=3), Effect.ANONYMISED),
    (treated("phone", strategy="truncate", first=6), Effect.PSEUDONYMISED),
    (treated("phone", strategy="truncate", last=4), Effect.ANONYMISED),
    (treated("phone", strategy="truncate", last=7), Effect.PSEUDONYMISED),
    (treated("phone", strategy="truncate", first=3, last=4), Effect.PSEUDONYMISED),
    (treated("phone", strategy="pseudonym"), Effect.PSEUDONYMISED),
    (treated("phone", strategy="fake_phone"), Effect.PSEUDONYMISED),
    (treated("email", strategy="truncate", first=2), Effect.PSEUDONYMISED),
    (treated("phone", strategy="nullify"), Effect.DELETED),
    (treated("ip", strategy="truncate_ip"), Effect.PSEUDONYMISED),
    (treated("ip", strategy="truncate_ip", ipv4=16, ipv6=32), Effect.ANONYMISED),
    (treated("latitude", strategy="coarsen", decimals=1), Effect.ANONYMISED),
    (treated("latitude", strategy="coarsen", decimals=3), Effect.PSEUDONYMISED),
    (treated("birth_date", strategy="year"), Effect.ANONYMISED),
    (treated("birth_date", strategy="generalise_date", to="month"),
     Effect.PSEUDONYMISED),
    (treated("birth_date", strategy="generalise_date", years=5), Effect.ANONYMISED),
    (treated("postcode", strategy="postcode", first=5), Effect.PSEUDONYMISED),
    (treated("postcode", strategy="postcode", rule="hipaa"), Effect.ANONYMISED),
    (treated("phone", strategy="generalise_number", width=1), Effect.PSEUDONYMISED),
    (treated("phone", strategy="generalise_number", width=10), Effect.PSEUDONYMISED),
    (treated("phone", strategy="postcode", first=2), Effect.PSEUDONYMISED),
    (treated("contact", strategy="coarsen", decimals=1), Effect.PSEUDONYMISED),
    (treated("phone", strategy="truncate", first=4, region="LU"),
     Effect.PSEUDONYMISED),
    (treated("phone", strategy="truncate", first=4, region="ZZ"),
     Effect.PSEUDONYMISED),
    (treated("phone", strategy="constant", value="gone"), Effect.DELETED),
    (treated("", strategy="generalise_number", width=10), Effect.ANONYMISED),
    (treated("", strategy="generalise_number", width=1), Effect.PSEUDONYMISED),
    (treated("birth_date", strategy="generalise_number", width=10),
     Effect.ANONYMISED),
    (treated("customer_no", strategy="generalise_number", width=10),
     Effect.PSEUDONYMISED),
    (treated("", strategy="coarsen", decimals=1), Effect.ANONYMISED),
    (treated("", strategy="coarsen", decimals=4), Effect.PSEUDONYMISED),
    (treated("", strategy="redact"), Effect.PSEUDONYMISED),
    (treated("name", strategy="keep"), Effect.KEPT),
]  # fmt: skip


@pytest.mark.parametrize(("column", "effect"), MASKS)
def test_a_mask_is_called_what_is_left_of_it_after_the_attack(column, effect):
    finding = anonymity.attack(column)

    assert finding.effect == effect
    assert finding.sentence.endswith(".")


def test_a_mask_of_phone_numbers_says_how_many_numbers_fit():
    finding = anonymity.attack(treated("phone", strategy="truncate", first=6))

    assert finding.left == 10_000
    assert "At worst 10,000 of" in finding.sentence


def test_a_row_is_as_anonymous_as_its_least_anonymous_value():
    effects = [Effect.DELETED, Effect.ANONYMISED, Effect.PSEUDONYMISED]

    assert anonymity.weakest(effects) == Effect.PSEUDONYMISED
    assert anonymity.weakest([Effect.DELETED]) == Effect.DELETED


@pytest.mark.parametrize("name", sorted(strategies.KEYLESS))
def test_a_hash_without_a_key_is_refused_because_it_can_be_listed(name):
    with pytest.raises(Unsupported, match="anybody who hashes every possible number"):
        strategies.read({"strategy": name})


def test_every_strategy_claims_an_effect_and_explains_its_settings():
    for strategy in STRATEGIES.values():
        assert isinstance(strategy.effect, Effect)
        assert all(each.label and each.help for each in strategy.parameters)


def test_no_treatment_of_a_telephone_number_is_anonymous_untried():
    claims = {
        name
        for name in STRATEGIES
        if name != "truncate"
        and anonymity.effect(treated("phone", strategy=name)) == Effect.ANONYMISED
    }

    assert claims == set()


def test_bands_of_one_are_refused_where_they_change_nothing():
    place = Place(name="age", kind="IntegerField", nullable=True)

    with pytest.raises(Unsupported, match="leave age as it is"):
        STRATEGIES["generalise_number"].expression(place, {"width": 1})
