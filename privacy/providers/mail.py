"""Tells a recipient by e-mail, with a number to answer under."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from privacy import handing
from privacy.models import Instruction


def tell(instruction: Instruction, said: dict[str, Any], now: dt.datetime) -> bool:
    """Sends at most once, like letters to people. Raises `InDoubt` where nobody can
    know whether it was sent."""
    facts = {"row": instruction, "said": said}
    letter = EmailMessage(
        f"{instruction.get_duty_display()}: request {instruction.pk}",
        render_to_string("privacy/instruction.txt", facts),
        settings.DEFAULT_FROM_EMAIL,
        [instruction.provider.address],
        headers={"Message-ID": message_id(instruction, said["reminder"])},
    )
    return handing.hand_over(letter)


def message_id(instruction: Instruction, reminder: int) -> str:
    """The Message-ID as it appears in the mail server's log."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(" >")
    return f"<{instruction.pk}.{reminder}@{domain}>"
