"""Purchases and inquiries that no longer imply consent: what is past its period."""

from consent.keeping import DEALINGS
from privacy.management.ending import EndingCommand


class Command(EndingCommand):
    help = "Delete purchases and inquiries that are past their period."
    kind, looks = DEALINGS, "consent.preview_keepingrule"
