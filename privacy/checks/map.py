"""What the policy says about data: that it is declared, optional, has a source and a
purpose."""

import datetime as dt

from django.db.models import F, Q, Value
from django.urls import reverse

from privacy import own, promises
from privacy.datamap import Map, drift
from privacy.models import Column, Purpose, Store
from privacy.promises import Evidence, Outcome, Remedy
from privacy.strategies.base import Matches

# Formats of Django's hashers, PHC strings and crypt(3).
KNOWN_HASH = r"^(pbkdf2_|argon2|scrypt|bcrypt|\$(2[abxy]|argon2(id|i|d)|6|y)\$)"

OWNERS = Remedy(
    "Ask the owners of the database to change the column: the portal changes rows, "
    "never table definitions."
)
CLASSIFY = Remedy(
    "Open the columns and classify them, or accept what is proposed. The command "
    "“datamap discover” adds what the map does not name yet.",
    needs="privacy.change_column",
)
SAY = Remedy("Open the column and fill it in.", needs="privacy.change_column")
BASIS = Remedy("Legal decides the basis; it is written in privacy/rules/policy.yaml.")
HASH = Remedy(
    "Ask the owners of the database to hash them; until then, the column can be "
    "emptied by a rule."
)


def databases() -> list[Store]:
    return list(Store.objects.filter(kind=Store.Kind.DATABASE))


def column_url(column: Column) -> str:
    return reverse("admin:privacy_column_change", args=[column.pk])


def map_url(store: Store) -> str:
    return f"{reverse('admin:privacy_table_changelist')}?store__id__exact={store.pk}"


@promises.register("collect-declared")
def collect_declared(now: dt.datetime) -> Outcome:
    """Every column of every store is in the map, and its classification was
    accepted."""
    found = []
    for store in databases():
        problems = drift.check(Map(store))
        if problems:
            sentence = f"{problems[0]} Undeclared places in {store}"
            url = reverse("admin:privacy_column_state")
            found.append(Evidence(sentence, len(problems), url, remedy=CLASSIFY))
    found += [
        Evidence(f"In the portal itself: {place}", 1) for place in own.undeclared()
    ]
    if found:
        return promises.broken("We hold undeclared data.", *found)
    columns = Column.objects.filter(path=[]).count()
    return promises.kept(f"All {columns} columns of the stores are classified.")


@promises.register("professional-optional")
def professional_optional(now: dt.datetime) -> Outcome:
    must = [
        column
        for column in Column.objects.filter(category="professional", path=[])
        if not column.nullable
    ]
    found = [
        Evidence(f"{column} can't be left empty", 1, column_url(column), remedy=OWNERS)
        for column in must
    ]
    if found:
        return promises.broken("Job details are not optional everywhere.", *found)
    return promises.kept("Job title and employer can be left empty everywhere.")


@promises.register("sources-known")
def sources_known(now: dt.datetime) -> Outcome:
    return _complete(
        Q(source=None), "has no source", "Every personal field names its source."
    )


@promises.register("purpose-basis")
def purpose_basis(now: dt.datetime) -> Outcome:
    if Purpose.objects.filter(lawful_basis="").exists():
        url = reverse("admin:privacy_purpose_changelist")
        nameless = Purpose.objects.filter(lawful_basis="").count()
        found = Evidence("Purposes without a lawful basis", nameless, url, remedy=BASIS)
        return promises.broken("A purpose has no lawful basis.", found)
    return _complete(
        Q(purposes=[]),
        "serves no purpose",
        "Every personal field serves a purpose, and each purpose has its lawful basis.",
    )


def _complete(lacking: Q, what: str, well: str) -> Outcome:
    columns = Column.objects.filter(lacking, category__isnull=False)
    found = [
        Evidence(f"{column} {what}", 1, column_url(column), remedy=SAY)
        for column in columns.select_related("table__store")[:20]
    ]
    if found:
        return promises.broken(f"{columns.count()} personal fields lack it.", *found)
    return promises.kept(well)


@promises.register("credentials-safe")
def credentials_safe(now: dt.datetime) -> Outcome:
    """Passwords are stored as hashes of a known kind, never as they were typed."""
    found, looked = [], 0
    for store in databases():
        mapped = Map(store)
        for table in mapped.tables.values():
            for column in mapped.columns(table):
                if column.identifier == "credential" and not column.path:
                    looked += 1
                    plain = _not_hashed(mapped, column)
                    if plain:
                        found.append(_in_clear(column, plain))
    if found:
        return promises.broken("Credentials are not all hashed.", *found)
    return promises.kept(
        f"Credential fields: {looked}. They hold only hashes of a known kind."
    )


def _in_clear(column: Column, plain: int) -> Evidence:
    sentence = f"{column} holds values that are not known hashes"
    return Evidence(sentence, plain, column_url(column), remedy=HASH)


def _not_hashed(mapped: Map, column: Column) -> int:
    known = Q(Matches(F(column.name), Value(KNOWN_HASH)))
    rows = mapped.rows(column.table).exclude(**{f"{column.name}__isnull": True})
    return int(rows.exclude(**{column.name: ""}).filter(~known).count())
