"""Keyed fingerprints of whole rows: has anything changed since the preview?"""

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Sequence

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

from privacy import subjects
from privacy.datamap import Map
from privacy.models import Table
from privacy.models.sealing import ring
from privacy.subjects import Key

MOST = 2000  # rows in one statement


def of_rows(
    mapped: Map, table: Table, keys: Sequence[Key], *, secret: bytes = b""
) -> dict[Key, str]:
    """Maps each key to a keyed digest of the row's whole content, under the newest key
    or the given one. For rows that are identical, the digest includes how many there
    are."""
    secret = secret or next(iter(ring(tuple(settings.IDENTIFIER_KEYS)).values()))
    names = [c.name for c in mapped.columns(table) if not c.path]
    found: dict[Key, str] = {}
    alike: Counter[Key] = Counter()
    for start in range(0, len(keys), MOST):
        some = subjects.by_key(table, keys[start : start + MOST])
        rows = (
            mapped.rows(table).filter(some).values(*dict.fromkeys([*names, *table.key]))
        )
        for row in rows.order_by().iterator(chunk_size=MOST):
            cells = {name: row[name] for name in names}
            said = json.dumps(cells, cls=DjangoJSONEncoder, sort_keys=True, default=str)
            key = tuple(row[name] for name in table.key)
            if alike[key]:
                said = f"{alike[key]} {found[key]}"
            alike[key] += 1
            found[key] = hmac.new(secret, said.encode(), hashlib.sha256).hexdigest()
    return found


def count(mapped: Map, table: Table, keys: Sequence[Key]) -> int:
    """How many rows these are: in a table without a key, each identical row counts."""
    if table.has_key:
        return len(keys)
    chunks = (keys[start : start + MOST] for start in range(0, len(keys), MOST))
    some = (subjects.by_key(table, chunk) for chunk in chunks)
    return sum(mapped.rows(table).filter(each).count() for each in some)
