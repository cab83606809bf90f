"""What people wrote to senders: what is past its period, and destroying the texts."""

from consent.keeping import KIND
from privacy.management.ending import EndingCommand


class Command(EndingCommand):
    help = "Delete the text of messages that are past their period."
    kind, looks = KIND, "consent.preview_keepingrule"
