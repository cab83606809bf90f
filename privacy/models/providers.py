"""Who else has people's data, and what they were told to do with it."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from privacy.models.plans import Plan
from privacy.models.policy import Category, Purpose
from privacy.models.sealing import SealedField


class Duty(models.TextChoices):
    """What a recipient is told (GDPR Art. 19; 11 CCR 7022(b), 7023(c), 7026(f))."""

    ERASE = "erase", "Erase"
    CORRECT = "correct", "Correct"
    RESTRICT = "restrict", "Restrict"
    STOP = "stop", "Stop selling, sharing or using"


def every_duty() -> list[str]:
    return list(Duty.values)


class Provider(models.Model):
    """A recipient of data: a service provider, or somebody it was disclosed to."""

    class Way(models.TextChoices):
        OPENDSR = "opendsr", "OpenDSR 2.0"
        WEBHOOK = "webhook", "Signed webhook (Standard Webhooks)"
        MAIL = "mail", "E-mail"
        TASK = "task", "A colleague tells it"

    name = models.CharField(max_length=120, unique=True)
    way = models.CharField(max_length=7, choices=Way, help_text="How it is told.")
    address = models.CharField(
        max_length=500,
        blank=True,
        help_text="An https or e-mail address. For OpenDSR, without /requests.",
    )
    secret = SealedField(
        null=True, blank=True, help_text="For the webhook (whsec_…), or a bearer token."
    )
    certificate = models.TextField(
        blank=True,
        help_text="For OpenDSR: the certificate (PEM) that its callbacks "
        "are checked with.",
    )
    categories = models.ManyToManyField(
        Category,
        blank=True,
        help_text="The data it gets. Empty: it is told whom a request is about, and "
        "given nothing.",
    )
    purposes = models.ManyToManyField(
        Purpose,
        blank=True,
        help_text="What its contract allows it to use the data for.",
    )
    contract = models.CharField(
        max_length=200,
        blank=True,
        help_text="Where the contract is filed (GDPR Art. 28(3), 11 CCR 7051). Empty:"
        " it is given nothing.",
    )
    contract_ends = models.DateField(
        null=True, blank=True, help_text="Its last day, if it has one."
    )
    duties = ArrayField(
        models.CharField(max_length=8, choices=Duty), default=every_duty, blank=True
    )
    remind_after = models.PositiveSmallIntegerField(
        "remind after",
        default=7,
        help_text="Days without an answer before it is reminded.",
    )
    owner = models.CharField(
        max_length=150,
        blank=True,
        help_text="The user name of the colleague who tells it what has to be told by "
        "hand, and asks for its answers. Empty: Legal does.",
    )
    is_active = models.BooleanField("in use", default=True)
    changed_by = ArrayField(
        models.CharField(max_length=150),
        default=list,
        blank=True,
        help_text="Who changed what it may be given, or where to, since somebody else"
        " agreed to it. Until somebody does it is given nothing.",
    )

    class Meta:
        ordering = ["name"]
        permissions = [("agree_provider", "Can agree to what a recipient may be given")]
        verbose_name = "recipient of data"
        verbose_name_plural = "recipients of data"
        constraints = [
            models.CheckConstraint(
                condition=Q(way="task") | ~Q(address=""),
                name="privacy_provider_has_an_address",
                violation_error_message="Give the address to notify, or let a "
                "colleague tell it.",
            ),
            models.CheckConstraint(
                condition=Q(remind_after__gte=1),
                name="privacy_provider_is_reminded",
                violation_error_message="Remind after at least one day.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Instruction(models.Model):
    """What one recipient was told about one person, and what it answered."""

    class State(models.TextChoices):
        WAITING = "waiting", "To be told"
        TOLD = "told", "Told, no answer yet"
        LATER = "later", "Not yet possible"
        DONE = "done", "Done"
        NOTHING = "nothing", "Has no data of this person"
        UNABLE = "unable", "Can't or won't"
        HELD = "held", "Not told, because a legal hold keeps what it has"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="instructions")
    subject = models.CharField(
        max_length=60, help_text="The request or plan that asks for it."
    )
    duty = models.CharField(max_length=8, choices=Duty)
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, related_name="instructions"
    )
    document = SealedField(null=True, help_text="Whom it is about; removed once done.")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    made_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(help_text="Do not send before then.")
    problem = models.TextField(
        blank=True,
        help_text="Why it can't be told this way; somebody must tell it by hand.",
    )
    tried_at = models.DateTimeField(
        null=True, help_text="Given to a mail server that has not said it took it."
    )
    answered_at = models.DateTimeField(null=True)
    until = models.DateField(null=True, help_text="Not deletable before this day.")
    answer = models.TextField(
        blank=True, help_text="In its own words, without naming anybody."
    )
    asked_at = models.DateTimeField(
        null=True, help_text="When a colleague was last asked by mail to tell it."
    )
    told_by = models.CharField(
        max_length=150, blank=True, help_text="Who of us told it by hand."
    )
    noted_by = models.CharField(max_length=150, blank=True)
    keeps = ArrayField(
        models.CharField(max_length=40),
        default=list,
        help_text="Categories under a legal hold, which it is told to leave.",
    )

    class Meta:
        ordering = ["made_at"]
        indexes = [
            models.Index(fields=["state", "next_at"], name="privacy_instruction_next"),
            models.Index(fields=["subject"], name="privacy_instruction_of"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "subject", "duty"], name="privacy_instruction_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "held"], answered_at=None)
                | Q(state="told", answered_at=None, told_at__isnull=False)
                | Q(
                    state__in=["later", "done", "nothing", "unable"],
                    answered_at__isnull=False,
                ),
                name="privacy_instruction_state_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="later") | Q(until__isnull=False),
                name="privacy_instruction_later_has_its_day",
            ),
            models.CheckConstraint(
                condition=~Q(state="unable") | ~Q(answer=""),
                name="privacy_instruction_unable_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_duty_display()}: {self.provider}"

    @property
    def is_left_to_us(self) -> bool:
        """Whether it waits for one of us to tell it."""
        is_ours = self.provider.way == Provider.Way.TASK or bool(self.problem)
        return is_ours and self.state == self.State.WAITING and self.tried_at is None

    def titles_kept(self) -> list[str]:
        """The categories that it is to leave, by their titles."""
        return [str(each) for each in Category.objects.filter(pk__in=self.keeps)]
