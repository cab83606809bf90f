"""Whether triggers of a store write rows when others change, from its catalogue."""

from typing import Any

ANY = {
    "postgresql": "SELECT EXISTS (SELECT FROM pg_trigger WHERE NOT tgisinternal)",
    "mysql": "SELECT EXISTS (SELECT 1 FROM information_schema.triggers"
    " WHERE trigger_schema = DATABASE())",
    "sqlite": "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger')",
}


def exist(connection: Any) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(ANY[connection.vendor])
        return bool(cursor.fetchone()[0])
