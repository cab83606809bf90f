"""The policy is dated, and no record or promise quotes words that it does not
contain."""

import datetime as dt

from django.urls import reverse

from privacy import policy, promises
from privacy.models import PolicyVersion, Promise
from privacy.models.policy import Word
from privacy.promises import Evidence, Outcome, Remedy

CORRECT = Remedy(
    "Publish a policy version that says so, or correct the record. Whoever runs the "
    "portal does both in “privacy/rules” and loads them with “rules load”."
)
PUBLISH = Remedy(
    "A published version is never changed. Whoever runs the portal restores its text "
    "from a backup, or publishes another version."
)


@promises.register("notice-public")
def notice_is_public(now: dt.datetime) -> Outcome:
    """The policy in force is the published one, and every rule that quotes the policy
    quotes it correctly."""
    version = policy.in_force(now.date())
    if version is None:
        return promises.broken("No policy is in force.", Evidence("No policy", 1))
    if found := [*_unsaid(version), *_rewritten()]:
        return promises.broken("The policy and the records disagree.", *found)
    return promises.kept(
        f"Every record quotes the {_name(version)}.",
        Evidence("Promises that quote it", Promise.objects.count(), _url(version)),
    )


def _unsaid(version: PolicyVersion) -> list[Evidence]:
    return [
        Evidence(
            f"{_what(row)} quotes words that are not in the policy",
            1,
            _url(version),
            remedy=CORRECT,
        )
        for row in policy.unsaid(version)
    ]


def _rewritten() -> list[Evidence]:
    return [
        Evidence(
            f"The text of the {_name(version)} is not the one that was published",
            1,
            _url(version),
            remedy=PUBLISH,
        )
        for version in PolicyVersion.objects.all()
        if policy.digest(version.text) != version.digest
    ]


def _what(row: Word | Promise) -> str:
    if isinstance(row, Promise):
        return f"The promise “{row.sentence}”"
    return f"The {row._meta.verbose_name} “{row}”"


def _name(version: PolicyVersion) -> str:
    return str(version).replace("Policy", "policy", 1)


def _url(version: PolicyVersion) -> str:
    return reverse("admin:privacy_policyversion_change", args=[version.pk])
