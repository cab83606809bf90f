"""The two ends of a link inside one statement; they may be of different types."""

from typing import Any

from django.db.models import F, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from privacy.datamap.maps import Map
from privacy.models import Table


def are_alike(*ends: tuple[Map, Table, str]) -> bool:
    """Both are columns of the same type, so that an index can serve."""
    if any("__" in lookup for _, _, lookup in ends):
        return False
    one, two = (mapped.column(table, name).kind for mapped, table, name in ends)
    return one.removeprefix("Big") == two.removeprefix("Big")


def text(lookup: str, refer: Any = F) -> Any:
    """What a column or a path in JSON says, as text; `refer` is F or OuterRef."""
    name, *path = lookup.split("__")
    found: Any = refer(name)
    for key in path:
        found = KeyTextTransform(key, found)
    return found if path else Cast(found, TextField())
