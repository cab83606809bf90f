"""Records of requests: what is past its period, and removing it."""

from dsr.records import KIND
from privacy.management.ending import EndingCommand


class Command(EndingCommand):
    help = "Remove the names of people from request records that are past their period."
    kind, looks = KIND, "dsr.preview_recordrule"
