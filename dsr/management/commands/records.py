"""Records of requests: what is past its period, and letting it end."""

from dsr.records import KIND
from privacy.management.ending import EndingCommand


class Command(EndingCommand):
    help = "End what names people in records of requests that are past their period."
    kind, looks = KIND, "dsr.preview_recordrule"
