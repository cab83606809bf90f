"""Nothing is sold, nothing exceeds a contract, and no legal disclosure lacks a
document."""

import datetime as dt

from django.urls import reverse

from privacy import promises
from privacy.models import AuditEvent, Disclosure, Provider
from privacy.promises import Evidence, Outcome
from privacy.providers import gate

# Audit actions of the doors personal data leaves by; each writes its entry first.
DOORS = ("consent.exported",)
ENTERED = '"disclosure":'


@promises.register("no-sell-no-share")
def no_sell_no_share(now: dt.datetime) -> Outcome:
    silent = AuditEvent.objects.filter(action__in=DOORS).exclude(
        payload__contains=ENTERED
    )
    entries = Disclosure.objects.count()
    url = reverse("admin:privacy_auditevent_changelist") + "?q=consent.exported"
    if count := silent.count():
        sentence = "Exports without an entry in the disclosure register"
        return promises.broken(
            "Data left without passing the disclosure gate.",
            Evidence(sentence, count, url),
        )
    return promises.kept(
        "Data leaves only through the disclosure gate.",
        Evidence("Disclosures on record", entries, _register()),
    )


@promises.register("disclose-necessary")
def disclose_necessary(now: dt.datetime) -> Outcome:
    given = Disclosure.objects.exclude(provider=None).select_related("provider")
    beyond = gate.beyond(given)
    limitless = Provider.objects.filter(
        is_active=True, categories=None, disclosure__in=given.exclude(what=gate.DUTY)
    )
    found = [
        Evidence(
            "Disclosures of categories that the contract does not name",
            len(beyond),
            _register(),
        ),
        Evidence(
            "Recipients who were given data and whose categories are not listed",
            limitless.distinct().count(),
            reverse("admin:privacy_provider_changelist"),
        ),
    ]
    if wrong := [each for each in found if each.count]:
        return promises.broken("A recipient got more than its contract names.", *wrong)
    return promises.kept(
        "Each recipient got only what its contract names.",
        Evidence("Disclosures to recipients", given.count(), _register()),
    )


@promises.register("legal-process")
def legal_process(now: dt.datetime) -> Outcome:
    """The database requires a document for each row; this checks its digest."""
    given = Disclosure.objects.exclude(process=None)
    unfiled = given.filter(process__digest="").count()
    if unfiled:
        sentence = "Disclosures required by law with no document on file"
        return promises.broken(sentence, Evidence(sentence, unfiled, _register()))
    return promises.kept(
        "Each disclosure required by law has its document on file.",
        Evidence("Disclosures by law", given.count(), _register()),
    )


def _register() -> str:
    return reverse("admin:privacy_disclosure_changelist")
