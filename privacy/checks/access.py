"""Least privilege: nobody has rights beyond a role, and no role is unused."""

import datetime as dt

from django.contrib.auth.models import Group, User
from django.db.models import Q, QuerySet
from django.urls import reverse

from privacy import factors, promises, staff
from privacy.models import AuditEvent
from privacy.promises import Evidence, Outcome, Remedy

# Canonical JSON has no spaces, and quotes inside a reason are escaped.
WITH_A_REASON = r'"reason":"[^"]'

NARROW = Remedy(
    "Remove the rights that go beyond the role, or switch off the sign-in "
    "that nobody uses.",
    needs="auth.change_user",
)
SECOND_FACTOR = Remedy(
    "Each of them must set up their own; if nobody uses the sign-in, switch it off.",
    needs="auth.change_user",
)
RELOAD = Remedy(
    "The next “migrate” resets each role to exactly what the table of roles says.",
    needs="auth.change_group",
)
ASK = Remedy(
    "Ask who revealed them for the reason, and keep it with the matter; the trail "
    "itself can't be changed.",
    needs="privacy.view_auditevent",
)


@promises.register("least-privilege")
def least_privilege(now: dt.datetime) -> Outcome:
    """Administrators hold every right by design; they are counted and do not break the
    promise.

    Whether a second factor is compulsory is a setting; whether somebody has one is read
    from the rows.
    """
    people = User.objects.filter(is_active=True, is_staff=True)
    found = [
        _people("Have personal rights on top of their role", beyond_role(people)),
        _people("Have not signed in for 90 days", unused(people, now)),
        *_by_password_alone(people),
        _reveals(),
        *altered_roles(),
    ]
    wrong = [each for each in found if each.count != 0]
    administrators = _people(
        "Administrators, who hold every right", people.filter(is_superuser=True), None
    )
    if wrong:
        return promises.broken("Access is wider than it needs to be.", *wrong)
    return promises.kept(
        "Everybody has only the rights of their role, and signs in with a "
        "second factor.",
        administrators,
    )


def beyond_role(people: QuerySet[User]) -> QuerySet[User]:
    """People with a permission given by hand, or in a group that is not a role."""
    wider = Q(user_permissions__isnull=False) | Q(
        groups__in=Group.objects.exclude(name__in=staff.ROLES)
    )
    return people.filter(wider).distinct()


def unused(people: QuerySet[User], now: dt.datetime) -> QuerySet[User]:
    since = now - staff.UNUSED_AFTER
    never = Q(last_login=None, date_joined__lt=since)
    return people.filter(Q(last_login__lt=since) | never)


def _by_password_alone(people: QuerySet[User]) -> list[Evidence]:
    """How many sign in by password alone, and the page where the reader sets up a
    second factor."""
    alone = factors.without(people)
    sentence = "Sign in with only a password, without a second factor"
    if not alone.exists():
        return []
    return [
        _people(sentence, alone, SECOND_FACTOR),
        Evidence("Set up your second factor", url=reverse("admin:factors")),
    ]


def altered_roles() -> list[Evidence]:
    """Groups whose permissions differ from the table of roles."""
    return [
        Evidence(
            f"The role {group.name} was changed by hand", 1, _url(group), remedy=RELOAD
        )
        for group in Group.objects.filter(name__in=staff.ROLES)
        if set(group.permissions.all()) != staff.permissions_of(group.name)
    ]


def _reveals() -> Evidence:
    shown = AuditEvent.objects.filter(action="identifier.revealed")
    silent = shown.exclude(payload__regex=WITH_A_REASON).count()
    url = reverse("admin:privacy_auditevent_changelist") + "?q=identifier.revealed"
    return Evidence(
        "Identifiers were revealed without a reason", silent, url, remedy=ASK
    )


def _people(
    sentence: str, people: QuerySet[User], remedy: Remedy | None = NARROW
) -> Evidence:
    """A count and a link to a list: who they are is read there, by those who may."""
    keys = list(people.order_by("pk").values_list("pk", flat=True))
    query = f"?id__in={','.join(map(str, keys))}"
    url = reverse("admin:auth_user_changelist") + query
    return Evidence(sentence, len(keys), url, remedy=remedy)


def _url(group: Group) -> str:
    return reverse("admin:auth_group_change", args=[group.pk])
