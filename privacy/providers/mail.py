"""By e-mail, with a number to answer under."""

import datetime as dt
import logging
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from privacy.models import Instruction

log = logging.getLogger(__name__)


def tell(instruction: Instruction, said: dict[str, Any], now: dt.datetime) -> bool:
    """The Message-ID is the same whenever the same thing is said again by mistake."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(" >")
    facts = {"row": instruction, "said": said}
    message = EmailMessage(
        f"{instruction.get_duty_display()}: request {instruction.pk}",
        render_to_string("privacy/instruction.txt", facts),
        settings.DEFAULT_FROM_EMAIL,
        [instruction.provider.address],
        headers={"Message-ID": f"<{instruction.pk}.{said['reminder']}@{domain}>"},
    )
    try:
        message.send()
    except OSError as problem:  # smtplib's errors are of this kind too
        log.warning("%s was not told: %s", instruction.pk, type(problem).__name__)
        return False
    return True
