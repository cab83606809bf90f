"""What the portal's own pages leave in a browser, and what browsers tell us."""

from django.db import models


class Cookie(models.Model):
    """A cookie that our pages set, declared before they do."""

    class Need(models.TextChoices):
        ESSENTIAL = "essential", "Essential"
        FUNCTIONAL = "functional", "Functional"
        ANALYTICS = "analytics", "Analytics"

    name = models.CharField(max_length=80, unique=True)
    need = models.CharField(max_length=10, choices=Need)
    purpose = models.CharField(
        max_length=300, help_text="In plain words, for the public."
    )
    lasts = models.CharField(
        max_length=80, help_text="Such as “until the browser closes”."
    )
    set_by = models.CharField(max_length=120, help_text="Who sets and reads it.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class StrayCookie(models.Model):
    """A cookie that one of our pages set, and that is not in the register."""

    name = models.CharField(max_length=80)
    route = models.CharField(max_length=200, help_text="The page's pattern.")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name", "route"], name="consent_stray_cookie_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class SignalDay(models.Model):
    """How often browsers of people we do not know sent a Global Privacy Control
    signal."""

    day = models.DateField(primary_key=True)
    times = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.day}"
