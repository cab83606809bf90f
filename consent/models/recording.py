"""Where all parties of a call must consent before it is recorded: dated rules."""

from django.db import models

from consent.models.dated import DatedRule


class RecordingRule(DatedRule):
    state = models.CharField(max_length=2, help_text="As CA.")

    @property
    def says(self) -> str:
        return "All parties must consent."
