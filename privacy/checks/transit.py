"""Encrypted in transit: browsers, the portal's own database, the broker, the stores.

What never leaves the machine (a socket, the loopback address, a file) needs no TLS.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.urls import reverse

from privacy import promises, stores
from privacy.addresses import MYSQL, SQLITE, is_here
from privacy.models import Store
from privacy.promises import Evidence, Outcome, Remedy

SETTING = (
    "Whoever runs the portal sets {} in its environment; docs/operations.md says how."
)
BROWSERS = Remedy(SETTING.format("PUBLIC_URL to an https address"))
DATABASE = Remedy(SETTING.format("DATABASE_URL with sslmode=verify-full"))
BROKER = Remedy(SETTING.format("REDIS_URL to a rediss address"))
STORE = Remedy(
    "Connect the store again with “stores add” and an address with verified TLS, such "
    "as sslmode=verify-full.",
    needs="privacy.change_store",
)


@promises.register("encrypted-transit")
def encrypted_transit(now: dt.datetime) -> Outcome:
    found = [*_own(), *_stores()]
    if found:
        return promises.broken(
            "Data travels over connections without verified TLS.", *found
        )
    return promises.kept("Every connection that leaves this machine uses verified TLS.")


def _own() -> Iterator[Evidence]:
    if not settings.SECURE and not is_here(urlsplit(settings.PUBLIC_URL).hostname):
        yield Evidence("Browsers reach the portal without TLS", 1, remedy=BROWSERS)
    if not database_is_safe(settings.DATABASES["default"]):
        sentence = "The portal's own database is reached without verified TLS"
        yield Evidence(sentence, 1, remedy=DATABASE)
    if not broker_is_safe(settings.BROKER_URL):
        yield Evidence("The broker is reached without verified TLS", 1, remedy=BROKER)


def _stores() -> Iterator[Evidence]:
    """Only stores marked as production; others hold no data of real people."""
    wanted = Store.objects.filter(is_production=True, kind=Store.Kind.DATABASE)
    for store in wanted:
        if not database_is_safe(stores.configuration(store.address.open())):
            url = reverse("admin:privacy_store_change", args=[store.pk])
            sentence = f"The store {store} is reached without verified TLS"
            yield Evidence(sentence, 1, url, remedy=STORE)


def database_is_safe(configuration: dict[str, Any]) -> bool:
    """`sslmode=verify-full` and `ssl_verify_identity` also verify the server's name."""
    engine, options = configuration["ENGINE"], configuration.get("OPTIONS", {})
    if engine == SQLITE or is_here(configuration.get("HOST")):
        return True
    if engine.endswith(".postgresql"):  # Django's, and the portal's own
        return options.get("sslmode") == "verify-full"
    return engine == MYSQL and bool(options.get("ssl_verify_identity"))


def broker_is_safe(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme in ("redis+socket", "unix") or is_here(parts.hostname):
        return True
    asked = parse_qs(parts.query).get("ssl_cert_reqs", [""])[0]
    return parts.scheme == "rediss" and asked.lower() in ("required", "cert_required")
