"""How sure we are that a request comes from the person, and of whom it speaks."""

from django.db import models
from django.db.models import F, Q

from dsr.models.deadlines import DeadlineRule
from dsr.models.rights import Right
from dsr.models.tickets import Ticket
from privacy.models import Identifier
from privacy.models.sealing import SealedField

EVERYWHERE = "*"


class IdentityRule(models.Model):
    """How sure a law wants us to be before we act on a right (law 12)."""

    class Level(models.TextChoices):
        NONE = "none", "No proof may be asked for"
        REASONABLE = "reasonable", "Reasonably sure"
        HIGH = "high", "Very sure"

    regime = models.CharField(
        "law (its code)", max_length=12, help_text="EU-GDPR, US-CA, …; * for all."
    )
    right = models.CharField(max_length=24, choices=Right)
    level = models.CharField(max_length=10, choices=Level)
    points = models.PositiveSmallIntegerField(
        "points of data",
        default=0,
        help_text="How many of them staff must match with what we hold, where no code, "
        "link or sign-in shows who it is.",
    )
    declaration = models.BooleanField(
        "signed declaration",
        default=False,
        help_text="Staff also need a declaration signed under penalty of perjury.",
    )
    citation = models.TextField()
    mark = models.CharField("how sure we are", max_length=8, choices=DeadlineRule.Mark)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="Last day.")

    class Meta:
        verbose_name = "proof that a law asks for"
        verbose_name_plural = "proofs that laws ask for"
        ordering = ["regime", "right", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["regime", "right", "valid_from"], name="dsr_identityrule_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="dsr_identityrule_ends_after_it_begins",
                violation_error_message="The last day is before the first.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.regime}, {self.get_right_display()}"


class Proof(models.Model):
    """One way in which a person proved, or failed to prove, who they are."""

    class Method(models.TextChoices):
        MAIL = "mail", "Code by e-mail"
        TEXT = "text", "Code by text"
        TEXT_IN = "text_in", "Code texted in from the number"
        ON_FILE = "on_file", "Link to the address on file"
        ACCOUNT = "account", "Sign-in to their account"
        DECLARED = "declared", "Declaration under penalty of perjury"

    class State(models.TextChoices):
        ASKED = "asked", "Asked for"
        CONFIRMED = "confirmed", "Confirmed"
        FAILED = "failed", "Failed: too many wrong codes"

    class Purpose(models.TextChoices):
        IDENTITY = "identity", "To act on the request"
        DOWNLOAD = "download", "To take the copy"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="proofs")
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.IDENTITY)
    identifier = models.ForeignKey(Identifier, models.PROTECT, related_name="proofs")
    method = models.CharField(max_length=8, choices=Method)
    state = models.CharField(max_length=9, choices=State, default=State.ASKED)
    code = SealedField(null=True, help_text="Deleted once it has been used.")
    digest = models.CharField(max_length=64, unique=True, null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(
        null=True, help_text="Also set when there was nothing to send, or no address."
    )
    confirmed_at = models.DateTimeField(null=True)
    evidence = models.CharField(max_length=120, blank=True, help_text="An id.")
    checked_at = models.DateTimeField(
        null=True, help_text="When we checked whose it is; it counts from then."
    )
    is_shared = models.BooleanField(
        default=False, help_text="More than one person uses it."
    )

    class Meta:
        ordering = ["asked_at", "id"]
        indexes = [
            models.Index(fields=["identifier", "asked_at"], name="dsr_proof_often"),
            models.Index(fields=["state", "asked_at"], name="dsr_proof_waiting"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="confirmed", confirmed_at__isnull=False)
                | ~Q(state="confirmed") & Q(confirmed_at=None, checked_at=None),
                name="dsr_proof_confirmed_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(state="asked") | Q(code=None),
                name="dsr_proof_code_goes_when_it_served",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()} for {self.ticket}"


class IdentityDecision(models.Model):
    """What a member of staff made of the evidence; the latest one counts."""

    class Compared(models.TextChoices):
        MATCH = "match", "match"
        NO_MATCH = "no_match", "no match"
        NOT_ON_FILE = "not_on_file", "not on file"
        SHARED = "shared", "more than one person uses the number or address"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="decisions")
    accepted = models.BooleanField(
        help_text="They are who they say, for every number and address named."
    )
    may_act = models.BooleanField(
        default=False, help_text="The person asking may act for them."
    )
    has_power_of_attorney = models.BooleanField(default=False)
    points = models.JSONField(
        default=list, help_text="What was matched with what we hold; never its value."
    )
    compared = models.JSONField(
        default=dict,
        help_text="What the portal found when it compared: a point, and its result.",
    )
    has_declaration = models.BooleanField(
        default=False, help_text="They signed a declaration under penalty of perjury."
    )
    is_vouched = models.BooleanField(
        default=False,
        help_text="A system or the operator answers for the person, or it was decided "
        "before points were recorded.",
    )
    reason = models.TextField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        permissions = [("decide_identity", "Can decide whether it is the person")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(by=""), name="dsr_decision_is_signed"
            )
        ]

    def __str__(self) -> str:
        return f"Identity for {self.ticket}"
