"""Stores on the screen: without their secrets, checked by a button."""

import sqlite3

import pytest
from django.urls import reverse

from privacy import stores
from privacy.models import AuditEvent, Store
from tests.privacy.factories import ARI, PIA, signed_in, store

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"admin:privacy_store_{name}", args=args)


def test_a_store_is_shown_without_its_secret():
    row = store()
    page = signed_in(ARI).get(url("change", row.pk)).text

    assert "store.example" in page
    assert "secret@" not in page


def test_a_store_that_answers_says_so(connect):
    live, _ = connect("live", "select 1")

    answer = signed_in(PIA).post(url("check", live.pk), follow=True)

    assert "The store live answers." in answer.text
    live.refresh_from_db()
    assert live.checked_at


def test_a_folder_that_is_gone_says_so(tmp_path, now):
    folder = tmp_path / "media"
    folder.mkdir()
    media = stores.connect(name="media", url=folder.as_uri(), by=PIA, now=now)
    folder.rmdir()

    answer = signed_in(PIA).post(url("check", media.pk), follow=True)

    assert "The folder or bucket of media is not there" in answer.text


def test_an_auditor_does_not_check():
    row = store()

    assert signed_in(ARI).post(url("check", row.pk)).status_code == 403
    row.refresh_from_db()
    assert row.checked_at is None


def test_a_store_gets_its_hours_and_sweeps_keep_to_them():
    row = store()
    said = {
        "works_from": "22:00", "works_until": "05:00",
        "most_lock_waits": "3", "most_lag_seconds": "10",
    }  # fmt: skip

    answer = signed_in(PIA).post(url("limits", row.pk), said, follow=True)

    assert "Saved. Sweeps keep to these limits." in answer.text
    row.refresh_from_db()
    assert (row.works_from.hour, row.works_until.hour) == (22, 5)
    assert (row.most_lock_waits, row.most_lag_seconds) == (3, 10)


def test_limits_that_a_database_can_t_be_asked_about_are_refused_in_words(
    tmp_path, now
):
    url_ = f"sqlite:///{tmp_path}/shop.sqlite3"
    sqlite3.connect(tmp_path / "shop.sqlite3").close()
    row = stores.connect(name="shop", url=url_, by=PIA, now=now)
    said = {"backups_days": "30", "most_lock_waits": "0", "most_lag_seconds": "0"}

    page = signed_in(PIA).get(url("limits", row.pk)).text
    signed_in(PIA).post(url("limits", row.pk), said)

    assert "does not tell who waits for locks" in page
    assert "most_lag_seconds" not in page
    row.refresh_from_db()
    assert (row.backups_days, row.most_lock_waits, row.most_lag_seconds) == (30, 5, 30)


def test_half_a_window_is_asked_back():
    row = store()
    said = {"works_from": "22:00", "most_lock_waits": "3", "most_lag_seconds": "10"}

    answer = signed_in(PIA).post(url("limits", row.pk), said)

    assert "Give both times of day, or neither." in answer.text
    row.refresh_from_db()
    assert row.works_from is None


def test_an_auditor_may_not_set_hours():
    assert signed_in(ARI).get(url("limits", store().pk)).status_code == 403


# --- another address, or gone for good --------------------------------------------


def test_a_store_gets_another_address_and_nobody_sees_its_password(monkeypatch):
    monkeypatch.setattr(stores, "_probe", lambda store: None)
    row = store()
    said = {"address": "postgres://portal@new.example/sample", "secret": "p@ss/:w"}

    answer = signed_in(PIA).post(url("move", row.pk), said, follow=True)

    assert "It answers there." in answer.text
    assert "postgres://new.example/sample" in answer.text
    row.refresh_from_db()
    whole = "postgres://portal:p%40ss%2F%3Aw@new.example/sample"
    assert row.address.open() == whole
    assert stores.configuration(whole)["PASSWORD"] == "p@ss/:w"
    assert AuditEvent.objects.get(action="store.moved").by == PIA


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("postgres://portal:secret@new.example/sample", "in its own field"),
        ("postgres://portal@localhost/portal", "stores move sample URL"),
        ("postgres:///portal?host=/run/postgresql", "stores move sample URL"),
        ("sqlite:////etc/passwd", "stores move sample URL"),
        ("file:///srv/media", "stores move sample URL"),
        ("portal-server://portal", "stores move sample URL"),
        ("postgres://[broken/sample", "not the address of a database"),
        ("new.example", "not the address of a database"),
        ("oracle://portal@new.example/sample", "of that kind can&#x27;t be connected"),
        ("postgres://portal@127.0.0.2:1/sample", "Nothing answers at that host"),
    ],
)
def test_an_address_that_the_page_does_not_take_is_refused_in_words(address, why):
    row = store()

    answer = signed_in(PIA).post(
        url("move", row.pk), {"address": address, "secret": "unseen"}
    )

    assert why in answer.text
    assert "unseen" not in answer.text
    assert "store.example" in Store.objects.get().address.open()


def test_a_store_that_is_gone_is_retired_with_a_reason_and_stays_in_sight(
    monkeypatch,
):
    row, client = store(), signed_in(PIA)
    monkeypatch.setattr(stores, "check", lambda **_: False)
    page = url("retire", row.pk)
    assert "Gone since" not in client.get(url("change", row.pk)).text
    assert "Say in a few words" in client.post(page, {"reason": "x"}).text

    answer = client.post(page, {"reason": "Disks were shredded"}, follow=True)

    assert "is not searched any more" in answer.text
    assert "Disks were shredded (pia)" in answer.text
    assert (page in answer.text, url("move", row.pk) in answer.text) == (False, True)
    assert "sample" in client.get(url("changelist")).text
    assert AuditEvent.objects.get(action="store.retired").by == PIA


def test_a_store_that_answers_is_not_retired(connect):
    live, _ = connect("live", "select 1")

    said = {"reason": "We want no proof of it"}
    answer = signed_in(PIA).post(url("retire", live.pk), said)

    assert "The store still answers" in answer.text
    assert stores.named("live").retired_at is None


@pytest.mark.parametrize("page", ["move", "retire"])
def test_an_auditor_neither_moves_nor_retires(page):
    assert signed_in(ARI).get(url(page, store().pk)).status_code == 403
