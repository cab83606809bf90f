"""People named for a breach: whose period is over, and removing their names."""

from privacy.incidents.keeping import KIND
from privacy.management.ending import EndingCommand


class Command(EndingCommand):
    help = "Stop naming people for breaches that are past their period."
    kind, looks = KIND, "privacy.preview_incidentperiod"
