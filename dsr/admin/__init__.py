"""What staff see of the requests floor. Django finds screens by importing this list."""

from dsr.admin import deadlines, mailbox, tickets

__all__ = ["deadlines", "mailbox", "tickets"]
