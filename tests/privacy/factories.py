"""Staff with a role, signed in; and small rows for screens that need no store."""

import datetime as dt

from django.contrib.auth.models import Group, User
from django.test import Client

from privacy import identifiers
from privacy.models import Column, Plan, Rule, Store, Table

NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
LENA, MAX, SAM, PIA, ARI = "lena", "max", "sam", "pia", "ari"
ROLE_OF = {
    LENA: "Legal",
    MAX: "Legal",
    SAM: "Support",
    PIA: "Privacy engineer",
    ARI: "Auditor",
}


def staff(name):
    """Lena and Max are lawyers, Sam answers the phone, Pia builds, Ari audits."""
    user, made = User.objects.get_or_create(
        username=name, defaults={"is_staff": True, "email": f"{name}@example.com"}
    )
    if made:
        user.groups.add(Group.objects.get(name=ROLE_OF[name]))
    return user


def signed_in(name):
    client = Client()
    client.force_login(staff(name))
    return client


def ada():
    return identifiers.keep(identifiers.phone("+12025550143"), now=NOW)


def store(name="sample"):
    return Store.objects.create(
        name=name,
        address="postgres://portal:secret@store.example/sample?sslmode=require",
        place="postgres://store.example/sample",
        connected_by=PIA,
        connected_at=NOW,
    )


def table(**changed):
    facts = {"name": "message", "key": ["id"], "start": "sent_at"}
    return Table.objects.create(store=store(), **(facts | changed))


def column(of, **changed):
    facts = {"name": "body", "kind": "TextField", "state": "proposed"}
    return Column.objects.create(table=of, **(facts | changed))


def rule(of, **changed):
    facts = {
        "name": "messages",
        "title": "Messages go after two years",
        "start": "sent_at",
        "months": 24,
        "action": "delete",
        "category_id": "communications",
        "promise_id": "retained-no-longer",
        "citation": "Policy, Retention",
    }
    return Rule.objects.create(table=of, **(facts | changed))


def plan(**changed):
    """An erasure of one message, planned by Lena, waiting for approval."""
    facts = {
        "kind": Plan.Kind.ERASURE,
        "title": "Erasure for request 7",
        "summary": {
            "tables": [
                {
                    "table": "sample.message",
                    "title": "Messages",
                    "rows": 1,
                    "action": "delete",
                    "ground": "",
                    "fields": [],
                }
            ],
            "withheld": 0,
            "exceptions": [],
        },
        "digest": "0" * 64,
        "planned_by": LENA,
        "planned_at": NOW,
    }
    return Plan.objects.create(**(facts | changed))
