"""Values that must not be stored: full card numbers, exact locations."""

import datetime as dt
import re

from django.urls import reverse

from privacy import changes, holds, promises, scrub
from privacy.checks.map import OWNERS, databases, map_url
from privacy.datamap import Map, schema
from privacy.models import Column, Rule
from privacy.promises import Evidence, Outcome, Remedy

CODE_OF_CARD = re.compile(r"(^|_)(cvv2?|cvc2?|card_verification|security_code)$")
COORDINATES = ("latitude", "longitude", "coordinates")
REMOVE = Remedy(
    "Search and plan under “Remove card numbers”; once a second person approves the "
    "plan, a worker takes the numbers out.",
    needs="privacy.add_plan",
)
COARSEN = Remedy(
    "Press “Preview” on the rule; once a second person approves what it shows, places "
    "are made coarse from then on.",
    needs="privacy.add_plan",
)
WRITE = Remedy(
    "Add a rule that makes the coordinates coarse.", needs="privacy.add_rule"
)


@promises.register("payment-limited")
def payment_limited(now: dt.datetime) -> Outcome:
    """No number in any text passes Luhn's check, and no column holds a card's security
    code."""
    found = []
    plans = reverse("admin:privacy_plan_remove_card_numbers")
    for store in databases():
        for name, keys in scrub.find(Map(store)).items():
            sentence = f"Rows of {store}.{name} hold a full card number"
            found.append(Evidence(sentence, len(keys), plans, remedy=REMOVE))
        found += [
            Evidence(
                f"{store}.{table.full_name}.{column.name} is a field for the code",
                url=map_url(store),
                remedy=OWNERS,
            )
            for table in schema.tables(store)
            for column in table.columns
            if CODE_OF_CARD.search(column.name.lower())
        ]
    if found:
        return promises.broken(
            "More than a card's type and last four digits is kept.", *found
        )
    return promises.kept("No text of any store holds a full card number.")


@promises.register("geo-coarse")
def geo_coarse(now: dt.datetime) -> Outcome:
    """No coordinate is finer than one decimal of a degree, about eleven kilometres.

    What a legal hold keeps does not break the promise (GDPR Art. 17(3)(e)).
    """
    found, looked = [], 0
    for store in databases():
        mapped = Map(store)
        columns = [
            column
            for table in mapped.tables.values()
            for column in mapped.columns(table)
            if column.identifier in COORDINATES
        ]
        looked += len(columns)
        for column in columns:
            if exact := _exact(mapped, column):
                sentence = f"{column} is finer than one decimal"
                found.append(_traced(column, sentence, exact))
    if found:
        return promises.broken("Locations are kept more exactly than we say.", *found)
    return promises.kept(f"All {looked} fields for coordinates are coarse.")


def _exact(mapped: Map, column: Column) -> int:
    column.treatment = {"strategy": "coarsen", "decimals": 1}
    rows = mapped.rows(column.table).filter(changes.still_raw([column]))
    held = holds.condition(mapped=mapped, table=column.table)
    return int((rows if held is None else rows.exclude(held)).count())


def _traced(column: Column, sentence: str, exact: int) -> Evidence:
    """Links to the retention rule that coarsens the value, if there is one."""
    rules = Rule.objects.filter(table=column.table, action=Rule.Action.DEIDENTIFY)
    rule = rules.filter(columns__contains=[column.full_name]).first() or rules.first()
    if rule is None:
        return Evidence(
            sentence, exact, reverse("admin:privacy_rule_add"), remedy=WRITE
        )
    url = reverse("admin:privacy_rule_change", args=[rule.pk])
    return Evidence(sentence, exact, url, remedy=COARSEN)
