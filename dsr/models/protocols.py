"""Requests from other systems: who they are, and what they have been told."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from dsr.models.requests import Request


class Agent(models.Model):
    """An authorised agent of the Data Rights Protocol, as its directory has it."""

    code = models.CharField(max_length=80, unique=True, help_text="Its agent-id.")
    name = models.CharField(max_length=200)
    verify_key = models.CharField(max_length=64, help_text="Ed25519, base64.")
    web_url = models.URLField(blank=True)
    identity_assurance_url = models.URLField(
        blank=True, help_text="How it verifies the people that it acts for."
    )
    technical_contact = models.EmailField(blank=True)
    business_contact = models.EmailField(blank=True)
    is_trusted = models.BooleanField(
        default=True, help_text="If off, its messages and its token are refused."
    )
    token_digest = models.CharField(max_length=64, blank=True, editable=False)
    token_made_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name or self.code


class Seen(models.Model):
    """A signed message that was taken: it is refused a second time while it is
    valid."""

    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256.")
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.digest


class Exchange(models.Model):
    """One request of another system: its number there, and where to send news."""

    class Protocol(models.TextChoices):
        API = "api", "Partner API"
        DRP = "drp", "Data Rights Protocol"
        OPENDSR = "opendsr", "OpenDSR"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    protocol = models.CharField(max_length=7, choices=Protocol)
    partner = models.CharField(max_length=120, help_text="An agent, or a key's name.")
    number = models.CharField(max_length=200, blank=True, help_text="Theirs.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of what they sent.")
    request = models.OneToOneField(Request, models.CASCADE, related_name="exchange")
    needs_verification = models.BooleanField(
        default=False, help_text="Set if nobody has vouched for who the person is."
    )
    callbacks = ArrayField(models.URLField(max_length=500), default=list, blank=True)
    told = models.CharField(
        max_length=40, blank=True, help_text="The last update taken in."
    )
    told_at = models.DateTimeField(null=True)
    shown = models.CharField(
        max_length=40, blank=True, help_text="The last state we told them."
    )
    failures = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["protocol", "partner", "number"],
                condition=~Q(number=""),
                name="dsr_exchange_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_protocol_display()}: {self.partner}"
