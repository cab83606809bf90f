"""Hands a mail to the mail server: accepted, not accepted, or impossible to know."""

import contextlib
import logging
import smtplib

from django.core.mail import EmailMessage, get_connection

from privacy.refusals import Refusal

log = logging.getLogger(__name__)
# What a server says when it takes nothing; whatever else happens, it may have.
REFUSED = (
    smtplib.SMTPResponseException,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPNotSupportedError,
)


class InDoubt(Refusal):
    """The letter was handed to the mail server, which did not say whether it accepted
    it."""


def hand_over(letter: EmailMessage) -> bool:
    """Whether the server accepted it; if not, the log says why, without the recipient.

    Raises `InDoubt` where the connection was lost or the server stopped answering after
    the exchange had begun: sending again could mean sending twice.
    """
    line = letter.connection = get_connection()
    try:
        line.open()
    except OSError as problem:  # smtplib's errors are of this kind too
        return _not_taken(problem)
    try:
        letter.send()
    except REFUSED as problem:
        return _not_taken(problem)
    except OSError:
        raise InDoubt from None
    finally:
        with contextlib.suppress(OSError):  # it said already whether it took it
            line.close()
    return True


def _not_taken(problem: OSError) -> bool:
    log.warning("A letter was not taken: %s", type(problem).__name__)
    return False
