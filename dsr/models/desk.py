"""What the desk keeps beside a ticket: its assignee, notes, tasks, letters."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from dsr.models.tickets import Ticket
from privacy.models.sealing import SealedField


class Assignment(models.Model):
    """Who is working on the ticket now."""

    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="assignment")
    to = models.CharField(max_length=150, db_index=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.ticket} is with {self.to}"


class Note(models.Model):
    """For colleagues; the person does not see it, but may ask for it (Art. 15)."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="notes")
    text = SealedField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"Note on {self.ticket}"


class Task(models.Model):
    """Something that another team or person must do for a ticket, by a day."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="tasks")
    title = models.CharField(max_length=200, help_text="Names nobody.")
    team = models.CharField(max_length=150, help_text="One of the roles.")
    owner = models.CharField(max_length=150, blank=True)
    due_date = models.DateField()
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    reminded_on = models.DateField(null=True)
    done_by = models.CharField(max_length=150, blank=True)
    done_at = models.DateTimeField(null=True)
    result = models.TextField(
        blank=True, help_text="What was done, without naming anybody."
    )

    class Meta:
        ordering = ["due_date", "id"]
        permissions = [("finish_task", "Can say that a task is done")]
        indexes = [
            models.Index(
                fields=["due_date"], condition=Q(done_at=None), name="dsr_task_open"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None, done_by="")
                | Q(done_at__isnull=False) & ~Q(done_by=""),
                name="dsr_task_done_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Letter(models.Model):
    """A reusable text in one language, with {placeholders}."""

    code = models.SlugField(max_length=40)
    language = models.CharField(max_length=2)
    title = models.CharField(max_length=120, help_text="What it is for.")
    text = models.TextField(help_text="Places: {reference}, {rights}, {due}, …")

    class Meta:
        ordering = ["title", "language"]
        constraints = [
            models.UniqueConstraint(fields=["code", "language"], name="dsr_letter_once")
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"


class ReminderRule(models.Model):
    """When somebody is reminded of an open request, and who (`desk.escalating`)."""

    name = models.CharField(max_length=16, unique=True)
    days_before = models.SmallIntegerField(
        "days before the last day",
        null=True,
        blank=True,
        help_text="-1: the day after it, when the request is late.",
    )
    share = models.PositiveSmallIntegerField(
        "or part of the time that has passed (%)",
        null=True,
        blank=True,
        help_text="Such as 80. Counted from receipt to the last day.",
    )
    to = ArrayField(models.CharField(max_length=150))
    every = models.PositiveSmallIntegerField(
        "again after (days)",
        default=0,
        help_text="Once the last day is over, until it is done. 0: only once.",
    )
    is_active = models.BooleanField("in use", default=True)

    class Meta:
        verbose_name = "reminder of a request"
        verbose_name_plural = "reminders of requests"
        ordering = ["-days_before", "share", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(days_before=None, share__isnull=False)
                | Q(days_before__isnull=False, share=None),
                name="dsr_reminderrule_has_one_time",
                violation_error_message="Give the days or the part of the time: one of "
                "them.",
            ),
            models.CheckConstraint(
                condition=Q(share=None) | Q(share__gte=1, share__lte=100),
                name="dsr_reminderrule_is_a_part",
                violation_error_message="The part is between 1 and 100 percent.",
            ),
            models.CheckConstraint(
                condition=~Q(to=[]),
                name="dsr_reminderrule_tells_somebody",
                violation_error_message="Choose who is told.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def when(self) -> str:
        if self.share is not None:
            return f"when {self.share} % of the time has passed"
        days = int(self.days_before or 0)
        if not days:
            return "on the last day"
        many = "1 day" if abs(days) == 1 else f"{abs(days)} days"
        return f"{many} {'after' if days < 0 else 'before'} the last day"


class Reminder(models.Model):
    """That somebody was reminded of a ticket, once for each occasion."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="reminders")
    occasion = models.CharField(max_length=24)
    due_date = models.DateField()
    sent_to = models.PositiveSmallIntegerField(help_text="How many people.")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "occasion", "due_date"], name="dsr_reminder_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.occasion} of {self.ticket}"


class CalendarFeed(models.Model):
    """An address from which a calendar program reads due dates; stored as its
    digest."""

    owner = models.CharField(max_length=150)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256.")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner"], condition=Q(ended_at=None), name="dsr_feed_one_each"
            )
        ]

    def __str__(self) -> str:
        return f"Calendar of {self.owner}"
