"""People named for a breach: who is past the period, and letting that end."""

from privacy.incidents.keeping import KIND
from privacy.management.ending import EndingCommand


class Command(EndingCommand):
    help = "Stop naming people for breaches that are past their period."
    kind, looks = KIND, "privacy.preview_incidentperiod"
