"""Who asks for somebody else: an agent, a parent, an executor."""

from django.db import models

from dsr.models.tickets import Ticket
from privacy.models.sealing import SealedField


class Representative(models.Model):
    class Capacity(models.TextChoices):
        AGENT = "agent", "Authorised agent"
        PARENT = "parent", "Parent or guardian"
        EXECUTOR = "executor", "Executor or heir"

    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="representative")
    capacity = models.CharField(max_length=8, choices=Capacity)
    details = SealedField(help_text="Name, organization and address, as JSON.")
    has_power_of_attorney = models.BooleanField(
        default=False, help_text="As they say; the document decides."
    )

    def __str__(self) -> str:
        return f"{self.get_capacity_display()} for {self.ticket}"
