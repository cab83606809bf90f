"""Compares the two ends of a link in one statement; they may have different types."""

from typing import Any

from django.db.models import F, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from privacy.datamap.maps import Map
from privacy.models import Table


def are_alike(*ends: tuple[Map, Table, str]) -> bool:
    """Whether both are columns of the same type, so that an index can be used."""
    if any("__" in lookup for _, _, lookup in ends):
        return False
    one, two = (mapped.column(table, name).kind for mapped, table, name in ends)
    return one.removeprefix("Big") == two.removeprefix("Big")


def text(lookup: str, refer: Any = F) -> Any:
    """The value of a column or of a path in JSON as text; `refer` is F or OuterRef."""
    name, *path = lookup.split("__")
    found: Any = refer(name)
    for key in path:
        found = KeyTextTransform(key, found)
    return found if path else Cast(found, TextField())
