"""What staff see of the requests floor. Django finds screens by importing this list."""

from dsr.admin import deadlines, identity, mailbox, tickets

__all__ = ["deadlines", "identity", "mailbox", "tickets"]
