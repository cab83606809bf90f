"""What staff see of the requests floor. Django finds screens by importing this list."""

from dsr.admin import agents, deadlines, identity, mailbox, tickets

__all__ = ["agents", "deadlines", "identity", "mailbox", "tickets"]
