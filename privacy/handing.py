"""A letter and the mail server: taken, not taken, or nobody can know."""

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
    """Whether the server took it; why not is in the log, without whom it is for.

    Raises `InDoubt` where the line was cut, or the server fell silent, once it was
    talked to: to send again could be to send twice.
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
