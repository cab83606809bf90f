"""How an address becomes a connection."""

from io import StringIO

import pytest
from django.conf import settings as ours
from django.core.management import call_command

from privacy import erasure, identifiers, plans, stores
from privacy.datamap import discovery, schema
from privacy.erasure import certificates
from privacy.models import AuditEvent, Plan, Store, Table
from tests.privacy.factories import rule, staff


def test_a_store_beside_the_portal_is_as_encrypted_as_the_portal(monkeypatch):
    own = ours.DATABASES["default"]
    monkeypatch.setitem(own, "OPTIONS", {"sslmode": "verify-full"})

    made = stores.configuration(f"{stores.OWN_SERVER}://platform")

    assert made["OPTIONS"]["sslmode"] == "verify-full"
    assert made["NAME"] == "platform"


@pytest.mark.parametrize("address", ["", "nonsense", "postgres://", "gopher://x/y"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(stores.BadAddress):
        stores.configuration(address)


@pytest.mark.parametrize(
    ("address", "options"),
    [
        ("postgres://u@db.example/x", {"sslmode": "verify-full"}),
        ("postgres://u@db.example/x?sslmode=require", {"sslmode": "require"}),
        ("mysql://u@db.example/x", {"ssl_verify_identity": True}),
        ("mariadb://u@db.example/x?ssl_ca=/ca.pem", {"ssl_verify_identity": True}),
        ("mysql://u@db.example/x?ssl_mode=REQUIRED", {"ssl_verify_identity": False}),
    ],
)
def test_what_leaves_the_machine_is_encrypted(address, options):
    assert stores.configuration(address)["OPTIONS"].items() >= options.items()


@pytest.mark.parametrize(
    "address", ["mysql://u@127.0.0.1/x", "mysql://u@/x?host=/run/mysqld/s.sock"]
)
def test_what_stays_on_the_machine_is_not(address):
    assert not any("ssl" in name for name in stores.configuration(address)["OPTIONS"])


def test_a_file_that_is_no_sqlite_database_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("These are notes.")

    for name in ("notes.txt", "gone.sqlite", "."):
        with pytest.raises(stores.BadAddress) as refused:
            stores.configuration(f"sqlite:///{tmp_path / name}")
        assert str(tmp_path) not in str(refused.value)


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["postgres://u@127.0.0.1:1/none", "file:///nowhere"])
def test_a_dead_address_is_not_connected_and_nothing_is_changed(url, now):
    with pytest.raises(
        stores.StoreDown, match="not connected, and nothing was changed"
    ):
        stores.connect(name="dead", url=url, by="pia", now=now)

    assert not Store.objects.exists()
    assert not AuditEvent.objects.filter(action="store.connected").exists()


@pytest.mark.django_db
def test_a_store_moves_to_another_address_and_keeps_its_map(connect, now):
    """As after a new password, or onto another server."""
    store, _ = connect("town", "CREATE TABLE visit (id int PRIMARY KEY)")
    other, _ = connect("other", "CREATE TABLE moved (id int PRIMARY KEY)")
    discovery.discover(store=store, by="pia", now=now)
    staff("pia")
    address = other.address.open()

    call_command("stores", "move", "town", address, "--by", "pia", stdout=StringIO())

    moved = stores.named("town")
    assert [table.name for table in schema.tables(moved)] == ["moved"]
    assert [table.name for table in moved.tables.all()] == ["visit"]
    assert AuditEvent.objects.get(action="store.moved").by == "pia"
    with pytest.raises(stores.StoreDown, match="nothing was changed"):
        stores.move(store=moved, url="postgres://u@127.0.0.1:1/x", by="pia", now=now)
    with pytest.raises(stores.OtherKind):
        stores.move(store=moved, url="file:///tmp", by="pia", now=now)
    assert stores.named("town").address.open() == address


@pytest.mark.django_db
def test_a_store_that_is_gone_is_retired_and_holds_up_nobody(town, now, monkeypatch):
    person = identifiers.keep(identifiers.phone("+12025550143"), now=now)
    ask = {"identifiers": [person], "title": "R", "received_at": now, "by": "lena"}
    lost = Store.objects.create(
        name="lost", address="postgres://u@127.0.0.1:1/none", place="lost",
        connected_by="pia", connected_at=now,
    )  # fmt: skip
    made = rule(Table.objects.create(store=lost, name="visit", key=["id"]))
    with pytest.raises(stores.StoreDown):
        erasure.plan(**ask, now=now)
    with pytest.raises(stores.StillAnswers):
        stores.retire(
            store=stores.named("town"), reason="It was sold", by="pia", now=now
        )

    said = ("stores", "retire", "lost", "--reason", "Server given up", "--by", "pia")
    staff("pia")
    call_command(*said, stdout=StringIO())
    plan = erasure.plan(**ask, now=now)
    with monkeypatch.context() as down:
        down.setattr(stores, "check", lambda **_: False)
        with pytest.raises(stores.StillNeeded):
            stores.retire(
                store=stores.named("town"), reason="It was sold", by="pia", now=now
            )
    plans.approve(plan=plan, by="max", now=now)
    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    assert list(certificates.statement(done, now)["retired"]) == ["lost"]
    made.refresh_from_db()
    assert (made.is_active, Store.every.get(name="lost").retired_by) == (False, "pia")
    with pytest.raises(stores.NameTaken):
        stores.connect(name="lost", url="sqlite:////x", by="pia", now=now)
