"""Do-not-call requests that no longer count: what is past its period."""

from consent.keeping import REQUESTS
from privacy.management.ending import EndingCommand


class Command(EndingCommand):
    help = "Delete do-not-call requests that are past their period."
    kind, looks = REQUESTS, "consent.preview_keepingrule"
