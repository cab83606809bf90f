"""When marketing may be sent where a person is: dated rules."""

import zoneinfo

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Left, Right
from django.db.models.lookups import LessThan

from consent.models.dated import DatedRule

CLOSED = "none"
TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
WINDOW = rf"^({CLOSED}|{TIME}-{TIME})$"


def _window(what: str) -> models.CharField:
    return models.CharField(
        what,
        max_length=11,
        validators=[RegexValidator(WINDOW, "Write 08:00-21:00, or none.")],
        help_text="As 08:00-21:00, in the person's own time; “none”: not at all.",
    )


def _is_window(day: str) -> Q:
    """Its end is after its beginning: as texts they sort like times."""
    is_open = Q(**{f"{day}__regex": WINDOW}) & Q(LessThan(Left(day, 5), Right(day, 5)))
    return Q(**{day: CLOSED}) | is_open


class HoursRule(DatedRule):
    """Of the rules in force every one must allow it: the federal rule, and that of the
    state."""

    weekdays = _window("Monday to Friday")
    saturday = _window("Saturday")
    sunday = _window("Sunday")
    on_holidays = models.BooleanField("also on public holidays", default=True)
    zones = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        help_text="It must be open there, too, such as America/Chicago; several with "
        "commas.",
    )
    cap = models.PositiveSmallIntegerField(
        "most messages a day",
        null=True,
        blank=True,
        help_text="Marketing messages of one sender to one person in 24 hours.",
    )

    class Meta(DatedRule.Meta):
        verbose_name = "rule of quiet hours"
        verbose_name_plural = "rules of quiet hours"
        constraints = [
            *DatedRule.Meta.constraints,
            models.CheckConstraint(
                condition=_is_window("weekdays")
                & _is_window("saturday")
                & _is_window("sunday"),
                name="consent_hoursrule_opens_before_it_closes",
                violation_error_message="A day opens before it closes: 08:00-21:00.",
            ),
        ]

    def clean(self) -> None:
        if not zoneinfo.available_timezones().issuperset(self.zones or []):
            raise ValidationError({"zones": "Name a time zone as America/Chicago."})

    @property
    def says(self) -> str:
        days = f"{self.weekdays}, Saturday {self.saturday}, Sunday {self.sunday}"
        holidays = "" if self.on_holidays else ", no public holidays"
        return days + holidays + (f", at most {self.cap} a day" if self.cap else "")
