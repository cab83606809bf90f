"""What was understood of a message, and why."""

from dataclasses import dataclass

from consent.models import InboundMessage

Says = InboundMessage.Meaning


@dataclass(frozen=True)
class Meaning:
    """opt_out, opt_in, help, none or ambiguous; the rule that decided, and its text.

    `language` is that of a keyword, where it has one of its own; `also` is what else it
    may mean in answer to a service message.
    """

    meaning: str
    rule: str
    keyword: str = ""
    language: str = ""
    also: str = ""


NOTHING = Meaning(Says.NONE, "no_keyword")
