"""Everyone who must be told of a breach is told in time."""

import datetime as dt

from django.urls import reverse

from privacy import incidents, promises
from privacy.models import Incident
from privacy.promises import Evidence, Outcome, Remedy

TELL = Remedy(
    "Tell them and note it with proof, or record why they need not be told.",
    needs="privacy.change_incident",
)


@promises.register("breach-notified")
def breach_notified(now: dt.datetime) -> Outcome:
    found = [
        Evidence(
            f"{clock.rule.who} had to be told of incident {incident.pk} by "
            f"{clock.words}",
            1,
            reverse("admin:privacy_incident_change", args=[incident.pk]),
            remedy=TELL,
        )
        for incident, clock in incidents.late(now=now)
    ]
    if found:
        return promises.broken("Somebody was not told of a breach in time.", *found)
    count = Incident.objects.filter(closed_at=None).count()
    return promises.kept(f"Open incidents: {count}. No notification is late.")
