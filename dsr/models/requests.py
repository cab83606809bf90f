"""What arrived: a mail, a form, a letter. What it asks for is in tickets, one for each
right."""

from django.db import models

from privacy.models.sealing import SealedField


class Request(models.Model):
    """Who asked, how it came and in which words; its tickets are decided one by one."""

    class Source(models.TextChoices):
        STAFF = "staff", "Entered by staff"
        MAIL = "mail", "E-mail"
        POST = "post", "Letter"
        PHONE = "phone", "Telephone"
        COMMAND = "command", "Command line"
        API = "api", "Partner system"
        FORM = "form", "Public form"
        DRP = "drp", "Data Rights Protocol"
        OPENDSR = "opendsr", "OpenDSR"
        DROP = "drop", "California's deletion platform"

    source = models.CharField(max_length=8, choices=Source)
    requester = SealedField(null=True, help_text="Name and address, as JSON.")
    language = models.CharField(
        max_length=2, blank=True, help_text="The language the person reads, if known."
    )
    words = SealedField(null=True, help_text="What they wrote.")
    once = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="SHA-256 of the form's secret number and its contents, so that "
        "sending the same form twice makes only one request.",
    )
    ended_at = models.DateTimeField(
        null=True, help_text="When everything that names the person was removed."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None)
                | models.Q(requester=None, words=None),
                name="dsr_request_ended_is_empty",
            ),
            models.UniqueConstraint(
                fields=["once"],
                condition=~models.Q(once=""),
                name="dsr_request_sheet_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Request of {self.get_source_display().lower()}"
